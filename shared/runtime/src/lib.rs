//! The shell that every function shares: authenticate and load in one step, decide, commit, answer.
//!
//! An operation says what it takes, what it loads and what it decides ([`Operation`]); a job says what it
//! does with a message ([`Job`]). Everything else about running on AWS Lambda is here, once.

mod audit;
mod aws;
mod backoff;
mod batch;
mod call;
mod caller;
mod candidate;
mod clock;
mod credential;
mod dead_letters;
mod departing;
mod describe;
mod doubt;
mod env;
mod fields;
mod files;
mod function;
mod gateway;
mod idempotency;
mod json;
mod loads;
mod mac;
mod metrics;
mod operation;
mod origin;
mod page;
mod password;
mod record;
mod room;
mod rounds;
mod routes;
mod settle;
mod shape;
mod shell;
mod sweep;
mod token;

pub use aws::{REQUEST_ID, RequestIdHeader};
pub use batch::{BatchReply, Job, Message, job};
pub use call::{Call, Fresh, Moment};
pub use caller::{Admission, Anyone, Caller};
pub use clock::Clock;
pub use credential::{Credential, CredentialId};
pub use departing::{Departing, Here, OwnDeparture};
pub use describe::{Describe, Described, IDEMPOTENCY_KEY};
pub use env::Env;
pub use fields::Fields;
pub use files::{FILE_HEADERS, File, Files, files};
pub use function::{Fault, Function, Handler, Host, Interface, Output, StartError, serve};
pub use loads::{Failure, Loads, Revocable, Target};
pub use mac::MacError;
pub use metrics::{METRICS, Metric, NAMESPACE};
pub use operation::{Operation, http};
pub use page::{FILTERED_READ_MAX, Page, cursor};
pub use password::{hash_password, verify_password};
pub use record::chain;
pub use room::find_room;
pub use routes::{Routes, routes};
pub use settle::{Settled, settle};
pub use shape::{Field, Shape};
pub use store::{Collection, DueItem, Loaded, Part, Wants};
pub use sweep::{Sweep, sweep};
pub use token::{INVITATIONS_KEY, InvitationToken, Invited, OnInvitation};
