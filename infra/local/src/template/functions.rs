//! `AWS::Serverless::Function` and what invokes it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::node::{Entry, Node};
use super::pattern::Pattern;
use super::resolve::Resolver;
use super::schedule::{Asynchronous, asynchronous, schedule};
use super::{FunctionResource, QueueSource, Route, StreamSource, TemplateError, fault, policy};

/// What AWS takes where the template says nothing.
const TIMEOUT_SECONDS: u32 = 3;
const MEMORY_MIB: u32 = 128;
const STREAM_BATCH_SIZE: u32 = 100;
const QUEUE_BATCH_SIZE: u32 = 10;
/// How many batches of one queue are worked at a time where the template sets no limit.
const QUEUE_CONCURRENCY: u32 = 10;

/// Read here, or without meaning on one machine (the last row).
const PROPERTIES: &[&str] = &[
    "CodeUri",
    "Timeout",
    "MemorySize",
    "Environment",
    "Events",
    "Policies",
    "EventInvokeConfig",
    "Runtime",
    "Handler",
    "Architectures",
    "LoggingConfig",
    "Description",
];

/// The `Globals` of functions, resolved.
pub(super) fn globals(root: &Node, resolver: &Resolver) -> Result<Option<Node>, TemplateError> {
    let Some(globals) = root.get("Globals") else { return Ok(None) };
    globals.only(&["Function"], "Globals")?;
    let Some(function) = globals.get("Function") else { return Ok(None) };
    function.only(PROPERTIES, "Globals.Function")?;
    if let Some(policies) = function.get("Policies") {
        return Err(fault(policies.line, "policies are a function's own".to_owned()));
    }
    Ok(Some(resolver.resolve(function)?))
}

/// One function with the globals under it.
pub(super) fn function(
    logical_id: &str,
    line: usize,
    properties: &Node,
    globals: Option<&Node>,
) -> Result<FunctionResource, TemplateError> {
    properties.only(PROPERTIES, "AWS::Serverless::Function")?;
    let setting = |key: &str| properties.get(key).or_else(|| globals?.get(key));
    let number = |key: &str, default: u32| setting(key).map_or(Ok(default), Node::number);
    let code_uri = properties.need("CodeUri")?.text()?;
    let mut function = FunctionResource {
        line,
        name: code_uri.rsplit('/').next().unwrap_or_default().to_owned(),
        timeout: Duration::from_secs(number("Timeout", TIMEOUT_SECONDS)?.into()),
        memory_mib: number("MemorySize", MEMORY_MIB)?,
        environment: BTreeMap::new(),
        routes: Vec::new(),
        streams: Vec::new(),
        queues: Vec::new(),
        schedules: Vec::new(),
        asynchronous: setting("EventInvokeConfig").map_or(Ok(Asynchronous::default()), asynchronous)?,
        grants: properties.get("Policies").map_or(Ok(Vec::new()), policy::grants)?,
    };
    for environment in [globals.and_then(|globals| globals.get("Environment")), properties.get("Environment")]
        .into_iter()
        .flatten()
    {
        environment.only(&["Variables"], "Environment")?;
        for variable in environment.need("Variables")?.entries()? {
            function.environment.insert(variable.key.clone(), variable.value.text()?);
        }
    }
    if let Some(events) = properties.get("Events") {
        for event in events.entries()? {
            add_event(&mut function, logical_id, event)?;
        }
    }
    Ok(function)
}

fn add_event(function: &mut FunctionResource, logical_id: &str, event: &Entry) -> Result<(), TemplateError> {
    event.value.only(&["Type", "Properties"], "an event")?;
    let kind = event.value.need("Type")?;
    let properties = event.value.need("Properties")?;
    match kind.text()?.as_str() {
        "HttpApi" => {
            properties.only(&["ApiId", "Method", "Path"], "an HttpApi event")?;
            let route = Route {
                method: properties.need("Method")?.text()?.to_uppercase(),
                path: properties.need("Path")?.text()?,
            };
            if !route.path.starts_with('/') || matches!(route.method.as_str(), "ANY" | "*") {
                return Err(fault(properties.line, "a route is one method and a path from `/`".to_owned()));
            }
            function.routes.push(route);
        }
        "DynamoDB" if !function.streams.is_empty() => {
            return Err(fault(kind.line, "a function is fed by one stream".to_owned()));
        }
        "DynamoDB" => function.streams.push(stream(properties)?),
        "SQS" => function.queues.push(queue(properties)?),
        "ScheduleV2" => {
            // As SAM names it where the template does not.
            let name = format!("{logical_id}{}", event.key);
            function.schedules.push(schedule(event.line, name, properties)?);
        }
        other => return Err(fault(kind.line, format!("the event type {other} is not understood"))),
    }
    Ok(())
}

fn stream(properties: &Node) -> Result<StreamSource, TemplateError> {
    properties.only(
        &[
            "Stream",
            "StartingPosition",
            "BatchSize",
            "BisectBatchOnFunctionError",
            "MaximumRetryAttempts",
            "FunctionResponseTypes",
            "FilterCriteria",
            "DestinationConfig",
        ],
        "a DynamoDB event",
    )?;
    report_failures(properties)?;
    let on_failure =
        properties.get("DestinationConfig").map(|config| config.need("OnFailure")).transpose()?;
    Ok(StreamSource {
        stream_arn: properties.need("Stream")?.text()?,
        filters: filters(properties)?,
        batch_size: batch_size(properties, STREAM_BATCH_SIZE)?,
        bisect: properties.get("BisectBatchOnFunctionError").map_or(Ok(false), Node::flag)?,
        retries_max: properties.get("MaximumRetryAttempts").map(Node::number).transpose()?,
        on_failure_arn: on_failure.map(|target| target.need("Destination")?.text()).transpose()?,
    })
}

fn queue(properties: &Node) -> Result<QueueSource, TemplateError> {
    properties.only(&["Queue", "BatchSize", "FunctionResponseTypes", "ScalingConfig"], "an SQS event")?;
    report_failures(properties)?;
    let concurrency = match properties.get("ScalingConfig") {
        None => QUEUE_CONCURRENCY,
        Some(scaling) => {
            scaling.only(&["MaximumConcurrency"], "ScalingConfig")?;
            scaling.need("MaximumConcurrency")?.number()?
        }
    };
    Ok(QueueSource {
        queue_arn: properties.need("Queue")?.text()?,
        batch_size: batch_size(properties, QUEUE_BATCH_SIZE)?,
        concurrency_max: concurrency.max(1) as usize,
    })
}

fn batch_size(properties: &Node, default: u32) -> Result<usize, TemplateError> {
    Ok(properties.get("BatchSize").map_or(Ok(default), Node::number)?.max(1) as usize)
}

/// Without partial batch responses one bad record repeats all the others, so it is not offered.
fn report_failures(properties: &Node) -> Result<(), TemplateError> {
    let types = properties.need("FunctionResponseTypes")?;
    match types.items()? {
        [only] if only.text()? == "ReportBatchItemFailures" => Ok(()),
        _ => Err(fault(types.line, "[ReportBatchItemFailures] is expected here".to_owned())),
    }
}

fn filters(properties: &Node) -> Result<Vec<Pattern>, TemplateError> {
    let Some(criteria) = properties.get("FilterCriteria") else { return Ok(Vec::new()) };
    criteria.only(&["Filters"], "FilterCriteria")?;
    let read = |filter: &Node| {
        let pattern = filter.need("Pattern")?;
        let json = serde_json::from_str(&pattern.text()?)
            .map_err(|error| fault(pattern.line, format!("the pattern is not JSON: {error}")))?;
        Pattern::read(&json, pattern.line)
    };
    criteria.need("Filters")?.items()?.iter().map(read).collect()
}
