//! Invitations' tokens.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{PASSWORD, Reply, Roster, Team, invitee};

use crate::forge::{WORD, invitation_token, invitation_words};

async fn look(roster: &Roster, token: &str) -> Reply {
    roster.caller().post("/v1/invitations/lookup", json!({ "token": token })).await
}

async fn accept(roster: &Roster, token: &str) -> Reply {
    let body = json!({ "token": token, "password": PASSWORD });
    roster.caller().post("/v1/invitations/accept", body).await
}

// RULE: IN-12
#[tokio::test]
async fn a_look_at_an_invitation_shows_three_things_and_changes_nothing() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    team.pending("ann@acme.test", "developer").await;
    let token = roster.token_for("ann@acme.test").await;
    let before = roster.dump().await;
    for _ in 0..2 {
        let reply = look(&roster, &token).await.expect(200);
        assert_eq!(reply.body["account_name"], "acme");
        assert_eq!(reply.body["role"], "developer");
        assert!(reply.body["expires_at"].is_string());
        assert_eq!(reply.body.as_object().map(serde_json::Map::len), Some(3), "{:#}", reply.body);
    }
    assert_eq!(roster.dump().await, before);
    accept(&roster, &token).await.expect(201);
    accept(&roster, &token).await.refused(404, "invitation_invalid");
}

// RULE: IN-12
#[tokio::test]
async fn a_token_travels_in_the_fragment_of_the_link_alone() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    team.pending("ann@acme.test", "developer").await;
    let mails = roster.mails("ann@acme.test").await;
    let links = mails[0]["links"].as_array().cloned().unwrap_or_default();
    assert_eq!(links.len(), 1, "{links:?}");
    let (page, token) = links[0].as_str().and_then(|link| link.split_once('#')).expect("a fragment");
    assert!(page.ends_with("/accept"), "{page}");
    look(&roster, token).await.expect(200);
    let in_query = roster.caller().post(&format!("/v1/invitations/lookup?token={token}"), json!({})).await;
    let bad_fields = [("token", "required"), ("token", "unknown_field")];
    assert_eq!(in_query.refused(422, "validation_failed").bad_fields(), bad_fields);
}

// RULE: IN-13, IN-12, DE-04
#[tokio::test]
async fn whatever_is_no_good_token_looks_the_same() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let other = roster.team("other").await;
    let mut genuine = Vec::new();
    for name in ["ann", "bob", "used", "revoked"] {
        team.pending(&format!("{name}@acme.test"), "developer").await;
        genuine.push(roster.token_for(&format!("{name}@acme.test")).await);
    }
    let [ann, bob, used, revoked] = &genuine[..] else { panic!("four tokens") };
    accept(&roster, used).await.expect(201);
    let list = team.root.caller.get("/v1/users?email=revoked@acme.test").await.expect(200);
    let id = list.body["data"][0]["id"].as_str().expect("an identifier");
    team.root.caller.delete(&format!("/v1/users/{id}?confirm=true")).await.expect(204);
    other.pending("oda@other.test", "developer").await;
    let foreign = invitation_words(&roster.token_for("oda@other.test").await);

    let ann_words = invitation_words(ann);
    let with = |at: usize, word: &str| {
        let mut words = ann_words.clone();
        word.clone_into(&mut words[at]);
        invitation_token(&words)
    };
    let bad = [
        ("unknown", format!("1{}", "0a1B2".repeat(22))),
        ("used", used.clone()),
        ("revoked", revoked.clone()),
        ("of another account", with(0, &foreign[0])),
        ("of another user", with(1, &invitation_words(bob)[1])),
        ("of another version", with(2, &invitation_words(bob)[2])),
        ("too short", ann[..ann.len() - 1].to_owned()),
        ("too long", format!("{ann}0")),
        ("of another key", format!("2{}", &ann[1..])),
        ("malformed", "\u{1F511} <script>".into()),
        ("empty", String::new()),
        ("huge", "1".repeat(10_000)),
        ("all nought", format!("1{}", "0".repeat(WORD * 5))),
    ];
    for (route, body) in
        [("lookup", json!({ "token": "" })), ("accept", json!({ "token": "", "password": PASSWORD }))]
    {
        let mut first: Option<Value> = None;
        for (what, token) in &bad {
            let mut body = body.clone();
            body["token"] = token.as_str().into();
            let reply = roster.caller().post(&format!("/v1/invitations/{route}"), body).await;
            let reply = reply.refused(404, "invitation_invalid");
            let shown = json!([reply.alike(), roster.effort(&reply).await]);
            assert_eq!(&shown, first.get_or_insert_with(|| shown.clone()), "{route} {what}");
        }
        insta::allow_duplicates!(insta::assert_json_snapshot!("invalid_token", first.expect("one")[0]));
    }
    // Whoever changes the MAC alone holds all of a genuine token but its proof; the answer is the same.
    for at in [3, 4] {
        let forged = with(at, &foreign[at]);
        look(&roster, &forged).await.refused(404, "invitation_invalid");
        accept(&roster, &forged).await.refused(404, "invitation_invalid");
    }
    look(&roster, ann).await.expect(200);
}

// RULE: IN-13, IN-11
#[tokio::test]
async fn only_the_holder_of_the_genuine_token_is_told_that_it_expired() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    team.pending("ann@acme.test", "developer").await;
    let token = roster.token_for("ann@acme.test").await;
    roster.advance("48h").await;
    look(&roster, &token).await.refused(410, "invitation_expired");
    accept(&roster, &token).await.refused(410, "invitation_expired");
    let mut words = invitation_words(&token);
    words.swap(3, 4);
    look(&roster, &invitation_token(&words)).await.refused(404, "invitation_invalid");
    accept(&roster, &invitation_token(&words)).await.refused(404, "invitation_invalid");
}

// RULE: IN-14
#[tokio::test]
async fn ten_accepts_of_one_token_at_once_make_one_membership_one_seat_one_event() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    team.pending("ann@acme.test", "developer").await;
    let token = roster.token_for("ann@acme.test").await;
    let replies = join_all((0..10).map(|_| accept(&roster, &token))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1);
    assert!(replies.iter().all(|reply| [201, 404].contains(&reply.status)), "the token is used");
    let seats = team.seats().await;
    assert_eq!((seats["active"].clone(), seats["pending"].clone()), (json!(2), json!(0)));
    assert_eq!(
        team.root.caller.get("/v1/users").await.expect(200).body["data"].as_array().map(Vec::len),
        Some(2)
    );
    assert_eq!(roster.facts_of(&team.account_id, "user.accepted").await.len(), 2, "the Root's and hers");
}

// RULE: IN-15, PS-03
#[tokio::test]
async fn accepting_never_fails_for_want_of_a_seat() {
    let roster = Roster::start().await;
    let free = roster.team("free").await;
    let team = roster.team("acme").await.on_pro_for_five_minutes().await;
    let invited = |team: &Team<'_>, n: usize| format!("u{n}@{}", team.root.email.replace('@', "."));
    for (team, many) in [(&free, 2), (&team, 4)] {
        let root = roster.sign_in(&team.root.email).await.caller;
        for n in 0..many {
            root.post("/v1/users", invitee(&invited(team, n), "developer")).await.expect(201);
        }
        for n in 0..many {
            let token = roster.token_for(&invited(team, n)).await;
            accept(&roster, &token).await.expect(201);
        }
    }
    roster.advance("5m").await;
    let seats = team.seats().await;
    assert_eq!((seats["active"].clone(), seats["limit"].clone()), (json!(5), json!(3)), "{seats:#}");
    team.invite("one.more@acme.test", "monitor").await.refused(403, "maximum_users_reached");
}
