//! What time alone calls for: one wheel of timers for all accounts.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{AccountId, Instant, Invitation, Status, User};

/// How many parts the wheel has, each turned by itself.
pub const DUE_SHARDS: u8 = 16;
/// How long somebody has been suspended of whom it is overdue to decide. RULE: SU-07
pub const SUSPENSION_OVERDUE_AFTER: TimeDelta = TimeDelta::days(14);
/// When a suspension is told to those who pay for the seat. RULE: SU-07
const SUSPENSION_WARNED_AFTER: [TimeDelta; 2] = [TimeDelta::days(7), SUSPENSION_OVERDUE_AFTER];

/// Which function something waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DueKind {
    /// `deadlines`.
    Deadlines,
    /// `erase-user`.
    Erasure,
    /// `billing-close`.
    Billing,
    /// `inactivity`.
    Reviews,
    /// `deliver-webhooks`.
    Webhooks,
}

impl DueKind {
    /// The name in keys.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deadlines => "deadlines",
            Self::Erasure => "erasure",
            Self::Billing => "billing",
            Self::Reviews => "reviews",
            Self::Webhooks => "webhooks",
        }
    }
}

/// That something is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Which function it waits for.
    pub kind: DueKind,
    /// Which part of the wheel it is on.
    pub shard: u8,
    /// When.
    pub at: Instant,
}

impl Due {
    /// Something of whoever has these bits: the last of them are random.
    pub fn new(kind: DueKind, bits: u128, at: Instant) -> Self {
        let shard = u8::try_from(bits % u128::from(DUE_SHARDS)).unwrap_or_default();
        Self { kind, shard, at }
    }
}

/// What an account's own timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimerKind {
    /// Personal data of a closed account is erased. RULE: AC-11
    Erasure,
    /// Users whose invitations have lapsed all at once are written so. RULE: BI-13
    LapsedInvitations,
    /// The account's next review. RULE: AU-02, AU-03, SU-07
    Reviews,
}

impl TimerKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Erasure, Self::LapsedInvitations, Self::Reviews];

    /// The name in keys.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Erasure => "erasure",
            Self::LapsedInvitations => "lapsed_invitations",
            Self::Reviews => "reviews",
        }
    }

    /// Which function it waits for.
    pub const fn due(self) -> DueKind {
        match self {
            Self::Erasure => DueKind::Erasure,
            Self::LapsedInvitations => DueKind::Deadlines,
            Self::Reviews => DueKind::Reviews,
        }
    }
}

/// A timer of an account that stands at none of its users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer {
    /// The account.
    pub account_id: AccountId,
    /// What it is for.
    pub kind: TimerKind,
    /// When.
    pub at: Instant,
}

/// What is next to be done about a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing was heard of the invitation's mail for long. RULE: IN-20
    Delay,
    /// The invitee is reminded. RULE: IN-11
    Remind,
    /// The invitation is over, and its seat comes back. RULE: IN-11
    Expire,
    /// Those who pay for the seat are told that it is still held, for the first or for the last time. RULE: SU-07
    WarnOfSuspension,
    /// The admins are reminded to look at somebody's first week. RULE: CK-03
    ReviewFirstWeek,
}

/// When the next step is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// Which.
    pub step: Step,
    /// When.
    pub at: Instant,
}

impl User {
    /// The earliest of a user's timers.
    pub fn deadline(&self) -> Option<Deadline> {
        self.deadlines().min_by_key(|deadline| deadline.at)
    }

    /// The step that is to be taken by now. Once an invitation is over, nothing that came before it matters.
    pub fn step_due(&self, now: Instant) -> Option<Step> {
        let mut due = self.deadlines().filter(|deadline| deadline.at <= now);
        let expiry = due.clone().find(|deadline| deadline.step == Step::Expire);
        expiry.or_else(|| due.next()).map(|deadline| deadline.step)
    }

    fn deadlines(&self) -> impl Iterator<Item = Deadline> + Clone {
        let invitation = (self.status == Status::Pending).then_some(&self.invitation);
        let delay = invitation.and_then(Invitation::delayed_at);
        // Whoever signed up was invited by nobody, and knows.
        let reminder = invitation
            .filter(|invitation| invitation.invited_by.is_some() && invitation.reminded_at.is_none());
        let first_week = Some(self.first_week_ends_at()).filter(|_| self.status == Status::Active);
        let warned = usize::try_from(self.suspension_warnings).unwrap_or(usize::MAX);
        let suspended_at = self.suspended_at.filter(|_| self.status == Status::Suspended);
        let warning = suspended_at.zip(SUSPENSION_WARNED_AFTER.get(warned));
        [
            (Step::Delay, delay),
            (Step::Remind, reminder.map(Invitation::half_life)),
            (Step::Expire, invitation.map(|invitation| invitation.expires_at)),
            (Step::WarnOfSuspension, warning.map(|(since, after)| since + *after)),
            (Step::ReviewFirstWeek, first_week.flatten().filter(|_| self.first_week_told_at.is_none())),
        ]
        .into_iter()
        .filter_map(|(step, at)| Some(Deadline { step, at: at? }))
    }

    /// Nothing was heard of the mail. RULE: IN-20
    pub fn delayed(mut self) -> Self {
        self.invitation.delivery = self.invitation.delivery.max(crate::Delivery::DeliveryDelayed);
        self
    }

    /// The invitee is being reminded. RULE: IN-11
    pub const fn reminded(mut self, now: Instant) -> Self {
        self.invitation.reminded_at = Some(now);
        self
    }

    /// The admins are being reminded of their first week, or it is too late for that. RULE: CK-03
    pub const fn told_of_first_week(mut self, now: Instant) -> Self {
        self.first_week_told_at = Some(now);
        self
    }

    /// Those who pay for the seat are being told: how many days the suspension has lasted at least. Where both warnings are
    /// late, the last one is enough. RULE: SU-07
    pub fn warned_of_suspension(mut self, now: Instant) -> (Self, i64) {
        let since = self.suspended_at.unwrap_or(now);
        let passed = SUSPENSION_WARNED_AFTER.iter().filter(|after| since + **after <= now);
        let days = passed.clone().next_back().map_or(0, TimeDelta::num_days);
        self.suspension_warnings = u32::try_from(passed.count()).unwrap_or(u32::MAX);
        (self, days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Account, Delivery, Email, Invitee, Nonce, Role, Text, UserId};

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn invited(now: Instant) -> User {
        let account = Account::new(AccountId::from_bits(1), Text::parse("Acme").unwrap(), now);
        let invitee = Invitee {
            email: Email::parse("ann@x.com").unwrap(),
            first_name: Text::parse("Ann").unwrap(),
            last_name: Text::parse("Lee").unwrap(),
            role: Role::Developer,
            message: None,
        };
        User::invited(UserId::from_bits(1), &account, invitee, Some(UserId::from_bits(2)), Nonce::new(1), now)
    }

    // RULE: IN-11, IN-20
    #[test]
    fn an_invitation_is_delayed_reminded_and_expired_at_its_instants() {
        let noon = at("2026-03-01T12:00:00Z");
        let ann = invited(noon);
        assert_eq!(ann.deadline(), Some(Deadline { step: Step::Delay, at: at("2026-03-01T12:10:00Z") }));
        assert_eq!(ann.step_due(at("2026-03-01T12:09:59.999Z")), None);
        assert_eq!(ann.step_due(at("2026-03-01T12:10:00Z")), Some(Step::Delay));
        let ann = ann.delayed();
        assert_eq!(ann.deadline(), Some(Deadline { step: Step::Remind, at: at("2026-03-02T12:00:00Z") }));
        let ann = ann.reminded(at("2026-03-02T12:00:30Z"));
        assert_eq!(ann.deadline(), Some(Deadline { step: Step::Expire, at: at("2026-03-03T12:00:00Z") }));
        assert_eq!(ann.lapse().deadline(), None);
    }

    // RULE: IN-11
    #[test]
    fn nobody_is_reminded_of_what_is_over() {
        let noon = at("2026-03-01T12:00:00Z");
        assert_eq!(invited(noon).step_due(at("2026-03-03T12:00:00Z")), Some(Step::Expire));
    }

    // RULE: IN-20
    #[test]
    fn a_mail_that_was_heard_of_is_not_delayed() {
        let noon = at("2026-03-01T12:00:00Z");
        let mut ann = invited(noon).invitation_sent(noon);
        assert_eq!(ann.deadline().map(|next| next.step), Some(Step::Delay), "sent is not yet heard of");
        ann.invitation.delivery = Delivery::Delivered;
        assert_eq!(ann.deadline().map(|next| next.step), Some(Step::Remind));
        assert_eq!(ann.delayed().invitation.delivery, Delivery::Delivered, "whichever comes first");
    }

    // RULE: SU-07
    #[test]
    fn a_suspension_is_told_of_after_7_and_14_days_and_begins_afresh() {
        let noon = at("2026-03-01T12:00:00Z");
        let active = invited(noon).accept(String::new(), noon);
        let suspended = active.suspend(None, noon).unwrap();
        let due = |user: &User| user.deadline().map(|deadline| deadline.at);
        assert_eq!(due(&suspended), Some(at("2026-03-08T12:00:00Z")));
        let (warned, days) = suspended.clone().warned_of_suspension(at("2026-03-08T12:00:00Z"));
        assert_eq!((due(&warned), days), (Some(at("2026-03-15T12:00:00Z")), 7));
        let (overdue, days) = warned.warned_of_suspension(at("2026-03-15T12:00:00Z"));
        assert_eq!((due(&overdue), days), (None, 14));
        let (late, days) = suspended.warned_of_suspension(at("2026-04-15T12:00:00Z"));
        assert_eq!((due(&late), days), (None, 14), "one mail for both");
        let again = overdue.reactivate().unwrap().suspend(None, at("2026-05-01T00:00:00Z")).unwrap();
        assert_eq!(due(&again), Some(at("2026-05-08T00:00:00Z")));
        assert_eq!(due(&again.reactivate().unwrap().told_of_first_week(noon)), None);
    }

    // RULE: CK-03
    #[test]
    fn a_first_week_ends_once_for_whoever_was_invited_and_is_active() {
        let (noon, week) = (at("2026-03-01T12:00:00Z"), at("2026-03-08T12:00:00Z"));
        let ann = invited(noon).accept(String::new(), noon);
        let step = Deadline { step: Step::ReviewFirstWeek, at: week };
        assert_eq!(ann.deadline(), Some(step));
        assert_eq!(ann.step_due(week - TimeDelta::milliseconds(1)), None);
        assert_eq!(ann.clone().told_of_first_week(week).deadline(), None);
        let mut signed_up = ann.clone();
        signed_up.invitation.invited_by = None;
        assert_eq!(signed_up.deadline(), None, "nobody is there who would look at it");
        let back = ann.suspend(None, noon).unwrap().reactivate().unwrap();
        assert_eq!(back.deadline(), Some(step));
        assert!(!back.is_first_week_long_over(at("2026-03-15T12:00:00Z")));
        assert!(back.is_first_week_long_over(at("2026-03-15T12:00:00.001Z")));
    }
}
