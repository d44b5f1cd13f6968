//! Reviews, without waiting for the day on which they are made.

use chrono::TimeDelta;
use domain::{AccountId, DUE_SHARDS, EntityKey, ReviewKind, Timer, TimerKind};
use serde_json::{Value, json};

use crate::{Ledger, Roster};

impl Roster {
    /// Has an account reviewed as if it had not been for so many days; afterwards it is due as usual.
    pub async fn review(&self, account_id: &str, days: i64) {
        let account_id = AccountId::parse(account_id).expect("an identifier");
        let at = self.stack.clock().now() - TimeDelta::days(days);
        let timer = Timer { account_id, kind: TimerKind::Reviews, at };
        Ledger::of(self).put(EntityKey::Timer(account_id, TimerKind::Reviews), account_id, timer).await;
        let shard = account_id.bits() % u128::from(DUE_SHARDS);
        let shard = u8::try_from(shard).expect("it is one of a few");
        self.caller().post("/_local/run/inactivity", part("reviews", shard)).await.expect(200);
        self.stack.settle().await;
    }

    /// The newest review of this kind that the account has.
    pub async fn newest_review(&self, account_id: &str, kind: ReviewKind) -> String {
        let kept = self.table().partition(&format!("A#{account_id}")).await;
        let of_kind = |item: &&Value| {
            item["sk"].as_str().is_some_and(|sk| sk.starts_with("V#")) && item["kind"] == kind.name()
        };
        let newest = kept.iter().rfind(of_kind).expect("it was made");
        newest["id"].as_str().expect("an identifier").to_owned()
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
