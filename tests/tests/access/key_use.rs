//! When an API key was last used.

use serde_json::{Value, json};
use tests::Roster;

use crate::keys::{KEYS, developer, instant, listed};

// RULE: AC-07, AC-05
#[tokio::test]
async fn a_key_shows_when_it_was_last_used_and_is_no_sign_in() {
    let roster = Roster::start().await;
    let (team, dev) = developer(&roster).await;
    let key = dev.key("ci").await.caller;
    let last_login = async || {
        let user = team.root.caller.get(&format!("/v1/users/{}", dev.id)).await.expect(200);
        user.body["last_login_at"].clone()
    };
    let last_used = async || {
        roster.stack.settle().await;
        listed(&dev.caller, KEYS).await[0]["last_used_at"].clone()
    };
    let signed_in = last_login().await;
    assert_eq!(last_used().await, Value::Null);
    let before = roster.stack.clock().now();
    key.get("/v1/me").await.expect(200);
    let first = instant(&last_used().await);
    assert!((before..=roster.stack.clock().now()).contains(&first), "{first}");
    roster.advance("4m").await;
    key.get("/v1/me").await.expect(200);
    assert_eq!(instant(&last_used().await), first, "to five minutes");
    roster.advance("2m").await;
    let before = roster.stack.clock().now();
    key.post("/v1/authorize", json!({ "action": "resources.read" })).await.expect(200);
    assert!(instant(&last_used().await) >= before);
    assert_eq!(last_login().await, signed_in, "a key moves no last sign-in");
    roster.advance("1h").await;
    roster.sign_in(&dev.email).await;
    assert_ne!(last_login().await, signed_in);
}
