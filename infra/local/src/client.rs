//! A caller of AWS, or of what stands in for it: signed requests, in the services' own JSON.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::identity::Identity;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use axum::body::Bytes;
use runtime::chain;
use serde_json::Value;

use crate::template::REGION;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longer than a queue holds a request that waits for a message.
const READ_TIMEOUT: Duration = Duration::from_secs(40);
/// What stands for the service's name in an endpoint that has an address for each.
const SERVICE: &str = "{service}";

/// A service, as far as it is called here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// The table.
    DynamoDb,
    /// MACs.
    Kms,
    /// The bus.
    Events,
    /// Queues.
    Sqs,
    /// Functions.
    Lambda,
}

impl Service {
    /// Its name in addresses and signatures.
    pub fn name(self) -> &'static str {
        match self {
            Self::DynamoDb => "dynamodb",
            Self::Kms => "kms",
            Self::Events => "events",
            Self::Sqs => "sqs",
            Self::Lambda => "lambda",
        }
    }

    /// What stands before the operation in `x-amz-target`, and the version of the JSON protocol.
    fn protocol(self) -> (&'static str, &'static str) {
        match self {
            Self::DynamoDb => ("DynamoDB_20120810.", "1.0"),
            Self::Kms => ("TrentService.", "1.1"),
            Self::Events => ("AWSEvents.", "1.1"),
            Self::Sqs => ("AmazonSQS.", "1.0"),
            Self::Lambda => ("", "1.1"),
        }
    }
}

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// There is no access key to call with.
    #[error("{0} is not set, and {1} is not this machine")]
    NoCredentials(&'static str, String),
    /// No answer came.
    #[error("{0} does not answer: {1}")]
    NoAnswer(String, String),
    /// The service refused.
    #[error("{service} refused {operation} with {status}: {text}")]
    Refused {
        /// The service.
        service: &'static str,
        /// What was asked of it.
        operation: String,
        /// The reply's status.
        status: u16,
        /// What it said.
        text: String,
    },
}

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

/// Calls one endpoint with one access key.
#[derive(Debug)]
pub struct Client {
    endpoint: String,
    region: String,
    identity: Identity,
    connector: Connector,
}

impl Client {
    /// For an endpoint with the access key that the environment names, or any where the endpoint is on this machine.
    pub fn from_environment(endpoint: &str) -> Result<Self, ClientError> {
        let variable = |name: &'static str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let is_here = is_loopback(endpoint);
        let needed = |name: &'static str| match variable(name) {
            Some(value) => Ok(value),
            None if is_here => Ok("test".to_owned()),
            None => Err(ClientError::NoCredentials(name, endpoint.to_owned())),
        };
        let (id, secret) = (needed("AWS_ACCESS_KEY_ID")?, needed("AWS_SECRET_ACCESS_KEY")?);
        let credentials = Credentials::new(id, secret, variable("AWS_SESSION_TOKEN"), None, "environment");
        let region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
        Ok(Self::new(endpoint, &region.unwrap_or_else(|| REGION.to_owned()), credentials))
    }

    /// For AWS itself, in the region that the environment names.
    pub fn of_aws() -> Result<Self, ClientError> {
        let region = std::env::var("AWS_REGION").or_else(|_| std::env::var("AWS_DEFAULT_REGION"));
        let region = region.map_err(|_| ClientError::NoCredentials("AWS_REGION", "AWS".to_owned()))?;
        Self::from_environment(&format!("https://{SERVICE}.{region}.amazonaws.com"))
    }

    /// For an endpoint with this access key.
    pub fn new(endpoint: &str, region: &str, credentials: Credentials) -> Self {
        let mut settings = HttpConnectorSettings::builder();
        settings.set_connect_timeout(Some(CONNECT_TIMEOUT)).set_read_timeout(Some(READ_TIMEOUT));
        let connector = Connector::builder()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .connector_settings(settings.build())
            .sleep_impl(TokioSleep::new())
            .build();
        Self {
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            region: region.to_owned(),
            identity: credentials.into(),
            connector,
        }
    }

    /// Where it calls.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Calls an operation, and reads what it answers.
    pub async fn call(&self, service: Service, operation: &str, body: &Value) -> Result<Value, ClientError> {
        let answer = self.send(service, operation, body.to_string().into()).await?;
        Self::read(service, operation, &answer)
    }

    /// Invokes a function and waits for its answer.
    pub async fn invoke(&self, function: &str, event: &Value) -> Result<Value, ClientError> {
        let path = format!("/2015-03-31/functions/{function}/invocations");
        let answer = self.post(Service::Lambda, &path, &[], event.to_string().into()).await?;
        let failed = answer.headers.iter().any(|(name, _)| name == "x-amz-function-error");
        let status = if failed { 500 } else { answer.status };
        Self::read(Service::Lambda, function, &Answer { status, ..answer })
    }

    fn read(service: Service, operation: &str, answer: &Answer) -> Result<Value, ClientError> {
        let refused = |text: String| ClientError::Refused {
            service: service.name(),
            operation: operation.to_owned(),
            status: answer.status,
            text,
        };
        if !(200..300).contains(&answer.status) {
            return Err(refused(String::from_utf8_lossy(&answer.body).into_owned()));
        }
        if answer.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&answer.body).map_err(|error| refused(error.to_string()))
    }

    /// Passes a request body on, and its answer back, whatever it says.
    pub(crate) async fn send(
        &self,
        service: Service,
        operation: &str,
        body: Bytes,
    ) -> Result<Answer, ClientError> {
        let (prefix, version) = service.protocol();
        let target = format!("{prefix}{operation}");
        let media_type = format!("application/x-amz-json-{version}");
        self.post(service, "/", &[("x-amz-target", &target), ("content-type", &media_type)], body).await
    }

    async fn post(
        &self,
        service: Service,
        path: &str,
        headers: &[(&'static str, &str)],
        body: Bytes,
    ) -> Result<Answer, ClientError> {
        let uri = format!("{}{path}", self.endpoint.replace(SERVICE, service.name()));
        let failed = |problem: String| ClientError::NoAnswer(uri.clone(), problem);
        let request = self.signed(service, &uri, headers, body).map_err(|error| failed(chain(&*error)))?;
        let response = self.connector.call(request).await.map_err(|error| failed(chain(&error)))?;
        let status = response.status().as_u16();
        let headers = response.headers().iter();
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let body = ByteStream::new(response.into_body()).collect().await;
        let body = body.map_err(|error| failed(error.to_string()))?.into_bytes();
        Ok(Answer { status, headers, body })
    }

    fn signed(
        &self,
        service: Service,
        uri: &str,
        headers: &[(&'static str, &str)],
        body: Bytes,
    ) -> Result<HttpRequest, Box<dyn std::error::Error + Send + Sync>> {
        let params = v4::SigningParams::builder()
            .identity(&self.identity)
            .region(&self.region)
            .name(service.name())
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()?
            .into();
        let signable =
            SignableRequest::new("POST", uri, headers.iter().copied(), SignableBody::Bytes(&body))?;
        let (instructions, _) = sign(signable, &params)?.into_parts();
        let mut request = http::Request::post(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(SdkBody::from(body))?;
        instructions.apply_to_request_http1x(&mut request);
        Ok(HttpRequest::try_from(request)?)
    }
}

/// Whether an endpoint is this machine itself.
pub(crate) fn is_loopback(endpoint: &str) -> bool {
    let host = endpoint.split("://").nth(1).unwrap_or(endpoint);
    let host = host.split(['/', '?']).next().unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_this_machine_is_called_without_an_access_key() {
        for endpoint in ["http://127.0.0.1:4566", "http://localhost:4566/", "http://[::1]:5000"] {
            assert!(is_loopback(endpoint), "{endpoint}");
        }
        for endpoint in
            ["https://{service}.eu-central-1.amazonaws.com", "http://127.example.com", "http://10.0.0.1:1"]
        {
            assert!(!is_loopback(endpoint), "{endpoint}");
        }
    }
}
