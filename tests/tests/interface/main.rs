//! The HTTP interface: problems, lists, bodies that are refused, and which refusal goes first.

mod bodies;
mod lists;
mod order;
mod problems;
