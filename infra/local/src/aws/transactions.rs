//! Transactions that are sent again with their token, as an SDK does that got no answer: what was done is not done again.
//!
//! dynoxide knows tokens too, but looks through those of the last ten minutes at every transaction: the more there were,
//! the longer each takes. So it gets none.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use axum::http::StatusCode;
use serde_json::Value;

use super::AwsReply;

/// Transactions remembered: who sends one again does so within seconds. AWS remembers those of ten minutes.
const REMEMBERED: usize = 10_000;

/// The latest transactions.
#[derive(Default)]
pub(crate) struct Transactions(Mutex<Latest>);

#[derive(Default)]
struct Latest {
    by_token: HashMap<String, Transaction>,
    /// Those that were done, oldest first.
    done: VecDeque<String>,
}

struct Transaction {
    asked: [u8; 16],
    /// Nothing as long as it is under way.
    reply: Option<AwsReply>,
}

/// What is to become of a transaction.
pub(super) enum Begun<'a> {
    /// It is done now, by this request without its token, and [`Underway::end`] is told the answer.
    Now(Underway<'a>, Bytes),
    /// It has an answer.
    Answered(AwsReply),
}

/// A transaction that is being done; one that ended otherwise than by an answer may be tried again.
pub(super) struct Underway<'a> {
    transactions: &'a Transactions,
    token: String,
}

impl Transactions {
    fn lock(&self) -> MutexGuard<'_, Latest> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a transaction; nothing where the request has no token.
    pub(super) fn begin(&self, body: &[u8]) -> Option<Begun<'_>> {
        let mut request: Value = serde_json::from_slice(body).ok()?;
        let token = request.as_object_mut()?.remove("ClientRequestToken")?.as_str()?.to_owned();
        let asked = md5::compute(body).0;
        let mut latest = self.lock();
        Some(match latest.by_token.get(&token) {
            None => {
                latest.by_token.insert(token.clone(), Transaction { asked, reply: None });
                Begun::Now(Underway { transactions: self, token }, request.to_string().into())
            }
            Some(known) if known.asked != asked => Begun::Answered(refusal(
                "IdempotentParameterMismatchException",
                "the token belongs to a transaction with other parameters",
            )),
            Some(Transaction { reply: Some(reply), .. }) => Begun::Answered(reply.clone()),
            Some(_) => Begun::Answered(refusal(
                "TransactionInProgressException",
                "the transaction with this token is in progress",
            )),
        })
    }
}

impl Underway<'_> {
    /// It was answered. Only what was done is remembered.
    pub(super) fn end(self, reply: &AwsReply) {
        if !reply.status.is_success() {
            return;
        }
        let mut latest = self.transactions.lock();
        if let Some(transaction) = latest.by_token.get_mut(&self.token) {
            transaction.reply = Some(reply.clone());
        }
        latest.done.push_back(self.token.clone());
        if latest.done.len() > REMEMBERED
            && let Some(oldest) = latest.done.pop_front()
        {
            latest.by_token.remove(&oldest);
        }
    }
}

impl Drop for Underway<'_> {
    fn drop(&mut self) {
        let mut latest = self.transactions.lock();
        if latest.by_token.get(&self.token).is_some_and(|transaction| transaction.reply.is_none()) {
            latest.by_token.remove(&self.token);
        }
    }
}

fn refusal(code: &str, message: &str) -> AwsReply {
    AwsReply::error(StatusCode::BAD_REQUEST, &format!("com.amazonaws.dynamodb.v20120810#{code}"), message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn body(token: &str, item: &str) -> Vec<u8> {
        json!({ "ClientRequestToken": token, "TransactItems": [{ "Put": { "Item": item } }] })
            .to_string()
            .into()
    }

    fn begun<'a>(transactions: &'a Transactions, body: &[u8]) -> Result<Underway<'a>, String> {
        match transactions.begin(body).unwrap() {
            Begun::Now(underway, passed_on) => {
                assert!(!String::from_utf8_lossy(&passed_on).contains("ClientRequestToken"));
                Ok(underway)
            }
            Begun::Answered(reply) => Err(String::from_utf8(reply.body.to_vec()).unwrap()),
        }
    }

    #[test]
    fn a_transaction_that_is_sent_again_is_answered_as_it_was_and_not_done_again() {
        let transactions = Transactions::default();
        assert!(transactions.begin(br#"{"TransactItems":[]}"#).is_none(), "it has no token");
        let first = begun(&transactions, &body("t", "a")).unwrap();
        assert!(
            begun(&transactions, &body("t", "a")).err().unwrap().contains("TransactionInProgressException")
        );
        first.end(&AwsReply::ok(&json!({ "done": true })));
        assert_eq!(begun(&transactions, &body("t", "a")).err().unwrap(), r#"{"done":true}"#);
        let other = begun(&transactions, &body("t", "b")).err().unwrap();
        assert!(other.contains("IdempotentParameterMismatchException"));
        assert!(begun(&transactions, &body("u", "a")).is_ok());
    }

    #[test]
    fn what_was_refused_or_got_no_answer_may_be_tried_again_and_only_so_many_are_remembered() {
        let transactions = Transactions::default();
        begun(&transactions, &body("t", "a")).unwrap().end(&refusal("TransactionCanceledException", ""));
        drop(begun(&transactions, &body("t", "a")).unwrap());
        for number in 0..=REMEMBERED {
            begun(&transactions, &body(&number.to_string(), "a")).unwrap().end(&AwsReply::ok(&json!({})));
        }
        assert_eq!(transactions.lock().by_token.len(), REMEMBERED);
        assert!(begun(&transactions, &body("0", "a")).is_ok(), "the oldest is forgotten");
        assert!(begun(&transactions, &body("1", "a")).is_err());
    }
}
