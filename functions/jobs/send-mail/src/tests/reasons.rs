//! Whether a mail is written at all, and to whom.

use chrono::TimeDelta;
use domain::{AccessAnswer, DepartureStep, Nonce, ReviewKind, Role, UserId};
use serde_json::json;

use super::kinds::KINDS;
use super::scene::{Scene, at};
use crate::fact::{Audience, ROOTS};

fn is_written(scene: &Scene, kind: &str, after: serde_json::Value) -> bool {
    scene.letter(&scene.fact(kind, after), false).is_some()
}

// RULE: AC-11
#[test]
fn of_a_closed_account_nobody_is_mailed_but_that_it_is_closed() {
    for kind in KINDS {
        let mut scene = Scene::usual();
        let (fact, is_gone) = scene.set(kind);
        assert!(scene.letter(&fact, is_gone).is_some(), "{kind}");
        scene.account = scene.account.clone().close(scene.now).unwrap();
        assert_eq!(scene.letter(&fact, is_gone).is_some(), kind == "account.closed", "{kind}");
    }
}

// RULE: IN-07, IN-11
#[test]
fn an_invitation_that_was_sent_again_accepted_or_is_over_is_not_mailed_late() {
    let later = at("2026-03-01T13:00:00Z");
    for kind in ["account.created", "user.invited"] {
        let mut scene = Scene::usual();
        assert!(is_written(&scene, kind, json!({})), "{kind}");
        let nonce = Nonce::new(7);
        scene.target = scene.target.clone().invite_again(nonce, later, &scene.account).unwrap();
        assert!(!is_written(&scene, kind, json!({})), "{kind}: the later one has its own mail");
        assert!(!is_written(&scene, "invitation.resent", json!({})), "of an earlier sending");
        assert!(!is_written(&scene, "invitation.reminded", json!({})), "its time began anew");
        scene.now = later;
        assert!(is_written(&scene, "invitation.resent", json!({})));
    }
    for kind in ["account.created", "user.invited", "invitation.resent", "invitation.reminded"] {
        let mut scene = Scene::usual();
        scene.target = scene.target.clone().reminded(scene.now);
        let accepted = scene.target.clone().accept("hash".into(), scene.now);
        let pending = std::mem::replace(&mut scene.target, accepted);
        assert!(!is_written(&scene, kind, json!({})), "{kind} after it was accepted");
        scene.target = pending;
        scene.now = at("2026-03-03T12:00:00Z");
        assert!(!is_written(&scene, kind, json!({})), "{kind} after its time");
    }
}

// RULE: IN-11, IN-20, SU-07, CK-01
#[test]
fn what_is_so_no_longer_is_not_mailed() {
    let mut scene = Scene::usual();
    assert!(!is_written(&scene, "invitation.expired", json!({})), "it was sent again");
    let failed = json!({ "delivery": "delivery_failed" });
    assert!(!is_written(&scene, "invitation.delivery_changed", failed.clone()), "it was sent again");
    scene.target = scene.target.clone().accept("hash".into(), scene.now);
    assert!(!is_written(&scene, "invitation.delivery_changed", failed), "it was accepted");
    assert!(!is_written(&scene, "user.suspension_warned", json!({ "days": 7 })), "they are back");
    let due = json!({ "step": "suspend" });
    assert!(is_written(&scene, "departure.step_due", due.clone()));
    let running = scene.departure.clone();
    scene.departure = running.clone().done(DepartureStep::Suspend, scene.now);
    assert!(!is_written(&scene, "departure.step_due", due.clone()), "it is done");
    scene.departure = running.cancel(scene.now).unwrap();
    assert!(!is_written(&scene, "departure.step_due", due), "it is called off");
}

// RULE: SU-07
#[test]
fn a_warning_says_how_long_it_has_been_by_now_and_of_a_later_suspension_it_is_none() {
    let mut scene = Scene::usual();
    let (fact, _) = scene.set("user.suspension_warned-7");
    let mail = |scene: &Scene| scene.letter(&fact, false).map(|letter| letter.subject);
    assert_eq!(mail(&scene).unwrap(), "Ann Lee has been suspended for 7 days and still holds a seat");
    scene.now += TimeDelta::days(30);
    assert_eq!(mail(&scene).unwrap(), "Ann Lee has been suspended for 37 days and still holds a seat");
    let since = scene.now - TimeDelta::days(8);
    scene.target = scene.target.clone().reactivate().unwrap().suspend(None, since).unwrap();
    assert_eq!(mail(&scene), None, "that has a warning of its own");
}

// RULE: AU-04
#[test]
fn a_question_that_was_answered_asked_again_or_is_over_is_not_mailed_late() {
    let kind = "user.access_asked";
    let mut scene = Scene::usual();
    let (fact, _) = scene.set(kind);
    assert!(scene.letter(&fact, false).is_some());
    let asked = scene.target.clone();
    scene.target = asked.clone().answered(AccessAnswer { is_needed: true, at: scene.now });
    assert!(scene.letter(&fact, false).is_none(), "answered");
    let next_day = scene.now + TimeDelta::days(1);
    scene.target = asked.clone().asked_for_access(Nonce::new(8), next_day).unwrap();
    assert!(scene.letter(&fact, false).is_none(), "the later question has its own mail");
    scene.target = asked;
    scene.now += TimeDelta::days(30);
    assert!(scene.letter(&fact, false).is_none(), "over");
}

// RULE: AU-04
#[test]
fn whoever_asks_is_named_whoever_has_invited() {
    let scene = Scene::usual();
    let inviter = Some(UserId::from_bits(77));
    assert_eq!(scene.fact("user.access_asked", json!({})).named(inviter), Some(scene.by.id));
    assert_eq!(scene.fact("user.invited", json!({})).named(inviter), inviter);
}

// RULE: EV-05
#[test]
fn a_webhook_that_is_on_again_or_deleted_is_not_mailed_of() {
    let mut scene = Scene::usual();
    let (fact, _) = scene.set("webhook.switched_off");
    assert_eq!(fact.audience(), Some(Audience::Roles(&[Role::Root, Role::Admin])));
    assert!(scene.letter(&fact, false).is_some());
    scene.webhook = scene.webhook.clone().switched(true, scene.now);
    assert!(scene.letter(&fact, false).is_none());
}

// RULE: DE-02
#[test]
fn who_is_gone_is_named_until_they_are_erased() {
    let finished = Scene::usual().mail("departure.finished").unwrap();
    assert_eq!(finished.subject, "The departure of Ann Lee is finished");
    let erased = Scene::usual().mail("departure.finished-erased").unwrap();
    assert_eq!(erased.subject, "The departure of Deleted user is finished");
    assert!(!erased.text.contains("Ann") && !erased.html.contains("acme"), "{}", erased.text);
}

// RULE: IN-02
#[test]
fn a_delivery_that_went_well_is_mailed_to_nobody() {
    let scene = Scene::usual();
    for (delivery, audience) in
        [("delivery_failed", Some(Audience::Inviter)), ("delivery_delayed", None), ("delivered", None)]
    {
        let fact = scene.fact("invitation.delivery_changed", json!({ "delivery": delivery }));
        assert_eq!(fact.audience(), audience, "{delivery}");
    }
    for kind in ["user.updated", "user.deleted", "session.created", "access.refused", "departure.step_done"] {
        assert_eq!(scene.fact(kind, json!({})).audience(), None, "{kind}");
    }
    assert_eq!(scene.fact("account.closed", json!({})).audience(), Some(Audience::Roles(ROOTS)));
    let warned = scene.fact("user.suspension_warned", json!({ "days": 7 })).audience();
    assert_eq!(warned, Some(Audience::Roles(&[Role::Root, Role::Billing, Role::Admin])));
}

// RULE: AU-03, SU-07
#[test]
fn reviews_go_to_whoever_may_read_them_and_only_if_they_say_something() {
    let scene = Scene::usual();
    let audience = |kind: &str, mailed: bool| {
        scene.fact("review.made", json!({ "kind": kind, "mailed": mailed })).audience()
    };
    let cost = Some(Audience::Roles(&[Role::Root, Role::Billing, Role::Admin]));
    let people = Some(Audience::Roles(&[Role::Root, Role::Admin]));
    assert_eq!(audience("inactivity", true), cost);
    assert_eq!(audience("suspended_users", true), cost);
    assert_eq!(audience("roles", true), people);
    assert_eq!(audience("security", true), people);
    assert_eq!(audience("inactivity", false), None);
    for kind in ReviewKind::ALL {
        let Some(Audience::Roles(told)) = audience(kind.name(), true) else { panic!("{}", kind.name()) };
        for role in Role::ALL {
            assert_eq!(told.contains(&role), role.may(kind.needs()), "{} to {}", kind.name(), role.name());
        }
    }
    assert!(!is_written(&scene, "review.made", json!({ "kind": "roles", "mailed": true })), "it is gone");
}
