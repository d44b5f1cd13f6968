//! A departure's steps: taken by time itself, or told to the admins when they are due. RULE: CK-01

use domain::{
    Account, ApiKey, Change, Departure, DepartureMode, DepartureStep, Exit, Fact, FactKind, Instant, Refusal,
    Tombstone, User,
};

/// The account, and the user who departs, gone or not.
pub(crate) struct Who {
    pub(crate) account: Option<Account>,
    pub(crate) user: Option<User>,
    pub(crate) tombstone: Option<Tombstone>,
    /// The user's API keys, live or not.
    pub(crate) keys: Vec<ApiKey>,
}

/// The next step, if it is due by now.
/// A refusal where a period is over that is to be closed before somebody is taken out of it.
pub(crate) fn pass(who: Who, departure: Departure, now: Instant) -> Result<Option<Change<()>>, Refusal> {
    let Some(step) = departure.next().filter(|step| step.due_at <= now) else { return Ok(None) };
    let step = step.name;
    let account_id = departure.account_id;
    let change = match (who.account.filter(Account::is_open), who.user) {
        // Nobody departs from an account that is closed. RULE: AC-11
        (None, _) => {
            let cancelled = departure.cancel(now).ok();
            return Ok(cancelled.map(|departure| Change::reply(()).put(departure)));
        }
        (Some(account), None) => {
            let at = who.tombstone.map_or(now, |tombstone| tombstone.deleted_at);
            Change::reply(()).finishing(Some(departure), &account, at)
        }
        (Some(account), Some(user)) => match departure.mode {
            DepartureMode::Remind => remind(&user, &who.keys, departure, step, now),
            DepartureMode::Auto => act(account, &user, departure, step, now)?,
        },
    };
    Ok(Some(change.performed_by_nobody(account_id)))
}

fn of(kind: FactKind, user: &User, departure: &Departure) -> Fact {
    Fact::of(kind, user).after("departure_id", departure.id.to_string())
}

/// What an admin has done already is done; else the admins are told.
fn remind(
    user: &User,
    keys: &[ApiKey],
    departure: Departure,
    step: DepartureStep,
    now: Instant,
) -> Change<()> {
    let done_at = match step {
        DepartureStep::Suspend => user.suspended_at,
        DepartureStep::DeleteKeys => (!keys.iter().any(|key| key.is_live(user, now))).then_some(now),
        DepartureStep::DeleteUser => None,
    };
    let (kind, departure) = match done_at {
        Some(at) => (FactKind::DepartureStepDone, departure.done(step, at)),
        None => (FactKind::DepartureStepDue, departure.told(step, now)),
    };
    Change::reply(()).fact(of(kind, user, &departure).after("step", step.name())).put(departure)
}

fn act(
    account: Account,
    user: &User,
    departure: Departure,
    step: DepartureStep,
    now: Instant,
) -> Result<Change<()>, Refusal> {
    let done =
        |departure: &Departure| of(FactKind::DepartureStepDone, user, departure).after("step", step.name());
    Ok(match step {
        // The start has suspended them; if somebody let them in again since, that was meant.
        DepartureStep::Suspend => {
            let departure = departure.done(step, now);
            Change::reply(()).fact(done(&departure)).put(departure)
        }
        DepartureStep::DeleteKeys => match departure.may_delete(user) {
            Ok(()) => {
                let departure = departure.done(step, now);
                Change::reply(()).fact(done(&departure)).put(departure).put(user.clone().end_keys())
            }
            Err(refusal) => block(user, departure, step, &refusal, now),
        },
        DepartureStep::DeleteUser => {
            match departure.may_delete(user).and_then(|()| account.remove(user, now)) {
                Ok(billed) => {
                    let by = departure.started_by;
                    Change::reply(()).removing(user, billed, Some(departure), Exit::Deleted, by, now)
                }
                Err(overdue @ Refusal::PeriodOverdue(_)) => return Err(overdue),
                Err(refusal) => block(user, departure, step, &refusal, now),
            }
        }
    })
}

/// They have become a Root since: the departure ends here, and the admins are told. RULE: RO-02, RO-06
fn block(
    user: &User,
    departure: Departure,
    step: DepartureStep,
    refusal: &Refusal,
    now: Instant,
) -> Change<()> {
    let fact = of(FactKind::DepartureBlocked, user, &departure)
        .after("step", step.name())
        .after("code", refusal.code());
    let change = Change::reply(()).fact(fact).put(user.clone().departing(None));
    match departure.cancel(now) {
        Ok(departure) => change.put(departure),
        Err(_) => change,
    }
}
