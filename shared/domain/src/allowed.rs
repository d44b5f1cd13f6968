//! What a caller may do to a user, as each user in a reply tells it. RULE: AP-06

use schemars::JsonSchema;
use serde::Serialize;

use crate::{Actor, Instant, Permission, Refusal, User};

/// Something done to a user, by the name of its operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UserAction {
    /// Read them.
    GetUser,
    /// Send their invitation again.
    ResendInvite,
    /// Take their invitation back.
    RevokeInvite,
    /// Give them another role.
    ChangeRole,
    /// Take all access.
    Suspend,
    /// Let them in again.
    Reactivate,
    /// End their sessions.
    Logout,
    /// Remove them, or revoke their invitation.
    Delete,
    /// Begin their departure.
    StartDeparture,
    /// Read their departure.
    GetDeparture,
    /// Call their departure off.
    CancelDeparture,
    /// Ask them whether they still need their access.
    AskAccess,
    /// See where they are signed in.
    ListUserSessions,
    /// Issue recovery codes to them.
    IssueCodes,
    /// See their recovery codes.
    ViewCodes,
    /// See what API keys they have.
    ListUserKeys,
    /// Delete their API keys.
    DeleteUserKeys,
}

impl UserAction {
    /// All of them, in the order in which a reply lists them.
    pub const ALL: [Self; 17] = [
        Self::GetUser,
        Self::ResendInvite,
        Self::RevokeInvite,
        Self::ChangeRole,
        Self::Suspend,
        Self::Reactivate,
        Self::Logout,
        Self::Delete,
        Self::StartDeparture,
        Self::GetDeparture,
        Self::CancelDeparture,
        Self::AskAccess,
        Self::ListUserSessions,
        Self::IssueCodes,
        Self::ViewCodes,
        Self::ListUserKeys,
        Self::DeleteUserKeys,
    ];

    /// What the caller's role must allow.
    pub const fn needs(self) -> Permission {
        match self {
            Self::GetUser => Permission::ReadUsers,
            Self::ChangeRole => Permission::ChangeRoles,
            Self::IssueCodes | Self::ViewCodes => Permission::HandleRecoveryCodes,
            Self::ListUserKeys | Self::DeleteUserKeys => Permission::OthersKeys,
            Self::ResendInvite
            | Self::RevokeInvite
            | Self::Suspend
            | Self::Reactivate
            | Self::Logout
            | Self::Delete
            | Self::StartDeparture
            | Self::GetDeparture
            | Self::CancelDeparture
            | Self::AskAccess
            | Self::ListUserSessions => Permission::ManageUsers,
        }
    }
}

impl Actor {
    /// What would succeed, by the rules that the operations themselves ask. Whether a seat is left for an invitation
    /// that has expired is the account's matter, and told by the refusal.
    pub fn allowed_actions(&self, target: &User, now: Instant) -> Vec<UserAction> {
        UserAction::ALL.into_iter().filter(|action| self.allows(*action, target, now).is_ok()).collect()
    }

    fn allows(&self, action: UserAction, target: &User, now: Instant) -> Result<(), Refusal> {
        self.has_enrolled()?;
        self.require(action.needs())?;
        match action {
            UserAction::GetUser => Ok(()),
            // To some role: the one they have is always within reach.
            UserAction::ChangeRole => self.reaches_role(target, target.role),
            UserAction::ResendInvite => {
                self.reaches_user(target)?;
                target.holds_an_invitation()?;
                target.invitation.resends_if_sent(now).map(drop)
            }
            UserAction::RevokeInvite => self.reaches_user(target).and_then(|()| target.holds_an_invitation()),
            UserAction::Suspend => {
                self.reaches_user(target).and_then(|()| target.clone().suspend(None, now).map(drop))
            }
            UserAction::Reactivate => {
                self.reaches_user(target).and_then(|()| target.clone().reactivate().map(drop))
            }
            UserAction::Logout | UserAction::Delete => self.reaches_user(target),
            UserAction::StartDeparture => self.reaches_user(target).and_then(|()| target.may_depart()),
            UserAction::GetDeparture => {
                self.may_look_at(target)?;
                target.departure_id.map(drop).ok_or(Refusal::NotFound)
            }
            UserAction::CancelDeparture => {
                self.reaches_user(target)?;
                target.departure_id.map(drop).ok_or(Refusal::NotFound)
            }
            UserAction::AskAccess => self.reaches_user(target).and_then(|()| target.may_be_asked(now)),
            UserAction::ListUserSessions => self.may_look_at(target),
            UserAction::IssueCodes => self.may_handle_codes_of(target).and_then(|()| target.has_factor()),
            UserAction::ViewCodes => {
                self.may_handle_codes_of(target)?;
                if target.codes_viewable { Ok(()) } else { Err(Refusal::CodesNotViewable) }
            }
            UserAction::ListUserKeys | UserAction::DeleteUserKeys => self.may_handle_keys(target),
        }
    }
}
