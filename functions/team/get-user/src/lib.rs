//! GET `/v1/users/{user_id}`: one user of the caller's account.

use domain::{Actor, Change, Decision, Permission, UserId, UserView};
use runtime::{Fields, Moment, OnUser, Operation, Target};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<GetUser>();

/// What the caller sends.
pub struct GetUser {
    user_id: UserId,
}

impl Operation for GetUser {
    const NAME: &str = "get-user";
    const NEEDS: Option<Permission> = Some(Permission::ReadUsers);
    type Caller = Actor;
    type Loads = Target;
    type Reply = UserView;

    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { user_id: fields.user_in_path() })
    }

    fn decide(&self, _: &Actor, Target(user): Target, at: &Moment) -> Decision<UserView> {
        Ok(Change::reply(UserView::of(&user, at.now)))
    }
}

impl OnUser for GetUser {
    fn user_id(&self) -> UserId {
        self.user_id
    }
}
