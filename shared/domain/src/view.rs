//! What callers see of users and sessions.

use serde::Serialize;

use crate::{
    AccountId, Actor, Delivery, IfMatch, Instant, Name, ReasonText, Reply, Role, Session, SessionId, Status,
    SuspendReason, User, UserAction, UserId,
};

/// A user in a reply.
#[derive(Clone, Debug, Serialize)]
pub struct UserView {
    id: UserId,
    account_id: AccountId,
    email: String,
    first_name: Name,
    last_name: Name,
    role: Role,
    status: Status,
    status_label: &'static str,
    mfa_enabled: bool,
    invited_at: Instant,
    accepted_at: Option<Instant>,
    last_login_at: Option<Instant>,
    suspended_at: Option<Instant>,
    suspend_reason: Option<SuspendReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suspend_reason_text: Option<ReasonText>,
    invitation: InvitationView,
    version: u64,
    allowed_actions: Vec<UserAction>,
}

impl Reply for UserView {
    fn version(&self) -> Option<u64> {
        Some(self.version)
    }
}

#[derive(Clone, Debug, Serialize)]
struct InvitationView {
    sent_at: Option<Instant>,
    delivered_at: Option<Instant>,
    expires_at: Instant,
    delivery: Delivery,
}

impl UserView {
    /// This user, at this instant, for somebody who may do this to them.
    pub fn of(user: &User, allowed_actions: Vec<UserAction>, now: Instant) -> Self {
        let status = user.status_at(now);
        Self {
            id: user.id,
            account_id: user.account_id,
            email: user.email.spelling().to_owned(),
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
            role: user.role,
            status,
            status_label: status.label(),
            mfa_enabled: false,
            invited_at: user.invited_at,
            accepted_at: user.accepted_at,
            last_login_at: user.last_login_at,
            suspended_at: user.suspended_at,
            suspend_reason: user.suspension.as_ref().map(|suspension| suspension.reason),
            suspend_reason_text: user.suspension.as_ref().and_then(|suspension| suspension.text.clone()),
            invitation: InvitationView {
                sent_at: user.invitation.sent_at,
                delivered_at: user.invitation.delivered_at,
                expires_at: user.invitation.expires_at,
                delivery: user.invitation.delivery,
            },
            version: user.version,
            allowed_actions,
        }
    }
}

/// A session in the reply to the sign-in that began it.
#[derive(Clone, Debug, Serialize)]
pub struct SessionView {
    token: String,
    expires_at: Instant,
    session_id: SessionId,
    user: UserView,
    restricted: bool,
}

impl Reply for SessionView {}

impl SessionView {
    /// The session with its credential, which is shown this once.
    pub fn new(session: &Session, token: String, user: &User, now: Instant) -> Self {
        let itself = Actor { user: user.clone(), session: session.clone(), if_match: IfMatch::Any };
        Self {
            token,
            expires_at: session.expires_at,
            session_id: session.id,
            user: itself.view(user, now),
            restricted: false,
        }
    }
}
