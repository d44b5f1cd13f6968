//! What callers see of users and sessions.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    AccessQuestion, AccessQuestionView, AccountId, Actor, Delivery, DepartureId, Handover, IfMatch, Instant,
    Locale, MailProblem, Means, Name, ReasonText, Reply, Role, Session, SessionCookie, SessionId, Status,
    SuspendReason, User, UserAction, UserId,
};

/// A user.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "User")]
pub struct UserView {
    /// Never used again, not even after the user is deleted.
    id: UserId,
    /// The account they belong to.
    account_id: AccountId,
    /// Where mail goes, and who signs in, as it was spelt.
    #[schemars(length(max = 254), extend("format" = "idn-email"))]
    email: String,
    /// First name.
    first_name: Name,
    /// Last name.
    last_name: Name,
    /// What they read, where they have said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<Locale>,
    /// What they may do.
    role: Role,
    /// Where they stand.
    status: Status,
    /// The status as people read it.
    status_label: &'static str,
    /// Whether a second factor is enrolled.
    mfa_enabled: bool,
    /// When they were invited, or signed up.
    invited_at: Instant,
    /// When they accepted.
    accepted_at: Option<Instant>,
    /// Their last full sign-in.
    last_login_at: Option<Instant>,
    /// When they were suspended, while they are.
    suspended_at: Option<Instant>,
    /// Why they are suspended, where a reason was given.
    suspend_reason: Option<SuspendReason>,
    /// The reason in the admin's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    suspend_reason_text: Option<ReasonText>,
    /// What the mail service says of their address, where it has trouble with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    mail_problem: Option<MailProblem>,
    /// Their departure, while it is under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    departure_id: Option<DepartureId>,
    /// Whether they still need their access, where they were asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_question: Option<AccessQuestionView>,
    /// How they were invited.
    invitation: InvitationView,
    /// Moves with whatever an admin sees change; also the ETag.
    version: u64,
    /// What the caller may do to them now, by the names of the operations.
    allowed_actions: Vec<UserAction>,
}

impl Reply for UserView {
    const HAS_VERSION: bool = true;

    fn version(&self) -> Option<u64> {
        Some(self.version)
    }
}

/// An invitation, and what became of its mail.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Invitation")]
struct InvitationView {
    /// When the mail service took the mail.
    sent_at: Option<Instant>,
    /// When the recipient's server took it.
    delivered_at: Option<Instant>,
    /// When the invitee was reminded, since it was last sent.
    reminded_at: Option<Instant>,
    /// From this instant on it is expired.
    expires_at: Instant,
    /// What became of the mail.
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
            locale: user.locale.clone(),
            role: user.role,
            status,
            status_label: status.label(),
            mfa_enabled: user.mfa_enabled,
            invited_at: user.invited_at,
            accepted_at: user.accepted_at,
            last_login_at: user.last_login_at,
            suspended_at: user.suspended_at,
            suspend_reason: user.suspension.as_ref().map(|suspension| suspension.reason),
            suspend_reason_text: user.suspension.as_ref().and_then(|suspension| suspension.text.clone()),
            mail_problem: user.mail_problem,
            departure_id: user.departure_id,
            access_question: user.access_question.as_ref().map(AccessQuestion::view),
            invitation: InvitationView {
                sent_at: user.invitation.sent_at,
                delivered_at: user.invitation.delivered_at,
                reminded_at: user.invitation.reminded_at,
                expires_at: user.invitation.expires_at,
                delivery: user.invitation.delivery,
            },
            version: user.version,
            allowed_actions,
        }
    }
}

/// A session in the reply to the sign-in that began it.
#[derive(Clone, Serialize, JsonSchema)]
#[schemars(rename = "Session")]
pub struct SessionView {
    /// The credential, shown this once: `Authorization: Bearer <token>`. It is not here where it is in the cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    /// From this instant on it is over.
    expires_at: Instant,
    /// The session.
    session_id: SessionId,
    /// Who signed in.
    user: UserView,
    /// Whether nothing but the enrolment of a second factor is possible with it.
    restricted: bool,
    #[serde(skip)]
    cookie: Option<SessionCookie>,
}

impl Reply for SessionView {
    const HAS_COOKIE: bool = true;

    fn cookie(&self) -> Option<SessionCookie> {
        self.cookie.clone()
    }
}

impl SessionView {
    /// The session with its credential, which is shown this once.
    pub fn new(session: &Session, token: String, user: &User, now: Instant) -> Self {
        let means = Means::Session(session.clone());
        let itself = Actor { user: user.clone(), means, if_match: IfMatch::Any };
        Self {
            token: Some(token),
            expires_at: session.expires_at,
            session_id: session.id,
            user: itself.view(user, now),
            restricted: user.owes_factor(),
            cookie: None,
        }
    }

    /// The same, handed over so: what is in the cookie is not in the body, where a script could read it.
    #[must_use]
    pub fn handed_over(mut self, handover: Handover, now: Instant) -> Self {
        if handover == Handover::Cookie {
            let lives = self.expires_at - now;
            self.cookie = self.token.take().map(|credential| SessionCookie::Set { credential, lives });
        }
        self
    }
}
