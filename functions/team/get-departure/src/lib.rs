//! GET `/v1/users/{user_id}/departure`: what is to happen when, and what has. The record outlives the user. RULE: CK-02

use domain::{Actor, Change, Decision, DepartureView, Permission, Refusal};
use runtime::{Departing, Fields, Moment, Operation};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<GetDeparture>();

/// Nothing is sent.
pub struct GetDeparture;

impl Operation for GetDeparture {
    const NAME: &str = "get-departure";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const NEEDS: Option<Permission> = Some(Permission::ManageUsers);
    type Caller = Actor;
    type Loads = Departing;
    type Reply = DepartureView;

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    fn decide(&self, _: &Actor, departing: Departing, _: &Moment) -> Decision<DepartureView> {
        let nothing = if departing.user.is_some() { Refusal::NotFound } else { Refusal::UserDeleted };
        let departure = departing.departure.as_ref().ok_or(nothing)?;
        Ok(Change::reply(departing.view(departure)))
    }
}
