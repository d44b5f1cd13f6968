//! Somebody who is to be invited, and what an invitation changes.

use crate::{
    Account, Actor, Change, EntityKey, Exit, Fact, FactKind, Instant, Invitee, Justification, Membership,
    Nonce, Removal, Text, Tombstone, User, UserId,
};

/// Somebody who is to be invited. RULE: IN-01
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Who, and as what.
    pub invitee: Invitee,
    /// Why as this. RULE: RO-09
    pub justification: Option<Justification>,
}

impl Candidate {
    /// The pending user they become.
    pub fn invited_by(
        &self,
        by: &Actor,
        account: &Account,
        (id, nonce): (UserId, Nonce),
        now: Instant,
    ) -> User {
        User::invited(id, account, self.invitee.clone(), Some(by.user.id), nonce, now)
    }

    /// That they became this user.
    pub fn fact(&self, user: &User) -> Fact {
        Fact::of(FactKind::UserInvited, user)
            .after("role", self.invitee.role.name())
            .because(self.justification.as_ref().map(Text::as_str))
    }
}

impl<R> Change<R> {
    /// Writes a new user, whose address is theirs from now on.
    #[must_use]
    pub fn put_user(self, user: User) -> Self {
        self.put(Membership::of(&user)).put(user)
    }

    /// An expired invitation makes way for another of the same address, under its own identifier. RULE: IN-11
    #[must_use]
    pub fn replace(self, holder: &User, by: &Actor, now: Instant) -> Self {
        self.fact(Fact::of(FactKind::InvitationRevoked, holder).before("status", "expired"))
            .put(Tombstone::of(holder, Exit::Revoked, by.user.id, now))
            .delete(Removal::AsRead(EntityKey::User(holder.account_id, holder.id)))
    }
}
