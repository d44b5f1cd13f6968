//! The HTTP interface: problems, lists, bodies that are refused, which refusal goes first, and what holds for every
//! operation: idempotency, versions, limits, what is allowed.

mod allowed;
mod bodies;
mod docs;
mod fuzz;
mod idempotency;
mod lists;
mod order;
mod order_access;
mod problems;
mod rates;
mod secrets;
mod versions;
mod wrong;
