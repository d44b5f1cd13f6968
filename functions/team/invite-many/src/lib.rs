//! POST /v1/users/bulk: up to a hundred invitations at once. Whether there is room is judged for all of them before
//! anything is done; then each row is told what became of it. RULE: IN-21

mod reply;
mod round;
mod rows;

use std::ops::ControlFlow;

use domain::{Actor, Candidate, Decision, Email, Permission};
use runtime::{Fields, Moment, Operation};

pub use reply::InvitedUsers;
use round::Round;
pub use rows::Rows;

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<InviteMany>();

/// The most rows of one call.
const ROWS_MAX: usize = 100;

/// What the caller sends.
pub struct InviteMany {
    users: Vec<Candidate>,
}

impl Operation for InviteMany {
    const NAME: &str = "invite-many";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const NEEDS: Option<Permission> = Some(Permission::ManageUsers);
    const REFUSES: &'static [&'static [&'static str]] =
        &[&["admin_cannot_assign_root", "maximum_users_reached", "rate_limited"], Actor::FRESH_REFUSES];
    type Caller = Actor;
    type Loads = Rows;
    type Reply = InvitedUsers;

    fn read(fields: &mut Fields) -> Option<Self> {
        let about = "Who is to be invited; no address twice.";
        let rows = fields.rows("users", about, &(1..=ROWS_MAX), |row| {
            let email = row.peek("email").and_then(|text| Email::parse(text).ok());
            Some((email, row.candidate()))
        })?;
        let identity =
            |row: &Option<(Option<Email>, _)>| Some(row.as_ref()?.0.as_ref()?.identity().to_owned());
        fields.name_repeats("users", ".email", rows.iter().map(identity));
        let users = rows.into_iter().map(|row| row?.1).collect::<Option<Vec<Candidate>>>()?;
        Some(Self { users })
    }

    fn parts(&self) -> usize {
        self.users.len()
    }

    fn dealt_with(reply: &InvitedUsers) -> usize {
        reply.results.len()
    }

    fn join(before: &InvitedUsers, this: InvitedUsers) -> InvitedUsers {
        this.after(before)
    }

    // RULE: IN-21, IN-22, RO-02, PS-05
    fn decide(&self, by: &Actor, Rows { room, rows }: Rows, at: &Moment) -> Decision<InvitedUsers> {
        for candidate in &self.users {
            by.may_invite_as(candidate.invitee.role, at.now)?;
        }
        room.account.is_closed_up_to(at.now)?;
        if at.done == 0 {
            rows::fit(&rows, &room, at.now)?;
        }
        let begun = Round::new(room, by, at);
        let ended = rows.into_iter().zip(&self.users[at.done..]).try_fold(begun, Round::deal_with);
        let (ControlFlow::Continue(round) | ControlFlow::Break(round)) = ended;
        Ok(round.into_change())
    }
}
