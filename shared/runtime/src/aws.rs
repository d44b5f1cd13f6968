//! The AWS clients' common ground: region, credentials and endpoint from the function's own environment,
//! without the default provider chain, which costs at every cold start.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;

use crate::{Host, StartError};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);

tokio::task_local! {
    /// The request that is being answered; every AWS call made for it carries it.
    pub static REQUEST_ID: String;
}

/// What every client is made of. The shell tries again itself, so that each attempt decides afresh.
pub(crate) fn sdk_config(host: &Host) -> Result<SdkConfig, StartError> {
    let region = host.setting("AWS_REGION")?;
    let credentials = Credentials::new(
        host.setting("AWS_ACCESS_KEY_ID")?,
        host.setting("AWS_SECRET_ACCESS_KEY")?,
        host.environment.get("AWS_SESSION_TOKEN").cloned(),
        None,
        "environment",
    );
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .build();
    let http_client =
        aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(credentials))
        .timeout_config(timeouts)
        .retry_config(RetryConfig::disabled())
        .sleep_impl(TokioSleep::new())
        .http_client(http_client);
    config.set_endpoint_url(host.environment.get("AWS_ENDPOINT_URL").cloned());
    Ok(config.build())
}

/// Puts the request's identifier on every AWS call, so that a call can be told to belong to a request.
#[derive(Debug)]
pub struct RequestIdHeader;

#[dyn_dispatch_hint]
impl Intercept for RequestIdHeader {
    fn name(&self) -> &'static str {
        "RequestIdHeader"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Ok(request_id) = REQUEST_ID.try_with(Clone::clone) {
            context.request_mut().headers_mut().try_insert("x-request-id", request_id)?;
        }
        Ok(())
    }
}
