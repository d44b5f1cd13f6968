//! Another password, by whoever knows the present one.

use serde_json::{Value, json};
use tests::{Caller, PASSWORD, Reply, Roster};

const WRONG: &str = "not-the-password-of-anybody";
const NEW: &str = "marble-otter-71-lantern";

async fn change(by: &Caller, current: &str, new: &str) -> Reply {
    by.put("/v1/me/password", json!({ "current_password": current, "new_password": new })).await
}

async fn sign_in(by: &Caller, email: &str, password: &str) -> Reply {
    by.without_token().post("/v1/sessions", json!({ "email": email, "password": password })).await
}

// RULE: SE-07, SE-02
#[tokio::test]
async fn another_password_ends_all_other_sessions_and_this_one_goes_on() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let dev = team.member("dev@acme.test", "developer").await;
    let others = [roster.sign_in(&dev.email).await, roster.sign_in(&dev.email).await];
    let before = roster.subjects(&dev.email).await.len();
    let reply = change(&dev.caller, PASSWORD, NEW).await.expect(204);
    assert_eq!(reply.body, Value::Null);
    for other in &others {
        other.caller.get("/v1/me").await.refused(401, "unauthenticated");
    }
    dev.caller.get("/v1/me").await.expect(200);
    let list = dev.caller.get("/v1/me/sessions").await.expect(200).body;
    assert_eq!(list["data"].as_array().map(Vec::len), Some(1));
    sign_in(&roster.caller(), &dev.email, PASSWORD).await.refused(401, "invalid_credentials");
    sign_in(&roster.caller(), &dev.email, NEW).await.expect(201);
    let subjects = roster.subjects(&dev.email).await;
    assert_eq!((subjects.len(), subjects[0].as_str()), (before + 1, "Your password for acme was changed"));
    let changed = roster.facts_of(&team.account_id, "password.changed").await;
    assert_eq!((changed.len(), &changed[0]["target"]), (1, &json!(dev.id)));
    team.root.caller.get("/v1/me").await.expect(200);
}

// RULE: AC-03
#[tokio::test]
async fn guesses_at_the_present_password_lock_the_address_as_failed_sign_ins_do() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let dev = team.member("dev@acme.test", "developer").await;
    for _ in 0..3 {
        change(&dev.caller, WRONG, NEW).await.refused(401, "invalid_credentials");
    }
    for _ in 0..2 {
        sign_in(&dev.caller, &dev.email, WRONG).await.refused(401, "invalid_credentials");
    }
    for locked in [change(&dev.caller, PASSWORD, NEW).await, sign_in(&dev.caller, &dev.email, PASSWORD).await]
    {
        let locked = locked.refused(429, "locked");
        let seconds: i64 = locked.header("retry-after").expect("a time").parse().expect("seconds");
        assert!((840..=900).contains(&seconds), "{seconds}");
    }
    sign_in(&roster.caller(), &dev.email, PASSWORD).await.expect(201);
    dev.caller.get("/v1/me").await.expect(200);
    roster.advance("15m").await;
    for _ in 0..4 {
        change(&dev.caller, WRONG, NEW).await.refused(401, "invalid_credentials");
    }
    change(&dev.caller, PASSWORD, NEW).await.expect(204);
    sign_in(&dev.caller, &dev.email, NEW).await.expect(201);
}

// RULE: AC-03
#[tokio::test]
async fn five_wrong_ones_in_a_row_are_enough() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let dev = team.member("dev@acme.test", "developer").await;
    for _ in 0..5 {
        change(&dev.caller, WRONG, NEW).await.refused(401, "invalid_credentials");
    }
    change(&dev.caller, PASSWORD, NEW).await.refused(429, "locked");
    sign_in(&roster.caller(), &dev.email, PASSWORD).await.expect(201);
}

// RULE: AC-02, AC-03
#[tokio::test]
async fn the_new_one_is_judged_as_any_password_and_first_so_that_it_tells_nothing_of_the_present_one() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let dev = team.member("ivy.tester@acme.test", "developer").await;
    for (new, code) in [
        ("seven77", "too_short"),
        (&format!("{}!", "x7".repeat(64)), "too_long"),
        ("Password1", "common_password"),
        ("ivy.tester@acme.test", "personal_password"),
        ("IvyInvited99", "personal_password"),
    ] {
        let right = change(&dev.caller, PASSWORD, new).await.refused(422, "validation_failed");
        assert_eq!(right.bad_fields(), [("new_password", code)], "{new}");
        let wrong = change(&dev.caller, WRONG, new).await;
        assert_eq!(wrong.alike(), right.alike(), "{new}");
        assert_eq!(roster.effort(&wrong).await, roster.effort(&right).await, "{new}");
    }
    let reply = dev.caller.put("/v1/me/password", json!({})).await.refused(422, "validation_failed");
    assert_eq!(reply.bad_fields(), [("current_password", "required"), ("new_password", "required")]);
    sign_in(&roster.caller(), &dev.email, PASSWORD).await.expect(201);
    change(&dev.caller, PASSWORD, &"x7".repeat(64)).await.expect(204);
}
