//! `template.yaml` as the local stack sees it: a closed list of what of SAM it understands.
//!
//! Whatever is outside the list is an error that names the line, so that nothing of the template is silently
//! different here from what AWS makes of it. The list stands in `infra/decisions/0001`.

mod functions;
mod mails;
mod node;
mod pattern;
mod policy;
mod resolve;
mod resources;
mod schedule;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

pub(crate) use mails::MailDestination;
use node::Node;
pub(crate) use pattern::Pattern;
pub(crate) use policy::Grant;
use resolve::Resolver;
pub(crate) use resources::keys_of;
pub(crate) use schedule::{
    ATTEMPT_NUMBER, Asynchronous, EXECUTION_ID, SCHEDULE_ARN, SCHEDULED_TIME, Schedule,
};
use serde_json::Value;

/// The region everything here is in.
pub(crate) const REGION: &str = "us-east-1";
/// The bus that every account has, and the only one that SES reports to.
pub(crate) const DEFAULT_BUS: &str = "default";
/// The account everything here belongs to.
pub(crate) const ACCOUNT_ID: &str = "000000000000";

/// A construct of the template that is wrong or not understood.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("template.yaml:{line}: {problem}")]
pub struct TemplateError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: String,
}

/// A fault of the template at a line.
pub(crate) fn fault(line: usize, problem: String) -> TemplateError {
    TemplateError { line, problem }
}

/// The template, resolved.
#[derive(Debug, Default)]
pub(crate) struct Template {
    pub(crate) api_id: String,
    pub(crate) functions: Vec<FunctionResource>,
    pub(crate) tables: Vec<Table>,
    pub(crate) keys: Vec<String>,
    pub(crate) buses: Vec<String>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) queues: Vec<Queue>,
    /// Under which mails are sent.
    pub(crate) configuration_sets: Vec<String>,
    pub(crate) mail_destinations: Vec<MailDestination>,
}

/// One `AWS::Serverless::Function`.
#[derive(Debug)]
pub(crate) struct FunctionResource {
    pub(crate) line: usize,
    /// The last part of its `CodeUri`: the name of folder, package and binary.
    pub(crate) name: String,
    pub(crate) timeout: Duration,
    pub(crate) memory_mib: u32,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) routes: Vec<Route>,
    pub(crate) streams: Vec<StreamSource>,
    pub(crate) queues: Vec<QueueSource>,
    pub(crate) schedules: Vec<Schedule>,
    pub(crate) asynchronous: Asynchronous,
    /// What it may do at AWS, by its own policies; what feeds it may do so by SAM's.
    pub(crate) grants: Vec<Grant>,
}

/// One route of the HTTP API.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    pub(crate) method: String,
    pub(crate) path: String,
}

/// A table stream that feeds a function.
#[derive(Clone, Debug)]
pub(crate) struct StreamSource {
    pub(crate) stream_arn: String,
    pub(crate) filters: Vec<Pattern>,
    pub(crate) batch_size: usize,
    pub(crate) bisect: bool,
    pub(crate) retries_max: Option<u32>,
    pub(crate) on_failure_arn: Option<String>,
}

/// A queue that feeds a function.
#[derive(Clone, Debug)]
pub(crate) struct QueueSource {
    pub(crate) queue_arn: String,
    pub(crate) batch_size: usize,
    pub(crate) concurrency_max: usize,
}

/// A table, with the request that creates it.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) key_names: Vec<String>,
    pub(crate) create: Value,
    pub(crate) ttl_attribute: Option<String>,
    pub(crate) stream_view: Option<String>,
    pub(crate) indexes: Vec<Index>,
}

/// A global secondary index.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    pub(crate) name: String,
    /// The attribute it is sorted by.
    pub(crate) sort_name: Option<String>,
    /// It as part of a request that creates it.
    pub(crate) create: Value,
}

/// A rule of a bus.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) bus: String,
    pub(crate) pattern: Pattern,
    /// The pattern as the template writes it.
    pub(crate) pattern_json: Value,
    pub(crate) target_arns: Vec<String>,
}

/// A queue.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    pub(crate) name: String,
    pub(crate) visibility_timeout: Duration,
    /// The dead-letter queue's ARN, and how often a message is received before it goes there.
    pub(crate) redrive: Option<(String, u32)>,
}

impl Template {
    /// Reads the template with these values for its parameters.
    pub(crate) fn read(text: &str, parameters: &BTreeMap<String, String>) -> Result<Self, TemplateError> {
        Self::read_with_prefix(text, parameters, "")
    }

    /// The same, with this before the names of all that can be elsewhere: tables, buses, queues.
    pub(crate) fn read_with_prefix(
        text: &str,
        parameters: &BTreeMap<String, String>,
        prefix: &str,
    ) -> Result<Self, TemplateError> {
        let root = node::read(text)?;
        root.only(
            &[
                "AWSTemplateFormatVersion",
                "Transform",
                "Description",
                "Globals",
                "Parameters",
                "Resources",
                "Outputs",
            ],
            "a template",
        )?;
        let resolver = Resolver::new(&root, parameters, prefix)?;
        if let Some(outputs) = root.get("Outputs") {
            resolver.resolve(outputs)?;
        }
        let globals = functions::globals(&root, &resolver)?;
        let mut template = Self::default();
        for resource in root.need("Resources")?.entries()? {
            template.add(&resource.key, resource.line, &resource.value, globals.as_ref(), &resolver)?;
        }
        template.check_wiring()?;
        Ok(template)
    }

    fn add(
        &mut self,
        logical_id: &str,
        line: usize,
        resource: &Node,
        globals: Option<&Node>,
        resolver: &Resolver,
    ) -> Result<(), TemplateError> {
        resource.only(
            &["Type", "Properties", "DeletionPolicy", "UpdateReplacePolicy", "DependsOn"],
            "a resource",
        )?;
        let kind = resource.need("Type")?;
        let empty = Node { line, kind: node::Kind::Map(Vec::new()) };
        let properties = resolver.resolve(resource.get("Properties").unwrap_or(&empty))?;
        let name = resolver.name(logical_id);
        match kind.text()?.as_str() {
            "AWS::Serverless::HttpApi" => {
                properties
                    .only(&["AccessLogSettings", "DefaultRouteSettings"], "AWS::Serverless::HttpApi")?;
                self.api_id = name;
            }
            "AWS::Serverless::Function" => {
                self.functions.push(functions::function(logical_id, line, &properties, globals)?);
            }
            "AWS::DynamoDB::Table" => self.tables.push(resources::table(name, &properties)?),
            "AWS::KMS::Key" => self.keys.push(resources::key(name, &properties)?),
            "AWS::Events::EventBus" => {
                properties.only(&["Name", "Description"], "AWS::Events::EventBus")?;
                self.buses.push(name);
            }
            "AWS::Events::Rule" => self.rules.push(resources::rule(&properties)?),
            "AWS::SES::ConfigurationSet" => {
                properties.only(&["Name"], "AWS::SES::ConfigurationSet")?;
                self.configuration_sets.push(name);
            }
            "AWS::SES::ConfigurationSetEventDestination" => {
                self.mail_destinations.push(mails::destination(&properties)?);
            }
            "AWS::SQS::Queue" => self.queues.push(resources::queue(name, &properties)?),
            "AWS::SQS::QueuePolicy" => {
                properties.only(&["Queues", "PolicyDocument"], "AWS::SQS::QueuePolicy")?;
            }
            "AWS::CloudWatch::Alarm" => resources::alarm(&properties)?,
            "AWS::SNS::Topic" => properties.only(&["TopicName", "DisplayName"], "AWS::SNS::Topic")?,
            "AWS::Logs::LogGroup" => {
                properties.only(&["LogGroupName", "RetentionInDays"], "AWS::Logs::LogGroup")?;
            }
            other => return Err(fault(kind.line, format!("the resource type {other} is not understood"))),
        }
        Ok(())
    }

    /// Every queue and stream that something points at has to be in the template as well.
    fn check_wiring(&self) -> Result<(), TemplateError> {
        for function in &self.functions {
            let queues = function.queues.iter().map(|source| &source.queue_arn);
            let failures = function.streams.iter().filter_map(|source| source.on_failure_arn.as_ref());
            let undelivered =
                function.schedules.iter().filter_map(|schedule| schedule.dead_letter_arn.as_ref());
            let failures = failures.chain(undelivered).chain(&function.asynchronous.on_failure_arn);
            if let Some(arn) = queues.chain(failures).find(|arn| self.queue(arn).is_none()) {
                return Err(fault(function.line, format!("{arn} is no queue of this template")));
            }
            for source in &function.streams {
                if self.table_of_stream(&source.stream_arn).is_none() {
                    return Err(fault(function.line, format!("{} is no table's stream", source.stream_arn)));
                }
            }
        }
        let mut names = BTreeSet::new();
        match self.functions.iter().flat_map(|f| &f.schedules).find(|schedule| !names.insert(&schedule.name))
        {
            None => Ok(()),
            Some(twice) => Err(fault(twice.line, format!("there are two schedules {}", twice.name))),
        }
    }

    /// The queue with this ARN.
    pub(crate) fn queue(&self, arn: &str) -> Option<&Queue> {
        let name = queue_name(arn)?;
        self.queues.iter().find(|queue| queue.name == name)
    }

    /// The table that has this stream.
    pub(crate) fn table_of_stream(&self, stream_arn: &str) -> Option<&Table> {
        let name = stream_arn.split("table/").nth(1)?.split('/').next()?;
        self.tables.iter().find(|table| table.name == name && table.stream_view.is_some())
    }
}

/// The name in a queue's ARN.
pub(crate) fn queue_name(arn: &str) -> Option<&str> {
    arn.starts_with("arn:aws:sqs:").then(|| arn.rsplit(':').next()).flatten()
}

/// The ARN of a function.
pub(crate) fn function_arn(name: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{name}")
}

#[cfg(test)]
mod tests;
