//! A team: seats, invitations, roles, suspension, deletion, and what is kept of each change.

mod audit;
mod deletion;
mod events;
mod feedback;
mod foreign;
mod invitations;
mod mails;
mod outbox;
mod roles;
mod seats;
mod suspension;
