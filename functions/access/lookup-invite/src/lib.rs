//! POST /v1/invitations/lookup: what a genuine token is for. It changes nothing. RULE: IN-12

use domain::{Change, Decision, Instant, Name, Reply, Role};
use runtime::{Anyone, Fields, InvitationToken, Invited, Moment, OnInvitation, Operation, TOKENS_KEYS};
use schemars::JsonSchema;
use serde::Serialize;

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<LookupInvite>();

/// What the caller sends.
pub struct LookupInvite {
    token: InvitationToken,
}

/// All that a token shows.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "InvitationOffer")]
pub struct InvitationView {
    /// Who invites.
    account_name: Name,
    /// The role that comes with it.
    role: Role,
    /// From this instant on it cannot be accepted.
    expires_at: Instant,
}

impl Reply for InvitationView {}

impl Operation for LookupInvite {
    const NAME: &str = "lookup-invite";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SETTINGS: &'static [&'static str] = &[TOKENS_KEYS];
    type Caller = Anyone;
    type Loads = Invited;
    type Reply = InvitationView;

    fn read(fields: &mut Fields) -> Option<Self> {
        let token = InvitationToken::read(fields);
        Some(Self { token: token? })
    }

    fn decide(&self, _: &Anyone, invited: Invited, _: &Moment) -> Decision<InvitationView> {
        let expires_at = invited.user.invitation.expires_at;
        Ok(Change::reply(InvitationView {
            account_name: invited.account.name,
            role: invited.user.role,
            expires_at,
        }))
    }
}

impl OnInvitation for LookupInvite {
    fn token(&self) -> &InvitationToken {
        &self.token
    }
}
