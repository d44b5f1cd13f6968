//! POST `/v1/users/{user_id}/invitation`: the invitation once more, under a new token, for the same seat. RULE: IN-07,
//! IN-08

use domain::{
    Account, Actor, Change, Decision, FACTS_MAX, Fact, FactKind, Permission, Room, Status, User, UserView,
};
use runtime::{Call, Failure, Fields, Loaded, Loads, Moment, Operation, Target, Wants, find_room};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<ResendInvite>();

/// Lapsed invitations of others that one of them gives back, beside its own fact.
const RELEASES_MAX: usize = FACTS_MAX - 1;

/// Nothing is sent.
pub struct ResendInvite;

/// Who was invited, and the room for them where their seat is gone.
pub struct Place {
    room: Room,
    user: User,
}

impl<O: Sync> Loads<O> for Place {
    fn wants(operation: &O, call: &Call<'_>, wants: &mut Wants) {
        <(Account, Target)>::wants(operation, call, wants);
    }

    /// A second step is made only where the invitation has expired and no seat is left for it.
    async fn take(operation: &O, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let (account, Target(user)) = <(Account, Target)>::take(operation, call, loaded).await?;
        if account.status_of(&user, call.moment.now) != Status::Expired {
            return Ok(Self { room: Room { account, lapsed: Vec::new() }, user });
        }
        // A seat that is still counted is the one that it takes again.
        let holds_one = account.still_invites(&user) && user.holds_a_lapsed_seat(call.moment.now);
        let seats = u32::from(!holds_one);
        let room = find_room(account, seats, Wants::default(), call, loaded).await?;
        Ok(Self { room: room.without(&[user.id]), user })
    }

    fn refuses() -> Vec<&'static str> {
        <Target as Loads<O>>::refuses()
    }
}

impl Operation for ResendInvite {
    const NAME: &str = "resend-invite";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const NEEDS: Option<Permission> = Some(Permission::ManageUsers);
    const REFUSES: &'static [&'static [&'static str]] =
        &[Actor::ACTING_REFUSES, &["not_pending", "maximum_users_reached", "rate_limited"]];
    type Caller = Actor;
    type Loads = Place;
    type Reply = UserView;

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    // RULE: IN-07, IN-08, IN-10, PS-05, RO-02
    fn decide(&self, by: &Actor, Place { room, user }: Place, at: &Moment) -> Decision<UserView> {
        by.may_act_on(&user)?;
        user.holds_an_invitation()?;
        room.account.is_closed_up_to(at.now)?;
        let before = room.account.status_of(&user, at.now);
        let (released, lapsed) = room.give_back(RELEASES_MAX);
        let account = match before {
            Status::Expired => released.clone().revoke(&user).reserve_seat(),
            _ => Ok(released.clone()),
        };
        let account = match account {
            Ok(account) => account,
            // What has lapsed is given back all the same, so that the next one who asks is nearer to a seat.
            Err(refusal) => return Ok(Change::refuse(refusal).lapse(lapsed).put(released)),
        };
        let again = user.invite_again(at.fresh.nonce.clone(), at.now, &account)?;
        let fact = Fact::of(FactKind::InvitationResent, &again)
            .before("status", before.name())
            .after("resends", again.invitation.resends);
        Ok(Change::reply(by.view(&again, at.now)).fact(fact).lapse(lapsed).put(account).put(again))
    }
}
