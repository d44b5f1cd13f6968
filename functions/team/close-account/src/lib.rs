//! DELETE `/v1/account?confirm=true`: the end of the account, by one write, whatever the number of its users. Every
//! request reads the account, so that no session, invitation or timer of it is good from then on. RULE: AC-11

use chrono::SecondsFormat;
use domain::{Account, Actor, Change, Decision, Fact, FactKind, Permission, Timer, TimerKind};
use runtime::{Fields, Moment, Operation};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<CloseAccount>();

/// Confirmed.
pub struct CloseAccount;

impl Operation for CloseAccount {
    const NAME: &str = "close-account";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SUCCESS: u16 = 204;
    const NEEDS: Option<Permission> = Some(Permission::CloseAccount);
    const REFUSES: &'static [&'static [&'static str]] = &[&["version_mismatch"], Actor::FRESH_REFUSES];
    type Caller = Actor;
    type Loads = Account;
    type Reply = ();

    fn read(fields: &mut Fields) -> Option<Self> {
        fields.confirmed().map(|()| Self)
    }

    // RULE: RO-02, AC-06, AP-03
    fn decide(&self, by: &Actor, account: Account, at: &Moment) -> Decision<()> {
        by.is_fresh(at.now)?;
        by.if_match.check(account.version)?;
        let erased_at = at.now + Account::ERASED_AFTER;
        let fact = Fact::bare(FactKind::AccountClosed)
            .before("pending", account.pending)
            .before("active", account.active)
            .before("suspended", account.suspended)
            .after("erased_at", erased_at.to_rfc3339_opts(SecondsFormat::Millis, true));
        let timer = Timer { account_id: account.id, kind: TimerKind::Erasure, at: erased_at };
        Ok(Change::reply(()).fact(fact).put(account.close(at.now)?).put(timer))
    }
}
