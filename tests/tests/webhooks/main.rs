//! Webhooks: who keeps them, what a receiver gets, and what becomes of one that does not take it.

mod delivering;
mod ending;
mod failing;
mod managing;
mod receiver;
mod replaying;
mod signature;
