//! Who is told of what touches their own access, in which words, and when not.

use chrono::TimeDelta;
use domain::{FactKind, Nonce, Role, Tombstone, UserId};
use serde_json::json;

use super::kinds::KINDS;
use super::scene::{RESET_LINK, Scene, at};
use crate::fact::{Audience, Published};
use crate::letter::Mail;
use crate::mails::About;

const NEW_DEVICE: &str = "session.new_device";
const PASSKEY_ID: &str = "psk_00000000000000000000000001";

impl Scene {
    /// The fact, and the active target as that leaves them.
    pub(super) fn set_security(&mut self, kind: &str, variant: &str) -> Published {
        let mut before = json!({});
        let mut after = json!({});
        match kind {
            "user.role_changed" => {
                self.target.role = if variant == "admin" { Role::Admin } else { Role::Monitor };
                before = json!({ "role": "developer" });
                after = json!({ "role": self.target.role.name() });
            }
            "user.suspended" => self.target = self.target.clone().suspend(None, self.now).unwrap(),
            NEW_DEVICE => {
                let session_id = "ses_00000000000000000000000001";
                after = json!({
                    "session_id": session_id, "device": "Firefox on Linux", "network": "203.0.113.0/24",
                });
            }
            "password.reset_requested" => {
                self.target = self.target.clone().asked_for_reset(Nonce::new(5), self.now);
            }
            "password.reset" | "password.changed" if variant == "factor" => {
                self.target = self.target.clone().with_factor();
            }
            "mfa.enabled" if variant == "passkey" => {
                after = json!({ "method": "passkey", "passkey_id": PASSKEY_ID, "is_first": false });
            }
            "mfa.enabled" if variant == "other" => after = json!({ "method": "other" }),
            "mfa.enabled" => {
                after = json!({ "method": "totp", "has_former": variant == "former", "is_first": variant.is_empty() });
            }
            "mfa.removed" if variant == "passkey" => {
                before = json!({ "method": "passkey", "passkey_id": PASSKEY_ID });
                after = json!({ "factors_left": 1 });
            }
            "mfa.removed" => (before, after) = (json!({ "method": "totp" }), json!({ "factors_left": 0 })),
            "codes.used" => {
                let left = match variant {
                    "none" => 0,
                    "one" => 1,
                    _ => 7,
                };
                after = json!({ "codes_left": left });
            }
            "api_key.created" => {
                let key_id = "key_00000000000000000000000001";
                after = json!({ "key_id": key_id, "expires_at": "2026-05-30T12:00:00+00:00" });
            }
            _ => {}
        }
        let mut fact = self.fact(kind, after);
        fact.before = serde_json::from_value(before).unwrap();
        let is_by_others = fact.kind == FactKind::UserRoleChanged
            || fact.kind == FactKind::UserSuspended
            || matches!(fact.kind, FactKind::CodesIssued | FactKind::CodesViewed) && variant != "own";
        match variant {
            "system" => fact.actor.id = None,
            _ if is_by_others => {}
            _ => fact.actor.id = fact.target,
        }
        if variant == "suspended" {
            self.target = self.target.clone().suspend(None, self.now).unwrap();
        }
        fact
    }
}

/// The mails of security.
fn kinds() -> Vec<&'static str> {
    let is_of_security = |kind: &&str| Scene::usual().set(kind).0.is_of_security();
    KINDS.into_iter().filter(is_of_security).collect()
}

/// Whether the fact of that kind is still mailed once this has happened to the scene.
fn is_mailed_after(kind: &str, happens: impl Fn(&mut Scene)) -> bool {
    let mut scene = Scene::usual();
    let (fact, is_gone) = scene.set(kind);
    assert!(scene.letter(&fact, is_gone).is_some(), "{kind} is mailed at first");
    happens(&mut scene);
    scene.letter(&fact, is_gone).is_some()
}

fn suspend(scene: &mut Scene) {
    scene.target = scene.target.clone().suspend(None, scene.now).unwrap();
}

fn mail(kind: &str) -> Mail {
    Scene::usual().mail(kind).unwrap_or_else(|| panic!("{kind} is a mail"))
}

#[test]
fn whatever_is_a_mail_of_security_goes_to_whom_it_is_about() {
    let named: Vec<&str> = FactKind::ALL
        .into_iter()
        .map(FactKind::name)
        .filter(|kind| Scene::usual().fact(kind, json!({})).is_of_security())
        .collect();
    assert_eq!(named.len(), 13, "{named:?}");
    for kind in named {
        let fact = Scene::usual().fact(kind, json!({}));
        assert!(fact.kind.is_mailed(), "{kind} comes from the bus, and whom it is about is kept for it");
        assert_eq!(fact.audience(), Some(Audience::Target), "{kind}");
        assert!(
            kinds().iter().any(|one| one.split('-').next() == Some(kind)),
            "{kind} is among the snapshots"
        );
    }
}

// RULE: DE-02
#[test]
fn whatever_is_mailed_has_somebody_to_be_mailed_to() {
    for kind in FactKind::ALL {
        let after = json!({ "delivery": "delivery_failed", "kind": "roles", "mailed": true });
        let fact = Scene::usual().fact(kind.name(), after);
        assert_eq!(fact.audience().is_some(), kind.is_mailed(), "{}", kind.name());
    }
}

// RULE: AC-12
#[test]
fn each_says_which_account_when_what_to_do_and_that_it_cannot_be_switched_off() {
    for kind in kinds() {
        let Mail { to, text, .. } = mail(kind);
        assert_eq!(to, "ann@acme.example", "{kind}");
        let (words, because) = text.split_once("\n-- \n").unwrap();
        assert!(words.contains("Acme"), "{kind}: {words}");
        assert!(words.contains("- When: 1 March 2026 at 12:00 UTC"), "{kind}: {words}");
        let advice = words.lines().any(|line| {
            line.starts_with("If this was not you, ")
                || line.contains(" If you know nothing of this, tell ")
                || line.starts_with("If you did not expect this, ask ")
                || line.starts_with("If you did not ask for it, ")
        });
        assert!(advice, "{kind}: {words}");
        assert!(because.contains("Acme") && because.contains("cannot be switched off"), "{kind}: {because}");
    }
}

// RULE: RC-05
#[test]
fn seen_codes_are_told_with_who_when_and_what() {
    for (kind, who, what) in [
        ("codes.issued", "Rosa Diaz", "issued"),
        ("codes.viewed", "Rosa Diaz", "viewed"),
        ("codes.issued-own", "You", "issued"),
        ("codes.viewed-own", "You", "viewed"),
        ("codes.viewed-suspended", "Rosa Diaz", "viewed"),
    ] {
        let Mail { subject, text, .. } = mail(kind);
        assert_eq!(subject, "Security Codes Viewed", "{kind}");
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("- ")).collect();
        let expected =
            [format!("- Who: {who}"), "- When: 1 March 2026 at 12:00 UTC".into(), format!("- What: {what}")];
        assert_eq!(rows, expected, "{kind}");
    }
}

// RULE: RC-05, DE-02
#[test]
fn whoever_has_seen_codes_and_is_gone_since_is_named_until_they_are_erased() {
    let mut scene = Scene::usual();
    let (fact, _) = scene.set("codes.viewed");
    let gone = Tombstone::of(&scene.by, domain::Exit::Left, scene.by.id, scene.now);
    for (tombstone, name) in [(gone.clone(), "Rosa Diaz"), (gone.erased(), "Deleted user")] {
        let about = About { by: None, by_tombstone: Some(&tombstone), ..scene.about(false) };
        let mail = crate::letter(&fact, &about).unwrap().to(&scene.target);
        assert!(mail.text.contains(&format!("- Who: {name}\n")), "{}", mail.text);
    }
}

#[test]
fn who_did_it_is_named_and_of_invitations_who_invited() {
    let scene = Scene::usual();
    let inviter = Some(UserId::from_bits(9));
    for kind in kinds() {
        let fact = scene.fact(kind.split('-').next().unwrap(), json!({}));
        assert_eq!(fact.named(inviter), Some(scene.by.id), "{kind}");
        assert_eq!(fact.other_actor(), Some(scene.by.id), "{kind}");
        let own = Published { actor: crate::fact::Actor { id: fact.target }, ..fact };
        assert_eq!(own.other_actor(), None, "{kind}");
    }
    for kind in ["user.invited", "invitation.resent", "invitation.expired"] {
        assert_eq!(scene.fact(kind, json!({})).named(inviter), inviter, "{kind}");
    }
    assert_eq!(scene.fact("user.left", json!({})).named(inviter), Some(scene.by.id));
}

// RULE: AC-08, AC-12, SU-01
#[test]
fn a_link_to_set_a_new_password_is_mailed_while_it_is_good() {
    let text = mail("password.reset_requested").text;
    assert!(text.contains(&format!("Set a new password:\n{RESET_LINK}\n")), "{text}");
    assert!(text.contains("for 15 minutes, until 1 March 2026 at 12:15 UTC"), "{text}");
    assert!(text.contains("for Acme alone"), "{text}");
    let is_mailed = |happens: fn(&mut Scene)| is_mailed_after("password.reset_requested", happens);
    assert!(is_mailed(|scene| scene.now = at("2026-03-01T12:14:59.999Z")));
    assert!(!is_mailed(|scene| scene.now = at("2026-03-01T12:15:00Z")), "it is over");
    assert!(
        !is_mailed(|scene| scene.target = scene.target.clone().with_password("new".into())),
        "it is used"
    );
    assert!(!is_mailed(suspend), "they are suspended");
}

// RULE: SU-01, SU-04, RC-05
#[test]
fn whoever_is_suspended_is_told_of_that_and_not_of_what_ended_with_it() {
    for kind in kinds() {
        let ends = [NEW_DEVICE, "password.reset_requested", "mfa.locked"].contains(&kind);
        assert_eq!(is_mailed_after(kind, suspend), !ends, "{kind}");
    }
    let text = mail("user.suspended").text;
    assert!(text.contains("Rosa Diaz suspended your access to Acme."), "{text}");
    assert!(!mail("user.suspended-system").text.contains("Rosa"), "it was time");
    let back = |scene: &mut Scene| scene.target = scene.target.clone().reactivate().unwrap();
    assert!(!is_mailed_after("user.suspended", back), "they are back");
    let again = |scene: &mut Scene| {
        let later = scene.now + TimeDelta::hours(1);
        scene.target = scene.target.clone().reactivate().unwrap().suspend(None, later).unwrap();
    };
    assert!(!is_mailed_after("user.suspended", again), "of which there is a mail");
}

// RULE: RO-05, RO-08
#[test]
fn a_role_that_they_have_no_more_is_not_mailed_and_one_that_needs_a_factor_says_so() {
    let other = |scene: &mut Scene| scene.target.role = Role::Billing;
    assert!(!is_mailed_after("user.role_changed", other));
    let words = "Admin is a role that needs a second factor.";
    assert!(mail("user.role_changed-admin").text.contains(words));
    assert!(!mail("user.role_changed").text.contains("second factor"));
    let mut scene = Scene::usual();
    let (fact, _) = scene.set("user.role_changed-admin");
    scene.target.mfa_enabled = true;
    let letter = scene.letter(&fact, false).unwrap();
    assert!(!letter.to(&scene.target).text.contains(words), "they have one");
}

// RULE: IN-19, DE-02
#[test]
fn whoever_is_pending_or_gone_gets_none_of_them() {
    for kind in kinds() {
        let mut scene = Scene::usual();
        let pending = scene.target.clone();
        let (fact, _) = scene.set(kind);
        assert!(scene.letter(&fact, true).is_none(), "{kind}: they are gone");
        scene.target = domain::User { role: scene.target.role, ..pending };
        assert!(scene.letter(&fact, false).is_none(), "{kind}: they have their invitation");
    }
}

// RULE: EV-01
#[test]
fn a_sign_in_says_from_where_and_nothing_of_it_can_be_clicked() {
    let text = mail(NEW_DEVICE).text.replace('\u{2060}', "");
    assert!(text.contains("- Browser and system: Firefox on Linux\n- Network: 203.0.113.0/24\n"), "{text}");
    let mut scene = Scene::usual();
    let (mut fact, _) = scene.set(NEW_DEVICE);
    fact.after.insert("device".into(), json!("<b>https://evil.com</b>"));
    let mail = scene.letter(&fact, false).unwrap().to(&scene.target);
    assert!(!mail.html.contains("<b>") && !mail.html.contains("evil.com"), "{}", mail.html);
    assert!(!mail.text.contains("evil.com"), "{}", mail.text);
}
