//! The OpenAPI document is what the code says, and leaves nothing without a word. RULE: AP-07

use std::collections::BTreeSet;

use local::{Options, wiring};
use serde_json::{Map, Value};

use crate::read;

const DOCUMENT: &str = "functions/console/openapi/openapi.json";

fn document() -> Value {
    serde_json::from_str(&read(DOCUMENT)).expect("JSON")
}

/// Every operation, as `GET /v1/me`.
fn operations(document: &Value) -> Vec<(String, Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().expect("methods").iter();
        methods
            .map(move |(method, operation)| (format!("{} {path}", method.to_uppercase()), operation.clone()))
    });
    operations.collect()
}

#[test]
fn the_document_that_is_served_is_what_the_code_says() {
    let code = local::openapi().expect("a document");
    let same = read(DOCUMENT).trim_end() == code;
    assert!(
        same,
        "{DOCUMENT} is not what the code says any more: run `cargo xtask openapi` and read what changed"
    );
}

#[test]
fn the_document_has_the_routes_of_the_template_and_no_other() {
    let wired = wiring(&Options::default()).expect("the template is understood");
    let routes: BTreeSet<String> = wired.into_iter().flat_map(|function| function.routes).collect();
    let documented: BTreeSet<String> = operations(&document()).into_iter().map(|(route, _)| route).collect();
    assert_eq!(documented, routes);
}

#[test]
fn every_operation_has_a_name_of_its_own_and_every_field_a_description() {
    let document = document();
    let mut names = BTreeSet::new();
    for (route, operation) in operations(&document) {
        let name = operation["operationId"].as_str().expect("a name").to_owned();
        assert!(names.insert(name), "{route}");
        assert!(operation["summary"].as_str().is_some_and(|text| text.len() > 5), "{route}");
    }
    let mut silent = Vec::new();
    silence(&document, "", &mut silent);
    assert_eq!(silent, Vec::<String>::new(), "these say nothing of what they are");
}

/// Properties, parameters, headers and schemas without a description.
fn silence(value: &Value, path: &str, silent: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let path = format!("{path}/{name}");
                if ["properties", "headers", "schemas"].contains(&name.as_str()) {
                    silent.extend(undescribed(member.as_object()).map(|member| format!("{path}/{member}")));
                }
                silence(member, &path, silent);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| silence(value, path, silent)),
        _ => {}
    }
}

fn undescribed(members: Option<&Map<String, Value>>) -> impl Iterator<Item = &String> {
    let says = |member: &Value| member.get("description").or_else(|| member.get("$ref")).is_some();
    members.into_iter().flatten().filter(move |(_, member)| !says(member)).map(|(name, _)| name)
}

#[test]
fn every_reference_leads_somewhere_and_everything_is_referred_to() {
    let document = document();
    let mut references = BTreeSet::new();
    refer(&document, &mut references);
    for reference in &references {
        let target = document.pointer(reference.trim_start_matches('#'));
        assert!(target.is_some(), "{reference} leads nowhere");
    }
    for kind in ["schemas", "parameters", "headers", "examples"] {
        for name in document["components"][kind].as_object().expect("components").keys() {
            let reference = format!("#/components/{kind}/{name}");
            assert!(references.contains(&reference), "nothing refers to {reference}");
        }
    }
}

fn refer(value: &Value, references: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            references.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| refer(member, references));
        }
        Value::Array(values) => values.iter().for_each(|value| refer(value, references)),
        _ => {}
    }
}
