//! Who the caller is.

use serde_json::Value;
use tests::Roster;

use crate::forge::{session_token, session_words};

// RULE: RO-01, AC-05
#[tokio::test]
async fn everybody_reads_their_own_profile() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    for role in ["root", "admin", "billing", "developer", "monitor"] {
        let person = team.member(&format!("a.{role}@acme.test"), role).await;
        let me = person.caller.get("/v1/me").await.expect(200).body;
        assert_eq!((&me["id"], &me["role"]), (&Value::from(person.id.as_str()), &Value::from(role)));
        assert_eq!(me["account_id"], team.account_id.as_str());
        assert_eq!(me["email"], person.email.as_str());
        assert_eq!(me["status"], "active");
    }
}

// RULE: SE-02, AC-09, AP-01
#[tokio::test]
async fn a_credential_that_is_missing_garbled_or_put_together_is_none() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let ann = team.member("ann@acme.test", "admin").await;
    let other = roster.team("other").await;
    let (root, ann, other) =
        (session_words(team.root.caller.token()), session_words(ann.caller.token()), other.root.caller);
    let other = session_words(other.token());
    let genuine = team.root.caller.token();
    assert_eq!(session_token(&root), genuine, "the checksum is no secret");

    let mix = |parts: [&[String]; 5]| {
        session_token(&parts.iter().enumerate().map(|(n, words)| words[n].clone()).collect::<Vec<_>>())
    };
    let bad = [
        ("empty", String::new()),
        ("garbage", "garbage".into()),
        ("cut", genuine[..genuine.len() - 1].to_owned()),
        ("longer", format!("{genuine}0")),
        ("as a key", genuine.replace("ros_ses_", "ros_key_")),
        ("another's secret", mix([&root, &root, &root, &ann, &ann])),
        ("another's session", mix([&root, &root, &ann, &ann, &ann])),
        ("another user's, own session", mix([&root, &root, &ann, &root, &root])),
        ("a foreigner's secret", mix([&root, &root, &root, &other, &other])),
        ("a foreign account", mix([&other, &root, &root, &root, &root])),
        ("half a secret", mix([&root, &root, &root, &root, &ann])),
        ("huge", format!("ros_ses_{}", "7".repeat(5000))),
    ];
    let missing = roster.caller().get("/v1/me").await.refused(401, "unauthenticated");
    assert_eq!(missing.header("www-authenticate"), Some("Bearer"));
    for (what, token) in bad {
        let reply = roster.caller().with_token(&token).get("/v1/me").await;
        assert_eq!(reply.alike(), missing.alike(), "{what}");
    }
    for scheme in ["Basic", "Token", ""] {
        let caller = roster.caller().with_header("authorization", format!("{scheme} {genuine}").trim());
        assert_eq!(caller.get("/v1/me").await.alike(), missing.alike(), "{scheme}");
    }
    let in_query = roster.caller().get(&format!("/v1/me?access_token={genuine}")).await;
    assert_eq!(in_query.alike(), missing.alike());
    roster
        .caller()
        .with_header("authorization", &format!("bearer {genuine}"))
        .get("/v1/me")
        .await
        .expect(200);
}
