//! Who may do what: each call is held to the policies of the function that makes it.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use axum::http::StatusCode;
use serde_json::Value;

use super::{AwsReply, AwsRequest};
use crate::World;
use crate::template::{self, ACCOUNT_ID, FunctionResource, REGION};

/// An action of a function on a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// The function.
    pub function: String,
    /// As in `dynamodb:PutItem`.
    pub action: String,
    /// The resource's ARN.
    pub resource: String,
}

impl Grant {
    pub(crate) fn of(function: &str, grant: &template::Grant) -> Self {
        Self { function: function.to_owned(), action: grant.action.clone(), resource: grant.resource.clone() }
    }
}

/// What the functions asked for so far.
#[derive(Default)]
pub(crate) struct Access {
    used: Mutex<BTreeSet<Grant>>,
    denied: Mutex<BTreeSet<Grant>>,
}

impl Access {
    /// The grants that allowed something.
    pub(crate) fn used(&self) -> BTreeSet<Grant> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was asked for and no grant allows.
    pub(crate) fn denied(&self) -> BTreeSet<Grant> {
        self.denied.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(of: &Mutex<BTreeSet<Grant>>, grant: Grant) {
        of.lock().unwrap_or_else(PoisonError::into_inner).insert(grant);
    }
}

/// An action that a call takes, and the resources of which one has to be granted.
struct Need {
    action: String,
    resources: Vec<String>,
}

/// The refusal, if the function's policies do not allow all of the call.
pub(super) fn check(world: &World, function: &FunctionResource, request: &AwsRequest) -> Option<AwsReply> {
    for need in needs(request) {
        let Need { action, resources } = need;
        let allows =
            |grant: &&template::Grant| resources.iter().any(|resource| grant.allows(&action, resource));
        if let Some(grant) = function.grants.iter().find(allows) {
            Access::note(&world.access.used, Grant::of(&function.name, grant));
            continue;
        }
        let resource = resources.into_iter().next().unwrap_or_else(|| "*".to_owned());
        let reply = denial(&request.service, &function.name, &action, &resource);
        Access::note(&world.access.denied, Grant { function: function.name.clone(), action, resource });
        return Some(reply);
    }
    None
}

fn denial(service: &str, function: &str, action: &str, resource: &str) -> AwsReply {
    let message = format!(
        "User: arn:aws:sts::{ACCOUNT_ID}:assumed-role/{function}/{function} is not authorized to perform: {action} \
         on resource: {resource} because no identity-based policy allows the {action} action"
    );
    let status = if service == "ses" { StatusCode::FORBIDDEN } else { StatusCode::BAD_REQUEST };
    AwsReply::error(status, "AccessDeniedException", &message)
}

/// What a call asks for. A request that cannot be read asks for nothing: the service refuses it.
fn needs(request: &AwsRequest) -> Vec<Need> {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let need = |name: &str, resource: String| Need {
        action: format!("{}:{name}", request.service),
        resources: vec![resource],
    };
    let of_service = |name: &str| arn(&request.service, name);
    match (request.service.as_str(), request.operation.as_str()) {
        ("dynamodb", "TransactWriteItems" | "TransactGetItems") => {
            let items = body["TransactItems"].as_array().into_iter().flatten();
            let parts = items.flat_map(|item| item.as_object().into_iter().flatten());
            parts.map(|(kind, part)| need(&item_action(kind), table_arn(&part["TableName"]))).collect()
        }
        ("dynamodb", operation @ ("BatchGetItem" | "BatchWriteItem")) => {
            let tables = body["RequestItems"].as_object().into_iter().flatten();
            tables.map(|(table, _)| need(operation, table_arn(&Value::from(table.as_str())))).collect()
        }
        ("dynamodb", "ListTables") => vec![need("ListTables", "*".to_owned())],
        ("dynamodb", operation) => {
            let index = body["IndexName"].as_str().map(|index| format!("/index/{index}"));
            vec![need(operation, table_arn(&body["TableName"]) + &index.unwrap_or_default())]
        }
        ("events", "PutEvents") => {
            let buses = body["Entries"].as_array().into_iter().flatten();
            let bus = |entry: &Value| entry["EventBusName"].as_str().unwrap_or("default").to_owned();
            let named = |bus: String| {
                if bus.starts_with("arn:") { bus } else { of_service(&format!("event-bus/{bus}")) }
            };
            buses.map(|entry| need("PutEvents", named(bus(entry)))).collect()
        }
        ("kms", operation) => {
            let key = body["KeyId"].as_str().unwrap_or_default();
            let key =
                if key.starts_with("arn:") { key.to_owned() } else { of_service(&format!("key/{key}")) };
            vec![need(operation, key)]
        }
        ("sqs", operation) => {
            let queue = body["QueueUrl"].as_str().and_then(|url| url.rsplit('/').next()).unwrap_or("*");
            vec![need(operation, of_service(queue))]
        }
        ("ses", "SendEmail") => {
            let from = body["FromEmailAddress"].as_str().unwrap_or_default();
            let domain = from.rsplit('@').next().unwrap_or_default();
            let identities = [domain, from].map(|identity| of_service(&format!("identity/{identity}")));
            let set = body["ConfigurationSetName"].as_str();
            let set = set.map(|name| vec![of_service(&format!("configuration-set/{name}"))]);
            let named = |resources| Need { action: "ses:SendEmail".to_owned(), resources };
            [Some(identities.into()), set].into_iter().flatten().map(named).collect()
        }
        _ => vec![need(&request.operation, "*".to_owned())],
    }
}

/// The action behind a part of a transaction.
fn item_action(part: &str) -> String {
    if part == "ConditionCheck" { "ConditionCheckItem".to_owned() } else { format!("{part}Item") }
}

fn table_arn(name: &Value) -> String {
    let name = name.as_str().unwrap_or_default();
    if name.starts_with("arn:") { name.to_owned() } else { arn("dynamodb", &format!("table/{name}")) }
}

fn arn(service: &str, rest: &str) -> String {
    format!("arn:aws:{service}:{REGION}:{ACCOUNT_ID}:{rest}")
}
