//! A team: seats, invitations, roles, suspension, deletion, and what is kept of each change.

mod access_question;
mod account;
mod audit;
mod bulk;
mod bulk_deletion;
mod closing;
mod crowds;
mod deadlines;
mod deletion;
mod deletion_rounds;
mod departures;
mod erasure;
mod events;
mod feedback;
mod foreign;
mod invitations;
mod mails;
mod outbox;
mod resending;
mod resources;
mod revoking;
mod roles;
mod rounds;
mod seats;
mod suspension;
mod user_sessions;
