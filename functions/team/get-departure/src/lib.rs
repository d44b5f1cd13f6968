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
    const REFUSES: &'static [&'static [&'static str]] = &[&["admin_cannot_modify_root"]];
    type Caller = Actor;
    type Loads = Departing;
    type Reply = DepartureView;

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    fn decide(&self, by: &Actor, departing: Departing, _: &Moment) -> Decision<DepartureView> {
        if let Some(user) = &departing.user {
            by.may_look_at(user)?;
        }
        let nothing = if departing.user.is_some() { Refusal::NotFound } else { Refusal::UserDeleted };
        let departure = departing.departure.as_ref().ok_or(nothing)?;
        Ok(Change::reply(departing.view(departure)))
    }
}
