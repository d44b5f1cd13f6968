//! Functions called by hand, and codes for the local clock.

use serde_json::json;

use super::{BEGIN, advance, options, post, put, said, start};
use crate::{Options, Stack};

#[tokio::test]
async fn a_function_is_called_by_hand_and_answers_or_says_why_not() {
    let stack = start("rate(1 hour)").await;
    let event = json!({ "month": "2027-02-01T06:00:00Z", "n": [1, null] });
    assert_eq!(post(&stack, "/_local/run/review", &event).await, (200, event));
    assert_eq!(said(&stack), ["review 2027-02-01T06:00 at 2027-01-01T00:00"]);
    put(&stack, "broken", BEGIN).await;
    let (status, body) = post(&stack, "/_local/run/sweep", &json!({})).await;
    assert_eq!((status, &body["message"]), (502, &json!("it is broken")));
    let (status, body) = post(&stack, "/_local/run/nobody", &json!({})).await;
    assert_eq!((status, &body["message"]), (404, &json!("template.yaml has no function nobody")));
    let reply = reqwest::Client::new().post(format!("{}/_local/run/review", stack.url())).body("{").send();
    assert_eq!(reply.await.unwrap().status(), 400);
}

#[tokio::test]
async fn a_code_is_that_of_the_local_clock() {
    let clock = Some("2033-05-18T03:33:20Z".parse().unwrap());
    let stack = Stack::start(Options { clock, ..options(None, "rate(1 hour)", "due") }).await.unwrap();
    let secret = json!({ "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" });
    // RFC 6238 for 2000000000; the step ends ten seconds later.
    assert_eq!(post(&stack, "/_local/totp", &secret).await, (200, json!({ "code": "279037" })));
    advance(&stack, "30s").await;
    assert_ne!(post(&stack, "/_local/totp", &secret).await, (200, json!({ "code": "279037" })));
    for body in [json!({}), json!({ "secret": "0" })] {
        assert_eq!(post(&stack, "/_local/totp", &body).await.0, 422);
    }
}
