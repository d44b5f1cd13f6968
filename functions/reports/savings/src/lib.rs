//! GET /v1/reports/savings: who hardly uses their seat, what the seats cost, and what could be saved. RULE: AU-02, AU-05

use domain::{Account, Actor, Catalogue, Census, Change, Decision, Permission, SavingsReport};
use runtime::{Call, Failure, Fields, Loaded, Loads, Moment, Operation, Wants};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<Savings>();

/// Nothing is sent.
pub struct Savings;

/// The account, after all of its users were seen.
pub struct Counted(Census);

impl Operation for Savings {
    const NAME: &str = "savings";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const ROLE_FIRST: bool = true;
    const NEEDS: Option<Permission> = Some(Permission::ReadUsers);
    type Caller = Actor;
    type Loads = Counted;
    type Reply = SavingsReport;

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    fn decide(&self, _: &Actor, Counted(census): Counted, _: &Moment) -> Decision<SavingsReport> {
        Ok(Change::reply(census.end(Catalogue::LISTS)))
    }
}

impl Loads<Savings> for Counted {
    fn wants(savings: &Savings, call: &Call<'_>, wants: &mut Wants) {
        Account::wants(savings, call, wants);
    }

    async fn take(savings: &Savings, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let account = Account::take(savings, call, loaded).await?;
        Ok(Self(runtime::census(call.env, account, call.moment.now, &mut loaded.capacity).await?))
    }
}
