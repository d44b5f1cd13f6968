//! Reviews, without waiting for the day on which they are made.

use chrono::TimeDelta;
use domain::{AccountId, DUE_SHARDS, EntityKey, ReviewKind, Timer, TimerKind};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{Ledger, Roster};

impl Roster {
    /// Has an account reviewed as if it had not been for so many days; afterwards it is due as usual.
    pub async fn review(&self, account_id: &str, days: i64) {
        self.review_at_once(account_id, days, 1).await;
    }

    /// The same by so many functions at once.
    pub async fn review_at_once(&self, account_id: &str, days: i64, at_once: usize) {
        let event = self.review_due(account_id, days).await;
        let run = || {
            let (by, event) = (self.caller(), event.clone());
            async move { by.post("/_local/run/inactivity", event).await.expect(200) }
        };
        join_all((0..at_once).map(|_| run())).await;
        self.stack.settle().await;
    }

    /// Makes an account due as if it had not been reviewed for so many days; what wakes the function that does it.
    pub async fn review_due(&self, account_id: &str, days: i64) -> Value {
        let account_id = AccountId::parse(account_id).expect("an identifier");
        let at = self.stack.clock().now() - TimeDelta::days(days);
        let timer = Timer { account_id, kind: TimerKind::Reviews, at };
        Ledger::of(self).put(EntityKey::Timer(account_id, TimerKind::Reviews), account_id, timer).await;
        let shard = account_id.bits() % u128::from(DUE_SHARDS);
        part("reviews", u8::try_from(shard).expect("it is one of a few"))
    }

    /// The newest review of this kind that the account has.
    pub async fn newest_review(&self, account_id: &str, kind: ReviewKind) -> String {
        let made = self.facts_of(account_id, "review.made").await;
        let newest = made.iter().rfind(|fact| fact["after"]["kind"] == kind.name()).expect("it was made");
        newest["after"]["review_id"].as_str().expect("an identifier").to_owned()
    }
}

/// What a function is woken by to work on a part of its wheel.
pub fn part(sweep: &str, shard: u8) -> Value {
    let body = json!({
        "detail-type": format!("sweep.{sweep}"), "source": "roster.sweep", "detail": { "shard": shard },
    });
    json!({ "Records": [{
        "messageId": format!("m{shard}"), "receiptHandle": "r", "body": body.to_string(), "attributes": {},
        "messageAttributes": {}, "md5OfBody": "", "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:Queue", "awsRegion": "us-east-1",
    }] })
}
