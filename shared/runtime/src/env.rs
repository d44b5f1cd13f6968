//! What a started function holds: clients, settings, the clock. Made once, handed down; nothing is static.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use aws_types::SdkConfig;
use store::Table;

use crate::key_ring::{KEY_SETTINGS, KeyRing};
use crate::mac::KeyService;
use crate::passkeys::{CONSOLE_URL, site};
use crate::{Clock, Fault, Host, Output, RequestIdHeader, StartError, aws};

/// The requests a minute of all sessions of a user, where the setting says nothing.
const SESSION_REQUESTS_A_MINUTE: u64 = 600;

/// The deliveries of a message, where the setting says nothing.
const DELIVERY_ATTEMPTS: u64 = 8;

/// Names the one receiver of webhooks on this machine that may be called. Nothing deployed has it.
const WEBHOOK_RECEIVER: &str = "WEBHOOK_RECEIVER";

/// The environment of one function.
pub struct Env {
    /// The name of the function.
    pub function: &'static str,
    /// The table.
    pub table: Table,
    /// Where `now` comes from.
    pub clock: Clock,
    /// The requests a minute of all sessions of a user. RULE: AP-08
    pub session_requests_a_minute: u64,
    /// How often a message is delivered before it is given up. RULE: EV-05
    pub delivery_attempts: u64,
    /// The one receiver of webhooks on this machine that may be called, if there is one.
    pub webhook_receiver: Option<SocketAddr>,
    /// What the function is called where it runs.
    pub function_name: String,
    /// What every AWS client is made of.
    pub sdk: SdkConfig,
    settings: BTreeMap<String, String>,
    pub(crate) key_rings: BTreeMap<&'static str, KeyRing>,
    pub(crate) key_service: KeyService,
    output: Output,
}

impl Host {
    /// A setting that the function cannot do without.
    pub fn setting(&self, name: &'static str) -> Result<String, StartError> {
        match self.environment.get(name) {
            Some(value) if !value.is_empty() => Ok(value.clone()),
            _ => Err(StartError { setting: name, problem: "is not set".into() }),
        }
    }

    /// A setting that is a whole number, or this where it is missing.
    fn number(&self, name: &'static str, default: u64) -> Result<u64, StartError> {
        let Some(text) = self.environment.get(name) else { return Ok(default) };
        text.parse().map_err(|_| StartError { setting: name, problem: "is not a whole number".into() })
    }

    fn webhook_receiver(&self) -> Result<Option<SocketAddr>, StartError> {
        let Some(text) = self.environment.get(WEBHOOK_RECEIVER) else { return Ok(None) };
        let receiver = text.parse().ok().filter(|receiver: &SocketAddr| receiver.ip().is_loopback());
        let problem = "is no address and port of this machine";
        receiver.map(Some).ok_or_else(|| StartError { setting: WEBHOOK_RECEIVER, problem: problem.into() })
    }
}

impl Env {
    /// Makes the clients, and checks that every setting the function needs is there and that lists of keys can be read.
    pub fn new(function: &'static str, host: &Host, settings: &[&'static str]) -> Result<Self, StartError> {
        let sdk = aws::sdk_config(host)?;
        let client = aws_sdk_dynamodb::config::Builder::from(&sdk).interceptor(RequestIdHeader).build();
        let client = aws_sdk_dynamodb::Client::from_conf(client);
        let (mut kept, mut key_rings) = (BTreeMap::new(), BTreeMap::new());
        for name in settings.iter().copied() {
            let value = host.setting(name)?;
            if KEY_SETTINGS.contains(&name) {
                let ring = KeyRing::parse(&value).map_err(|problem| StartError { setting: name, problem })?;
                key_rings.insert(name, ring);
            } else if name == CONSOLE_URL && site(&value).is_none() {
                return Err(StartError { setting: name, problem: "is no address of a site".into() });
            } else {
                kept.insert(name.to_owned(), value);
            }
        }
        Ok(Self {
            function,
            table: Table::new(client, host.setting("TABLE_NAME")?),
            clock: host.clock.clone(),
            session_requests_a_minute: host.number("SESSION_REQUESTS_A_MINUTE", SESSION_REQUESTS_A_MINUTE)?,
            delivery_attempts: host.number("DELIVERY_ATTEMPTS", DELIVERY_ATTEMPTS)?,
            webhook_receiver: host.webhook_receiver()?,
            function_name: host.setting("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_else(|_| function.to_owned()),
            sdk,
            settings: kept,
            key_rings,
            key_service: KeyService::default(),
            output: host.output.clone(),
        })
    }

    /// A setting that was asked for at the start.
    pub fn setting(&self, name: &'static str) -> Result<&str, Fault> {
        self.settings.get(name).map(String::as_str).ok_or_else(|| format!("{name} was not asked for").into())
    }

    /// Writes a line of log and metrics.
    pub fn write(&self, line: &str) {
        (self.output)(line);
    }
}
