//! POST /v1/password-resets: a link to set a new password, by mail. Whatever the address, the answer and the effort are the
//! same. RULE: AC-08, AC-03, SU-01

use domain::{
    AccountId, Change, Decision, Email, EntityKey, Fact, FactKind, MailWindow, MailWindowScope, Reply,
    Status, User,
};
use runtime::{Anyone, Call, Failure, Fields, Loaded, Loads, MeantUser, Moment, Operation, Wants};
use schemars::JsonSchema;
use serde::Serialize;

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<RequestReset>();

/// What the caller sends.
pub struct RequestReset {
    email: Email,
    account_id: Option<AccountId>,
}

/// What everybody is told.
#[derive(Serialize, JsonSchema)]
pub struct Requested {
    /// Always the same: whether there is anybody is not told.
    detail: &'static str,
}

impl Reply for Requested {}

/// Whom the address means, and the mails that were asked for within the hour.
pub struct Wish {
    user: Option<User>,
    to: Option<MailWindow>,
    from: Option<MailWindow>,
}

impl Operation for RequestReset {
    const NAME: &str = "request-reset";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SUCCESS: u16 = 202;
    const REFUSES: &'static [&'static [&'static str]] = &[&["locked"]];
    type Caller = Anyone;
    type Loads = Wish;
    type Reply = Requested;

    fn read(fields: &mut Fields) -> Option<Self> {
        let email = fields.email("The address that one signs in with.");
        let about = "Which account, where the address is in several; else the one last used.";
        let account_id = fields.optional_id("account_id", about);
        Some(Self { email: email?, account_id: account_id? })
    }

    // RULE: AC-12
    fn decide(&self, _: &Anyone, wish: Wish, at: &Moment) -> Decision<Requested> {
        let to = MailWindow::ask(wish.to, self.to(), at.fresh.event_id, at.now)?;
        let from = MailWindow::ask(wish.from, from(at), at.fresh.event_id, at.now)?;
        let detail = "If somebody signs in with this address, a link is on its way to it.";
        let change = Change::reply(Requested { detail }).put(to).put(from);
        Ok(match wish.user.filter(|user| user.status == Status::Active) {
            None => change,
            Some(user) => {
                let user = user.asked_for_reset(at.fresh.nonce.clone(), at.now);
                change.performed_by(&user).fact(Fact::of(FactKind::PasswordResetRequested, &user)).put(user)
            }
        })
    }
}

impl RequestReset {
    fn to(&self) -> MailWindowScope {
        MailWindowScope::To(self.email.key())
    }
}

fn from(at: &Moment) -> MailWindowScope {
    MailWindowScope::From(at.source_ip.clone())
}

impl Loads<RequestReset> for Wish {
    fn wants(reset: &RequestReset, call: &Call<'_>, wants: &mut Wants) {
        wants.key(EntityKey::MailWindow(reset.to()));
        wants.key(EntityKey::MailWindow(from(call.moment)));
        MeantUser::want(&reset.email, reset.account_id, wants);
    }

    async fn take(reset: &RequestReset, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let MeantUser(user) = MeantUser::load(&reset.email, reset.account_id, call, loaded).await?;
        Ok(Self {
            user,
            to: loaded.get(&EntityKey::MailWindow(reset.to()))?,
            from: loaded.get(&EntityKey::MailWindow(from(call.moment)))?,
        })
    }
}
