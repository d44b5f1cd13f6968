//! Bad days: every AWS call of every function fails once in every way, messages come twice, late and out of order.
#![allow(clippy::expect_used, clippy::panic)]

mod deliveries;
mod matrix;
mod scene;
mod slow;
