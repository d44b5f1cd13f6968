//! GET `/v1/users/{user_id}`: one user of the caller's account.

use domain::{Actor, Change, Decision, Permission, UserView};
use runtime::{Fields, Moment, Operation, Target};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<GetUser>();

/// The path says it all.
pub struct GetUser;

impl Operation for GetUser {
    const NAME: &str = "get-user";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const NEEDS: Option<Permission> = Some(Permission::ReadUsers);
    type Caller = Actor;
    type Loads = Target;
    type Reply = UserView;

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    fn decide(&self, by: &Actor, Target(user): Target, at: &Moment) -> Decision<UserView> {
        Ok(Change::reply(by.view(&user, at.now)))
    }
}
