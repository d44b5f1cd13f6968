//! What is told of an account: who uses it, and what could be saved.

mod exports;
mod reviews;
mod savings;
