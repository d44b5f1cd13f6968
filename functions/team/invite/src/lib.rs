//! POST /v1/users: a pending user who holds a seat, and one mail to them. RULE: IN-02, IN-04

use domain::{
    Account, Actor, Candidate, Catalogue, Change, ChargePreview, Decision, EntityKey, FACTS_MAX, Membership,
    Permission, Refusal, Reply, Room, Status, User, UserView,
};
use runtime::{Call, Failure, Fields, Loaded, Loads, Moment, Operation, Wants, find_room};
use schemars::JsonSchema;
use serde::Serialize;

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<Invite>();

/// Lapsed invitations that one invitation gives back, beside its own fact and that of the one it replaces.
const RELEASES_MAX: usize = FACTS_MAX - 2;

/// What the caller sends. RULE: IN-01
pub struct Invite(Candidate);

/// What an invitation is decided on: the room for it, and who holds the address.
pub struct Place {
    room: Room,
    holder: Option<User>,
}

/// The pending user, and what they will cost.
#[derive(Serialize, JsonSchema)]
pub struct InvitedUser {
    #[serde(flatten)]
    user: UserView,
    /// What their acceptance would cost today; on paid plans alone. RULE: IN-06
    #[serde(skip_serializing_if = "Option::is_none")]
    charge_preview: Option<ChargePreview>,
}

impl Reply for InvitedUser {
    const HAS_VERSION: bool = true;

    fn version(&self) -> Option<u64> {
        self.user.version()
    }
}

impl Loads<Invite> for Place {
    fn wants(invite: &Invite, call: &Call<'_>, wants: &mut Wants) {
        Account::wants(invite, call, wants);
        wants.key(invite.membership(call));
    }

    /// A second step is made only where the address is known, or where every seat is taken.
    async fn take(invite: &Invite, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let account = Account::take(invite, call, loaded).await?;
        let membership: Option<Membership> = loaded.get(&invite.membership(call))?;
        let holder = membership.map(|membership| EntityKey::User(membership.account_id, membership.user_id));
        let mut wants = Wants::default();
        if let Some(holder) = &holder {
            wants.key(holder.clone());
        }
        let room = find_room(account, 1, wants, call, loaded).await?;
        let holder: Option<User> = holder.map(|key| loaded.get(&key)).transpose()?.flatten();
        Ok(Self { room: room.without(&holder.iter().map(|holder| holder.id).collect::<Vec<_>>()), holder })
    }
}

impl Operation for Invite {
    const NAME: &str = "invite";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SUCCESS: u16 = 201;
    const NEEDS: Option<Permission> = Some(Permission::ManageUsers);
    const REFUSES: &'static [&'static [&'static str]] = &[
        &["admin_cannot_assign_root", "admin_cannot_modify_root"],
        Actor::FRESH_REFUSES,
        &["invitation_pending", "user_exists", "maximum_users_reached", "rate_limited"],
    ];
    type Caller = Actor;
    type Loads = Place;
    type Reply = InvitedUser;

    fn read(fields: &mut Fields) -> Option<Self> {
        fields.candidate().map(Self)
    }

    // RULE: RO-02, IN-11, IN-16, IN-22, PS-02, PS-05
    fn decide(&self, by: &Actor, Place { room, holder }: Place, at: &Moment) -> Decision<InvitedUser> {
        let Self(candidate) = self;
        by.may_invite_as(candidate.invitee.role, at.now)?;
        room.account.is_closed_up_to(at.now)?;
        let new = (at.fresh.user_id, at.fresh.nonce.clone());
        let user = candidate.invited_by(by, &room.account, new, at.now);
        let (released, lapsed) = room.give_back(RELEASES_MAX);
        let mut account = released.clone();
        let charge_preview =
            account.plan().is_paid().then(|| account.preview_joining(1, Catalogue::LISTS, at.now));
        let reply = InvitedUser { user: by.view(&user, at.now), charge_preview };
        let mut change = Change::reply(reply).fact(candidate.fact(&user));
        if let Some(holder) = holder {
            match account.status_of(&holder, at.now) {
                Status::Pending => return Err(Refusal::InvitationPending(holder.id)),
                Status::Active | Status::Suspended => return Err(Refusal::UserExists(holder.id)),
                Status::Expired => {}
            }
            // An expired invitation of a Root is still a Root's. RULE: IN-10, RO-02
            by.may_look_at(&holder)?;
            account = account.revoke(&holder);
            change = change.replace(&holder, by, at.now);
        }
        Ok(match account.reserve_seat().and_then(|account| account.count_invitation(at.now)) {
            Ok(account) => change.lapse(lapsed).put(account).put_user(user),
            // What has lapsed is given back all the same, so that the next one who asks is nearer to a seat.
            Err(refusal) => Change::refuse(refusal).lapse(lapsed).put(released),
        })
    }
}

impl Invite {
    fn membership(&self, call: &Call<'_>) -> EntityKey {
        EntityKey::Membership(self.0.invitee.email.key(), call.account_id)
    }
}
