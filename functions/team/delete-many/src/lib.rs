//! POST /v1/users/bulk-delete: up to a hundred users at once, each of whom is judged as if they were deleted alone; then
//! each is told what became of them. RULE: AU-04, DE-01, DE-03

mod reply;
mod round;
mod rows;

use std::ops::ControlFlow;

use domain::{Account, Actor, Decision, Permission, UserId};
use runtime::{Fields, Moment, Operation};

pub use reply::DeletedUsers;
use round::Round;
pub use rows::Rows;

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<DeleteMany>();

/// The most users of one call.
const USERS_MAX: usize = 100;

/// What the caller sends, confirmed.
pub struct DeleteMany {
    user_ids: Vec<UserId>,
}

impl Operation for DeleteMany {
    const NAME: &str = "delete-many";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const NEEDS: Option<Permission> = Some(Permission::ManageUsers);
    const REFUSES: &'static [&'static [&'static str]] = &[Actor::FRESH_REFUSES];
    type Caller = Actor;
    type Loads = (Account, Rows);
    type Reply = DeletedUsers;

    fn read(fields: &mut Fields) -> Option<Self> {
        let user_ids = fields.ids("user_ids", "Who is to be deleted; nobody twice.", &(1..=USERS_MAX));
        let confirmed = fields.confirmed();
        confirmed.and(Some(Self { user_ids: user_ids? }))
    }

    fn parts(&self) -> usize {
        self.user_ids.len()
    }

    fn dealt_with(reply: &DeletedUsers) -> usize {
        reply.results.len()
    }

    fn join(before: &DeletedUsers, this: DeletedUsers) -> DeletedUsers {
        this.after(before)
    }

    // RULE: AC-06, AU-04
    fn decide(
        &self,
        by: &Actor,
        (account, Rows(rows)): (Account, Rows),
        at: &Moment,
    ) -> Decision<DeletedUsers> {
        by.is_fresh(at.now)?;
        account.is_closed_up_to(at.now)?;
        let mut round = Round::new(account, by, at.now);
        for row in rows {
            round = match round.deal_with(row)? {
                ControlFlow::Continue(round) => round,
                ControlFlow::Break(round) => return Ok(round.into_change()),
            };
        }
        Ok(round.into_change())
    }
}
