//! GET /v1/seats: the seat summary. RULE: PS-12

use domain::{Account, Actor, Catalogue, Change, Decision, Permission, Seats};
use runtime::{Fields, Moment, Operation};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<GetSeats>();

/// Nothing is sent.
pub struct GetSeats;

impl Operation for GetSeats {
    const NAME: &str = "seats";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const NEEDS: Option<Permission> = Some(Permission::ReadUsers);
    type Caller = Actor;
    type Loads = Account;
    type Reply = Seats;

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    fn decide(&self, _: &Actor, account: Account, at: &Moment) -> Decision<Seats> {
        Ok(Change::reply(account.close_all(Catalogue::LISTS, at.now).seats()))
    }
}
