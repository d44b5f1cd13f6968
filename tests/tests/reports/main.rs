//! What is told of an account: who uses it, and what could be saved.

mod exports;
mod onboarding;
mod reviews;
mod savings;
