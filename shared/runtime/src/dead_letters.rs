//! What still fails at its last attempt goes to the dead-letter queue with its reason, for `cargo xtask redrive` to show
//! and to try again. RULE: EV-05
//!
//! If the message cannot be put there, it stays failed, and the queue or the stream gives it up by itself: then
//! without a reason.

use std::sync::OnceLock;

use aws_sdk_sqs::types::MessageAttributeValue;
use chrono::TimeDelta;
use domain::Instant;
use serde_json::{Value, json};

use crate::{Env, Fault, RequestIdHeader};

/// The setting that names the queue.
pub(crate) const DEAD_LETTERS_URL: &str = "DEAD_LETTERS_URL";
/// How long a change of the table is tried. One that can never be published holds up those behind it for so long; and
/// an outage of the bus that lasts longer has to be redriven.
const CHANGE_LONGEST: TimeDelta = TimeDelta::minutes(5);
/// As much of a reason as helps.
const REASON_CHARS_MAX: usize = 1000;

/// How often, or since when, a message was tried.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tried {
    /// A queue counts.
    Times(u64),
    /// A stream knows when the change was made.
    Since(Instant),
    /// Somebody tries it by hand, and is told how it ends.
    ByHand,
}

/// A message as it goes to the dead-letter queue.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub(crate) id: String,
    /// The ARN of the queue or stream it came from.
    pub(crate) source: String,
    /// The message's text, or the keys of the item that changed.
    pub(crate) body: String,
    pub(crate) tried: Tried,
}

impl Letter {
    /// Of a change: the item is still in the table, so that its keys are enough.
    pub(crate) fn of_change(id: String, source: String, keys: &Value, tried: Tried) -> Self {
        Self { id, source, body: json!({ "keys": keys }).to_string(), tried }
    }
}

impl Tried {
    /// Whether it will not be tried again.
    fn is_at_its_end(self, attempts_max: u64, now: Instant) -> bool {
        match self {
            Self::Times(times) => times >= attempts_max,
            Self::Since(at) => now - at >= CHANGE_LONGEST,
            Self::ByHand => false,
        }
    }
}

/// The client, made when it is first needed: which is seldom.
#[derive(Default)]
pub(crate) struct DeadLetters(OnceLock<aws_sdk_sqs::Client>);

impl DeadLetters {
    /// Puts a message there if it is at its end; whether it did.
    pub(crate) async fn take(&self, env: &Env, letter: &Letter, reason: &str) -> Result<bool, Fault> {
        if !letter.tried.is_at_its_end(env.delivery_attempts, env.clock.now()) {
            return Ok(false);
        }
        self.put(env, &letter.source, &letter.body, reason).await?;
        Ok(true)
    }

    /// Puts a message there that is to go back to this source.
    pub(crate) async fn put(&self, env: &Env, source: &str, body: &str, reason: &str) -> Result<(), Fault> {
        let client = self.0.get_or_init(|| {
            let config = aws_sdk_sqs::config::Builder::from(&env.sdk).interceptor(RequestIdHeader).build();
            aws_sdk_sqs::Client::from_conf(config)
        });
        let text = |value: &str| {
            let value: String = value.chars().take(REASON_CHARS_MAX).collect();
            MessageAttributeValue::builder().data_type("String").string_value(value).build()
        };
        client
            .send_message()
            .queue_url(env.setting(DEAD_LETTERS_URL)?)
            .message_body(body)
            .message_attributes("reason", text(reason)?)
            .message_attributes("function", text(&env.function_name)?)
            .message_attributes("source", text(source)?)
            .send()
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RULE: EV-05
    #[test]
    fn a_message_has_its_attempts_and_a_change_its_five_minutes() {
        let at: Instant = "2026-01-31T09:00:00Z".parse().unwrap();
        let since =
            |milliseconds: i64| Tried::Since(at).is_at_its_end(8, at + TimeDelta::milliseconds(milliseconds));
        assert_eq!([since(0), since(299_999), since(300_000)], [false, false, true]);
        assert_eq!([1, 7, 8].map(|times| Tried::Times(times).is_at_its_end(8, at)), [false, false, true]);
        assert!(!Tried::ByHand.is_at_its_end(0, at + TimeDelta::days(1)));
    }
}
