//! Event patterns, as rules and event source filters write them: exact, prefix, exists and anything-but.

use serde_json::Value;

use super::{TemplateError, fault};

/// A pattern that was understood as a whole.
#[derive(Clone, Debug)]
pub(crate) enum Pattern {
    /// Every named field has to match.
    Fields(Vec<(String, Pattern)>),
    /// One of these has to hold for the value.
    AnyOf(Vec<Test>),
}

/// One test of a value.
#[derive(Clone, Debug)]
pub(crate) enum Test {
    Exact(Value),
    Prefix(String),
    Exists(bool),
    AnythingBut(Vec<Value>),
}

impl Pattern {
    /// Reads a pattern that stands at `line`.
    pub(crate) fn read(json: &Value, line: usize) -> Result<Self, TemplateError> {
        match json {
            Value::Object(fields) if !fields.is_empty() => fields
                .iter()
                .map(|(name, inner)| match name.strip_prefix('$') {
                    Some(_) => Err(fault(line, format!("the pattern operator {name} is not understood"))),
                    None => Ok((name.clone(), Self::read(inner, line)?)),
                })
                .collect::<Result<_, _>>()
                .map(Self::Fields),
            Value::Array(tests) if !tests.is_empty() => {
                tests.iter().map(|test| Test::read(test, line)).collect::<Result<_, _>>().map(Self::AnyOf)
            }
            other => Err(fault(line, format!("a pattern is made of objects and lists, not {other}"))),
        }
    }

    /// Whether the event matches.
    pub(crate) fn matches(&self, event: &Value) -> bool {
        self.holds(Some(event))
    }

    fn holds(&self, value: Option<&Value>) -> bool {
        match self {
            Self::Fields(fields) => {
                fields.iter().all(|(name, inner)| inner.holds(value.and_then(|value| value.get(name))))
            }
            // A list in the event matches when one of its members does.
            Self::AnyOf(tests) => match value {
                Some(Value::Array(members)) => {
                    members.iter().any(|member| tests.iter().any(|test| test.holds(Some(member))))
                }
                value => tests.iter().any(|test| test.holds(value)),
            },
        }
    }
}

impl Test {
    fn read(json: &Value, line: usize) -> Result<Self, TemplateError> {
        let Value::Object(operator) = json else {
            return match json {
                Value::Array(_) => Err(fault(line, "a list in a list is no pattern".to_owned())),
                exact => Ok(Self::Exact(exact.clone())),
            };
        };
        let mut operators = operator.iter();
        match (operators.next(), operators.next()) {
            (Some((name, value)), None) => match (name.as_str(), value) {
                ("prefix", Value::String(prefix)) => Ok(Self::Prefix(prefix.clone())),
                ("exists", Value::Bool(exists)) => Ok(Self::Exists(*exists)),
                ("anything-but", Value::Array(values)) => Ok(Self::AnythingBut(values.clone())),
                ("anything-but", value @ (Value::String(_) | Value::Number(_))) => {
                    Ok(Self::AnythingBut(vec![value.clone()]))
                }
                _ => Err(fault(line, format!("the pattern operator {name} with {value} is not understood"))),
            },
            _ => Err(fault(line, "a pattern operator stands alone".to_owned())),
        }
    }

    fn holds(&self, value: Option<&Value>) -> bool {
        match self {
            Self::Exists(wanted) => value.is_some_and(|value| !value.is_object()) == *wanted,
            Self::Exact(exact) => value == Some(exact),
            Self::Prefix(prefix) => {
                value.and_then(Value::as_str).is_some_and(|text| text.starts_with(prefix))
            }
            Self::AnythingBut(values) => {
                value.is_some_and(|value| !value.is_object() && !values.contains(value))
            }
        }
    }
}
