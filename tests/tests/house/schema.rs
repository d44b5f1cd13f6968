//! `events/schema.json`: what is published, for whoever subscribes.

use std::collections::BTreeSet;

use domain::{FactKind, ResourceId};
use serde_json::{Value, json};

use crate::read;

pub(crate) fn schema() -> Value {
    serde_json::from_str(&read("events/schema.json")).expect("events/schema.json is JSON")
}

/// The types of all facts.
pub(crate) fn kinds() -> BTreeSet<String> {
    texts(&serde_json::to_value(FactKind::ALL.as_slice()).unwrap())
}

fn texts(values: &Value) -> BTreeSet<String> {
    let values = values.as_array().expect("a list");
    values.iter().map(|value| value.as_str().expect("text").to_owned()).collect()
}

#[test]
fn the_schema_knows_every_type_that_can_be_published_and_no_other() {
    let kinds = kinds();
    let schema = schema();
    assert_eq!(texts(&schema["properties"]["type"]["enum"]), kinds, "the types of events/schema.json");
    let shapes: Vec<Value> = schema["oneOf"]
        .as_array()
        .unwrap()
        .iter()
        .map(|shape| shape["properties"]["type"]["const"].clone())
        .collect();
    assert_eq!(texts(&Value::Array(shapes)), kinds, "the shapes of events/schema.json");
}

/// The body of the sample queue message is what `publish-events` makes of the sample stream record; that
/// function's own tests hold the two together.
#[test]
fn what_is_published_fits_the_schema() {
    let message: Value = serde_json::from_str(&read("events/send-mail.json")).unwrap();
    let body: Value = serde_json::from_str(message["Records"][0]["body"].as_str().unwrap()).unwrap();
    let detail = &body["detail"];
    assert_eq!(body["detail-type"], detail["type"]);
    assert_eq!(misfit(&schema(), &schema(), detail), None);
    for (wrong, value) in [
        ("type", json!("user.renamed")),
        ("target", json!("ann@acme.example")),
        ("after", json!({ "role": "developer", "email": "ann@acme.example" })),
        ("before", json!({ "role": "owner" })),
        ("version", json!(2)),
        ("email", json!("ann@acme.example")),
    ] {
        let mut detail = detail.clone();
        detail[wrong] = value;
        assert!(misfit(&schema(), &schema(), &detail).is_some(), "{wrong} is judged");
    }
}

/// What does not fit, by as much of JSON Schema as ours uses; an unknown keyword ends the test.
pub(crate) fn misfit(whole: &Value, schema: &Value, value: &Value) -> Option<String> {
    let fits = |schema: &Value| misfit(whole, schema, value).is_none();
    for (keyword, rule) in schema.as_object().expect("a schema") {
        let holds = match keyword.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" | "format" => true,
            "$ref" => {
                fits(whole.pointer(rule.as_str().unwrap().trim_start_matches('#')).expect("a definition"))
            }
            "type" => match rule.as_str().unwrap() {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "integer" => value.is_u64() || value.is_i64(),
                "boolean" => value.is_boolean(),
                "null" => value.is_null(),
                other => panic!("the type {other} is not judged here"),
            },
            "const" => value == rule,
            "enum" => rule.as_array().unwrap().contains(value),
            "minimum" => value.as_i64() >= rule.as_i64(),
            "maximum" => value.as_i64() <= rule.as_i64(),
            "items" => value
                .as_array()
                .is_some_and(|values| values.iter().all(|value| misfit(whole, rule, value).is_none())),
            "minItems" => value.as_array().is_some_and(|values| Some(values.len() as u64) >= rule.as_u64()),
            "pattern" => is_identifier(rule.as_str().unwrap(), value.as_str().unwrap_or_default()),
            "anyOf" => rule.as_array().unwrap().iter().any(fits),
            "oneOf" => rule.as_array().unwrap().iter().filter(|schema| fits(schema)).count() == 1,
            "required" => texts(rule).iter().all(|name| value.get(name).is_some()),
            "properties" => rule.as_object().unwrap().iter().all(|(name, schema)| {
                value.get(name).is_none_or(|member| misfit(whole, schema, member).is_none())
            }),
            "additionalProperties" => {
                let known = schema["properties"].as_object().unwrap();
                value.as_object().is_none_or(|object| object.keys().all(|name| known.contains_key(name)))
            }
            other => panic!("the keyword {other} is not judged here"),
        };
        if !holds {
            return Some(format!("{value} does not fit {keyword} {rule}"));
        }
    }
    None
}

/// The two kinds of patterns there are: what a resource is called; and a prefix, a ULID, and for a fact its number.
fn is_identifier(pattern: &str, text: &str) -> bool {
    if pattern == ResourceId::PATTERN {
        return ResourceId::parse(text).is_ok();
    }
    let (prefix, suffix) =
        pattern.split_once("[0-9A-HJKMNP-TV-Z]{26}").expect("the pattern of an identifier");
    let Some(body) = text.strip_prefix(prefix.trim_start_matches('^')) else { return false };
    let Some((ulid, rest)) = body.split_at_checked(26) else { return false };
    let is_ulid = ulid.chars().all(|c| "0123456789ABCDEFGHJKMNPQRSTVWXYZ".contains(c));
    let ends_well = match suffix {
        "$" => rest.is_empty(),
        r"\.[0-7]$" => rest.strip_prefix('.').is_some_and(|n| n.len() == 1 && ("0"..="7").contains(&n)),
        other => panic!("the pattern {other} is not judged here"),
    };
    is_ulid && ends_well
}

// RULE: DE-02, EV-03
#[test]
fn the_rule_for_mails_lets_through_what_leads_to_mails_and_nothing_else() {
    let template = read("template.yaml");
    let (_, rule) = template.split_once("\n  MailRule:\n").expect("a rule for mails");
    let (_, types) = rule.split_once("detail-type:\n").expect("its types");
    let types = types.lines().map_while(|line| line.trim().strip_prefix("- "));
    let mailed = FactKind::ALL.into_iter().filter(|kind| kind.is_mailed()).map(FactKind::name);
    assert_eq!(types.collect::<BTreeSet<_>>(), mailed.collect::<BTreeSet<_>>());
}
