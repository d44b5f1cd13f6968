//! The shell that every function shares.

mod clock;
mod function;

pub use clock::Clock;
pub use function::{Fault, Function, Handler, Host, Output, StartError, serve};
