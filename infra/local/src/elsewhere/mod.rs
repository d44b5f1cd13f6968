//! Services that are not emulated here but asked at an endpoint: `LocalStack`, moto, or AWS itself, as a second opinion
//! on what this stack takes AWS to do.
//!
//! The functions still call the stack, which holds them to their policies, counts their calls and takes the stream's
//! records from their writes; it passes on what they ask of a service that is elsewhere. Whatever is made there
//! bears a prefix of its own, and is removed at the end where nothing is kept.

mod bus;
mod making;
mod names;

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Bytes;
use bus::Awaited;
pub(crate) use bus::carry;
pub use making::probe;
use making::{make_bus, make_tables, services_of};
pub(crate) use names::Names;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::StackError;
use crate::client::{Answer, Client, ClientError, Service};
use crate::state::State;
use crate::template::{DEFAULT_BUS, Rule, Template};

/// The shortest time after which KMS forgets a key.
const KEY_PENDING_DAYS: u32 = 7;

/// What is elsewhere.
pub(crate) struct Elsewhere {
    client: Client,
    services: BTreeSet<Service>,
    /// By their names in the template.
    keys: BTreeMap<String, String>,
    /// The addresses of the queues that rules put events into, by their names here.
    queues: BTreeMap<String, String>,
    /// The second opinion is about what is said, not about who is quicker: one request at a time.
    turn: Mutex<()>,
    awaited: Awaited,
    keeps: bool,
}

impl Elsewhere {
    /// Finds out what the endpoint has, and makes there what the template needs.
    pub(crate) async fn set_up(
        endpoint: &str,
        mut names: Names,
        template: &Template,
        state: &State,
        keeps: bool,
    ) -> Result<Self, StackError> {
        let client = Client::from_environment(endpoint)?;
        let services = services_of(&client).await?;
        make_tables(&client, template).await?;
        if services.contains(&Service::Kms) {
            for name in
                template.keys.iter().filter(|name| !names.keys.contains_key(*name)).collect::<Vec<_>>()
            {
                let body = json!({ "KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC",
                    "Description": format!("{}{name}", names.prefix) });
                let made = client.call(Service::Kms, "CreateKey", &body).await?;
                names.keys.insert(name.clone(), text(&made["KeyMetadata"]["KeyId"]));
            }
            names.keep(state, endpoint)?;
        }
        let mut queues = BTreeMap::new();
        if services.contains(&Service::Events) {
            queues = make_bus(&client, template).await?;
        }
        Ok(Self {
            client,
            services,
            keys: names.keys,
            queues,
            turn: Mutex::default(),
            awaited: Awaited::default(),
            keeps,
        })
    }

    /// The names of the services that are elsewhere.
    pub(crate) fn services(&self) -> Vec<&'static str> {
        self.services.iter().map(|service| service.name()).collect()
    }

    pub(crate) fn has(&self, service: Service) -> bool {
        self.services.contains(&service)
    }

    /// Asks the table.
    pub(crate) async fn table(&self, operation: &str, body: Bytes) -> Result<Answer, ClientError> {
        let _turn = self.turn.lock().await;
        self.client.send(Service::DynamoDb, operation, body).await
    }

    /// Asks KMS, where the key goes by another name.
    pub(crate) async fn key(&self, operation: &str, mut body: Value) -> Result<Answer, ClientError> {
        let name = body["KeyId"].as_str().and_then(|id| id.rsplit('/').next()).unwrap_or_default();
        if let Some(key) = self.keys.get(name) {
            body["KeyId"] = key.as_str().into();
        }
        self.client.send(Service::Kms, operation, body.to_string().into()).await
    }

    /// The queues that events come out of, by their names here.
    pub(crate) fn queues(&self) -> impl Iterator<Item = (&String, &String)> {
        self.queues.iter()
    }

    /// Removes what was made, where nothing is kept. What cannot be removed is named.
    pub(crate) async fn remove(&self, template: &Template) {
        if self.keeps {
            return;
        }
        let mut calls = Vec::new();
        for (n, rule) in rules(template).filter(|_| self.has(Service::Events)) {
            let name = rule_name(n);
            let targets =
                json!({ "Rule": name, "EventBusName": rule.bus, "Ids": target_ids(&rule.target_arns) });
            calls.push((Service::Events, "RemoveTargets", targets));
            let rule = json!({ "Name": name, "EventBusName": rule.bus });
            calls.push((Service::Events, "DeleteRule", rule));
        }
        for bus in template.buses.iter().filter(|_| self.has(Service::Events)) {
            calls.push((Service::Events, "DeleteEventBus", json!({ "Name": bus })));
        }
        for url in self.queues.values() {
            calls.push((Service::Sqs, "DeleteQueue", json!({ "QueueUrl": url })));
        }
        for key in self.keys.values() {
            let body = json!({ "KeyId": key, "PendingWindowInDays": KEY_PENDING_DAYS });
            calls.push((Service::Kms, "ScheduleKeyDeletion", body));
        }
        for table in &template.tables {
            calls.push((Service::DynamoDb, "DeleteTable", json!({ "TableName": table.name })));
        }
        for (service, operation, body) in calls {
            if let Err(error) = self.client.call(service, operation, &body).await {
                eprintln!("left behind at {}: {error}", self.client.endpoint());
            }
        }
    }
}

/// The rules that are made there. SES stays here, and with it what it reports to the default bus.
fn rules(template: &Template) -> impl Iterator<Item = (usize, &Rule)> {
    template.rules.iter().enumerate().filter(|(_, rule)| rule.bus != DEFAULT_BUS)
}

/// Rules have no names in the template; here they are numbered.
fn rule_name(n: usize) -> String {
    format!("rule-{n}")
}

fn target_ids(arns: &[String]) -> Vec<String> {
    (0..arns.len()).map(|n| format!("target-{n}")).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
