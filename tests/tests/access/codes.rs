//! Recovery codes: issued, seen and used.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Caller, PASSWORD, Person, Reply, Roster, Team};

fn path(user: &Person, what: &str) -> String {
    format!("/v1/users/{}/recovery-codes{what}", user.id)
}

async fn issue(by: &Caller, user: &Person) -> Reply {
    by.post(&path(user, ""), json!({ "confirm": true })).await
}

async fn view(by: &Caller, user: &Person) -> Reply {
    by.post(&path(user, "/view"), json!({})).await
}

fn codes(reply: &Reply) -> Vec<String> {
    let codes = reply.body["recovery_codes"].as_array().expect("codes");
    codes.iter().map(|code| code.as_str().expect("text").to_owned()).collect()
}

/// Signs in with a recovery code.
async fn use_code(roster: &Roster, email: &str, code: &str) -> Reply {
    let body = json!({ "email": email, "password": PASSWORD });
    let challenge = roster.caller().post("/v1/sessions", body).await.expect(200).body["challenge"].clone();
    let body = json!({ "challenge": challenge, "recovery_code": code });
    roster.caller().post("/v1/sessions/mfa", body).await
}

/// A Developer with a second factor.
async fn enrolled(team: &Team<'_>) -> Person {
    let dev = team.member("dev@acme.test", "developer").await;
    team.roster.enroll(&dev).await;
    dev
}

// RULE: RC-01, RC-02, RC-03
#[tokio::test]
async fn an_admin_issues_codes_that_void_the_former_ones_and_each_is_good_once() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let admin = team.member("adam@acme.test", "admin").await;
    let dev = enrolled(&team).await;
    let first = roster.authenticators.recovery_codes(&dev.email);
    let unconfirmed = admin.caller.post(&path(&dev, ""), json!({})).await;
    unconfirmed.refused(422, "validation_failed");
    let issued = issue(&admin.caller, &dev).await.expect(200);
    assert_eq!(issued.header("cache-control"), Some("no-store"));
    let new = codes(&issued);
    assert_eq!(new.len(), 10);
    use_code(&roster, &dev.email, &first[0]).await.refused(401, "invalid_code");
    let spelt = new[0].to_lowercase().replace('-', "");
    use_code(&roster, &dev.email, &spelt).await.expect(201);
    use_code(&roster, &dev.email, &new[0]).await.refused(401, "invalid_code");
    let viewed = codes(&view(&admin.caller, &dev).await.expect(200));
    assert_eq!(viewed, new[1..], "the unused ones");
    assert_eq!(codes(&view(&admin.caller, &dev).await.expect(200)), viewed, "looking changes nothing");
    use_code(&roster, &dev.email, &viewed[8]).await.expect(201);
}

// RULE: RC-03
#[tokio::test]
async fn without_a_second_factor_there_are_no_codes() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let dev = team.member("dev@acme.test", "developer").await;
    issue(&team.root.caller, &dev).await.refused(409, "mfa_not_enabled");
    view(&team.root.caller, &dev).await.refused(409, "mfa_not_enabled");
    dev.caller.post("/v1/me/recovery-codes", json!({})).await.refused(409, "mfa_not_enabled");
    dev.caller.post("/v1/me/recovery-codes/view", json!({})).await.refused(409, "mfa_not_enabled");
    let log = team.root.caller.get("/v1/events?type=access.refused").await.expect(200).body;
    let refused: Vec<&Value> =
        log["data"].as_array().unwrap().iter().filter(|event| event["target"] == dev.id.as_str()).collect();
    assert_eq!(refused.len(), 2, "attempts on others are in the audit log: {log:#}");
}

// RULE: RC-04, RO-02
#[tokio::test]
async fn nobody_else_issues_or_sees_a_roots_codes_by_any_path() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let other = team.member("olga@acme.test", "root").await;
    let admin = team.member("adam@acme.test", "admin").await;
    for (by, code) in [(&other, "root_codes_private"), (&admin, "admin_cannot_modify_root")] {
        issue(&by.caller, &team.root).await.refused(403, code);
        view(&by.caller, &team.root).await.refused(403, code);
    }
    issue(&team.root.caller, &team.root).await.refused(403, "cannot_act_on_self");
    let own = team.root.caller.post("/v1/me/recovery-codes", json!({})).await.expect(200);
    let own_codes = codes(&own);
    assert_eq!(own_codes.len(), 10);
    let seen = team.root.caller.post("/v1/me/recovery-codes/view", json!({})).await;
    seen.refused(409, "codes_not_viewable");
    let sort_key = format!("F#{}", team.root.id);
    let factors = roster.table().items(&team.account_id, &[sort_key]).await;
    let factors = serde_json::to_string(&factors).unwrap();
    assert!(factors.contains("hash") && !factors.contains("\"seed\""), "only hashes remain: {factors}");
    use_code(&roster, &team.root.email, &own_codes[3]).await.expect(201);
}

// RULE: RC-04
#[tokio::test]
async fn a_promotion_to_root_destroys_the_viewable_copy_for_good() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let [seen, unseen] = ["seen", "unseen"].map(|name| format!("{name}@acme.test"));
    let role = async |user: &Person, role: &str| {
        let body = json!({ "role": role });
        team.root.caller.put(&format!("/v1/users/{}/role", user.id), body).await.expect(200);
    };
    let mut people = Vec::new();
    for email in [&seen, &unseen] {
        let person = team.member(email, "developer").await;
        roster.enroll(&person).await;
        people.push(person);
    }
    let viewed = codes(&view(&team.root.caller, &people[0]).await.expect(200));
    let noted = roster.authenticators.recovery_codes(&unseen);
    for person in &people {
        role(person, "root").await;
        view(&team.root.caller, person).await.refused(403, "root_codes_private");
    }
    use_code(&roster, &seen, &viewed[0]).await.refused(401, "invalid_code");
    use_code(&roster, &unseen, &noted[0]).await.expect(201);
    for person in &people {
        role(person, "developer").await;
        let listed = team.root.caller.get(&format!("/v1/users/{}", person.id)).await.expect(200).body;
        let actions: Vec<&str> =
            listed["allowed_actions"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert!(actions.contains(&"issue-codes") && !actions.contains(&"view-codes"), "{actions:?}");
        view(&team.root.caller, person).await.refused(409, "codes_not_viewable");
        let new = codes(&issue(&team.root.caller, person).await.expect(200));
        assert_eq!(codes(&view(&team.root.caller, person).await.expect(200)), new);
    }
}

// RULE: RC-05
#[tokio::test]
async fn whoever_looks_the_owner_is_mailed_themselves_included() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let dev = enrolled(&team).await;
    let count = async || {
        roster.stack.settle().await;
        let mails = roster.mails(&dev.email).await;
        mails.iter().filter(|mail| mail["subject"] == "Security Codes Viewed").count()
    };
    let before = count().await;
    assert_eq!(before, 1, "those of the enrolment were issued");
    issue(&team.root.caller, &dev).await.expect(200);
    view(&team.root.caller, &dev).await.expect(200);
    dev.caller.post("/v1/me/recovery-codes", json!({})).await.expect(200);
    dev.caller.post("/v1/me/recovery-codes/view", json!({})).await.expect(200);
    assert_eq!(count().await, before + 4);
    view(&dev.caller, &team.root).await.refused(403, "insufficient_role");
    assert_eq!(roster.mails(&dev.email).await[0]["subject"], "Security Codes Viewed");
}

// RULE: RC-06
#[tokio::test]
async fn codes_come_as_json_or_as_a_text_to_print() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let dev = enrolled(&team).await;
    let as_json = view(&team.root.caller, &dev).await.expect(200);
    let text = team.root.caller.with_header("accept", "text/plain");
    let as_text = text.call(Method::POST, &path(&dev, "/view"), Some(json!({}))).await.expect(200);
    assert_eq!(as_text.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(as_text.header("cache-control"), Some("no-store"));
    let lines: Vec<&str> = as_text.body.as_str().expect("a text").lines().collect();
    assert_eq!(lines, codes(&as_json));
}

// RULE: AP-02, RC-05
#[tokio::test]
async fn codes_are_not_shown_again_to_the_same_call() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let dev = enrolled(&team).await;
    let keyed = team.root.caller.with_header("idempotency-key", "once");
    let first = codes(&issue(&keyed, &dev).await.expect(200));
    issue(&keyed, &dev).await.refused(409, "secret_already_shown");
    assert_eq!(codes(&view(&team.root.caller, &dev).await.expect(200)), first, "issued once");
}

// RULE: RC-03, RC-04, AC-06, SE-01
#[tokio::test]
async fn whoever_lost_their_phone_gets_in_by_issued_codes_and_sets_up_another() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let dev = enrolled(&team).await;
    let logout = async |user: &Person| {
        let path = format!("/v1/users/{}/logout", user.id);
        team.root.caller.post(&path, json!({ "confirm": true })).await.expect(200);
    };
    logout(&dev).await;
    dev.caller.get("/v1/me").await.refused(401, "unauthenticated");
    let issued = codes(&issue(&team.root.caller, &dev).await.expect(200));
    let token = use_code(&roster, &dev.email, &issued[0]).await.expect(201).text("token").to_owned();
    let anew = Person { caller: roster.caller().with_token(&token), ..dev.clone() };
    roster.enroll(&anew).await;
    // With the 15 minutes gone, the next code is the recent authentication.
    let fresh = codes(&anew.caller.post("/v1/me/recovery-codes", json!({})).await.expect(200));
    roster.advance("16m").await;
    let removed = anew.caller.delete("/v1/me/mfa/totp").await.refused(403, "step_up_required");
    assert!(removed.text("hint").contains("recovery code"), "{:#}", removed.body);
    let token = use_code(&roster, &dev.email, &fresh[0]).await.expect(201).text("token").to_owned();
    roster.caller().with_token(&token).delete("/v1/me/mfa/totp").await.expect(204);

    // A Root's codes are theirs alone, so for as long as it takes they are no Root.
    let role = async |user: &Person, role: &str| {
        let path = format!("/v1/users/{}/role", user.id);
        team.root.caller.put(&path, json!({ "role": role })).await.expect(200);
    };
    let bob = team.member("bob@acme.test", "developer").await;
    roster.step_up(&team.root).await;
    role(&bob, "root").await;
    roster.enroll(&bob).await;
    issue(&team.root.caller, &bob).await.refused(403, "root_codes_private");
    role(&bob, "admin").await;
    logout(&bob).await;
    let issued = codes(&issue(&team.root.caller, &bob).await.expect(200));
    let token = use_code(&roster, &bob.email, &issued[0]).await.expect(201).text("token").to_owned();
    let anew = Person { caller: roster.caller().with_token(&token), ..bob.clone() };
    roster.enroll(&anew).await;
    role(&bob, "root").await;
    anew.caller.get("/v1/users").await.expect(200);
}
