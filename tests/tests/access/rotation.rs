//! The key of tokens is replaced by another one, while links that were mailed are on their way.

use std::path::PathBuf;

use local::{Options, Stack};
use serde_json::json;
use tests::{Caller, Reply, Roster, invitee};

const ONE: &str = r#"TOKENS_KEYS: !Sub "1:${TokensKey}""#;
const BOTH: &str = r#"TOKENS_KEYS: !Sub "2:${TokensKey2},1:${TokensKey}""#;
const SECOND_ALONE: &str = r#"TOKENS_KEYS: !Sub "2:${TokensKey2}""#;

/// A folder of its own, gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("roster-rotation-{name}-{}", std::process::id())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The product on what the folder keeps, with a second key where the functions list it.
async fn start(folder: &Folder, keys: &str) -> Roster {
    let mut options = Options { data: Some(folder.0.clone()), ..Options::default() };
    if keys != ONE {
        options.template = with_second_key(&options.template, keys);
    }
    Roster::start_with(options).await
}

/// The template, as an operator changes it to rotate the key of tokens.
fn with_second_key(template: &str, keys: &str) -> String {
    assert_eq!(template.matches(ONE).count(), template.matches("TOKENS_KEYS").count());
    let (_, rest) = template.split_once("\n  TokensKey:\n").expect("the template has the key");
    let (key, _) = rest.split_once("\n\n").expect("something follows");
    let second = format!("\n  TokensKey2:\n{key}\n\n  TokensKey:\n");
    let may = "Resource: !GetAtt TokensKey.Arn";
    let may_both = "Resource: [!GetAtt TokensKey2.Arn, !GetAtt TokensKey.Arn]";
    template.replace("\n  TokensKey:\n", &second).replace(ONE, keys).replace(may, may_both)
}

async fn restart(roster: Roster, folder: &Folder, keys: &str) -> Roster {
    roster.stack.stop().await;
    start(folder, keys).await
}

async fn invite(roster: &Roster, root: &Caller, email: &str) -> String {
    let root = roster.caller().with_token(root.token());
    root.post("/v1/users", invitee(email, "developer")).await.expect(201);
    roster.token_for(email).await
}

async fn look(roster: &Roster, token: &str) -> Reply {
    roster.caller().post("/v1/invitations/lookup", json!({ "token": token })).await
}

async fn accept(roster: &Roster, token: &str) -> Reply {
    let body = json!({ "token": token, "password": tests::PASSWORD });
    roster.caller().post("/v1/invitations/accept", body).await
}

fn version(token: &str) -> Option<char> {
    token.chars().next()
}

// RULE: AC-09
#[tokio::test]
async fn a_mailed_link_outlives_the_change_of_its_key_and_new_ones_are_made_under_the_new_key() {
    let folder = Folder::new("both");
    let roster = start(&folder, ONE).await;
    let root = roster.team("acme").await.root.caller;
    let old = invite(&roster, &root, "ann@acme.test").await;
    assert_eq!(version(&old), Some('1'));

    let roster = restart(roster, &folder, BOTH).await;
    look(&roster, &old).await.expect(200);
    let new = invite(&roster, &root, "bob@acme.test").await;
    assert_eq!(version(&new), Some('2'));
    look(&roster, &new).await.expect(200);
    // Each is genuine under its own key alone.
    look(&roster, &format!("1{}", &new[1..])).await.refused(404, "invitation_invalid");
    look(&roster, &format!("2{}", &old[1..])).await.refused(404, "invitation_invalid");
    // The reminder of an older invitation comes under the new key, and both of its links are good.
    roster.advance("25h").await;
    let reminded = roster.token_for("ann@acme.test").await;
    assert_eq!(version(&reminded), Some('2'));
    look(&roster, &reminded).await.expect(200);
    accept(&roster, &old).await.expect(201);
    accept(&roster, &reminded).await.refused(404, "invitation_invalid");
    accept(&roster, &new).await.expect(201);
    roster.stack.stop().await;
}

// RULE: AC-09, IN-13
#[tokio::test]
async fn what_was_made_under_a_key_that_is_taken_out_is_as_garbage_and_a_new_link_is_good() {
    let folder = Folder::new("out");
    let roster = start(&folder, ONE).await;
    let root = roster.team("acme").await.root.caller;
    let old = invite(&roster, &root, "ann@acme.test").await;
    let roster = restart(roster, &folder, SECOND_ALONE).await;
    let new = invite(&roster, &root, "bob@acme.test").await;
    let garbage = look(&roster, &"x".repeat(old.len())).await.refused(404, "invitation_invalid");
    let effort = roster.effort(&garbage).await;
    for token in [old.clone(), format!("3{}", &new[1..]), format!("z{}", &new[1..])] {
        let reply = look(&roster, &token).await.refused(404, "invitation_invalid");
        assert_eq!((reply.alike(), roster.effort(&reply).await), (garbage.alike(), effort.clone()));
        accept(&roster, &token).await.refused(404, "invitation_invalid");
    }
    assert!(!effort.iter().any(|call| call.starts_with("kms")), "{effort:?}");
    accept(&roster, &new).await.expect(201);
    roster.stack.stop().await;
}

// RULE: AC-09, IN-13
#[tokio::test]
async fn what_was_made_under_a_disabled_key_is_not_genuine_and_no_fault() {
    let folder = Folder::new("disabled");
    let roster = start(&folder, ONE).await;
    let root = roster.team("acme").await.root.caller;
    let old = invite(&roster, &root, "ann@acme.test").await;
    let roster = restart(roster, &folder, BOTH).await;
    let new = invite(&roster, &root, "bob@acme.test").await;
    look(&roster, &old).await.expect(200);
    roster.disable_key("TokensKey").await;
    let roster = restart(roster, &folder, BOTH).await;
    look(&roster, &old).await.refused(404, "invitation_invalid");
    accept(&roster, &old).await.refused(404, "invitation_invalid");
    accept(&roster, &new).await.expect(201);
    // Whoever's link is dead is sent another one.
    roster.advance("25h").await;
    let reminded = roster.token_for("ann@acme.test").await;
    assert_eq!(version(&reminded), Some('2'));
    accept(&roster, &reminded).await.expect(201);
    roster.stack.stop().await;
}

// RULE: AC-09
#[tokio::test]
async fn a_list_of_keys_that_cannot_be_read_keeps_the_functions_from_starting() {
    let unread = r#"TOKENS_KEYS: !Sub "${TokensKey}""#;
    let mut options = Options::default();
    options.template = options.template.replace(ONE, unread);
    let refusal = Stack::start(options).await.err().expect("it does not start").to_string();
    assert!(refusal.contains("TOKENS_KEYS: is no list of `version:key`"), "{refusal}");
}
