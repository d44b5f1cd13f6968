//! The keys of second factors, codes and tokens are replaced, while people go on signing in with what they have.

use std::path::Path;

use local::Options;
use serde_json::{Value, json};
use tests::{Caller, PASSWORD, Reply, Roster, app_code};

const KEYS: [(&str, &str); 3] =
    [("TokensKey", "TOKENS_KEYS"), ("TotpKey", "TOTP_KEYS"), ("CodesKey", "CODES_KEYS")];

/// The template with a second key of each purpose, which is the current one.
fn rotated(template: &str) -> String {
    let mut template = template.to_owned();
    for (key, setting) in KEYS {
        let declared = format!("\n  {key}:\n");
        let (_, rest) = template.split_once(&declared).expect("the template has the key");
        let (body, _) = rest.split_once("\n\n").expect("something follows");
        let second = format!("\n  {key}2:\n{body}\n{declared}");
        template = template
            .replace(&declared, &second)
            .replace(
                &format!(r#"{setting}: !Sub "1:${{{key}}}""#),
                &format!(r#"{setting}: !Sub "2:${{{key}2}},1:${{{key}}}""#),
            )
            .replace(
                &format!("Resource: !GetAtt {key}.Arn"),
                &format!("Resource: [!GetAtt {key}2.Arn, !GetAtt {key}.Arn]"),
            );
    }
    template
}

async fn start(folder: &Path, is_rotated: bool) -> Roster {
    let mut options = Options { data: Some(folder.to_owned()), ..Options::default() };
    if is_rotated {
        options.template = rotated(&options.template);
    }
    Roster::start_with(options).await
}

/// Whoever was signed in before the stack was started again.
fn again(roster: &Roster, caller: &Caller) -> Caller {
    roster.caller().with_token(caller.token())
}

async fn challenge(roster: &Roster, email: &str) -> String {
    let body = json!({ "email": email, "password": PASSWORD });
    let reply = roster.caller().post("/v1/sessions", body).await.expect(200).body;
    reply["challenge"].as_str().expect("a challenge").to_owned()
}

async fn verify(roster: &Roster, challenge: &str, answer: (&str, &str)) -> Reply {
    let body = json!({ "challenge": challenge, answer.0: answer.1 });
    roster.caller().post("/v1/sessions/mfa", body).await
}

async fn factors(roster: &Roster, account_id: &str, user_id: &str) -> Value {
    roster.table().items(account_id, &[format!("F#{user_id}")]).await.remove(0)
}

// RULE: AC-09
#[tokio::test]
async fn what_was_made_under_the_first_keys_works_until_they_are_disabled_and_nothing_new_uses_them() {
    let folder = std::env::temp_dir().join(format!("roster-factor-rotation-{}", std::process::id()));
    let roster = start(&folder, false).await;
    let team = roster.team("acme").await;
    let old = team.member("old@acme.test", "developer").await;
    let new = team.member("new@acme.test", "developer").await;
    roster.enroll(&old).await;
    let secret = roster.authenticators.secret(&old.email);
    let codes = roster.authenticators.recovery_codes(&old.email);
    let waiting = challenge(&roster, &old.email).await;
    assert!(waiting.starts_with('1'));
    let (root, account_id) = (team.root.caller.clone(), team.account_id.clone());
    roster.stack.stop().await;

    let roster = start(&folder, true).await;
    verify(&roster, &waiting, ("code", &app_code(&roster, &secret, 1))).await.expect(201);
    let next = challenge(&roster, &old.email).await;
    assert!(next.starts_with('2'));
    verify(&roster, &next, ("recovery_code", &codes[0])).await.expect(201);
    let path = format!("/v1/users/{}/recovery-codes/view", old.id);
    let seen = again(&roster, &root).post(&path, json!({})).await.expect(200).body;
    assert_eq!(seen["recovery_codes"].as_array().map(Vec::len), Some(9));
    let new_caller = again(&roster, &new.caller);
    roster.authenticators.enroll(&new.email, &new_caller).await;
    let stored = factors(&roster, &account_id, &new.id).await;
    let versions = [&stored["totp"]["enrolment"]["key_version"], &stored["codes"]["key_version"]];
    assert_eq!(versions.map(ToString::to_string), ["2", "2"], "{stored:#}");

    for (key, _) in KEYS {
        roster.disable_key(key).await;
    }
    let next = challenge(&roster, &old.email).await;
    verify(&roster, &next, ("code", &app_code(&roster, &secret, 1))).await.refused(401, "invalid_code");
    verify(&roster, &next, ("recovery_code", &codes[1])).await.refused(401, "invalid_code");
    again(&roster, &root).post(&path, json!({})).await.refused(409, "codes_not_viewable");
    let mut answer = roster.authenticators.answer(&new.email);
    answer["challenge"] = challenge(&roster, &new.email).await.into();
    roster.caller().post("/v1/sessions/mfa", answer).await.expect(201);
    let view = format!("/v1/users/{}/recovery-codes/view", new.id);
    again(&roster, &root).post(&view, json!({})).await.expect(200);
    let issue = format!("/v1/users/{}/recovery-codes", old.id);
    let issued = again(&roster, &root).post(&issue, json!({ "confirm": true })).await.expect(200).body;
    let way_back = issued["recovery_codes"][0].as_str().expect("a code");
    verify(&roster, &next, ("recovery_code", way_back)).await.expect(201);
    roster.stack.stop().await;
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}
