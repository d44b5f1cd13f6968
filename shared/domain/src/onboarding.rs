//! Who has just come, and what is still to be done about it. RULE: CK-03

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{Account, Delivery, Instant, Name, Role, Status, User, UserId};

/// How long after they accepted the admins look at what somebody may do.
const FIRST_WEEK: TimeDelta = TimeDelta::days(7);
/// How late that is still asked for: of somebody who was suspended all the time it is no first week any more.
const ASKED_AT_LATEST_AFTER: TimeDelta = TimeDelta::days(14);
/// How long after they were invited or accepted somebody is listed, whatever is done.
const NEW_FOR: TimeDelta = TimeDelta::days(30);

/// What is to be done about somebody new.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnboardingStep {
    /// They were invited.
    Invited,
    /// The mail reached them.
    Delivered,
    /// They accepted.
    Accepted,
    /// They have a second factor; of Admins and Roots alone.
    MfaEnabled,
    /// Whether they have what they need was looked at, a week after they accepted; of that the admins are reminded.
    FirstWeekReview,
}

/// A step, and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OnboardingItem {
    /// Which.
    name: OnboardingStep,
    /// Whether nothing is left to be done; of the review, whether it was called for, by mails to the admins that want
    /// them, or it was too late for that.
    is_done: bool,
    /// When it was, where that is known.
    done_at: Option<Instant>,
    /// When it is to be, where time says so.
    due_at: Option<Instant>,
}

/// Somebody new, step by step.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Onboarding")]
pub struct OnboardingView {
    /// Who.
    user_id: UserId,
    /// First name.
    first_name: Name,
    /// Last name.
    last_name: Name,
    /// Their address, as they spell it.
    #[schemars(length(max = 254), extend("format" = "idn-email"))]
    email: String,
    /// Their role.
    role: Role,
    /// Where they stand.
    status: Status,
    /// Whether every step is done.
    is_done: bool,
    /// The steps, in their order.
    steps: Vec<OnboardingItem>,
}

impl User {
    /// When their first week is looked at; none of whoever signed up, who has nobody to do it, and of who has not accepted.
    pub(crate) fn first_week_ends_at(&self) -> Option<Instant> {
        self.invitation.invited_by?;
        Some(self.accepted_at? + FIRST_WEEK)
    }

    /// Whether it is too late to ask for that.
    pub fn is_first_week_long_over(&self, now: Instant) -> bool {
        self.accepted_at.is_some_and(|at| now - at > ASKED_AT_LATEST_AFTER)
    }

    /// Whether they have just come, or something is still to be done. Of whoever signed up nothing is.
    pub fn is_new(&self, now: Instant) -> bool {
        let is_recent = now - self.accepted_at.unwrap_or(self.invitation.issued_at) < NEW_FOR;
        let is_owing = self.status == Status::Active && self.owes_factor();
        self.invitation.invited_by.is_some() && (is_recent || is_owing)
    }
}

impl OnboardingView {
    /// What became of somebody who was invited.
    pub fn of(user: &User, account: &Account, now: Instant) -> Self {
        let has_accepted = user.accepted_at.is_some();
        let step =
            |name, is_done, done_at: Option<Instant>| OnboardingItem { name, is_done, done_at, due_at: None };
        let delivered = user.invitation.delivery == Delivery::Delivered || has_accepted;
        let mut steps = vec![
            step(OnboardingStep::Invited, true, Some(user.invited_at)),
            step(OnboardingStep::Delivered, delivered, user.invitation.delivered_at),
            OnboardingItem {
                due_at: (!has_accepted).then_some(user.invitation.expires_at),
                ..step(OnboardingStep::Accepted, has_accepted, user.accepted_at)
            },
        ];
        if user.role.is_elevated() {
            steps.push(step(OnboardingStep::MfaEnabled, user.mfa_enabled, None));
        }
        // Where it was too late to ask, nobody was; of who is suspended until then, nobody will be.
        let told_at = user.first_week_told_at.filter(|at| !user.is_first_week_long_over(*at));
        let is_asked = user.first_week_told_at.is_some();
        steps.push(OnboardingItem {
            due_at: user.first_week_ends_at(),
            ..step(OnboardingStep::FirstWeekReview, is_asked || user.is_first_week_long_over(now), told_at)
        });
        Self {
            user_id: user.id,
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
            email: user.email.spelling().to_owned(),
            role: user.role,
            status: account.status_of(user, now),
            is_done: steps.iter().all(|step| step.is_done),
            steps,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::lives::user;
    use crate::{AccountId, Name, Text};

    // RULE: CK-03
    #[test]
    fn of_who_is_suspended_until_it_is_too_late_the_first_week_is_not_looked_at_any_more() {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        let ann = user(2, Role::Developer).accept("hash".into(), at("2026-03-01T12:00:00Z"));
        let ann = ann.suspend(None, at("2026-03-02T12:00:00Z")).unwrap();
        let account =
            Account::new(AccountId::from_bits(1), Name::parse("Acme").unwrap(), at("2026-03-01T12:00:00Z"));
        for (now, is_done) in [("2026-03-15T12:00:00Z", false), ("2026-03-15T12:00:01Z", true)] {
            let told = json!(OnboardingView::of(&ann, &account, at(now)));
            assert_eq!(told["steps"][3]["name"], "first_week_review");
            assert_eq!((&told["steps"][3]["is_done"], &told["is_done"]), (&json!(is_done), &json!(is_done)));
        }
    }
}
