//! GET /v1/account: the caller's account, whatever their role.

use domain::{Account, AccountView, Actor, Catalogue, Change, Decision};
use runtime::{Fields, Moment, Operation};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<GetAccount>();

/// Nothing is sent.
pub struct GetAccount;

impl Operation for GetAccount {
    const NAME: &str = "get-account";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    type Caller = Actor;
    type Loads = Account;
    type Reply = AccountView;

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    fn decide(&self, _: &Actor, account: Account, at: &Moment) -> Decision<AccountView> {
        Ok(Change::reply(AccountView::from(&account.close_all(Catalogue::LISTS, at.now))))
    }
}
