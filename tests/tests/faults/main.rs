//! Bad days: every AWS call of every function fails once in every way, messages come twice, late and out of order.
#![allow(clippy::expect_used, clippy::panic)]

mod access;
mod billing;
mod closing;
mod deliveries;
mod factors;
mod matrix;
mod operation;
mod passkeys;
mod scene;
mod slow;
mod webhooks;
