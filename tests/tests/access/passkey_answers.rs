//! What a passkey's answer is good for, and what is made of those that are not right.

use serde_json::json;
use tests::{Caller, Passkey, Reply, Roster};

use crate::passkeys::{
    PASSKEYS, SIGN_IN, STEP_UP, STEP_UP_OPTIONS, VERIFY, meeting, session_of, with_passkey,
};

// RULE: AC-04, AC-06
#[tokio::test]
async fn an_answer_is_for_one_purpose_one_session_once_and_for_six_minutes() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let (dev, passkey) = with_passkey(&roster, &team).await;
    let again = roster.sign_in_by(&passkey).await.expect(201);
    let again = session_of(&roster, &again);
    let asked = |by: Caller| async move { by.post(STEP_UP_OPTIONS, json!({})).await.expect(200) };
    // What steps this session up signs nobody in, steps no other session up, and meets no challenge.
    let mine = passkey.answered(&asked(dev.caller.clone()).await);
    roster.caller().post(SIGN_IN, mine.clone()).await.refused(409, "ceremony_invalid");
    again.post(STEP_UP, mine.clone()).await.refused(409, "ceremony_invalid");
    let half = roster.half_way(&dev).await;
    let meet = json!({ "challenge": half.body["challenge"], "passkey": mine["passkey"] });
    roster.caller().post(VERIFY, meet).await.refused(401, "invalid_passkey");
    // What signs in steps nobody up, and adds nothing.
    let sign_in = passkey.answered(&roster.asked_to_sign_in().await);
    dev.caller.post(STEP_UP, sign_in.clone()).await.refused(409, "ceremony_invalid");
    let (_, mut adding) = roster.make_passkey(&dev.caller, "Phone").await;
    let genuine = adding.clone();
    adding["ceremony"] = sign_in["ceremony"].clone();
    dev.caller.post(PASSKEYS, adding).await.refused(409, "ceremony_invalid");
    again.post(PASSKEYS, genuine.clone()).await.refused(409, "ceremony_invalid");
    // Each is taken once; and none is that began before one that was taken.
    dev.caller.post(STEP_UP, mine.clone()).await.expect(200);
    dev.caller.post(STEP_UP, mine).await.refused(409, "ceremony_invalid");
    roster.caller().post(SIGN_IN, sign_in.clone()).await.expect(201);
    roster.caller().post(SIGN_IN, sign_in).await.refused(409, "ceremony_invalid");
    dev.caller.post(PASSKEYS, genuine.clone()).await.expect(201);
    dev.caller.post(PASSKEYS, genuine).await.refused(409, "ceremony_invalid");
    let late = passkey.answered(&roster.asked_to_sign_in().await);
    roster.advance("6m").await;
    roster.caller().post(SIGN_IN, late).await.refused(409, "ceremony_invalid");
    for nonsense in ["", "1", "1234"] {
        let mut body = passkey.answered(&roster.asked_to_sign_in().await);
        body["ceremony"] = nonsense.into();
        roster.caller().post(SIGN_IN, body).await.refused(409, "ceremony_invalid");
    }
}

// RULE: AC-03, AC-04
#[tokio::test]
async fn wrong_answers_count_as_wrong_codes_do_but_those_of_strangers_keep_nobody_out() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let (dev, passkey) = with_passkey(&roster, &team).await;
    let evil = Passkey { origin: "https://evil.example".into(), ..passkey.clone() };
    let kept = [format!("F#{}", dev.id)];
    let before = roster.table().items(&team.account_id, &kept).await;
    assert_eq!(before.len(), 1, "their factors");
    for _ in 0..11 {
        roster.sign_in_by(&evil).await.refused(401, "invalid_passkey");
    }
    assert_eq!(roster.table().items(&team.account_id, &kept).await, before);
    // Nor is anything guessed where one is added.
    for _ in 0..11 {
        let asked = dev.caller.post("/v1/me/mfa/passkeys/options", json!({})).await.expect(200).body;
        let used = json!({ "rpId": "localhost", "challenge": asked["options"]["challenge"] });
        let body =
            json!({ "name": "Phone", "ceremony": asked["ceremony"], "passkey": passkey.answer(&used) });
        dev.caller.post(PASSKEYS, body).await.refused(401, "invalid_passkey");
    }
    let stepping = dev.caller.post(STEP_UP_OPTIONS, json!({})).await.expect(200);
    dev.caller.post(STEP_UP, passkey.answered(&stepping)).await.expect(200);
    let half = roster.half_way(&dev).await;
    for _ in 0..4 {
        roster.caller().post(VERIFY, meeting(&half, &evil)).await.refused(401, "invalid_passkey");
    }
    for _ in 0..6 {
        let asked = dev.caller.post(STEP_UP_OPTIONS, json!({})).await.expect(200);
        dev.caller.post(STEP_UP, evil.answered(&asked)).await.refused(401, "invalid_passkey");
    }
    roster.sign_in_by(&passkey).await.refused(429, "locked");
    let asked = dev.caller.post(STEP_UP_OPTIONS, json!({})).await.expect(200);
    dev.caller.post(STEP_UP, passkey.answered(&asked)).await.refused(429, "locked");
    roster.sign_in_by(&evil).await.refused(401, "invalid_passkey");
    roster.caller().post(VERIFY, meeting(&half, &passkey)).await.refused(429, "locked");
    let (_, body) = roster.make_passkey(&dev.caller, "Phone").await;
    dev.caller.post(PASSKEYS, body).await.refused(429, "locked");
    let failed = roster.facts_of(&team.account_id, "mfa.failed").await;
    assert_eq!(failed.len(), 10, "those of whoever had a password or a session");
    assert_eq!(roster.facts_of(&team.account_id, "mfa.locked").await.len(), 1, "its owner is told once");
    roster.advance("61m").await;
    roster.sign_in_by(&passkey).await.expect(201);
}

// RULE: AC-03, AC-04
#[tokio::test]
async fn an_answer_of_another_page_key_count_or_user_is_none() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let (dev, passkey) = with_passkey(&roster, &team).await;
    let bob = team.member("bob@acme.test", "developer").await;
    let (of_bob, _) = roster.add_passkey(&bob.caller, "Laptop").await;
    let counted = Passkey { sign_count: 7, ..passkey.clone() };
    roster.sign_in_by(&counted).await.expect(201);
    let unknown = Passkey { credential_id: vec![7; 16], ..passkey.clone() };
    let others = Passkey { user_handle: of_bob.user_handle.clone(), ..passkey.clone() };
    let nobodys = Passkey { user_handle: Some(vec![9; 32]), ..passkey.clone() };
    for (why, wrong) in [
        ("a copied key counts no further", counted.clone()),
        ("another page", Passkey { origin: "http://localhost:1".into(), sign_count: 9, ..passkey.clone() }),
        ("not one of theirs", unknown),
        ("another's handle", others),
        ("nobody's handle", nobodys),
    ] {
        let reply = roster.sign_in_by(&wrong).await;
        assert_eq!((reply.status, reply.code()), (401, "invalid_passkey"), "{why}");
    }
    assert_eq!(roster.facts_of(&team.account_id, "mfa.failed").await.len(), 0, "none is the user's failure");
    // Nobody else learns of a ceremony whether its user has answered one since.
    let open = roster.asked_to_sign_in().await;
    roster.sign_in_by(&Passkey { sign_count: 8, ..passkey.clone() }).await.expect(201);
    let stranger = Passkey { credential_id: vec![8; 16], ..passkey.clone() };
    roster.caller().post(SIGN_IN, stranger.answered(&open)).await.refused(401, "invalid_passkey");
    let copied = Passkey { key: of_bob.key.clone(), ..passkey.clone() };
    roster.caller().post(SIGN_IN, copied.answered(&open)).await.refused(401, "invalid_passkey");
    let owner = Passkey { sign_count: 9, ..passkey.clone() };
    roster.caller().post(SIGN_IN, owner.answered(&open)).await.refused(409, "ceremony_invalid");
    // Beside a password the handle is held against the user as well.
    let half = roster.half_way(&dev).await;
    let swapped = Passkey { user_handle: of_bob.user_handle.clone(), sign_count: 9, ..passkey.clone() };
    roster.caller().post(VERIFY, meeting(&half, &swapped)).await.refused(401, "invalid_passkey");
    let of_another = meeting(&half, &of_bob);
    roster.caller().post(VERIFY, of_another).await.refused(401, "invalid_passkey");
    roster.caller().post(VERIFY, meeting(&half, &Passkey { sign_count: 9, ..passkey })).await.expect(201);
}

// RULE: AC-04
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_thirty_uses_of_one_answer_one_begins_a_session() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let (dev, passkey) = with_passkey(&roster, &team).await;
    let crowd = roster.crowd(30);
    for _ in 0..5 {
        let body = passkey.answered(&roster.asked_to_sign_in().await);
        let replies = crowd.at_once(|_, caller| {
            let body = body.clone();
            async move { caller.post(SIGN_IN, body).await }
        });
        let replies = replies.await;
        let won: Vec<&Reply> = replies.iter().filter(|reply| reply.status == 201).collect();
        assert_eq!(won.len(), 1);
        for reply in replies.iter().filter(|reply| reply.status != 201) {
            assert!(["ceremony_invalid", "busy"].contains(&reply.code()), "{:#}", reply.body);
        }
        session_of(&roster, won[0]).get("/v1/me").await.expect(200);
    }
    let sessions = dev.caller.get("/v1/me/sessions").await.expect(200).body;
    assert_eq!(sessions["data"].as_array().map(Vec::len), Some(6), "its own, and one a round");
}
