//! What SES reports of a mail under a configuration set. Nothing is sent here, so the address decides, as at SES's own
//! mailbox simulator: `bounce`, `suppressionlist` and `complaint`, with any label behind a `+`, at
//! `simulator.amazonses.com`. Of mails to `silent` there nothing is ever heard, which SES's simulator does not have.
//! All others are delivered.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::events;
use crate::World;
use crate::template::{ACCOUNT_ID, REGION};

const SIMULATOR: &str = "simulator.amazonses.com";
/// How long a mail is on its way, by what is reported.
const ON_ITS_WAY: TimeDelta = TimeDelta::milliseconds(480);

/// The events about this mail that the set's destinations ask for.
pub(super) fn of(world: &World, set: &str, mail: &Value, request: &Value) -> Vec<Value> {
    let destinations = world.template.mail_destinations.iter().filter(|it| it.configuration_set == set);
    let wanted: Vec<&str> = destinations.flat_map(|it| it.event_types.iter().copied()).collect();
    let now = world.clock.now();
    let resources = json!([format!("arn:aws:ses:{REGION}:{ACCOUNT_ID}:configuration-set/{set}")]);
    let recipients = mail["to"].as_array().into_iter().flatten().filter_map(Value::as_str);
    recipients
        .flat_map(|to| fates(to).iter().map(move |fate| (to, *fate)))
        .map(|(to, fate)| fate.told(to, now + ON_ITS_WAY))
        .filter(|(_, event_type, ..)| wanted.contains(event_type))
        .map(|(detail_type, event_type, member, told)| {
            let mut detail = json!({ "eventType": event_type, "mail": sent(set, mail, request, now) });
            detail[member] = told;
            events::event("aws.ses", detail_type, now + ON_ITS_WAY, &resources, &detail)
        })
        .collect()
}

#[derive(Clone, Copy)]
enum Fate {
    Delivered,
    Bounced,
    Suppressed,
    Complained,
}

/// What becomes of a mail to this address.
fn fates(to: &str) -> &'static [Fate] {
    let (local, domain) = to.rsplit_once('@').unwrap_or_default();
    if !domain.eq_ignore_ascii_case(SIMULATOR) {
        return &[Fate::Delivered];
    }
    match local.split('+').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "bounce" => &[Fate::Bounced],
        "suppressionlist" => &[Fate::Suppressed],
        "complaint" => &[Fate::Delivered, Fate::Complained],
        "silent" => &[],
        _ => &[Fate::Delivered],
    }
}

impl Fate {
    /// Detail type, event type, and the member that tells more, with what it tells.
    fn told(self, to: &str, at: DateTime<Utc>) -> (&'static str, &'static str, &'static str, Value) {
        let timestamp = stamp(at);
        let bounce = |sub_type: &str, diagnostic: &str| {
            json!({
                "feedbackId": crate::ids::uuid(),
                "bounceType": "Permanent",
                "bounceSubType": sub_type,
                "bouncedRecipients": [{
                    "emailAddress": to, "action": "failed", "status": "5.1.1", "diagnosticCode": diagnostic,
                }],
                "timestamp": timestamp,
                "reportingMTA": format!("dns; {SIMULATOR}"),
            })
        };
        match self {
            Self::Delivered => {
                let told = json!({
                    "timestamp": timestamp,
                    "processingTimeMillis": ON_ITS_WAY.num_milliseconds(),
                    "recipients": [to],
                    "smtpResponse": "250 2.6.0 Message received",
                    "reportingMTA": SIMULATOR,
                });
                ("Email Delivered", "Delivery", "delivery", told)
            }
            Self::Bounced => {
                let told = bounce("General", "smtp; 550 5.1.1 user unknown");
                ("Email Bounced", "Bounce", "bounce", told)
            }
            Self::Suppressed => {
                let told = bounce("OnAccountSuppressionList", "the address is on the suppression list");
                ("Email Bounced", "Bounce", "bounce", told)
            }
            Self::Complained => {
                let told = json!({
                    "feedbackId": crate::ids::uuid(),
                    "complaintSubType": null,
                    "complainedRecipients": [{ "emailAddress": to }],
                    "timestamp": timestamp,
                    "userAgent": "Amazon SES Mailbox Simulator",
                    "complaintFeedbackType": "abuse",
                    "arrivalDate": timestamp,
                });
                ("Email Complaint Received", "Complaint", "complaint", told)
            }
        }
    }
}

/// The mail itself, as every report repeats it: each tag is a list.
fn sent(set: &str, mail: &Value, request: &Value, now: DateTime<Utc>) -> Value {
    let mut tags = Map::new();
    tags.insert("ses:configuration-set".into(), json!([set]));
    for tag in request["EmailTags"].as_array().into_iter().flatten() {
        tags.insert(tag["Name"].as_str().unwrap_or_default().into(), json!([tag["Value"]]));
    }
    json!({
        "timestamp": stamp(now),
        "source": mail["from"],
        "sendingAccountId": ACCOUNT_ID,
        "messageId": mail["message_id"],
        "destination": mail["to"],
        "headersTruncated": false,
        "headers": [],
        "commonHeaders": { "from": [mail["from"]], "to": mail["to"], "subject": mail["subject"] },
        "tags": tags,
    })
}

fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::{Fate, fates};

    #[test]
    fn the_address_decides_as_at_the_mailbox_simulator() {
        let told = |to: &str| -> Vec<&str> {
            let now = chrono::DateTime::default();
            let told = |fate: &Fate| fate.told(to, now).0;
            fates(to).iter().map(told).collect()
        };
        for (to, expected) in [
            ("ann@acme.example", vec!["Email Delivered"]),
            ("bounce@acme.example", vec!["Email Delivered"]),
            ("success@simulator.amazonses.com", vec!["Email Delivered"]),
            ("bounce@simulator.amazonses.com", vec!["Email Bounced"]),
            ("Bounce+ann@Simulator.AmazonSES.com", vec!["Email Bounced"]),
            ("suppressionlist@simulator.amazonses.com", vec!["Email Bounced"]),
            ("complaint+x@simulator.amazonses.com", vec!["Email Delivered", "Email Complaint Received"]),
            ("silent+y@simulator.amazonses.com", vec![]),
        ] {
            assert_eq!(told(to), expected, "{to}");
        }
    }
}
