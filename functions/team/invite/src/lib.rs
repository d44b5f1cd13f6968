//! POST /v1/users: a pending user who holds a seat, and one mail to them. RULE: IN-02, IN-04

mod room;

use domain::{
    Account, Actor, Change, Decision, Email, EntityKey, Exit, FACTS_MAX, Fact, FactKind, Invitee,
    Justification, Membership, Message, Name, Permission, Refusal, Removal, Role, Status, Text, Tombstone,
    User, UserView,
};
use runtime::{Fields, Moment, Operation};

use room::Room;

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<Invite>();

/// Lapsed invitations that one invitation gives back, beside its own fact and that of the one it replaces.
const RELEASES_MAX: usize = FACTS_MAX - 2;

/// What the caller sends. RULE: IN-01
pub struct Invite {
    email: Email,
    first_name: Name,
    last_name: Name,
    role: Role,
    message: Option<Message>,
    justification: Option<Justification>,
}

impl Operation for Invite {
    const NAME: &str = "invite";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SUCCESS: u16 = 201;
    const NEEDS: Option<Permission> = Some(Permission::ManageUsers);
    const REFUSES: &'static [&'static [&'static str]] = &[&[
        "admin_cannot_assign_root",
        "invitation_pending",
        "user_exists",
        "maximum_users_reached",
        "rate_limited",
    ]];
    type Caller = Actor;
    type Loads = Room;
    type Reply = UserView;

    fn read(fields: &mut Fields) -> Option<Self> {
        let email = fields.email("Where the invitation goes; what they will sign in with.");
        let first_name = fields.text("first_name", "First name.");
        let last_name = fields.text("last_name", "Last name.");
        let role = fields.role("What they may do once they have accepted.");
        let message = fields.optional_text("message", "Words of one's own, in the mail.");
        let justification =
            fields.optional_text("justification", "Why they get this role, for the audit log.");
        Some(Self {
            email: email?,
            first_name: first_name?,
            last_name: last_name?,
            role: role?,
            message: message?,
            justification: justification?,
        })
    }

    // RULE: RO-02, IN-11, IN-16, IN-22, PS-02, PS-05
    fn decide(&self, by: &Actor, room: Room, at: &Moment) -> Decision<UserView> {
        by.may_invite_as(self.role)?;
        let user = self.user(by, &room.account, at);
        let mut change = Change::reply(by.view(&user, at.now)).fact(self.fact(&user));
        let lapsed: Vec<User> = room.lapsed.into_iter().take(RELEASES_MAX).map(User::lapse).collect();
        let released = lapsed.iter().fold(room.account, |account, _| account.release_pending());
        let mut account = released.clone();
        if let Some(holder) = room.holder {
            match holder.status_at(at.now) {
                Status::Pending => return Err(Refusal::InvitationPending(holder.id)),
                Status::Active | Status::Suspended => return Err(Refusal::UserExists(holder.id)),
                Status::Expired => {}
            }
            account = account.remove(&holder)?;
            change = replace(change, &holder, by, at);
        }
        Ok(match account.reserve_seat().and_then(|account| account.count_invitation(at.now)) {
            Ok(account) => with_released(change, lapsed).put(account).put(Membership::of(&user)).put(user),
            // What has lapsed is given back all the same, so that the next one who asks is nearer to a seat.
            Err(refusal) => with_released(Change::refuse(refusal), lapsed).put(released),
        })
    }
}

/// RULE: PS-05
fn with_released(change: Change<UserView>, lapsed: Vec<User>) -> Change<UserView> {
    lapsed
        .into_iter()
        .fold(change, |change, user| change.fact(Fact::of(FactKind::InvitationExpired, &user)).put(user))
}

impl Invite {
    fn user(&self, by: &Actor, account: &Account, at: &Moment) -> User {
        let invitee = Invitee {
            email: self.email.clone(),
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            role: self.role,
            message: self.message.clone(),
        };
        let nonce = at.fresh.nonce.clone();
        User::invited(at.fresh.user_id, account, invitee, Some(by.user.id), nonce, at.now)
    }

    fn fact(&self, user: &User) -> Fact {
        Fact::of(FactKind::UserInvited, user)
            .after("role", self.role.name())
            .because(self.justification.as_ref().map(Text::as_str))
    }
}

/// An expired invitation of the same address makes way, under its own identifier. RULE: IN-11
fn replace(change: Change<UserView>, holder: &User, by: &Actor, at: &Moment) -> Change<UserView> {
    change
        .fact(Fact::of(FactKind::InvitationRevoked, holder).before("status", "expired"))
        .put(Tombstone::of(holder, Exit::Revoked, by.user.id, at.now))
        .delete(Removal::AsRead(EntityKey::User(holder.account_id, holder.id)))
}
