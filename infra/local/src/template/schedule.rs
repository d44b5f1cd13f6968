//! What invokes a function asynchronously: schedules, and what becomes of an invocation that fails.

use serde_json::Value;

use super::node::Node;
use super::{ACCOUNT_ID, REGION, TemplateError, fault};
use crate::schedules::Expression;

/// How often Lambda tries again where the template says nothing, which is as often as it can.
const RETRIES_MAX: u32 = 2;
/// What Scheduler takes.
const DELIVERY_RETRIES_MAX: u32 = 185;
const EVENT_AGE_SECONDS: std::ops::RangeInclusive<u32> = 60..=86_400;
const WINDOW_MINUTES: std::ops::RangeInclusive<u32> = 1..=1440;
/// What an input may ask Scheduler to fill in.
pub(crate) const SCHEDULED_TIME: &str = "<aws.scheduler.scheduled-time>";
pub(crate) const SCHEDULE_ARN: &str = "<aws.scheduler.schedule-arn>";
pub(crate) const EXECUTION_ID: &str = "<aws.scheduler.execution-id>";
pub(crate) const ATTEMPT_NUMBER: &str = "<aws.scheduler.attempt-number>";

/// One `ScheduleV2` event.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    pub(crate) line: usize,
    pub(crate) name: String,
    /// The expression as it is spelled: when it changes, the schedule begins anew.
    pub(crate) spelled: String,
    pub(crate) expression: Expression,
    pub(crate) is_enabled: bool,
    /// The payload, as JSON text in which Scheduler fills in.
    pub(crate) input: Option<String>,
    pub(crate) dead_letter_arn: Option<String>,
}

impl Schedule {
    /// Its ARN, in the default group.
    pub(crate) fn arn(&self) -> String {
        format!("arn:aws:scheduler:{REGION}:{ACCOUNT_ID}:schedule/default/{}", self.name)
    }
}

/// What becomes of asynchronous invocations.
#[derive(Clone, Debug)]
pub(crate) struct Asynchronous {
    pub(crate) retries_max: u32,
    pub(crate) on_failure_arn: Option<String>,
}

impl Default for Asynchronous {
    fn default() -> Self {
        Self { retries_max: RETRIES_MAX, on_failure_arn: None }
    }
}

/// One `ScheduleV2` event of a function.
pub(super) fn schedule(
    line: usize,
    default_name: String,
    properties: &Node,
) -> Result<Schedule, TemplateError> {
    properties.only(
        &[
            "ScheduleExpression",
            "ScheduleExpressionTimezone",
            "State",
            "Input",
            "Name",
            "Description",
            "FlexibleTimeWindow",
            "RetryPolicy",
            "DeadLetterConfig",
        ],
        "a ScheduleV2 event",
    )?;
    let expression = properties.need("ScheduleExpression")?;
    let spelled = expression.text()?;
    if let Some(zone) = properties.get("ScheduleExpressionTimezone")
        && zone.text()? != "UTC"
    {
        return Err(fault(zone.line, "the only time zone understood is UTC".to_owned()));
    }
    let is_enabled = match properties.get("State") {
        None => true,
        Some(state) => match state.text()?.as_str() {
            "ENABLED" => true,
            "DISABLED" => false,
            other => return Err(fault(state.line, format!("the state {other} is not understood"))),
        },
    };
    window(properties)?;
    delivery(properties)?;
    let dead_letters = properties.get("DeadLetterConfig");
    Ok(Schedule {
        line,
        name: properties.get("Name").map_or(Ok(default_name), Node::text)?,
        expression: Expression::read(&spelled).map_err(|problem| fault(expression.line, problem))?,
        spelled,
        is_enabled,
        input: properties.get("Input").map(input).transpose()?,
        dead_letter_arn: dead_letters
            .map(|config| {
                config.only(&["Arn"], "DeadLetterConfig")?;
                config.need("Arn")?.text()
            })
            .transpose()?,
    })
}

fn input(node: &Node) -> Result<String, TemplateError> {
    let text = node.text()?;
    serde_json::from_str::<Value>(&text)
        .map_err(|error| fault(node.line, format!("the input is not JSON: {error}")))?;
    let known = [SCHEDULED_TIME, SCHEDULE_ARN, EXECUTION_ID, ATTEMPT_NUMBER];
    let mut rest = text.as_str();
    while let Some(at) = rest.find("<aws.scheduler.") {
        rest = &rest[at..];
        let Some(word) = known.iter().find(|word| rest.starts_with(**word)) else {
            return Err(fault(node.line, format!("the input may hold {}", known.join(", "))));
        };
        rest = &rest[word.len()..];
    }
    Ok(text)
}

/// Here a window is used at its beginning, which is a moment AWS may choose as well.
fn window(properties: &Node) -> Result<(), TemplateError> {
    let Some(window) = properties.get("FlexibleTimeWindow") else { return Ok(()) };
    window.only(&["Mode", "MaximumWindowInMinutes"], "FlexibleTimeWindow")?;
    let mode = window.need("Mode")?;
    match (mode.text()?.as_str(), window.get("MaximumWindowInMinutes")) {
        ("OFF", None) => Ok(()),
        ("FLEXIBLE", Some(minutes)) => within(minutes, &WINDOW_MINUTES),
        _ => Err(fault(mode.line, "OFF, or FLEXIBLE with a window, is expected here".to_owned())),
    }
}

/// Between Scheduler and Lambda nothing fails here, so this is read and has no effect.
fn delivery(properties: &Node) -> Result<(), TemplateError> {
    let Some(policy) = properties.get("RetryPolicy") else { return Ok(()) };
    policy.only(&["MaximumRetryAttempts", "MaximumEventAgeInSeconds"], "RetryPolicy")?;
    policy.get("MaximumRetryAttempts").map_or(Ok(()), |node| within(node, &(0..=DELIVERY_RETRIES_MAX)))?;
    policy.get("MaximumEventAgeInSeconds").map_or(Ok(()), |node| within(node, &EVENT_AGE_SECONDS))
}

/// The `EventInvokeConfig` of a function.
pub(super) fn asynchronous(config: &Node) -> Result<Asynchronous, TemplateError> {
    config.only(
        &["MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig"],
        "EventInvokeConfig",
    )?;
    let mut asynchronous = Asynchronous::default();
    if let Some(retries) = config.get("MaximumRetryAttempts") {
        within(retries, &(0..=RETRIES_MAX))?;
        asynchronous.retries_max = retries.number()?;
    }
    config.get("MaximumEventAgeInSeconds").map_or(Ok(()), |node| within(node, &EVENT_AGE_SECONDS))?;
    if let Some(destinations) = config.get("DestinationConfig") {
        destinations.only(&["OnFailure"], "DestinationConfig")?;
        let target = destinations.need("OnFailure")?;
        target.only(&["Type", "Destination"], "OnFailure")?;
        let kind = target.need("Type")?;
        if kind.text()? != "SQS" {
            return Err(fault(kind.line, "the only destination understood is SQS".to_owned()));
        }
        asynchronous.on_failure_arn = Some(target.need("Destination")?.text()?);
    }
    Ok(asynchronous)
}

fn within(node: &Node, range: &std::ops::RangeInclusive<u32>) -> Result<(), TemplateError> {
    if range.contains(&node.number()?) {
        return Ok(());
    }
    Err(fault(node.line, format!("a number from {} to {} is expected here", range.start(), range.end())))
}
