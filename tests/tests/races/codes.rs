//! Codes that many try at once, and codes that meet what takes the access they would give.

use domain::UserId;
use serde_json::{Value, json};
use tests::{Reply, Tally, app_code};

use crate::desk::Desk;
use crate::{ROUNDS, roster};

/// Who try at once.
const AT_ONCE: usize = 30;
const CODES: usize = 10;

fn by_code(challenge: &str, recovery_code: &str) -> Value {
    json!({ "challenge": challenge, "recovery_code": recovery_code })
}

/// One of them has a session, and the others are told that the code is wrong, too many were, or to come back later.
fn assert_one(tally: &mut Tally, replies: Vec<Reply>, challenges: &[&str]) -> Reply {
    let (mut won, lost) = tally.sort(replies, 201);
    assert_eq!(won.len(), 1, "exactly one session: {lost:#?}");
    for reply in lost {
        let told = (reply.status, reply.code());
        let is_known = told == (429, "locked") || told.0 == 401 && challenges.contains(&told.1);
        assert!(is_known, "{told:?}: {:#}", reply.body);
    }
    won.remove(0)
}

// RULE: RC-01
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_thirty_uses_of_one_code_one_succeeds() {
    let roster = roster().await;
    let mut desk = Desk::of(&roster, "uses").await;
    let (_, like) = desk.member("ann@uses.test").await;
    let crowd = roster.crowd(AT_ONCE);
    let mut tally = Tally::default();
    for _ in 0..ROUNDS {
        let holder = desk.another(&like).await;
        let challenges = desk.challenges(&holder.user, AT_ONCE).await;
        let replies = crowd.at_once(|n, caller| {
            let body = by_code(&challenges[n], &holder.codes[0]);
            async move { caller.post("/v1/sessions/mfa", body).await }
        });
        let won = assert_one(&mut tally, replies.await, &["invalid_code"]);
        roster.caller().with_token(won.text("token")).get("/v1/me").await.expect(200);
        assert_eq!(desk.sessions(&holder.user).await, 1);
        let (factors, _) = desk.factors(holder.user.id).await;
        assert_eq!(factors.codes.map(|codes| codes.left()), Some(CODES - 1), "the others are left");
    }
    let used = roster.facts_of(&desk.team.account_id, "codes.used").await;
    assert_eq!(used.len(), ROUNDS, "each code is used once");
    // That many at one item wait for each other, so that some are told to come back: however many.
    tally.report();
}

// RULE: AC-04
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_thirty_answers_to_one_challenge_one_begins_a_session() {
    let roster = roster().await;
    let mut desk = Desk::of(&roster, "answers").await;
    let (_, like) = desk.member("ann@answers.test").await;
    let crowd = roster.crowd(AT_ONCE);
    let mut tally = Tally::default();
    for round in 0..ROUNDS {
        let holder = desk.another(&like).await;
        let challenge = desk.challenges(&holder.user, 1).await.remove(0);
        let code = app_code(&roster, &holder.secret, 0);
        let replies = crowd.at_once(|n, caller| {
            // All with one code; or each with a right one of several, so that the challenge alone is in the way.
            let body = match round % 2 {
                0 => json!({ "challenge": challenge, "code": code }),
                _ => by_code(&challenge, &holder.codes[n % CODES]),
            };
            async move { caller.post("/v1/sessions/mfa", body).await }
        });
        assert_one(&mut tally, replies.await, &["challenge_invalid", "invalid_code"]);
        assert_eq!(desk.sessions(&holder.user).await, 1);
        let late = by_code(&challenge, &holder.codes[CODES - 1]);
        roster.caller().post("/v1/sessions/mfa", late).await.refused(401, "challenge_invalid");
    }
    tally.report();
}

// RULE: RO-08, RC-02
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_confirmations_at_once_one_sets_up_the_app() {
    let roster = roster().await;
    let mut desk = Desk::of(&roster, "confirm").await;
    let (ann, _) = desk.member("ann@confirm.test").await;
    let mut tally = Tally::default();
    for _ in 0..ROUNDS {
        let enrolled = ann.caller.post("/v1/me/mfa/totp", json!({})).await.expect(200);
        let code = json!({ "code": app_code(&roster, enrolled.text("secret"), 0) });
        let confirm = || ann.caller.post("/v1/me/mfa/totp/confirm", code.clone());
        let (one, other) = tokio::join!(confirm(), confirm());
        let (mut won, lost) = tally.sort(vec![one, other], 200);
        assert_eq!(won.len(), 1, "{lost:#?}");
        for reply in lost {
            reply.refused(409, "no_enrolment");
        }
        // The codes that were shown are those that are good.
        let shown = won.remove(0).body["recovery_codes"][0].clone();
        let user = desk.user(UserId::parse(&ann.id).expect("an identifier")).await;
        let challenge = desk.challenges(&user, 1).await.remove(0);
        let body = by_code(&challenge, shown.as_str().expect("a code"));
        roster.caller().post("/v1/sessions/mfa", body).await.expect(201);
    }
    tally.finish();
}

/// A code meets a challenge while an admin takes the access: whatever session comes of it is no live one.
async fn against(name: &str, taking: &str, given_back: Option<&str>) {
    let roster = roster().await;
    let mut desk = Desk::of(&roster, name).await;
    let (ann, user) = desk.member(&format!("ann@{name}.test")).await;
    let root = desk.team.root.caller.clone();
    let path = |what: &str| format!("/v1/users/{}/{what}", ann.id);
    let mut tally = Tally::default();
    let mut begun = 0;
    for round in 0..ROUNDS {
        let user = desk.user(user.id).await;
        let holder = desk.equip(user).await;
        let challenge = desk.challenges(&holder.user, 1).await.remove(0);
        let from = roster.caller();
        let verify = from.post("/v1/sessions/mfa", by_code(&challenge, &holder.codes[0]));
        let taking = path(taking);
        let take = root.post(&taking, json!({ "confirm": true }));
        // Who is sent first takes turns.
        let (session, taken) = if round % 2 == 0 {
            tokio::join!(verify, take)
        } else {
            let (taken, session) = tokio::join!(take, verify);
            (session, taken)
        };
        tally.of(taken).expect(200);
        let session = tally.of(session);
        let (factors, _) = desk.factors(holder.user.id).await;
        let left = factors.codes.map(|codes| codes.left());
        if session.status == 201 {
            begun += 1;
            assert_eq!(left, Some(CODES - 1));
        } else {
            session.clone().refused(401, "challenge_invalid");
            assert_eq!(left, Some(CODES), "a code that gave nothing is not lost");
        }
        let is_dead = async || {
            if session.status == 201 {
                let caller = from.with_token(session.text("token"));
                caller.get("/v1/me").await.refused(401, "unauthenticated");
            }
        };
        is_dead().await;
        if let Some(given_back) = given_back {
            root.post(&path(given_back), json!({})).await.expect(200);
            is_dead().await;
        }
        let late = by_code(&challenge, &holder.codes[1]);
        roster.caller().post("/v1/sessions/mfa", late).await.refused(401, "challenge_invalid");
    }
    println!("{name}: {begun} of {ROUNDS} codes came before");
    tally.finish();
}

// RULE: SE-06, SU-01, RC-01
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_that_meets_a_suspension_leaves_no_live_session() {
    against("code-suspended", "suspend", Some("reactivate")).await;
}

// RULE: SE-06, SE-01, RC-01
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_that_meets_a_logout_leaves_no_live_session() {
    against("code-logout", "logout", None).await;
}

// RULE: RC-04
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codes_that_are_viewed_while_their_owner_becomes_a_root_are_no_roots() {
    let roster = roster().await;
    let mut desk = Desk::of(&roster, "promoted").await;
    let (_, like) = desk.member("ann@promoted.test").await;
    let root = desk.team.root.caller.clone();
    let mut tally = Tally::default();
    let mut viewed = 0;
    for round in 0..ROUNDS {
        let holder = desk.another(&like).await;
        let path = |what: &str| format!("/v1/users/{}/{what}", holder.user.id);
        let (viewing, promoting) = (path("recovery-codes/view"), path("role"));
        let view = root.post(&viewing, json!({}));
        let promote = root.put(&promoting, json!({ "role": "root" }));
        let (view, promoted) = if round % 2 == 0 {
            tokio::join!(view, promote)
        } else {
            let (promoted, view) = tokio::join!(promote, view);
            (view, promoted)
        };
        tally.of(promoted).expect(200);
        let view = tally.of(view);
        let (factors, _) = desk.factors(holder.user.id).await;
        if view.status == 200 {
            // They came out before, so that a Root has none of them.
            viewed += 1;
            assert_eq!(factors.codes, None);
            let challenge = desk.challenges(&holder.user, 1).await.remove(0);
            let seen = by_code(&challenge, view.body["recovery_codes"][0].as_str().expect("a code"));
            roster.caller().post("/v1/sessions/mfa", seen).await.refused(401, "invalid_code");
        } else {
            view.refused(403, "root_codes_private");
            let codes = factors.codes.expect("nobody else has seen them");
            assert_eq!((codes.left(), codes.seed), (CODES, None), "and nobody can");
        }
        root.post(&viewing, json!({})).await.refused(403, "root_codes_private");
    }
    println!("{viewed} of {ROUNDS} views came before the promotion");
    tally.finish();
}
