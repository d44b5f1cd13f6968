//! Facts, and all that their mails are written from.

use chrono::TimeDelta;
use domain::{
    Account, AccountId, Catalogue, Census, Delivery, Departure, DepartureId, DepartureMode, DepartureStep,
    Email, Exit, FactKind, Findings, Instant, Interval, Invitee, MailProblem, Message, Name, Nonce, Note,
    Plan, Review, ReviewKind, Role, Text, Tombstone, User, UserId, Webhook, Wish,
};
use serde_json::{Value, json};

use crate::fact::Published;
use crate::letter::{Letter, Mail};
use crate::mails::About;
use crate::{letter, linked};

pub(super) const LINK: &str = "https://console.example/accept#1token";
pub(super) const RESET_LINK: &str = "https://console.example/reset#1token";
pub(super) const ACCESS_LINK: &str = "https://console.example/access#1token";
pub(super) const CONSOLE: &str = "https://console.example";

/// An account and its people.
pub(super) struct Scene {
    pub(super) account: Account,
    pub(super) target: User,
    pub(super) by: User,
    pub(super) successor: User,
    pub(super) departure: Departure,
    pub(super) tombstone: Tombstone,
    pub(super) review: Option<Review>,
    pub(super) webhook: Webhook,
    pub(super) now: Instant,
}

pub(super) fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn name<T: Text>(text: &str) -> T {
    // What is too long or empty is refused before it comes here.
    T::parse(&text.chars().take(T::CHARS_MAX).collect::<String>()).unwrap()
}

fn user(n: u128, account: &Account, names: [&str; 2], role: Role, message: Option<Message>) -> User {
    let invitee = Invitee {
        email: Email::parse(&format!("{}@acme.example", names[0].to_lowercase()))
            .unwrap_or_else(|_| Email::parse("somebody@acme.example").unwrap()),
        first_name: name(names[0]),
        last_name: name(names[1]),
        role,
        message,
    };
    let by = Some(UserId::from_bits(2));
    User::invited(UserId::from_bits(n), account, invitee, by, Nonce::new(n), account.created_at)
}

/// What such a fact says.
fn billed(fact: &str, variant: &str) -> Value {
    match (fact, variant) {
        ("invoice.issued", _) => json!({
            "invoice_id": "inv_00000000000000000000000001", "number": 12, "date": "2026-04-16", "total": 123_456,
            "currency": "usd",
        }),
        ("plan.changed", "") => json!({ "plan": "team", "interval": "annual", "unit_amount": 37_200 }),
        ("plan.changed", "free") => json!({ "plan": "free", "lapsed_invitations": 0 }),
        ("plan.changed", _) => json!({ "plan": "free", "lapsed_invitations": 2, "users": 6, "limit": 3 }),
        ("plan.change_scheduled", "cancelled") => {
            json!({ "plan": "free", "on": "2026-05-01", "is_cancellation": true })
        }
        ("plan.change_failed", _) => json!({ "code": "over_free_limit", "users": 5, "limit": 3 }),
        _ => json!({ "plan": "pro", "interval": "monthly", "on": "2026-05-01" }),
    }
}

fn on_pro(account: Account, now: Instant) -> Account {
    account.change_plan(Wish::Paid(Plan::Pro, Interval::Monthly), Catalogue::LISTS, now).unwrap().account
}

impl Scene {
    /// People with ordinary names.
    pub(super) fn usual() -> Self {
        let words = "Good to have you.\nThe repository is with Olga.";
        Self::of("Acme", [["Ann", "Lee"], ["Rosa", "Diaz"], ["Olga", "Berg"]], words)
    }

    /// Everything that people can type, typed so.
    pub(super) fn typed(words: &str) -> Self {
        Self::of(words, [[words, words]; 3], words)
    }

    fn of(account: &str, people: [[&str; 2]; 3], words: &str) -> Self {
        let noon = at("2026-03-01T12:00:00Z");
        let account = Account::new(AccountId::from_bits(1), name::<Name>(account), noon);
        let account = on_pro(account, noon);
        let [target, by, successor] = people;
        let by = user(2, &account, by, Role::Root, None).accept("hash".into(), noon);
        let successor = user(4, &account, successor, Role::Admin, None).accept("hash".into(), noon);
        let target = user(3, &account, target, Role::Developer, Some(name(words)));
        let departure = Departure {
            id: DepartureId::from_bits(1),
            account_id: account.id,
            user_id: target.id,
            mode: DepartureMode::Remind,
            started_by: by.id,
            started_as: Role::Root,
            started_at: noon,
            successor_id: Some(successor.id),
            note: Some(name::<Note>(words)),
            steps: Departure::steps_from(noon),
            cancelled_at: None,
            finished_at: None,
            billable_after: None,
            next_invoice: None,
        };
        let tombstone = Tombstone::of(&target, Exit::Deleted, by.id, noon);
        let webhook = super::webhooks::webhook(&account, noon);
        Self { account, target, by, successor, departure, tombstone, review: None, webhook, now: noon }
    }

    /// The fact of this kind, and the scene as that leaves it; whether the target is gone.
    pub(super) fn set(&mut self, kind: &str) -> (Published, bool) {
        let (fact, variant) = kind.split_once('-').unwrap_or((kind, ""));
        let active = self.target.clone().accept("hash".into(), self.now);
        if fact == "review.made" {
            return (self.set_review(variant, active), false);
        }
        if self.fact(fact, json!({})).is_of_billing() {
            return (self.fact(fact, billed(fact, variant)), false);
        }
        if self.fact(fact, json!({})).is_of_security() {
            self.target = active;
            return (self.set_security(fact, variant), false);
        }
        if fact == "webhook.switched_off" {
            return (self.set_webhook(variant), false);
        }
        let suspended = active.clone().suspend(None, self.now).unwrap();
        let mut after = json!({});
        let mut is_gone = false;
        match fact {
            "user.invited" => {}
            "account.created" => self.target.role = Role::Root,
            "account.closed" => self.account = self.account.clone().close(self.now).unwrap(),
            "user.reactivated" | "departure.started" => self.target = active,
            "user.first_week_ended" => {
                self.now += TimeDelta::days(7);
                let mfa_enabled = variant == "mfa";
                let last_login_at = mfa_enabled.then_some(self.now - TimeDelta::days(1));
                self.target = User { mfa_enabled, last_login_at, ..active };
            }
            "user.access_asked" => {
                self.target = active.asked_for_access(Nonce::new(9), self.now).unwrap();
                self.target.last_login_at = (variant == "seen").then_some(self.now - TimeDelta::days(40));
            }
            "user.left" => is_gone = true,
            "user.suspension_warned" => {
                let days = if variant == "7" { 7 } else { 14 };
                after = json!({ "days": days });
                self.target = suspended;
                self.now += TimeDelta::days(days);
            }
            "invitation.resent" => {
                self.now += TimeDelta::hours(1);
                let again = self.target.clone().invite_again(Nonce::new(9), self.now, &self.account);
                self.target = again.unwrap();
            }
            "invitation.reminded" => {
                self.now += TimeDelta::hours(24);
                self.target = self.target.clone().reminded(self.now);
            }
            "invitation.expired" => {
                self.now += TimeDelta::hours(48);
                self.target = self.target.clone().lapse();
            }
            "invitation.delivery_changed" => {
                after = json!({ "delivery": "delivery_failed" });
                self.target.invitation.delivery = Delivery::DeliveryFailed;
                self.target.mail_problem = Some(MailProblem::Bounced);
            }
            "departure.finished" => {
                after = json!({ "billable": 7, "next_invoice": { "date": "2026-04-01", "amount": 13_300 } });
                is_gone = true;
                for step in DepartureStep::ALL {
                    self.departure = self.departure.clone().done(step, self.now);
                }
            }
            "departure.cancelled" => {
                if variant == "late" {
                    self.target = suspended;
                    self.departure = self.departure.clone().done(DepartureStep::Suspend, self.now);
                }
                self.departure = self.departure.clone().cancel(self.now).unwrap();
            }
            "departure.blocked" => {
                self.target = suspended;
                self.departure = self.departure.clone().cancel(self.now).unwrap();
            }
            _ => self.target = suspended,
        }
        match variant {
            "14-free" => self.account.billing.subscription = None,
            "gone" => is_gone = true,
            "erased" => {
                self.tombstone = self.tombstone.clone().erased();
                self.account.billing.subscription = None;
            }
            "complained" => self.target.mail_problem = Some(MailProblem::Complained),
            "auto" => self.departure.mode = DepartureMode::Auto,
            "suspend" | "delete_keys" | "delete_user" => after = json!({ "step": variant }),
            "last_root" | "busy" => after = json!({ "step": "delete_user", "code": variant }),
            _ => {}
        }
        (self.fact(fact, after), is_gone)
    }

    /// The team five weeks later: one was there, one is away, one is suspended.
    fn set_review(&mut self, variant: &str, active: User) -> Published {
        let (kind, variant) = variant.split_once('-').unwrap_or((variant, ""));
        let kind = ReviewKind::parse(kind).unwrap();
        self.now += TimeDelta::days(36);
        if variant == "free" || variant == "over" {
            self.account.billing.subscription = None;
        }
        self.account = self.account.clone().close_all(Catalogue::LISTS, self.now);
        let by = User { last_login_at: Some(self.now), mfa_enabled: true, ..self.by.clone() };
        let successor = match variant {
            "none" => User { last_login_at: Some(self.now), ..self.successor.clone() },
            _ => self.successor.clone(),
        };
        let suspended = active.suspend(None, self.now - TimeDelta::days(15)).unwrap();
        let mut users = vec![by, successor];
        users.extend((variant != "none").then_some(suspended));
        if variant == "over" {
            users.extend((100..109).map(|n| User { id: UserId::from_bits(n), ..self.successor.clone() }));
        }
        let census = users.iter().fold(Census::begin(self.account.clone(), self.now), Census::see);
        let findings = Findings::of(census, Catalogue::LISTS);
        let review = Review::of(self.account.id, kind, self.now, &findings);
        let fact = self.fact("review.made", review.made().after.into());
        self.review = Some(review.named(&users.into_iter().map(|user| (user.id, user)).collect()));
        fact
    }

    pub(super) fn fact(&self, kind: &str, mut after: Value) -> Published {
        if kind.starts_with("departure") {
            after["departure_id"] = self.departure.id.to_string().into();
        }
        // Free comes at the end of a period, by time.
        let is_by_time = kind == "plan.changed" && after["plan"] == "free";
        let actor = json!({ "id": (!is_by_time).then_some(self.by.id), "role": "root", "via": "session" });
        let fact = json!({
            "id": "evt_00000000000000000000000001.0", "type": kind, "at": self.now,
            "account_id": self.account.id, "actor": actor,
            "target": self.target.id, "after": after, "request_id": "r",
        });
        serde_json::from_value(fact).unwrap()
    }

    pub(super) fn about(&self, is_gone: bool) -> About<'_> {
        About {
            account: &self.account,
            target: (!is_gone).then_some(&self.target),
            tombstone: is_gone.then_some(&self.tombstone),
            by: Some(&self.by),
            by_tombstone: None,
            departure: Some(&self.departure),
            successor: Some(&self.successor),
            review: self.review.as_ref(),
            webhook: Some(&self.webhook),
            console: CONSOLE,
            now: self.now,
        }
    }

    pub(super) fn letter(&self, fact: &Published, is_gone: bool) -> Option<Letter> {
        let about = self.about(is_gone);
        match linked(fact, &about) {
            Some(user) => {
                let link = match fact.kind {
                    FactKind::PasswordResetRequested => RESET_LINK,
                    FactKind::AccessAsked => ACCESS_LINK,
                    _ => LINK,
                };
                self.account.is_open().then(|| crate::with_link(fact, &about, user, link))
            }
            None => letter(fact, &about),
        }
    }

    /// The mail of that kind, to whoever is to get it.
    pub(super) fn mail(mut self, kind: &str) -> Option<Mail> {
        let (fact, is_gone) = self.set(kind);
        let letter = self.letter(&fact, is_gone)?;
        let is_target = fact.audience() == Some(crate::fact::Audience::Target);
        Some(letter.to(if is_target { &self.target } else { &self.by }))
    }
}
