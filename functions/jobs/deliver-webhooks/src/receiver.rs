//! One call of a receiver: a POST that is signed, with little patience. No redirect is followed, no proxy is asked, and of the
//! answer the status is all that is read. RULE: EV-05

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use domain::{FactId, Instant, Webhook, WebhookSecret, is_public};
use runtime::Fault;

use crate::guard::{Guard, Nowhere, System};

const CONNECT_LONGEST: Duration = Duration::from_secs(2);
const CALL_LONGEST: Duration = Duration::from_secs(5);
const USER_AGENT: &str = "roster-webhooks";
const GONE: u16 = 410;

/// What became of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Taken,
    /// Not taken, and why, in a word of the interface.
    NotTaken(String),
    /// The receiver wants nothing any more.
    Gone,
}

impl Answer {
    fn of_status(status: u16) -> Self {
        match status {
            200..300 => Self::Taken,
            GONE => Self::Gone,
            other => Self::NotTaken(format!("status_{other}")),
        }
    }

    pub(crate) fn not_taken(reason: &str) -> Self {
        Self::NotTaken(reason.to_owned())
    }
}

/// What is sent.
pub(crate) struct Sent<'a> {
    pub(crate) fact_id: FactId,
    pub(crate) body: &'a str,
    pub(crate) at: Instant,
}

/// Those who are called.
pub(crate) struct Receivers {
    connector: Connector,
}

impl Receivers {
    pub(crate) fn new() -> Self {
        Self::behind(Guard::new(Arc::new(System), is_public))
    }

    /// No connection is kept: each is judged anew, and none is found dead by a function that slept.
    fn behind(guard: Guard) -> Self {
        let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT_LONGEST).build();
        let connector = Connector::builder()
            .connector_settings(settings)
            .sleep_impl(TokioSleep::new())
            .pool_max_idle_per_host(0)
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_with_resolver(guard);
        Self { connector }
    }

    /// Calls the webhook's receiver, where it may be called.
    pub(crate) async fn call(
        &self,
        webhook: &Webhook,
        secret: &WebhookSecret,
        sent: Sent<'_>,
        admitted: Option<SocketAddr>,
    ) -> Result<Answer, Fault> {
        // What is an address already is not resolved, so it is judged here.
        if let Err((reason, _)) = webhook.url.check(admitted) {
            return Ok(Answer::not_taken(reason));
        }
        let mut request = HttpRequest::new(SdkBody::from(sent.body));
        request.set_method("POST")?;
        if request.set_uri(webhook.url.as_str()).is_err() {
            return Ok(Answer::not_taken("invalid_url"));
        }
        let headers = request.headers_mut();
        headers.try_insert("content-type", "application/json")?;
        headers.try_insert("content-length", sent.body.len().to_string())?;
        headers.try_insert("user-agent", USER_AGENT)?;
        headers.try_insert("roster-event-id", sent.fact_id.to_string())?;
        headers.try_insert("roster-webhook-id", webhook.id.to_string())?;
        headers.try_insert("roster-signature", secret.sign(sent.at, sent.body))?;
        Ok(self.send(request).await)
    }

    async fn send(&self, request: HttpRequest) -> Answer {
        match tokio::time::timeout(CALL_LONGEST, self.connector.call(request)).await {
            Ok(Ok(response)) => Answer::of_status(response.status().as_u16()),
            Ok(Err(error)) => Answer::not_taken(reason(&error)),
            Err(_) => Answer::not_taken("timed_out"),
        }
    }
}

/// Why no answer came, in a word of the interface.
fn reason(error: &ConnectorError) -> &'static str {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = source {
        match error.downcast_ref() {
            Some(Nowhere::NotResolved) => return "not_resolved",
            Some(Nowhere::NotPublic) => return "not_public",
            None => source = error.source(),
        }
    }
    if error.is_timeout() { "timed_out" } else { "not_connected" }
}

#[cfg(test)]
mod tests;
