//! Reports of SES, by hand: in any order, as late and as often as one likes.

use serde_json::{Value, json};

use crate::Roster;

/// An event of SES, out of the samples beside `mail-feedback`.
fn sample(name: &str) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../functions/jobs/mail-feedback/reports");
    let text = std::fs::read_to_string(format!("{folder}/{name}.json"));
    let text = text.unwrap_or_else(|error| panic!("{name}: {error}"));
    serde_json::from_str(&text).expect("JSON")
}

/// All but what was heard of mails, which comes when it comes.
pub fn without_reports(mut facts: Vec<Value>) -> Vec<Value> {
    facts.retain(|fact| fact["type"] != "invitation.delivery_changed");
    facts
}

/// Which mail a report is about.
#[derive(Clone, Copy, Debug)]
pub enum Of<'a> {
    /// That which brought the invitation, at this instant of sending in milliseconds.
    Invitation(i64),
    /// Any other; the fact's identifier.
    Fact(&'a str),
}

impl Roster {
    /// When a user's invitation was last sent, in milliseconds: what its mail is tagged with.
    pub async fn sending(&self, account_id: &str, user_id: &str) -> i64 {
        let items = self.table().partition(&format!("A#{account_id}")).await;
        let sort_key = format!("U#{user_id}");
        let user = items.iter().find(|item| item["sk"] == sort_key.as_str()).expect("the user");
        let at = user["invitation"]["issued_at"].as_str().expect("an instant");
        chrono::DateTime::parse_from_rfc3339(at).expect("an instant").timestamp_millis()
    }

    /// `mail-feedback` is given this report of a mail to a user.
    pub async fn hear(&self, name: &str, account_id: &str, user_id: &str, of: Of<'_>) {
        let mut event = sample(name);
        let tags = event["detail"]["mail"]["tags"].as_object_mut().expect("tags");
        tags.insert("account_id".into(), json!([account_id]));
        tags.insert("user_id".into(), json!([user_id]));
        match of {
            Of::Invitation(sending) => tags.insert("sending".into(), json!([sending.to_string()])),
            Of::Fact(id) => {
                tags.insert("fact_id".into(), json!([id]));
                tags.remove("sending")
            }
        };
        let event = json!({ "Records": [{ "messageId": "1", "body": event.to_string() }] });
        let answer = self.stack.invoke("mail-feedback", event).await.expect("it answers");
        assert_eq!(answer["batchItemFailures"], json!([]), "{name}: {:?}", self.stack.logs().last());
    }
}
