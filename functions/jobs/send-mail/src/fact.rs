//! What is published of a fact, as far as mails need it, and whom it is mailed to.

use domain::{
    AccountId, DepartureStep, FactKind, Instant, Mailing, ReviewId, ReviewKind, Role, UserId, WebhookId,
};
use serde::Deserialize;
use serde_json::{Map, Value};

/// What is published of a fact.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Published {
    pub(crate) id: String,
    #[serde(rename = "type")]
    pub(crate) kind: FactKind,
    pub(crate) at: Instant,
    pub(crate) account_id: AccountId,
    pub(crate) actor: Actor,
    pub(crate) target: Option<UserId>,
    #[serde(default)]
    pub(crate) before: Map<String, Value>,
    #[serde(default)]
    pub(crate) after: Map<String, Value>,
    pub(crate) request_id: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Actor {
    #[serde(default)]
    pub(crate) id: Option<UserId>,
}

/// Who is mailed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Whom the fact is about.
    Target,
    /// Who invited them; the Roots, where that user is not active any more.
    Inviter,
    /// Those who are active in one of these roles.
    Roles(&'static [Role]),
}

pub(crate) const ROOTS: &[Role] = &[Role::Root];
const MANAGERS: &[Role] = &[Role::Root, Role::Admin];
const ROOTS_AND_BILLING: &[Role] = &[Role::Root, Role::Billing];
const MANAGERS_AND_BILLING: &[Role] = &[Role::Root, Role::Billing, Role::Admin];

impl Published {
    /// Whom this is mailed to; none where it calls for no mail.
    pub(crate) fn audience(&self) -> Option<Audience> {
        match self.kind {
            FactKind::AccountCreated
            | FactKind::UserInvited
            | FactKind::InvitationResent
            | FactKind::InvitationReminded
            | FactKind::UserReactivated
            | FactKind::AccessAsked => Some(Audience::Target),
            FactKind::InvitationExpired => Some(Audience::Inviter),
            FactKind::InvitationDelivery => {
                (self.text("delivery") == Some("delivery_failed")).then_some(Audience::Inviter)
            }
            FactKind::SuspensionWarned => Some(Audience::Roles(MANAGERS_AND_BILLING)),
            FactKind::AccountClosed => Some(Audience::Roles(ROOTS)),
            FactKind::ReviewMade => self.readers_of_review(),
            FactKind::UserLeft | FactKind::FirstWeekEnded | FactKind::WebhookSwitchedOff => {
                Some(Audience::Roles(MANAGERS))
            }
            _ if self.is_of_billing() => Some(Audience::Roles(ROOTS_AND_BILLING)),
            _ if self.is_of_security() => Some(Audience::Target),
            _ => self.is_of_departure().then_some(Audience::Roles(MANAGERS)),
        }
    }

    /// What seats cost is for whoever looks after the bill as well. RULE: AU-03, SU-07
    fn readers_of_review(&self) -> Option<Audience> {
        let kind = ReviewKind::parse(self.text("kind")?)?;
        let is_mailed = self.after.get("mailed")?.as_bool()?;
        let roles = if Role::Billing.may(kind.needs()) { MANAGERS_AND_BILLING } else { MANAGERS };
        is_mailed.then_some(Audience::Roles(roles))
    }

    /// Which of the mails that one can do without it calls for.
    pub(crate) fn mailing(&self) -> Option<Mailing> {
        Mailing::of(self.kind, self.text("kind").and_then(ReviewKind::parse))
    }

    pub(crate) fn review_id(&self) -> Option<ReviewId> {
        ReviewId::parse(self.text("review_id")?)
    }

    /// Whether it touches how the target signs in, or what they may do: they are told, whatever else they hear of.
    pub(crate) const fn is_of_security(&self) -> bool {
        matches!(
            self.kind,
            FactKind::UserRoleChanged
                | FactKind::UserSuspended
                | FactKind::SessionNewDevice
                | FactKind::PasswordChanged
                | FactKind::PasswordResetRequested
                | FactKind::PasswordReset
                | FactKind::MfaEnabled
                | FactKind::MfaRemoved
                | FactKind::MfaLocked
                | FactKind::CodesIssued
                | FactKind::CodesViewed
                | FactKind::CodeUsed
                | FactKind::KeyCreated
        )
    }

    /// Whether it is about the plan, or what it costs.
    pub(crate) const fn is_of_billing(&self) -> bool {
        matches!(
            self.kind,
            FactKind::InvoiceIssued
                | FactKind::PlanChanged
                | FactKind::PlanChangeScheduled
                | FactKind::PlanChangeTakenBack
                | FactKind::PlanChangeFailed
        )
    }

    /// Who is named as the one who did it. Of an invitation it is who invited, whoever has sent it again.
    pub(crate) fn named(&self, inviter: Option<UserId>) -> Option<UserId> {
        match self.audience() {
            Some(Audience::Target | Audience::Inviter)
                if !self.is_of_security() && self.kind != FactKind::AccessAsked =>
            {
                inviter
            }
            _ => self.actor.id,
        }
    }

    /// Who did it, if it was not the target.
    pub(crate) fn other_actor(&self) -> Option<UserId> {
        self.actor.id.filter(|id| Some(*id) != self.target)
    }

    /// Whether it tells of a departure in a way that is mailed.
    pub(crate) const fn is_of_departure(&self) -> bool {
        matches!(
            self.kind,
            FactKind::DepartureStarted
                | FactKind::DepartureStepDue
                | FactKind::DepartureBlocked
                | FactKind::DepartureFinished
                | FactKind::DepartureCancelled
        )
    }

    /// Whether its mail brings an invitation, of which reports are awaited.
    pub(crate) const fn brings_invitation(&self) -> bool {
        matches!(self.kind, FactKind::AccountCreated | FactKind::UserInvited | FactKind::InvitationResent)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.after.get(name)?.as_str()
    }

    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        self.after.get(name)?.as_i64()
    }

    pub(crate) fn webhook_id(&self) -> Option<WebhookId> {
        WebhookId::parse(self.text("webhook_id")?)
    }

    pub(crate) fn step(&self) -> Option<DepartureStep> {
        let name = self.text("step")?;
        DepartureStep::ALL.into_iter().find(|step| step.name() == name)
    }
}
