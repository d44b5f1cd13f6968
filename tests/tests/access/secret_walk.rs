//! A walk through everything in access that is secret: none of it is in the table, in logs, in events; and nothing that is
//! there lets anybody in.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use data_encoding::BASE32_NOPAD;
use local::Options;
use serde_json::{Value, json};
use tests::{Caller, PASSWORD, Person, Roster, Team};

const NEW_PASSWORD: &str = "umber-lattice-heron-93";

/// What was handed out on the way.
struct Walk<'a> {
    team: Team<'a>,
    dev: Person,
    secrets: Vec<String>,
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn texts_of(value: &Value) -> Vec<String> {
    value.as_array().expect("a list").iter().map(text).collect()
}

/// The token behind this kind of link, in the newest mail that has one.
async fn linked(roster: &Roster, email: &str, kind: &str) -> String {
    roster.stack.settle().await;
    let mails = roster.mails(email).await;
    let mut links = mails.iter().flat_map(|mail| mail["links"].as_array().cloned().unwrap_or_default());
    links.find_map(|link| Some(link.as_str()?.split_once(kind)?.1.to_owned())).expect("such a link")
}

async fn half_way(roster: &Roster, email: &str, password: &str) -> String {
    let body = json!({ "email": email, "password": password });
    text(&roster.caller().post("/v1/sessions", body).await.expect(200).body["challenge"])
}

async fn walk(roster: &Roster) -> Walk<'_> {
    let team = roster.team("acme").await;
    let dev = team.member("dev@acme.test", "developer").await;
    roster.enroll(&dev).await;
    let mut secrets = vec![PASSWORD.to_owned(), NEW_PASSWORD.to_owned()];
    for person in [&team.root, &dev] {
        secrets.push(person.caller.token().to_owned());
        secrets.push(roster.authenticators.secret(&person.email));
        secrets.extend(roster.authenticators.recovery_codes(&person.email));
    }
    for by in [&dev.caller, &team.root.caller] {
        let key = by.post("/v1/me/api-keys", json!({ "name": "ci" })).await.expect(201).body;
        roster.caller().with_token(&text(&key["token"])).get("/v1/me").await.expect(200);
        secrets.push(text(&key["token"]));
    }
    let own = team.root.caller.post("/v1/me/recovery-codes", json!({})).await.expect(200).body;
    secrets.extend(texts_of(&own["recovery_codes"]));
    let codes = format!("/v1/users/{}/recovery-codes", dev.id);
    let issued = team.root.caller.post(&codes, json!({ "confirm": true })).await.expect(200).body;
    let issued = texts_of(&issued["recovery_codes"]);
    team.root.caller.post(&format!("{codes}/view"), json!({})).await.expect(200);
    let challenge = half_way(roster, &dev.email, PASSWORD).await;
    let body = json!({ "challenge": challenge, "recovery_code": issued[0] });
    let session = roster.caller().post("/v1/sessions/mfa", body).await.expect(201).body;
    secrets.extend([challenge, text(&session["token"])]);
    secrets.extend(issued);
    let wrong = json!({ "challenge": half_way(roster, &dev.email, PASSWORD).await, "code": "000000" });
    secrets.push(text(&wrong["challenge"]));
    roster.caller().post("/v1/sessions/mfa", wrong).await;
    roster.caller().post("/v1/password-resets", json!({ "email": dev.email })).await.expect(202);
    let reset = linked(roster, &dev.email, "/reset#").await;
    let body = json!({ "token": reset, "password": NEW_PASSWORD });
    roster.caller().post("/v1/password-resets/confirm", body).await.expect(204);
    roster.caller().post("/v1/password-resets", json!({ "email": dev.email })).await.expect(202);
    secrets.extend([reset, linked(roster, &dev.email, "/reset#").await]);
    secrets.push(half_way(roster, &dev.email, NEW_PASSWORD).await);
    secrets.extend(by_passkey(roster, &team.root.caller).await);
    Walk { team, dev, secrets }
}

/// Adds a passkey under a key, uses it in every way, and leaves a ceremony open; the ceremonies, and what was signed.
async fn by_passkey(roster: &Roster, root: &Caller) -> Vec<String> {
    let (passkey, adding) = roster.make_passkey(root, "Laptop").await;
    let mut secrets = vec![text(&adding["ceremony"])];
    let added =
        root.with_header("idempotency-key", "add").post("/v1/me/mfa/passkeys", adding).await.expect(201);
    assert_eq!(added.body.get("recovery_codes"), None);
    let step_up = root.post("/v1/sessions/current/step-up/options", json!({})).await.expect(200);
    let sign_in = roster.asked_to_sign_in().await;
    for (path, by, asked) in [
        ("/v1/sessions/current/step-up", root, &step_up),
        ("/v1/sessions/passkey", &roster.caller(), &sign_in),
    ] {
        let body = passkey.answered(asked);
        secrets.extend([text(&body["ceremony"]), text(&body["passkey"]["response"]["signature"])]);
        let reply = by.with_header("idempotency-key", path).post(path, body).await;
        assert!(reply.status < 300, "{:#}", reply.body);
        secrets.extend(reply.body["token"].as_str().map(str::to_owned));
    }
    secrets.push(text(&roster.asked_to_sign_in().await.body["ceremony"]));
    secrets
}

/// How a secret might have been written down: as it is, without what is only for people, and the bytes of a TOTP secret.
fn spellings(secret: &str) -> Vec<Vec<u8>> {
    let mut spellings = vec![secret.as_bytes().to_vec(), STANDARD.encode(secret).into_bytes()];
    if secret.len() == 11 && secret.as_bytes()[5] == b'-' {
        spellings.push(secret.replace('-', "").into_bytes());
    }
    // The part of a credential or a token that is no identifier: its last two words of 22 characters.
    if secret.len() > 100 {
        let body = secret.trim_start_matches("ros_ses_").trim_start_matches("ros_key_");
        let words = body.as_bytes();
        let from = if secret.starts_with("ros_") { 3 * 22 } else { 1 + 3 * 22 };
        spellings.extend([words[from..from + 22].to_vec(), words[from + 22..from + 44].to_vec()]);
    }
    if let Ok(bytes) = BASE32_NOPAD.decode(secret.as_bytes()) {
        spellings.extend([STANDARD.encode(&bytes).into_bytes(), URL_SAFE_NO_PAD.encode(&bytes).into_bytes()]);
        spellings.push(bytes);
    }
    spellings
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

// RULE: AC-09, AC-10
#[tokio::test]
async fn no_key_code_token_or_secret_is_in_the_tables_file_a_log_or_an_event() {
    let folder = std::env::temp_dir().join(format!("roster-secret-walk-{}", std::process::id()));
    let roster = Roster::start_with(Options { data: Some(folder.clone()), ..Options::default() }).await;
    let Walk { team, secrets, .. } = walk(&roster).await;
    let mut told = String::new();
    for event in roster.events(&team.account_id).await {
        told += &event.to_string();
    }
    assert!(told.len() > 5000, "{}", told.len());
    for (function, line) in roster.stack.logs() {
        told += &format!("{function} {line}\n");
    }
    assert!(!told.contains('@'), "an address is told");
    let mut file = Vec::new();
    for entry in std::fs::read_dir(&folder).expect("the data") {
        let path = entry.expect("a file").path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("tables.sqlite")) {
            file.extend(std::fs::read(path).expect("a file"));
        }
    }
    assert!(holds(&file, team.account_id.as_bytes()), "this is the table");
    assert!(secrets.len() > 50, "{}", secrets.len());
    for secret in &secrets {
        for spelling in spellings(secret) {
            assert!(!holds(&file, &spelling), "{secret} is in the table");
            assert!(!holds(told.as_bytes(), &spelling), "{secret} is told");
        }
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

/// An app with each text of the table as its secret, as text and as what it may be the base 64 of.
fn codes_of(roster: &Roster, text: &str) -> Vec<String> {
    let mut keys = vec![text.as_bytes().to_vec()];
    keys.extend(URL_SAFE_NO_PAD.decode(text));
    let secrets = keys.iter().filter(|key| !key.is_empty()).map(|key| BASE32_NOPAD.encode(key));
    secrets.map(|secret| tests::app_code(roster, &secret, 0)).collect()
}

// RULE: AC-09
#[tokio::test]
async fn whoever_has_the_table_the_events_and_the_logs_makes_no_credential_of_them() {
    let roster = Roster::start().await;
    let Walk { dev, .. } = walk(&roster).await;
    let mut found = Vec::new();
    for item in roster.whole_dump().await {
        texts(&item, &mut found);
    }
    for (_, line) in roster.stack.logs() {
        texts(&serde_json::from_str(&line).unwrap_or_default(), &mut found);
    }
    found.sort();
    found.dedup();
    let real = tests::app_code(&roster, &roster.authenticators.secret(&dev.email), 0);
    let from: Caller = roster.caller();
    for text in &found {
        for prefix in ["", "ros_ses_", "ros_key_"] {
            let by = from.with_token(&format!("{prefix}{text}"));
            by.get("/v1/me").await.refused(401, "unauthenticated");
        }
        let body = json!({ "token": text, "password": NEW_PASSWORD });
        from.post("/v1/password-resets/confirm", body).await.refused(404, "token_invalid");
        let body = json!({ "token": text, "answer": "no" });
        from.post("/v1/access-answers", body).await.refused(404, "token_invalid");
        let body = json!({ "challenge": text, "code": "123456" });
        from.post("/v1/sessions/mfa", body).await.refused(401, "challenge_invalid");
        let made = codes_of(&roster, text);
        assert!(!made.contains(&real), "{text} is the secret of an app");
    }
}
