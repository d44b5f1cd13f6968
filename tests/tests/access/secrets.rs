//! What must not be readable: in the table, in logs, in events.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use local::Options;
use serde_json::{Value, json};
use tests::{Caller, PASSWORD, Roster, Team};

use crate::forge::{bytes, invitation_words, session_words};

/// A walk through every operation that handles a secret; the invitation and session tokens that were seen.
async fn walk(roster: &Roster) -> (Team<'_>, Vec<String>, Vec<String>) {
    let mut invitations = Vec::new();
    let team = roster.team("secretive").await;
    invitations.push(roster.token_for(&team.root.email).await);
    for name in ["ann", "bob"] {
        let email = format!("{name}@secretive.test");
        let mut body = tests::invitee(&email, "developer");
        body["first_name"] = "Xanthippe".into();
        body["justification"] = "asked for by boss@secretive.test".into();
        team.root.caller.post("/v1/users", body).await.expect(201);
        invitations.push(roster.token_for(&email).await);
    }
    let ann = roster.accept("ann@secretive.test").await;
    let body = json!({ "email": "ann@secretive.test", "password": "a-wrong-guess-of-hers" });
    roster.caller().post("/v1/sessions", body).await.refused(401, "invalid_credentials");
    let body = json!({ "email": "an.unknown@secretive.test", "password": PASSWORD });
    roster.caller().post("/v1/sessions", body).await.refused(401, "invalid_credentials");
    let user = format!("/v1/users/{}", ann.id);
    let role = json!({ "role": "admin", "justification": "because ann@secretive.test said so" });
    team.root.caller.put(&format!("{user}/role"), role).await.expect(200);
    ann.caller.get("/v1/users?q=xanthippe&email=ann@secretive.test").await.expect(200);
    let reason = json!({ "confirm": true, "reason": "other", "reason_text": "ann@secretive.test left" });
    team.root.caller.post(&format!("{user}/suspend"), reason).await.expect(200);
    team.root.caller.post(&format!("{user}/reactivate"), json!({})).await.expect(200);
    let again = roster.sign_in("ann@secretive.test").await;
    team.root.caller.post(&format!("{user}/logout"), json!({ "confirm": true })).await.expect(200);
    let tokens = [&team.root.caller, &ann.caller, &again.caller].map(Caller::token).map(str::to_owned);
    (team, invitations, tokens.into())
}

/// The ways in which somebody might have written these bytes down.
fn spellings(bytes: &[u8]) -> Vec<Vec<u8>> {
    let hex: String = bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    let mut spellings = vec![bytes.to_vec(), hex.to_uppercase().into_bytes(), hex.into_bytes()];
    for engine in [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD] {
        spellings.push(engine.encode(bytes).into_bytes());
    }
    if let Ok(word) = <[u8; 16]>::try_from(bytes) {
        spellings.push(u128::from_be_bytes(word).to_string().into_bytes());
    }
    spellings
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

// RULE: AC-09
#[tokio::test]
async fn the_tables_file_holds_no_secret_in_any_spelling() {
    let folder = std::env::temp_dir().join(format!("roster-secrets-{}", std::process::id()));
    let roster = Roster::start_with(Options { data: Some(folder.clone()), ..Options::default() }).await;
    let (team, invitations, sessions) = walk(&roster).await;
    let account_id = team.account_id.clone();
    roster.stack.settle().await;
    let mut file = Vec::new();
    for entry in std::fs::read_dir(&folder).expect("the data") {
        let path = entry.expect("a file").path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("tables.sqlite")) {
            file.extend(std::fs::read(path).expect("a file"));
        }
    }
    assert!(holds(&file, account_id.as_bytes()), "this is the table");
    let mut secrets: Vec<Vec<u8>> = vec![PASSWORD.into(), b"a-wrong-guess-of-hers".to_vec()];
    for token in &sessions {
        let words = session_words(token);
        secrets.extend([token.clone().into_bytes(), words[3..].concat().into_bytes()]);
        secrets.extend(words[3..].iter().map(|word| word.clone().into_bytes()));
        let (high, low) = (bytes(&words[3]), bytes(&words[4]));
        secrets.extend([spellings(&high), spellings(&low), spellings(&[high, low].concat())].concat());
    }
    for token in &invitations {
        let words = invitation_words(token);
        secrets.push(token.clone().into_bytes());
        secrets.extend(words[3..].iter().map(|word| word.clone().into_bytes()));
        let (high, low) = (bytes(&words[3]), bytes(&words[4]));
        secrets.extend([spellings(&high), spellings(&low), spellings(&[high, low].concat())].concat());
    }
    for secret in &secrets {
        assert!(!holds(&file, secret), "{:?}", String::from_utf8_lossy(secret));
    }
    roster.stack.stop().await;
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}

fn texts(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => into.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| texts(value, into)),
        Value::Object(members) => members.values().for_each(|value| texts(value, into)),
        _ => {}
    }
}

// RULE: AC-09
#[tokio::test]
async fn whoever_has_the_whole_table_gets_in_nowhere() {
    let roster = Roster::start().await;
    walk(&roster).await;
    let items = roster.whole_dump().await;
    let mut found = Vec::new();
    for item in &items {
        texts(item, &mut found);
    }
    found.sort();
    found.dedup();
    assert!(found.len() > 50, "{}", found.len());
    let hashes: Vec<&String> = found.iter().filter(|text| text.starts_with("$argon2")).collect();
    assert_eq!(hashes.len(), 2, "each password has a salt of its own");
    assert!(hashes.iter().all(|hash| hash.starts_with("$argon2id$")));
    for text in &found {
        roster.caller().with_token(text).get("/v1/me").await.refused(401, "unauthenticated");
        roster
            .caller()
            .with_token(&format!("ros_ses_{text}"))
            .get("/v1/me")
            .await
            .refused(401, "unauthenticated");
        let body = json!({ "token": text });
        roster.caller().post("/v1/invitations/lookup", body).await.refused(404, "invitation_invalid");
    }
    for hash in hashes {
        for email in ["root@secretive.test", "ann@secretive.test"] {
            let body = json!({ "email": email, "password": hash });
            roster.caller().post("/v1/sessions", body).await.refused(401, "invalid_credentials");
        }
    }
}

// RULE: AC-10, EV-02
#[tokio::test]
async fn no_secret_name_or_address_is_in_a_log_an_event_or_an_audit_entry() {
    let roster = Roster::start().await;
    let (team, invitations, sessions) = walk(&roster).await;
    let events = roster.events(&team.account_id).await;
    let logs = roster.stack.logs();
    assert!(events.len() > 8 && logs.len() > 20, "{} events, {} lines", events.len(), logs.len());
    let mut told: Vec<String> =
        logs.into_iter().map(|(function, line)| format!("{function} {line}")).collect();
    told.extend(events.iter().map(Value::to_string));
    let mut secrets: Vec<String> = invitations.into_iter().chain(sessions).collect();
    secrets.extend(
        ["@", "secretive", "Xanthippe", "Robin", PASSWORD, "a-wrong-guess", "argon2"].map(str::to_owned),
    );
    for line in &told {
        for secret in &secrets {
            assert!(!line.to_lowercase().contains(&secret.to_lowercase()), "{secret} in {line}");
        }
    }
    let reasons: Vec<&str> = events
        .iter()
        .flat_map(|event| event["facts"].as_array().into_iter().flatten())
        .filter_map(|fact| fact["reason"].as_str())
        .collect();
    assert!(reasons.contains(&"because [address] said so"), "{reasons:?}");
}
