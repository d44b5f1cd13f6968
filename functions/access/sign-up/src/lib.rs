//! POST /v1/accounts: a new Free account and its pending Root, who is mailed the link to set a password.

use domain::{
    Account, AccountId, Change, Decision, Email, EntityKey, Fact, FactKind, Invitee, MailWindow,
    MailWindowScope, Membership, Name, Reply, Role, User,
};
use runtime::{Anyone, Call, Failure, Fields, Loaded, Loads, Moment, Operation, Wants};
use schemars::JsonSchema;
use serde::Serialize;

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<SignUp>();

/// What the caller sends.
pub struct SignUp {
    account_name: Name,
    email: Email,
    first_name: Name,
    last_name: Name,
}

/// The account that waits for its Root.
#[derive(Serialize, JsonSchema)]
pub struct SignedUp {
    /// The new account.
    account_id: AccountId,
}

impl Reply for SignedUp {}

/// The mails asked for to this address and from this place within the hour.
pub struct Mails {
    to: Option<MailWindow>,
    from: Option<MailWindow>,
}

impl Operation for SignUp {
    const NAME: &str = "sign-up";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SUCCESS: u16 = 202;
    const REFUSES: &'static [&'static [&'static str]] = &[&["locked"]];
    type Caller = Anyone;
    type Loads = Mails;
    type Reply = SignedUp;

    fn read(fields: &mut Fields) -> Option<Self> {
        let account_name = fields.text("account_name", "What the account is called.");
        let email = fields.email("The address of the account's first Root, who is mailed a link.");
        let first_name = fields.text("first_name", "The Root's first name.");
        let last_name = fields.text("last_name", "The Root's last name.");
        Some(Self {
            account_name: account_name?,
            email: email?,
            first_name: first_name?,
            last_name: last_name?,
        })
    }

    // RULE: AC-01, AC-03, IN-18
    fn decide(&self, _: &Anyone, mails: Mails, at: &Moment) -> Decision<SignedUp> {
        let to = MailWindow::ask(mails.to, self.to(), at.fresh.event_id, at.now)?;
        let from = MailWindow::ask(mails.from, from(at), at.fresh.event_id, at.now)?;
        let account = Account::new(at.fresh.account_id, self.account_name.clone(), at.now).reserve_seat()?;
        let invitee = Invitee {
            email: self.email.clone(),
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            role: Role::Root,
            message: None,
        };
        let root = User::invited(at.fresh.user_id, &account, invitee, None, at.fresh.nonce.clone(), at.now);
        Ok(Change::reply(SignedUp { account_id: account.id })
            .performed_by(&root)
            .fact(Fact::of(FactKind::AccountCreated, &root))
            .put(account)
            .put(Membership::of(&root))
            .put(root)
            .put(to)
            .put(from))
    }
}

impl SignUp {
    fn to(&self) -> MailWindowScope {
        MailWindowScope::To(self.email.key())
    }
}

fn from(at: &Moment) -> MailWindowScope {
    MailWindowScope::From(at.source_ip.clone())
}

impl Loads<SignUp> for Mails {
    fn wants(sign_up: &SignUp, call: &Call<'_>, wants: &mut Wants) {
        wants.key(EntityKey::MailWindow(sign_up.to()));
        wants.key(EntityKey::MailWindow(from(call.moment)));
    }

    async fn take(sign_up: &SignUp, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        Ok(Self {
            to: loaded.get(&EntityKey::MailWindow(sign_up.to()))?,
            from: loaded.get(&EntityKey::MailWindow(from(call.moment)))?,
        })
    }
}
