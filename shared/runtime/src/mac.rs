//! MACs under keys that never leave KMS.

use std::sync::OnceLock;

use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_kms::operation::generate_mac::GenerateMacError;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::MacAlgorithmSpec;
use domain::KeyVersion;

use crate::key_ring::KeyRing;
use crate::{Env, Failure, Fault, RequestIdHeader};

/// Errors after which the same call may go through.
const TRANSIENT_CODES: [&str; 4] =
    ["DependencyTimeoutException", "KMSInternalException", "LimitExceededException", "ThrottlingException"];

/// The client, made when it is first needed: most requests need no MAC.
#[derive(Default)]
pub(crate) struct KeyService(OnceLock<aws_sdk_kms::Client>);

/// KMS gave no MAC.
#[derive(Debug, thiserror::Error)]
pub enum MacError {
    /// It may give one later.
    #[error("the key service did not answer in time")]
    Transient(#[source] Fault),
    /// It will not.
    #[error("the key service refused the call")]
    Refused(#[source] Fault),
}

impl From<MacError> for Failure {
    fn from(error: MacError) -> Self {
        match error {
            MacError::Transient(_) => Self::Unavailable(error.into()),
            MacError::Refused(_) => Self::Fault(error.into()),
        }
    }
}

impl Env {
    /// The version of the key that new things of this purpose are made under. The setting was asked for at the start.
    pub fn current_key(&self, keys: &'static str) -> Result<KeyVersion, MacError> {
        self.key_ring(keys).map(KeyRing::current)
    }

    /// The HMAC-SHA-256 of a message under a key that never leaves KMS. None where that version of the key is not used any
    /// more: what was made under it is not genuine, which is no fault. RULE: AC-09
    pub async fn mac(
        &self,
        keys: &'static str,
        version: KeyVersion,
        message: &[u8],
    ) -> Result<Option<[u8; 32]>, MacError> {
        let Some(key) = self.key_ring(keys)?.key(version) else { return Ok(None) };
        let client = self.key_service.0.get_or_init(|| {
            let config = aws_sdk_kms::config::Builder::from(&self.sdk).interceptor(RequestIdHeader).build();
            aws_sdk_kms::Client::from_conf(config)
        });
        let call = client
            .generate_mac()
            .key_id(key)
            .mac_algorithm(MacAlgorithmSpec::HmacSha256)
            .message(Blob::new(message));
        let answer = match call.send().await {
            Ok(answer) => answer,
            Err(SdkError::ServiceError(context)) if context.err().is_disabled_exception() => return Ok(None),
            Err(error) => return Err(of(error)),
        };
        let mac = answer.mac.ok_or_else(|| MacError::Refused("KMS answered without a MAC".into()))?;
        let mac = mac.as_ref().try_into();
        mac.map(Some).map_err(|_| MacError::Refused("KMS answered a MAC of another length".into()))
    }

    fn key_ring(&self, keys: &'static str) -> Result<&KeyRing, MacError> {
        let ring = self.key_rings.get(keys);
        ring.ok_or_else(|| MacError::Refused(format!("{keys} was not asked for").into()))
    }
}

fn of<R>(error: SdkError<GenerateMacError, R>) -> MacError
where
    R: std::fmt::Debug + Send + Sync + 'static,
{
    let is_transient = match &error {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => true,
        SdkError::ServiceError(context) => {
            context.err().code().is_some_and(|code| TRANSIENT_CODES.contains(&code))
        }
        _ => false,
    };
    if is_transient { MacError::Transient(error.into()) } else { MacError::Refused(error.into()) }
}
