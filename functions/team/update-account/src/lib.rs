//! PATCH /v1/account: another name, another lifetime of invitations, another measure of who is inactive. What is not sent
//! stays as it is.

use domain::{Account, AccountChanges, AccountView, Actor, Change, Decision, Name, Permission};
use runtime::{Fields, Moment, Operation};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<UpdateAccount>();

/// What the caller sends.
pub struct UpdateAccount {
    changes: AccountChanges,
}

impl Operation for UpdateAccount {
    const NAME: &str = "update-account";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const NEEDS: Option<Permission> = Some(Permission::ManageAccount);
    const REFUSES: &'static [&'static [&'static str]] = &[&["version_mismatch"]];
    type Caller = Actor;
    type Loads = Account;
    type Reply = AccountView;

    fn read(fields: &mut Fields) -> Option<Self> {
        let name = fields.optional_text::<Name>("name", "What mails and invitations call it.");
        let days = fields.optional_number(
            "invitation_lifetime_days",
            "How many days an invitation lives that is sent from now on.",
            &Account::INVITATION_LIFETIME_DAYS,
        );
        let inactive = fields.optional_number(
            "inactive_after_days",
            "From how many days without a sign-in on a user is inactive.",
            &Account::INACTIVE_AFTER_DAYS,
        );
        let changes =
            AccountChanges { name: name?, invitation_lifetime_days: days?, inactive_after_days: inactive? };
        Some(Self { changes })
    }

    // RULE: AP-03, IN-11
    fn decide(&self, by: &Actor, account: Account, _: &Moment) -> Decision<AccountView> {
        by.if_match.check(account.version)?;
        let (account, fact) = account.change(self.changes.clone());
        let reply = Change::reply(AccountView::from(&account));
        Ok(match fact {
            Some(fact) => reply.fact(fact).put(account),
            None => reply,
        })
    }
}
