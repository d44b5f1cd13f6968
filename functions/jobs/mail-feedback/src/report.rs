//! What SES reports, as it puts it on the event bus:
//! <https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html> tells the members.

use domain::{AccountId, Instant, MailFate, MailReport, UserId};
use runtime::Fault;
use serde::Deserialize;
use serde_json::Value;

/// A report, and whose mail it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reported {
    pub(crate) account_id: AccountId,
    pub(crate) user_id: UserId,
    pub(crate) report: MailReport,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    event_type: String,
    mail: Mail,
    bounce: Option<Bounce>,
    complaint: Option<Complaint>,
    delivery: Option<Stamped>,
    delivery_delay: Option<Stamped>,
}

#[derive(Deserialize)]
struct Mail {
    timestamp: Instant,
    tags: Tags,
}

/// What `send-mail` put on the mail. SES makes lists of them.
#[derive(Deserialize)]
struct Tags {
    account_id: (AccountId,),
    user_id: (UserId,),
    #[serde(default)]
    sending: Option<(String,)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounce {
    #[serde(rename = "bounceType")]
    kind: String,
    #[serde(default)]
    bounced_recipients: Vec<Bounced>,
    timestamp: Instant,
}

/// The action stands in it where the recipient's server said what it did.
#[derive(Deserialize)]
struct Bounced {
    #[serde(default)]
    action: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complaint {
    #[serde(default)]
    complaint_feedback_type: Option<String>,
    timestamp: Instant,
}

#[derive(Deserialize)]
struct Stamped {
    timestamp: Instant,
}

/// Reads the detail of an event. None is a report that tells nothing of a mail's fate.
pub(crate) fn read(detail: &Value) -> Result<Option<Reported>, Fault> {
    let detail: Detail = serde_json::from_value(detail.clone())?;
    let Some((fate, at)) = fate(&detail) else { return Ok(None) };
    let Tags { account_id: (account_id,), user_id: (user_id,), sending } = detail.mail.tags;
    let sending = sending.map(|(milliseconds,)| milliseconds.parse()).transpose()?;
    let sending = sending.and_then(Instant::from_timestamp_millis);
    let report = MailReport { fate, at, sent_at: detail.mail.timestamp, sending };
    Ok(Some(Reported { account_id, user_id, report }))
}

fn fate(detail: &Detail) -> Option<(MailFate, Instant)> {
    match detail.event_type.as_str() {
        "Delivery" => Some((MailFate::Delivered, detail.delivery.as_ref()?.timestamp)),
        "DeliveryDelay" => Some((MailFate::Delayed, detail.delivery_delay.as_ref()?.timestamp)),
        "Bounce" => {
            let bounce = detail.bounce.as_ref()?;
            Some((bounce.fate()?, bounce.timestamp))
        }
        "Complaint" => {
            let complaint = detail.complaint.as_ref()?;
            // Some mailboxes let their owners take a complaint back.
            let is_meant = complaint.complaint_feedback_type.as_deref() != Some("not-spam");
            is_meant.then_some((MailFate::Complained, complaint.timestamp))
        }
        "Reject" => Some((MailFate::Rejected, detail.mail.timestamp)),
        _ => None,
    }
}

impl Bounce {
    /// SES calls an automatic answer, such as one from a holiday, a transient bounce too: in it no server says that it
    /// failed to deliver, and the mail has arrived.
    fn fate(&self) -> Option<MailFate> {
        let is_failed = self.bounced_recipients.iter().any(|one| one.action.as_deref() == Some("failed"));
        match self.kind.as_str() {
            "Transient" => is_failed.then_some(MailFate::Returned),
            _ => Some(MailFate::Bounced),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reports in the shapes that AWS documents, of a mail of ours.
    const REPORTS: [(&str, &str); 9] = [
        ("delivery", include_str!("../reports/delivery.json")),
        ("delivery-delay", include_str!("../reports/delivery-delay.json")),
        ("bounce-permanent", include_str!("../reports/bounce-permanent.json")),
        ("bounce-suppressed", include_str!("../reports/bounce-suppressed.json")),
        ("bounce-mailbox-full", include_str!("../reports/bounce-mailbox-full.json")),
        ("bounce-automatic-answer", include_str!("../reports/bounce-automatic-answer.json")),
        ("complaint", include_str!("../reports/complaint.json")),
        ("complaint-not-spam", include_str!("../reports/complaint-not-spam.json")),
        ("reject", include_str!("../reports/reject.json")),
    ];

    fn report(name: &str) -> Value {
        let (_, text) = REPORTS.into_iter().find(|(known, _)| *known == name).unwrap();
        serde_json::from_str(text).unwrap()
    }

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    // RULE: IN-20, EV-04
    #[test]
    fn each_report_tells_what_became_of_whose_mail() {
        let later = at("2026-01-31T09:00:03.250Z");
        for (name, fate) in [
            ("delivery", Some((MailFate::Delivered, later))),
            ("delivery-delay", Some((MailFate::Delayed, later))),
            ("bounce-permanent", Some((MailFate::Bounced, later))),
            ("bounce-suppressed", Some((MailFate::Bounced, later))),
            ("bounce-mailbox-full", Some((MailFate::Returned, later))),
            ("bounce-automatic-answer", None),
            ("complaint", Some((MailFate::Complained, later))),
            ("complaint-not-spam", None),
            ("reject", Some((MailFate::Rejected, at("2026-01-31T09:00:01.500Z")))),
        ] {
            let read = read(&report(name)["detail"]).unwrap();
            let told = read.map(|reported| (reported.report.fate, reported.report.at));
            assert_eq!(told, fate, "{name}");
            let Some(reported) = read else { continue };
            assert_eq!(reported.account_id.to_string(), "acc_01KG9MFMM0BVPG000000000001", "{name}");
            assert_eq!(reported.user_id.to_string(), "usr_01KG9MFMM0BVPG000000000012", "{name}");
            assert_eq!(reported.report.sent_at, at("2026-01-31T09:00:01.500Z"), "{name}");
            assert_eq!(reported.report.sending, Some(at("2026-01-31T09:00:00Z")), "{name}");
        }
    }

    // RULE: EV-04
    #[test]
    fn a_mail_that_is_no_invitation_names_no_sending() {
        let mut delivery = report("delivery");
        let tags = delivery["detail"]["mail"]["tags"].as_object_mut().unwrap();
        assert!(tags.remove("sending").is_some());
        assert_eq!(read(&delivery["detail"]).unwrap().unwrap().report.sending, None);
    }

    // RULE: EV-05
    #[test]
    fn what_is_no_report_of_a_mail_of_ours_is_a_fault_that_says_so() {
        let mut delivery = report("delivery");
        delivery["detail"]["mail"]["tags"].as_object_mut().unwrap().remove("user_id");
        assert!(read(&delivery["detail"]).unwrap_err().to_string().contains("user_id"));
        assert!(read(&Value::Null).is_err());
    }

    #[test]
    fn a_report_of_another_kind_tells_nothing() {
        let mut send = report("delivery");
        send["detail"]["eventType"] = "Send".into();
        assert_eq!(read(&send["detail"]).unwrap(), None);
    }
}
