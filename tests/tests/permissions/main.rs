//! Who may do what to whom: every operation by every role on every role, tried over HTTP, and which refusal comes
//! first where several apply.
#![allow(clippy::expect_used)]

mod cast;
mod matrix;
mod means;
mod order;
mod own;

pub(crate) const ROLES: [&str; 5] = ["root", "admin", "billing", "developer", "monitor"];
