//! The schemas of replies, made strict: what is not listed is not there.

use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use super::problems::Problems;

/// All that the document refers to.
pub(super) fn all(mut generator: SchemaGenerator, problems: &Problems) -> Map<String, Value> {
    let mut schemas = generator.take_definitions(true);
    schemas.extend(problems.schemas());
    schemas.insert("GatewayMessage".to_owned(), gateway_message());
    for schema in schemas.values_mut() {
        tidy(schema);
    }
    schemas
}

/// What the gateway answers by itself, without asking a function.
fn gateway_message() -> Value {
    json!({
        "description": "An answer of the gateway's own: no function was asked, or none answered in time.",
        "type": "object",
        "required": ["message"],
        "properties": { "message": { "type": "string", "description": "A few words." } },
        "additionalProperties": false,
    })
}

/// What the code notes of its rules is for those who read the code.
const RULES: &str = " RULE: ";

/// A description without the codes of rules, which stand at the end of its first paragraph.
fn without_rules(about: &str) -> String {
    let (first, more) = about.split_once("\n\n").map_or((about, None), |(first, more)| (first, Some(more)));
    let first = first.split(RULES).next().unwrap_or_default();
    more.map_or_else(|| first.to_owned(), |more| format!("{first}\n\n{more}"))
}

/// Closes objects, and writes choices of names in the short form that viewers show best.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.contains_key("properties") {
                members.entry("additionalProperties").or_insert(Value::Bool(false));
            }
            if let Some(Value::String(about)) = members.get_mut("description") {
                *about = without_rules(about);
            }
            if let Some((names, lines)) = members.get("oneOf").and_then(names) {
                members.remove("oneOf");
                let about = members.get("description").and_then(Value::as_str).unwrap_or_default();
                let about = format!("{about}\n\n{}", lines.join("\n"));
                members.insert("description".into(), about.into());
                members.insert("type".into(), "string".into());
                members.insert("enum".into(), names.into());
            }
            members.values_mut().for_each(tidy);
        }
        Value::Array(values) => values.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// Names and a line for each, where these are names with a description each and nothing else.
fn names(choices: &Value) -> Option<(Vec<Value>, Vec<String>)> {
    let mut found = (Vec::new(), Vec::new());
    for choice in choices.as_array()? {
        let name = choice.get("const")?;
        found.1.push(format!("- `{}`: {}", name.as_str()?, choice.get("description")?.as_str()?));
        found.0.push(name.clone());
    }
    Some(found)
}
