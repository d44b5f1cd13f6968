//! DELETE `/v1/users/{user_id}/departure`: called off, as long as the user is there. What was done stays done. RULE: CK-01

use domain::{Actor, Change, Decision, DepartureView, Fact, FactKind, Permission, Refusal};
use runtime::{Fields, Here, Moment, Operation};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<CancelDeparture>();

/// Nothing is sent.
pub struct CancelDeparture;

impl Operation for CancelDeparture {
    const NAME: &str = "cancel-departure";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const NEEDS: Option<Permission> = Some(Permission::ManageUsers);
    const REFUSES: &'static [&'static [&'static str]] = &[Actor::ACTING_REFUSES];
    type Caller = Actor;
    type Loads = Here;
    type Reply = DepartureView;

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    fn decide(&self, by: &Actor, Here { user, departing }: Here, at: &Moment) -> Decision<DepartureView> {
        let departure = departing.departure.clone().ok_or(Refusal::NotFound)?;
        by.may_act_on(&user)?;
        if departure.cancelled_at.is_some() {
            return Ok(Change::reply(departing.view(&departure)));
        }
        let departure = departure.as_seen(Some(&user), None).cancel(at.now)?;
        let user = user.departing(None);
        let fact =
            Fact::of(FactKind::DepartureCancelled, &user).after("departure_id", departure.id.to_string());
        Ok(Change::reply(departing.view(&departure)).fact(fact).put(departure).put(user))
    }
}
