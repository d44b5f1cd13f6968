//! What `!Ref`, `!GetAtt` and `!Sub` come to on this machine.

use std::collections::BTreeMap;

use super::node::{Entry, Kind, Node};
use super::{ACCOUNT_ID, REGION, TemplateError, fault};

/// The name `CloudFormation` would give the stack.
const STACK_NAME: &str = "roster";

/// Everything a template's values may refer to.
pub(super) struct Resolver {
    parameters: BTreeMap<String, Node>,
    /// The resource's type and physical name by logical id.
    resources: BTreeMap<String, (String, String)>,
}

impl Resolver {
    /// Takes the parameters, given ones before defaults, and the names of the resources.
    pub(super) fn new(
        root: &Node,
        given: &BTreeMap<String, String>,
        prefix: &str,
    ) -> Result<Self, TemplateError> {
        let mut resolver = Self { parameters: BTreeMap::new(), resources: BTreeMap::new() };
        if let Some(parameters) = root.get("Parameters") {
            for parameter in parameters.entries()? {
                let what = format!("parameter {}", parameter.key);
                parameter
                    .value
                    .only(&["Type", "Description", "Default", "AllowedValues", "AllowedPattern"], &what)?;
                let value = match (given.get(&parameter.key), parameter.value.get("Default")) {
                    (Some(text), _) => Node { line: parameter.line, kind: Kind::Text(text.clone()) },
                    (None, Some(default)) => default.clone(),
                    (None, None) => {
                        return Err(fault(
                            parameter.line,
                            format!("{what} has no default and none is given"),
                        ));
                    }
                };
                resolver.parameters.insert(parameter.key.clone(), value);
            }
        }
        for resource in root.need("Resources")?.entries()? {
            let kind = resource.value.need("Type")?.text()?;
            let known = (kind.clone(), resource.key.clone());
            resolver.resources.insert(resource.key.clone(), known);
        }
        resolver.take_given_names(root)?;
        for (kind, name) in resolver.resources.values_mut() {
            if ["AWS::DynamoDB::Table", "AWS::Events::EventBus", "AWS::SQS::Queue"].contains(&kind.as_str()) {
                name.insert_str(0, prefix);
            }
        }
        Ok(resolver)
    }

    /// A resource with a name of its own in the template is known by it.
    fn take_given_names(&mut self, root: &Node) -> Result<(), TemplateError> {
        for resource in root.need("Resources")?.entries()? {
            let Some(properties) = resource.value.get("Properties") else { continue };
            for key in ["TableName", "QueueName", "Name"] {
                if let Some(name) = properties.get(key) {
                    let name = self.resolve(name)?.text()?;
                    if let Some(known) = self.resources.get_mut(&resource.key) {
                        known.1 = name;
                    }
                }
            }
        }
        Ok(())
    }

    /// The name a resource goes by.
    pub(super) fn name(&self, logical_id: &str) -> String {
        self.resources.get(logical_id).map_or_else(|| logical_id.to_owned(), |(_, name)| name.clone())
    }

    /// The value with all intrinsics replaced.
    pub(super) fn resolve(&self, node: &Node) -> Result<Node, TemplateError> {
        let line = node.line;
        let kind = match &node.kind {
            Kind::Seq(items) => {
                Kind::Seq(items.iter().map(|item| self.resolve(item)).collect::<Result<_, _>>()?)
            }
            Kind::Map(entries) => {
                let resolved = |entry: &Entry| {
                    Ok(Entry { key: entry.key.clone(), line: entry.line, value: self.resolve(&entry.value)? })
                };
                Kind::Map(entries.iter().map(resolved).collect::<Result<_, TemplateError>>()?)
            }
            Kind::Ref(name) => match self.parameters.get(name) {
                Some(value) => value.kind.clone(),
                None => Kind::Text(self.reference(name, line)?),
            },
            Kind::GetAtt(resource, attribute) => Kind::Text(self.attribute(resource, attribute, line)?),
            Kind::Sub(text) => Kind::Text(self.substitute(text, line)?),
            other => other.clone(),
        };
        Ok(Node { line, kind })
    }

    fn reference(&self, name: &str, line: usize) -> Result<String, TemplateError> {
        match name {
            "AWS::Region" => return Ok(REGION.to_owned()),
            "AWS::AccountId" => return Ok(ACCOUNT_ID.to_owned()),
            "AWS::Partition" => return Ok("aws".to_owned()),
            "AWS::StackName" => return Ok(STACK_NAME.to_owned()),
            "AWS::URLSuffix" => return Ok("amazonaws.com".to_owned()),
            _ => {}
        }
        if let Some(value) = self.parameters.get(name) {
            return value.text();
        }
        let Some((kind, physical)) = self.resources.get(name) else {
            return Err(fault(
                line,
                format!("`{name}` is no parameter, no resource and no known pseudo parameter"),
            ));
        };
        Ok(match kind.as_str() {
            "AWS::SQS::Queue" => format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT_ID}/{physical}"),
            _ => physical.clone(),
        })
    }

    fn attribute(&self, name: &str, attribute: &str, line: usize) -> Result<String, TemplateError> {
        let Some((kind, physical)) = self.resources.get(name) else {
            return Err(fault(line, format!("there is no resource `{name}`")));
        };
        let arn = |service: &str, rest: String| format!("arn:aws:{service}:{REGION}:{ACCOUNT_ID}:{rest}");
        Ok(match (kind.as_str(), attribute) {
            ("AWS::DynamoDB::Table", "Arn") => table_arn(physical),
            ("AWS::DynamoDB::Table", "StreamArn") => stream_arn(physical),
            ("AWS::SQS::Queue", "Arn") => arn("sqs", physical.clone()),
            ("AWS::SQS::Queue", "QueueName") => physical.clone(),
            ("AWS::KMS::Key", "Arn") => arn("kms", format!("key/{physical}")),
            ("AWS::Events::EventBus", "Arn") => arn("events", format!("event-bus/{physical}")),
            ("AWS::Events::Rule", "Arn") => arn("events", format!("rule/{physical}")),
            ("AWS::Logs::LogGroup", "Arn") => arn("logs", format!("log-group:{physical}:*")),
            ("AWS::Serverless::Function", "Arn") => arn("lambda", format!("function:{physical}")),
            _ => return Err(fault(line, format!("the attribute {attribute} of {kind} is not understood"))),
        })
    }

    fn substitute(&self, text: &str, line: usize) -> Result<String, TemplateError> {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            out.push_str(before);
            let Some((name, tail)) = after.split_once('}') else {
                return Err(fault(line, "`${` without `}`".to_owned()));
            };
            match name.split_once('.') {
                Some((resource, attribute)) => out.push_str(&self.attribute(resource, attribute, line)?),
                None => out.push_str(&self.reference(name, line)?),
            }
            rest = tail;
        }
        out.push_str(rest);
        Ok(out)
    }
}

/// The ARN of a table.
fn table_arn(name: &str) -> String {
    format!("arn:aws:dynamodb:{REGION}:{ACCOUNT_ID}:table/{name}")
}

/// The ARN of a table's stream. The label is the stream's age on AWS; here a table has one stream for ever.
fn stream_arn(name: &str) -> String {
    format!("{}/stream/2026-01-01T00:00:00.000", table_arn(name))
}
