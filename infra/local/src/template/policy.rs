//! Inline policies of functions: what each may do, action by action and resource by resource.

use super::node::Node;
use super::{TemplateError, fault};

/// One action that a function may take on one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    /// As in `dynamodb:PutItem`.
    pub(crate) action: String,
    /// An ARN; one that ends with `/*` stands for all that begin so.
    pub(crate) resource: String,
    /// Where the action stands.
    pub(crate) line: usize,
}

impl Grant {
    /// Whether it allows this action on this resource.
    pub(crate) fn allows(&self, action: &str, resource: &str) -> bool {
        let reaches = match self.resource.strip_suffix('*') {
            Some(prefix) => resource.starts_with(prefix),
            None => self.resource == resource,
        };
        self.action == action && reaches
    }
}

/// What the policies of a function grant.
pub(super) fn grants(policies: &Node) -> Result<Vec<Grant>, TemplateError> {
    let mut grants = Vec::new();
    for policy in policies.items()? {
        policy.only(&["Version", "Statement"], "a policy")?;
        for statement in policy.need("Statement")?.items()? {
            statement.only(&["Sid", "Effect", "Action", "Resource"], "a statement")?;
            let effect = statement.need("Effect")?;
            if effect.text()? != "Allow" {
                return Err(fault(effect.line, "the only effect understood is Allow".to_owned()));
            }
            for resource in one_or_more(statement.need("Resource")?) {
                let arn = resource_arn(resource)?;
                for action in one_or_more(statement.need("Action")?) {
                    let (action, line) = (named_action(action)?, action.line);
                    grants.push(Grant { action, resource: arn.clone(), line });
                }
            }
        }
    }
    Ok(grants)
}

fn one_or_more(node: &Node) -> Vec<&Node> {
    node.items().map_or_else(|_| vec![node], |items| items.iter().collect())
}

fn named_action(node: &Node) -> Result<String, TemplateError> {
    let action = node.text()?;
    let is_named = action.split_once(':').is_some_and(|(service, name)| {
        !service.is_empty() && !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    if is_named {
        Ok(action)
    } else {
        Err(fault(node.line, format!("the action {action} is not understood; name each by itself")))
    }
}

fn resource_arn(node: &Node) -> Result<String, TemplateError> {
    let arn = node.text()?;
    let stars = arn.matches(['*', '?']).count();
    if arn.starts_with("arn:") && (stars == 0 || stars == 1 && arn.ends_with("/*")) {
        Ok(arn)
    } else {
        Err(fault(
            node.line,
            format!("the resource {arn} is not understood; an ARN, or one that ends with /*, is"),
        ))
    }
}
