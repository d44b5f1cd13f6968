//! What can go wrong with the table, told apart by whether trying again helps.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// The table did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It may go through later: a time-out, a throttle, a connection that broke.
    #[error("the table did not answer in time")]
    Transient(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It refused the call for good.
    #[error("the table refused the call")]
    Refused(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// An item is not what this version of the code can read.
    #[error("item {key} cannot be read: {problem}")]
    Unreadable {
        /// Partition and sort key.
        key: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The caller asked for something that makes no sense.
    #[error("{0}")]
    Misuse(String),
}

const TRANSIENT_CODES: [&str; 8] = [
    "InternalServerError",
    "ItemCollectionBusyException",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ThrottlingException",
    "TransactionInProgressException",
];

/// Whether an AWS call that failed so may go through when it is made again.
pub(crate) fn is_transient<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    match error {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => true,
        SdkError::ServiceError(context) => {
            context.err().code().is_some_and(|code| TRANSIENT_CODES.contains(&code))
        }
        _ => false,
    }
}

impl StoreError {
    pub(crate) fn of<E, R>(error: SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        if is_transient(&error) { Self::Transient(Box::new(error)) } else { Self::Refused(Box::new(error)) }
    }
}
