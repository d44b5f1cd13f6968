//! A team: seats, invitations, roles, suspension, deletion, and what is kept of each change.

mod audit;
mod bulk;
mod deletion;
mod events;
mod foreign;
mod invitations;
mod mails;
mod outbox;
mod resending;
mod revoking;
mod roles;
mod rounds;
mod seats;
mod suspension;
