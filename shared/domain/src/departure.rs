//! Somebody's departure: what is to happen when, and what has. RULE: CK-01, CK-02

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Account, AccountId, Catalogue, DepartureId, Instant, NextInvoice, Note, Refusal, Role, Status, Tombstone,
    User, UserId,
};

/// Who takes the steps. RULE: CK-01
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DepartureMode {
    /// The admins, who are told when one is due.
    Remind,
    /// Time itself.
    Auto,
}

impl DepartureMode {
    /// Both, the default first.
    pub const ALL: [Self; 2] = [Self::Remind, Self::Auto];

    /// The name in the interface.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Remind => "remind",
            Self::Auto => "auto",
        }
    }

    /// The mode of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

/// What is done to somebody who departs, in this order. RULE: CK-01
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DepartureStep {
    /// Suspended, and every session ended.
    Suspend,
    /// Every API key deleted.
    DeleteKeys,
    /// Deleted, and the seat free.
    DeleteUser,
}

impl DepartureStep {
    /// All of them, in order.
    pub const ALL: [Self; 3] = [Self::Suspend, Self::DeleteKeys, Self::DeleteUser];

    /// The name in the interface.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Suspend => "suspend",
            Self::DeleteKeys => "delete_keys",
            Self::DeleteUser => "delete_user",
        }
    }

    /// How long after the start it is due.
    const fn after(self) -> TimeDelta {
        match self {
            Self::Suspend => TimeDelta::zero(),
            Self::DeleteKeys => TimeDelta::hours(1),
            Self::DeleteUser => TimeDelta::hours(24),
        }
    }
}

/// A step, and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DepartureStepState")]
pub struct StepState {
    /// Which.
    pub name: DepartureStep,
    /// When it is due.
    pub due_at: Instant,
    /// When it was done, by time itself or by an admin.
    pub done_at: Option<Instant>,
    /// When the admins were told that it is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_at: Option<Instant>,
}

/// A departure. It outlives the user. RULE: CK-02
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departure {
    /// Its identifier.
    pub id: DepartureId,
    /// The account.
    pub account_id: AccountId,
    /// Who departs.
    pub user_id: UserId,
    /// Who takes the steps.
    pub mode: DepartureMode,
    /// Who started it.
    pub started_by: UserId,
    /// As what: an Admin's departure never ends in the deletion of a Root. RULE: RO-02
    pub started_as: Role,
    /// When.
    pub started_at: Instant,
    /// Who takes over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor_id: Option<UserId>,
    /// Words for whoever deals with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
    /// The steps, in order.
    pub steps: Vec<StepState>,
    /// When it was called off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled_at: Option<Instant>,
    /// When the user was gone, and the seat free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Instant>,
    /// The seats that are billable without theirs, at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billable_after: Option<u32>,
    /// What is charged next without theirs, where the plan is a paid one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_invoice: Option<NextInvoice>,
}

impl User {
    /// A pending user has nothing to depart from, and nobody departs twice. RULE: CK-01
    pub const fn may_depart(&self) -> Result<(), Refusal> {
        match (self.status, self.departure_id) {
            (Status::Pending | Status::Expired, _) => Err(Refusal::UseRevoke),
            (_, Some(_)) => Err(Refusal::DepartureRunning),
            (_, None) => Ok(()),
        }
    }
}

impl Departure {
    /// The steps of a departure that starts now.
    pub fn steps_from(now: Instant) -> Vec<StepState> {
        let step = |name: DepartureStep| StepState {
            name,
            due_at: now + name.after(),
            done_at: None,
            told_at: None,
        };
        DepartureStep::ALL.map(step).into()
    }

    /// Whether it is still to go on.
    pub const fn is_running(&self) -> bool {
        self.cancelled_at.is_none() && self.finished_at.is_none()
    }

    /// The next step that is neither done nor, where the admins take it, told of.
    pub fn next(&self) -> Option<&StepState> {
        let open = |step: &&StepState| step.done_at.is_none() && step.told_at.is_none();
        self.steps.iter().filter(|_| self.is_running()).find(open)
    }

    /// Whether time may delete this user in the name of whoever started it. RULE: RO-02
    pub fn may_delete(&self, user: &User) -> Result<(), Refusal> {
        match (user.role, self.started_as) {
            (Role::Root, by) if by != Role::Root => Err(Refusal::AdminCannotModifyRoot),
            _ => Ok(()),
        }
    }

    /// When it is next looked at.
    pub fn due_at(&self) -> Option<Instant> {
        self.next().map(|step| step.due_at)
    }

    /// This step is done. After the last the departure is at its end.
    pub fn done(mut self, name: DepartureStep, at: Instant) -> Self {
        for step in self.steps.iter_mut().filter(|step| step.name == name) {
            step.done_at.get_or_insert(at);
        }
        if name == DepartureStep::DeleteUser {
            self.finished_at.get_or_insert(at);
        }
        self
    }

    /// The user is gone: by the last step, or because somebody was quicker. RULE: CK-02
    pub fn finish(self, at: Instant, account: &Account) -> Self {
        let mut departure =
            DepartureStep::ALL.into_iter().fold(self, |departure, step| departure.done(step, at));
        if departure.billable_after.is_none() {
            departure.billable_after = Some(account.billable());
            departure.next_invoice = account.next_invoice(Catalogue::LISTS);
        }
        departure
    }

    /// What admins have done themselves is done, whether it was looked at since or not.
    pub fn as_seen(self, user: Option<&User>, tombstone: Option<&Tombstone>) -> Self {
        let departure = match user.and_then(|user| user.suspended_at) {
            Some(at) if self.is_running() => self.done(DepartureStep::Suspend, at),
            _ => self,
        };
        match tombstone {
            Some(tombstone) if departure.is_running() => {
                let all = DepartureStep::ALL.into_iter();
                all.fold(departure, |departure, step| departure.done(step, tombstone.deleted_at))
            }
            _ => departure,
        }
    }

    /// The admins are told that this step is due.
    pub fn told(mut self, name: DepartureStep, at: Instant) -> Self {
        for step in self.steps.iter_mut().filter(|step| step.name == name) {
            step.told_at.get_or_insert(at);
        }
        self
    }

    /// Called off, until the user is gone. What was done stays done. RULE: CK-01
    pub fn cancel(self, now: Instant) -> Result<Self, Refusal> {
        match (self.finished_at, self.cancelled_at) {
            (Some(_), _) => Err(Refusal::UserDeleted),
            (None, Some(_)) => Ok(self),
            (None, None) => Ok(Self { cancelled_at: Some(now), ..self }),
        }
    }
}
