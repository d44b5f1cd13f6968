//! What is told of an account: who uses it, and what could be saved.

mod exports;
mod notifications;
mod onboarding;
mod review_crowds;
mod reviews;
mod savings;
mod year;
