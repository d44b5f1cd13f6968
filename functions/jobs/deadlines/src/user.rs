//! A user's deadlines: of an invitation, of a suspension, and of their first week.

use domain::{
    Account, Change, Delivery, EntityKey, Fact, FactKind, Instant, Membership, Refusal, Removal, Step, User,
};

/// The next step that is to be taken by now; none where there is none.
/// A refusal where a period is over that is to be closed before a seat comes back.
pub(crate) fn pass(
    account: Option<Account>,
    user: User,
    now: Instant,
) -> Result<Option<Change<()>>, Refusal> {
    let Some(step) = user.step_due(now) else { return Ok(None) };
    let account_id = user.account_id;
    let Some(account) = account.filter(Account::is_open) else { return Ok(Some(silence(user, step, now))) };
    let change = match step {
        Step::Delay | Step::Remind | Step::Expire if !account.still_invites(&user) => {
            silence(user, step, now)
        }
        Step::Expire => {
            account.is_closed_up_to(now)?;
            expire(account, user)
        }
        Step::Delay => delay(user),
        Step::Remind => {
            let user = user.reminded(now);
            Change::reply(()).fact(Fact::of(FactKind::InvitationReminded, &user)).put(user)
        }
        Step::WarnOfSuspension => {
            let (user, days) = user.warned_of_suspension(now);
            Change::reply(()).fact(Fact::of(FactKind::SuspensionWarned, &user).after("days", days)).put(user)
        }
        Step::ReviewFirstWeek if user.is_first_week_long_over(now) => silence(user, step, now),
        Step::ReviewFirstWeek => {
            let user = user.told_of_first_week(now);
            Change::reply(()).fact(Fact::of(FactKind::FirstWeekEnded, &user)).put(user)
        }
    };
    Ok(Some(change.performed_by_nobody(account_id)))
}

/// RULE: IN-11, AC-01
fn expire(account: Account, user: User) -> Change<()> {
    if user.invitation.invited_by.is_none() {
        return vanish(&account, &user);
    }
    let account = account.release_pending(&user);
    let user = user.lapse();
    Change::reply(()).fact(Fact::of(FactKind::InvitationExpired, &user)).put(account).put(user)
}

/// RULE: IN-20
fn delay(user: User) -> Change<()> {
    let before = Delivery::name(user.invitation.delivery);
    let user = user.delayed();
    let fact = Fact::of(FactKind::InvitationDelivery, &user)
        .before("delivery", before)
        .after("delivery", Delivery::name(user.invitation.delivery));
    Change::reply(()).fact(fact).put(user)
}

/// A sign-up that nobody confirmed: account, Root and address are as if they had never been. RULE: AC-01
fn vanish(account: &Account, user: &User) -> Change<()> {
    Change::reply(())
        .fact(Fact::of(FactKind::AccountExpired, user))
        .delete(Removal::AsRead(EntityKey::Account(account.id)))
        .delete(Removal::AsRead(EntityKey::User(user.account_id, user.id)))
        .delete(Removal::Membership(Membership::of(user)))
}

/// A closed account has no deadlines any more, nor has an invitation that lapsed with all others. The counts were settled with
/// that. RULE: AC-11, BI-13
fn silence(user: User, step: Step, now: Instant) -> Change<()> {
    let user = match step {
        Step::Delay | Step::Remind | Step::Expire => user.lapse(),
        Step::WarnOfSuspension => user.warned_of_suspension(now).0,
        Step::ReviewFirstWeek => user.told_of_first_week(now),
    };
    Change::reply(()).put(user)
}

#[cfg(test)]
mod tests {
    use domain::{AccountId, Email, Entity, Invitee, Name, Nonce, Role, Text, UserId};

    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn team() -> (Account, User) {
        let noon = at("2026-03-01T12:00:00Z");
        let account = Account::new(AccountId::from_bits(1), Name::parse("Acme").unwrap(), noon);
        let account = Account { active: 1, active_roots: 1, ..account }.reserve_seat().unwrap();
        let invitee = Invitee {
            email: Email::parse("ann@x.com").unwrap(),
            first_name: Name::parse("Ann").unwrap(),
            last_name: Name::parse("Lee").unwrap(),
            role: Role::Developer,
            message: None,
        };
        let by = Some(UserId::from_bits(1));
        let user = User::invited(UserId::from_bits(2), &account, invitee, by, Nonce::new(1), noon);
        (account, user)
    }

    fn account_of(change: &Change<()>) -> Option<&Account> {
        change.puts.iter().find_map(|put| match put {
            Entity::Account(account) => Some(account),
            _ => None,
        })
    }

    // RULE: IN-11, PS-05
    #[test]
    fn an_expiry_gives_one_seat_back_and_only_once() {
        let (account, ann) = team();
        let end = at("2026-03-03T12:00:00Z");
        let change = pass(Some(account.clone()), ann.clone(), end).unwrap().unwrap();
        assert_eq!(account_of(&change).map(|account| account.pending), Some(0));
        assert_eq!(
            change.facts.iter().map(|fact| fact.kind).collect::<Vec<_>>(),
            [FactKind::InvitationExpired]
        );
        assert!(
            pass(Some(account), ann.lapse(), end).unwrap().is_none(),
            "a tick that comes twice finds nothing"
        );
    }

    // RULE: AC-11
    #[test]
    fn a_closed_account_is_silent_and_counts_nothing_down() {
        let (account, ann) = team();
        let closed = account.close(at("2026-03-01T13:00:00Z")).unwrap();
        let change = pass(Some(closed), ann, at("2026-03-03T12:00:00Z")).unwrap().unwrap();
        assert!(change.facts.is_empty());
        assert!(account_of(&change).is_none());
    }

    // RULE: AC-01
    #[test]
    fn a_sign_up_that_nobody_confirmed_leaves_nothing() {
        let (account, ann) = team();
        let mut root = ann;
        root.invitation.invited_by = None;
        let change = pass(Some(account), root, at("2026-03-03T12:00:00Z")).unwrap().unwrap();
        assert!(change.puts.is_empty());
        assert_eq!(change.deletes.len(), 3, "account, user and address");
    }
}
