//! `events/<name>.json`: an event for every function, good enough to invoke it with.

use std::collections::BTreeSet;

use local::{Options, wiring};
use runtime::Credential;
use serde_json::{Map, Value};
use tests::Roster;

use crate::{folders, read, tracked};

/// What `events/expected.json` says of each function's answer.
fn expected() -> Map<String, Value> {
    serde_json::from_str(&read("events/expected.json")).expect("an object")
}

fn sample(name: &str) -> Value {
    serde_json::from_str(&read(&format!("events/{name}.json")))
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn bearer(event: &Value) -> Option<&str> {
    event["headers"]["authorization"].as_str()?.strip_prefix("Bearer ")
}

#[test]
fn every_function_has_a_sample_event_and_the_reverse() {
    let files: BTreeSet<String> = tracked()
        .iter()
        .filter_map(|path| path.strip_prefix("events/")?.strip_suffix(".json"))
        .filter(|name| !["expected", "schema"].contains(name))
        .map(str::to_owned)
        .collect();
    let functions: BTreeSet<String> = folders().into_iter().map(|folder| folder.name).collect();
    assert_eq!(functions, files, "each function has its events/<name>.json");
    let stated: BTreeSet<String> = expected().into_iter().map(|(name, _)| name).collect();
    assert_eq!(functions, stated, "each function has its line in events/expected.json");
}

#[test]
fn a_request_in_a_sample_is_one_for_its_functions_route() {
    for function in wiring(&Options::default()).expect("the template is understood") {
        let Some(route) = function.routes.first() else { continue };
        let (name, event) = (&function.name, sample(&function.name));
        let http = &event["requestContext"]["http"];
        assert_eq!(event["version"], "2.0", "{name}");
        assert_eq!(event["routeKey"], **route, "{name}");
        assert_eq!(event["requestContext"]["routeKey"], **route, "{name}");
        assert_eq!(http["path"], event["rawPath"], "{name}");
        let mut path = route.clone();
        for (parameter, value) in event["pathParameters"].as_object().into_iter().flatten() {
            path = path.replace(&format!("{{{parameter}}}"), value.as_str().expect("text"));
        }
        let asked = format!("{} {}", http["method"].as_str().unwrap(), event["rawPath"].as_str().unwrap());
        assert_eq!(asked, path, "{name}");
        if let Some(token) = bearer(&event) {
            assert!(Credential::parse(token).is_some(), "{name}: the credential's checksum is wrong");
        }
    }
}

/// Each on the demo data that a first start makes, whichever went before.
#[tokio::test]
async fn every_function_answers_its_sample_as_stated() {
    let by_name: Vec<String> = expected().into_iter().map(|(name, _)| name).collect();
    let reversed = by_name.iter().rev().cloned().collect();
    let functions = wiring(&Options::default()).expect("the template is understood");
    let in_order = functions.into_iter().map(|function| function.name).collect();
    for names in [by_name, reversed, in_order] {
        let roster = Roster::start().await;
        roster.stack.make_demo().await.expect("the demo account is made");
        for name in names {
            let answer = roster.stack.invoke(&name, sample(&name)).await;
            let answer = answer.unwrap_or_else(|| panic!("{name} failed: {:?}", roster.stack.logs().last()));
            for (member, value) in expected()[&name].as_object().expect("members of the answer") {
                assert_eq!(answer[member], *value, "{name}: {answer:#}");
            }
        }
    }
}
