//! POST /v1/invitations/accept: the pending user sets a password and is active. The token is used up.

use domain::{Change, Decision, Fact, FactKind, FieldError, NewPassword, Refusal, Role, UserView};
use runtime::{
    Anyone, Call, Failure, Fields, InvitationToken, Invited, Loaded, Loads, Moment, OnInvitation, Operation,
    Shape, TOKENS_KEYS, Wants,
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
        let password = fields.required(
            "password",
            Shape::text(
                "The password to sign in with; none that is common or one's own name.",
                &(NewPassword::CHARS_MIN..=NewPassword::CHARS_MAX),
            ),
            NewPassword::parse,
        );
        Some(Self { token: token?, password: password? })
    }

    // RULE: IN-14, IN-15, PS-03
    fn decide(&self, _: &Anyone, accepting: Accepting, at: &Moment) -> Decision<UserView> {
        let Invited { account, user } = accepting.invited;
        let account = account.accept(user.role);
        let user = user.accept(accepting.password_hash, at.now);
        Ok(Change::reply(UserView::of(&user, Vec::new(), at.now))
            .performed_by(&user)
            .fact(
                Fact::of(FactKind::UserAccepted, &user)
                    .before("status", "pending")
                    .after("status", "active")
                    .after("role", Role::name(user.role)),
            )
            .put(account)
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
        let user = &invited.user;
        let checked = accept.password.check_for(&user.email, [&user.first_name, &user.last_name]);
        checked.map_err(|(code, detail)| {
            Refusal::Validation(vec![FieldError { field: "password".into(), code, detail }])
        })?;
        let password_hash = call.hash_password(accept.password.expose()).await.map_err(Failure::Fault)?;
        Ok(Self { invited, password_hash })
    }
}
