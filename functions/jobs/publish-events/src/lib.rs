//! Table stream → event bus: each fact of an event becomes one entry, at least once. RULE: EV-02

use std::collections::BTreeMap;

use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use runtime::{BatchReply, Env, Fault, Job, Message, RequestIdHeader, StartError, chain};

/// The function.
pub const FUNCTION: runtime::Function = runtime::job::<PublishEvents>();

const BUS_NAME: &str = "BUS_NAME";
const SOURCE: &str = "roster";
/// Entries in one call.
const ENTRIES_MAX: usize = 10;

/// The bus.
pub struct PublishEvents {
    bus: aws_sdk_eventbridge::Client,
}

/// An entry, and the stream record it came from.
struct Entry {
    record: String,
    entry: PutEventsRequestEntry,
}

impl Job for PublishEvents {
    const NAME: &str = "publish-events";
    const SETTINGS: &'static [&'static str] = &[BUS_NAME];

    fn start(env: &Env) -> Result<Self, StartError> {
        let config =
            aws_sdk_eventbridge::config::Builder::from(&env.sdk).interceptor(RequestIdHeader).build();
        Ok(Self { bus: aws_sdk_eventbridge::Client::from_conf(config) })
    }

    async fn work(&self, env: &Env, batch: Vec<Message>) -> BatchReply {
        let mut failures = BTreeMap::new();
        let mut entries = Vec::new();
        for message in batch {
            match entries_of(env, &message) {
                Ok(found) => entries.extend(found),
                Err(error) => _ = failures.insert(message.id, chain(error.as_ref())),
            }
        }
        for chunk in entries.chunks(ENTRIES_MAX) {
            self.put(chunk, &mut failures).await;
        }
        BatchReply { failures: failures.into_iter().collect() }
    }
}

impl PublishEvents {
    /// A record fails with any of its entries; those that went through go again with it, and consumers drop
    /// repeats by identifier.
    async fn put(&self, entries: &[Entry], failures: &mut BTreeMap<String, String>) {
        let call = self
            .bus
            .put_events()
            .set_entries(Some(entries.iter().map(|entry| entry.entry.clone()).collect()));
        let answer = match call.send().await {
            Ok(answer) => answer,
            Err(error) => {
                let reason = chain(&error);
                failures.extend(entries.iter().map(|entry| (entry.record.clone(), reason.clone())));
                return;
            }
        };
        for (entry, result) in entries.iter().zip(answer.entries()) {
            if let Some(code) = result.error_code() {
                let reason = format!("{code}: {}", result.error_message().unwrap_or_default());
                failures.insert(entry.record.clone(), reason);
            }
        }
    }
}

fn entries_of(env: &Env, message: &Message) -> Result<Vec<Entry>, Fault> {
    let event = store::event_of_image(message.body.clone())?;
    let bus_name = env.setting(BUS_NAME)?;
    let entries = event.published().map(|(_, fact, detail)| {
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(bus_name)
            .source(SOURCE)
            .detail_type(fact.kind.name())
            .detail(detail.to_string())
            .time(DateTime::from_millis(event.at.timestamp_millis()))
            .build();
        Entry { record: message.id.clone(), entry }
    });
    Ok(entries.collect())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    // RULE: EV-02
    #[test]
    fn the_sample_record_is_published_as_the_sample_message_says() {
        let record: Value =
            serde_json::from_str(include_str!("../../../../events/publish-events.json")).unwrap();
        let message: Value = serde_json::from_str(include_str!("../../../../events/send-mail.json")).unwrap();
        let body: Value = serde_json::from_str(message["Records"][0]["body"].as_str().unwrap()).unwrap();
        let image = record["Records"][0]["dynamodb"]["NewImage"].clone();
        let event = store::event_of_image(image).unwrap();
        let mut details: Vec<Value> = event.published().map(|(_, _, detail)| detail).collect();
        assert_eq!(details[0]["id"], format!("{}.0", event.id));
        // Another one, which nobody sends a mail of meanwhile.
        details[0]["id"] = body["detail"]["id"].clone();
        assert_eq!(details, [body["detail"].clone()]);
    }
}
