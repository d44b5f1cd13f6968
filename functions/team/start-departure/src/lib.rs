//! POST `/v1/users/{user_id}/departure`: somebody leaves the company. What is to happen at once, after an hour and after a
//! day is done by time itself, or the admins are told when it is due. RULE: CK-01, CK-02

mod team;

use domain::{
    Actor, Change, Decision, Departure, DepartureMode, DepartureStep, DepartureView, Fact, FactKind,
    FieldError, Note, Permission, Refusal, Status, User, UserId,
};
use runtime::{Departing, Fields, Here, Moment, Operation};

use team::Team;

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<StartDeparture>();

/// What the caller sends.
pub struct StartDeparture {
    mode: DepartureMode,
    successor_id: Option<UserId>,
    note: Option<Note>,
}

impl Operation for StartDeparture {
    const NAME: &str = "start-departure";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const NEEDS: Option<Permission> = Some(Permission::ManageUsers);
    const REFUSES: &'static [&'static [&'static str]] =
        &[Actor::ACTING_REFUSES, Actor::FRESH_REFUSES, &["use_revoke", "departure_running", "last_root"]];
    type Caller = Actor;
    type Loads = Team;
    type Reply = DepartureView;

    fn read(fields: &mut Fields) -> Option<Self> {
        let mode = fields.optional_choice(
            "mode",
            "Who takes the steps: `remind`, where it is left out, tells the admins when one is due; `auto` acts.",
            DepartureMode::parse,
            &DepartureMode::ALL.map(DepartureMode::name),
        );
        let successor_id = fields.optional_id("successor_id", "Who takes over: a user of the account.");
        let note = fields.optional_text("note", "Words for whoever deals with it.");
        Some(Self { mode: mode?.unwrap_or(DepartureMode::Remind), successor_id: successor_id?, note: note? })
    }

    // RULE: CK-01, SU-02, RO-02, RO-06, AC-06
    fn decide(&self, by: &Actor, team: Team, at: &Moment) -> Decision<DepartureView> {
        let Team { account, here: Here { user, departing } } = team;
        match self.mode {
            DepartureMode::Remind => by.may_act_on(&user)?,
            DepartureMode::Auto => by.may_act_freshly_on(&user, at.now)?,
        }
        user.may_depart()?;
        let departure = self.departure(&user, by, at);
        let departing_user = user.clone().departing(Some(departure.id));
        match (self.mode, user.status) {
            (DepartureMode::Auto, Status::Active) => {
                let suspended = departing_user.suspend(None, at.now)?;
                let account = account.suspend(&user)?;
                let departure = departure.done(DepartureStep::Suspend, at.now);
                let suspension = Fact::of(FactKind::UserSuspended, &suspended)
                    .before("status", "active")
                    .after("status", "suspended");
                Ok(started(&departing, departure, &suspended).fact(suspension).put(account).put(suspended))
            }
            (DepartureMode::Remind, Status::Active) => {
                // What the start is told with says that they are to be suspended: it is due at once.
                let departure = departure.told(DepartureStep::Suspend, at.now);
                Ok(started(&departing, departure, &departing_user).put(departing_user))
            }
            _ => {
                let departure = departure.done(DepartureStep::Suspend, user.suspended_at.unwrap_or(at.now));
                Ok(started(&departing, departure, &departing_user).put(departing_user))
            }
        }
    }
}

fn started(departing: &Departing, departure: Departure, user: &User) -> Change<DepartureView> {
    let fact = Fact::of(FactKind::DepartureStarted, user)
        .after("departure_id", departure.id.to_string())
        .after("mode", DepartureMode::name(departure.mode));
    let fact = match departure.successor_id {
        Some(successor) => fact.after("successor_id", successor.to_string()),
        None => fact,
    };
    Change::reply(departing.view(&departure)).fact(fact).put(departure)
}

impl StartDeparture {
    fn departure(&self, user: &User, by: &Actor, at: &Moment) -> Departure {
        Departure {
            id: at.fresh.departure_id,
            account_id: user.account_id,
            user_id: user.id,
            mode: self.mode,
            started_by: by.user.id,
            started_as: by.user.role,
            started_at: at.now,
            successor_id: self.successor_id,
            note: self.note.clone(),
            steps: Departure::steps_from(at.now),
            cancelled_at: None,
            finished_at: None,
            billable_after: None,
            next_invoice: None,
        }
    }

    /// Whoever takes over has to be there, and somebody else.
    fn check_successor(&self, target: Option<UserId>, successor: Option<&User>) -> Result<(), Refusal> {
        let is_accepted = |user: &User| matches!(user.status, Status::Active | Status::Suspended);
        let problem = match (self.successor_id, successor) {
            (Some(id), _) if Some(id) == target => "Is the user who departs.",
            (Some(_), Some(user)) if is_accepted(user) => return Ok(()),
            (Some(_), _) => "Is nobody of this account who could take over.",
            (None, _) => return Ok(()),
        };
        let error = FieldError { field: "successor_id".into(), code: "not_found", detail: problem.into() };
        Err(Refusal::Validation(vec![error]))
    }
}
