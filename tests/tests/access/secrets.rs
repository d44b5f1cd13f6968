//! What must not be readable: in the table, in logs, in events.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use data_encoding::BASE32_NOPAD;
use local::Options;
use serde_json::{Value, json};
use tests::{Caller, PASSWORD, Person, Roster, Team};

use crate::forge::{bytes, invitation_words, session_words};

/// What was seen on the way.
#[derive(Default)]
struct Seen {
    /// Of mails and challenges: invitations, links to set a new password, halves of sign-ins.
    tokens: Vec<String>,
    /// Of sessions and API keys.
    credentials: Vec<String>,
    /// Of authenticator apps.
    totp_secrets: Vec<String>,
    /// Used or not.
    recovery_codes: Vec<String>,
}

const CHANGED: &str = "another-vex-tungsten-quail";

/// Ann sets up a second factor, signs in with it, makes a key, and changes and resets her password.
async fn secrets_of_her_own(roster: &Roster, ann: &Person, seen: &mut Seen) {
    let enrolled = ann.caller.post("/v1/me/mfa/totp", json!({})).await.expect(200);
    seen.totp_secrets.push(enrolled.text("secret").to_owned());
    roster.enroll(ann).await;
    seen.totp_secrets.push(roster.authenticators.secret(&ann.email));
    seen.recovery_codes.extend(roster.authenticators.recovery_codes(&ann.email));
    seen.credentials.push(ann.key("Xanthippe's key").await.caller.token().to_owned());
    let sign_in = json!({ "email": ann.email, "password": PASSWORD });
    let first = roster.caller().post("/v1/sessions", sign_in).await.expect(200);
    seen.tokens.push(first.text("challenge").to_owned());
    roster.caller().post("/v1/password-resets", json!({ "email": ann.email })).await.expect(202);
    let link = roster.reset_tokens(&ann.email).await.remove(0);
    let reset = json!({ "token": link, "password": CHANGED });
    roster.caller().post("/v1/password-resets/confirm", reset).await.expect(204);
    let sign_in = json!({ "email": ann.email, "password": CHANGED });
    let session = roster.sign_in_with(&roster.caller(), sign_in).await.expect(201);
    let again = roster.caller().with_token(session.text("token"));
    let change = json!({ "current_password": CHANGED, "new_password": PASSWORD });
    again.put("/v1/me/password", change).await.expect(204);
    again.post("/v1/me/recovery-codes/view", json!({})).await.expect(200);
    roster.caller().post("/v1/password-resets", json!({ "email": ann.email })).await.expect(202);
    seen.tokens.extend(roster.reset_tokens(&ann.email).await);
    seen.credentials.extend([ann.caller.token(), again.token()].map(str::to_owned));
}

/// A walk through every operation that handles a secret.
async fn walk(roster: &Roster) -> (Team<'_>, Seen) {
    let mut seen = Seen::default();
    let team = roster.team("secretive").await;
    seen.tokens.push(roster.token_for(&team.root.email).await);
    for name in ["ann", "bob"] {
        let email = format!("{name}@secretive.test");
        let mut body = tests::invitee(&email, "developer");
        body["first_name"] = "Xanthippe".into();
        body["justification"] = "asked for by boss@secretive.test".into();
        team.root.caller.post("/v1/users", body).await.expect(201);
        seen.tokens.push(roster.token_for(&email).await);
    }
    let ann = roster.accept("ann@secretive.test").await;
    seen.tokens.push(team.ask_access(&ann).await);
    let body = json!({ "email": "ann@secretive.test", "password": "a-wrong-guess-of-hers" });
    roster.caller().post("/v1/sessions", body).await.refused(401, "invalid_credentials");
    let body = json!({ "email": "an.unknown@secretive.test", "password": PASSWORD });
    roster.caller().post("/v1/sessions", body).await.refused(401, "invalid_credentials");
    secrets_of_her_own(roster, &ann, &mut seen).await;
    let ann = roster.sign_in("ann@secretive.test").await;
    let user = format!("/v1/users/{}", ann.id);
    let codes = format!("{user}/recovery-codes");
    let issued = team.root.caller.post(&codes, json!({ "confirm": true })).await.expect(200).body;
    let issued = issued["recovery_codes"].as_array().expect("codes").clone();
    seen.recovery_codes.extend(issued.iter().map(|code| code.as_str().expect("a code").to_owned()));
    team.root.caller.post(&format!("{codes}/view"), json!({})).await.expect(200);
    let role = json!({ "role": "admin", "justification": "because ann@secretive.test said so" });
    team.root.caller.put(&format!("{user}/role"), role).await.expect(200);
    ann.caller.get("/v1/users?q=xanthippe&email=ann@secretive.test").await.expect(200);
    let reason = json!({ "confirm": true, "reason": "other", "reason_text": "ann@secretive.test left" });
    team.root.caller.post(&format!("{user}/suspend"), reason).await.expect(200);
    team.root.caller.post(&format!("{user}/reactivate"), json!({})).await.expect(200);
    team.root.caller.post(&format!("{user}/logout"), json!({ "confirm": true })).await.expect(200);
    seen.credentials.extend([&team.root.caller, &ann.caller].map(Caller::token).map(str::to_owned));
    seen.totp_secrets.push(roster.authenticators.secret(&team.root.email));
    seen.recovery_codes.extend(roster.authenticators.recovery_codes(&team.root.email));
    (team, seen)
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

impl Seen {
    fn every_spelling(&self) -> Vec<Vec<u8>> {
        let mut secrets: Vec<Vec<u8>> =
            vec![PASSWORD.into(), CHANGED.into(), b"a-wrong-guess-of-hers".to_vec()];
        let credentials = self.credentials.iter().map(|token| (token, session_words(token)));
        let tokens = self.tokens.iter().map(|token| (token, invitation_words(token)));
        for (token, words) in credentials.chain(tokens) {
            secrets.extend([token.clone().into_bytes(), words[3..].concat().into_bytes()]);
            secrets.extend(words[3..].iter().map(|word| word.clone().into_bytes()));
            let (high, low) = (bytes(&words[3]), bytes(&words[4]));
            secrets.extend([spellings(&high), spellings(&low), spellings(&[high, low].concat())].concat());
        }
        for secret in &self.totp_secrets {
            secrets.push(secret.clone().into_bytes());
            secrets.extend(spellings(&BASE32_NOPAD.decode(secret.as_bytes()).expect("base 32")));
        }
        for code in &self.recovery_codes {
            secrets.extend([code.clone().into_bytes(), code.replace('-', "").into_bytes()]);
        }
        secrets
    }
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

// RULE: AC-09
#[tokio::test]
async fn the_tables_file_holds_no_secret_in_any_spelling() {
    let folder = std::env::temp_dir().join(format!("roster-secrets-{}", std::process::id()));
    let roster = Roster::start_with(Options { data: Some(folder.clone()), ..Options::default() }).await;
    let (team, seen) = walk(&roster).await;
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
    for secret in &seen.every_spelling() {
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
        for prefix in ["ros_ses_", "ros_key_"] {
            let caller = roster.caller().with_token(&format!("{prefix}{text}"));
            caller.get("/v1/me").await.refused(401, "unauthenticated");
        }
        let body = json!({ "token": text });
        roster.caller().post("/v1/invitations/lookup", body).await.refused(404, "invitation_invalid");
        let body = json!({ "token": text, "password": PASSWORD });
        roster.caller().post("/v1/password-resets/confirm", body).await.refused(404, "token_invalid");
        let body = json!({ "token": text, "answer": "no" });
        roster.caller().post("/v1/access-answers", body).await.refused(404, "token_invalid");
        let body = json!({ "challenge": text, "code": "000000" });
        roster.caller().post("/v1/sessions/mfa", body).await.refused(401, "challenge_invalid");
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
    let (team, seen) = walk(&roster).await;
    let events = roster.events(&team.account_id).await;
    let logs = roster.stack.logs();
    assert!(events.len() > 8 && logs.len() > 20, "{} events, {} lines", events.len(), logs.len());
    let mut told: Vec<String> =
        logs.into_iter().map(|(function, line)| format!("{function} {line}")).collect();
    told.extend(events.iter().map(Value::to_string));
    let Seen { tokens, credentials, totp_secrets, recovery_codes } = seen;
    let mut secrets = [tokens, credentials, totp_secrets, recovery_codes].concat();
    secrets.extend(secrets.clone().iter().map(|secret| secret.replace('-', "")));
    secrets.extend(
        ["@", "secretive", "Xanthippe", "Robin", PASSWORD, CHANGED, "a-wrong-guess", "argon2"]
            .map(str::to_owned),
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
