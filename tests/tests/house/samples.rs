//! `events/<name>.json`: an event for every function, good enough to invoke it with.

use std::collections::BTreeSet;

use local::{Options, wiring};
use runtime::Credential;
use serde_json::Value;
use tests::Roster;

use crate::{folders, read, tracked};

/// The user that the samples are about.
const USER_ID: &str = "usr_01KG9MFMM0BVPG000000000003";
/// What samples are answered that name an invitation or a password nobody was given.
const REFUSALS: &[(&str, &str)] = &[
    ("lookup-invite", "invitation_invalid"),
    ("accept-invite", "invitation_invalid"),
    ("sign-in", "invalid_credentials"),
];

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
        .filter(|name| *name != "schema")
        .map(str::to_owned)
        .collect();
    let functions: BTreeSet<String> = folders().into_iter().map(|folder| folder.name).collect();
    assert_eq!(functions, files, "each function has its events/<name>.json");
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

/// With somebody's real credential and colleague in place of the sample's, each does what it is for.
#[tokio::test]
async fn every_function_takes_its_sample() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let colleague = team.member("bea@acme.test", "developer").await;
    for function in local::functions::ALL {
        let name = function.name;
        let mut event = sample(name);
        if let Some(token) = bearer(&event).map(str::to_owned) {
            // A session each, as one of them ends it.
            let live = roster.sign_in(&team.root.email).await;
            let text = event.to_string().replace(&token, live.caller.token()).replace(USER_ID, &colleague.id);
            event = serde_json::from_str(&text).unwrap();
        }
        let answer = roster.stack.invoke(name, event).await;
        let answer = answer.unwrap_or_else(|| panic!("{name} failed: {:?}", roster.stack.logs().last()));
        if answer.get("batchItemFailures").is_some() {
            assert_eq!(
                answer["batchItemFailures"],
                serde_json::json!([]),
                "{name}: {:?}",
                roster.stack.logs()
            );
            continue;
        }
        let refusal = REFUSALS.iter().find(|(refused, _)| *refused == name).map(|(_, code)| *code);
        let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap_or_default();
        let status = answer["statusCode"].as_u64().unwrap();
        match refusal {
            Some(code) => assert_eq!(body["code"], code, "{name}: {body:#}"),
            None => assert!((200..300).contains(&status), "{name}: {status} {body:#}"),
        }
    }
}
