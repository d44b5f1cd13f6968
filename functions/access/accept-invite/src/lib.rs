//! POST /v1/invitations/accept: the pending user sets a password and is active. The token is used up.

use domain::{Change, Decision, Fact, FactKind, NewPassword, Role, Timer, UserView};
use runtime::{
    Anyone, Call, Failure, Fields, InvitationToken, Invited, Loaded, Loads, Moment, OnInvitation, Operation,
    TOKENS_KEYS, Wants,
};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<AcceptInvite>();

/// What the caller sends.
pub struct AcceptInvite {
    token: InvitationToken,
    password: NewPassword,
}

/// The holder of a genuine token, and the hash of the password they chose.
pub struct Accepting {
    invited: Invited,
    password_hash: String,
}

impl Operation for AcceptInvite {
    const NAME: &str = "accept-invite";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SUCCESS: u16 = 201;
    const SETTINGS: &'static [&'static str] = &[TOKENS_KEYS];
    type Caller = Anyone;
    type Loads = Accepting;
    type Reply = UserView;

    fn read(fields: &mut Fields) -> Option<Self> {
        let token = InvitationToken::read(fields);
        let about = "The password to sign in with; none that is common or one's own name.";
        let password = fields.new_password("password", about);
        Some(Self { token: token?, password: password? })
    }

    // RULE: AU-02, IN-14, IN-15, PS-03
    fn decide(&self, _: &Anyone, accepting: Accepting, at: &Moment) -> Decision<UserView> {
        let Invited { account, user } = accepting.invited;
        // Whoever signed up confirms the account: from now on it is reviewed.
        let reviews = user.invitation.invited_by.is_none().then(|| Timer::of_reviews(account.id, at.now));
        let billed = account.accept(&user, at.now)?;
        let user = user.accept(accepting.password_hash, at.now);
        Ok(Change::reply(UserView::of(&user, Vec::new(), at.now))
            .put_all(reviews)
            .performed_by(&user)
            .fact(
                Fact::of(FactKind::UserAccepted, &user)
                    .before("status", "pending")
                    .after("status", "active")
                    .after("role", Role::name(user.role)),
            )
            .billed(billed)
            .put(user))
    }
}

impl OnInvitation for AcceptInvite {
    fn token(&self) -> &InvitationToken {
        &self.token
    }
}

impl Loads<AcceptInvite> for Accepting {
    fn refuses() -> Vec<&'static str> {
        <Invited as Loads<AcceptInvite>>::refuses()
    }

    fn wants(accept: &AcceptInvite, call: &Call<'_>, wants: &mut Wants) {
        Invited::wants(accept, call, wants);
    }

    /// The password is judged and hashed only for the holder of a genuine token: whose it is decides
    /// whether it is too close to their name. RULE: AC-02
    async fn take(accept: &AcceptInvite, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let invited = Invited::take(accept, call, loaded).await?;
        let password_hash = call.hash_password_of(&accept.password, "password", &invited.user).await?;
        Ok(Self { invited, password_hash })
    }
}
