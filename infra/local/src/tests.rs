//! The stack with functions made for the purpose: events in their exact shape, and what happens when things fail.

mod fakes;
mod processes;
mod schedules;

use std::time::Duration;

use fakes::{FUNCTIONS, Folder, call, get, item, key, memory, operator, options, put, recipients};
use serde_json::{Value, json};

use crate::state::{Change, State};
use crate::{Options, Stack, StackError};

#[tokio::test]
async fn a_function_sees_the_event_of_api_gateway() {
    let stack = memory().await;
    let http = reqwest::Client::new();
    let url = format!("{}/echo/a%20b%2Fc?x=1&x=2&y=%C3%A4+b", stack.url());
    let response = http
        .post(url)
        .header("Cookie", "one=1; two=2;three=3;")
        .header("X-Forwarded-For", "9.9.9.9")
        .header("user-agent", "tester")
        .body("plain")
        .send()
        .await
        .unwrap();
    let request_id = response.headers()["apigw-requestid"].to_str().unwrap().to_owned();
    let event: Value = response.json().await.unwrap();
    assert_eq!(event["version"], "2.0");
    assert_eq!(event["routeKey"], "POST /echo/{id}");
    assert_eq!(event["rawPath"], "/echo/a%20b%2Fc");
    assert_eq!(event["rawQueryString"], "x=1&x=2&y=%C3%A4+b");
    assert_eq!(event["queryStringParameters"], json!({ "x": "1,2", "y": "ä b" }));
    assert_eq!(event["pathParameters"], json!({ "id": "a b/c" }));
    assert_eq!(event["cookies"], json!(["one=1", "two=2", "three=3"]));
    assert_eq!(event["headers"]["cookie"], Value::Null);
    assert_eq!(event["body"], "plain");
    assert_eq!(event["isBase64Encoded"], false);
    let context = &event["requestContext"];
    assert_eq!(context["http"]["sourceIp"], "127.0.0.1");
    assert_eq!(context["http"]["userAgent"], "tester");
    assert_eq!(context["requestId"], request_id);
    assert_eq!(context["stage"], "$default");
    let bytes = http.post(format!("{}/echo/1", stack.url())).body(vec![0xff, 0xfe]).send().await.unwrap();
    let event: Value = bytes.json().await.unwrap();
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("//4="), &json!(true)));
    assert_eq!(event.get("queryStringParameters"), None);
}

#[tokio::test]
async fn the_gateway_answers_for_functions_that_do_not() {
    let stack = memory().await;
    let http = reqwest::Client::new();
    for (path, body, status, message) in [
        ("/echo/1", "panic", 500, "Internal Server Error"),
        ("/echo/1", "fault", 500, "Internal Server Error"),
        ("/echo/1/2", "", 404, "Not Found"),
        ("/echo/fixed/", "", 404, "Not Found"),
        ("/none", "", 404, "Not Found"),
    ] {
        let response = http.post(format!("{}{path}", stack.url())).body(body).send().await.unwrap();
        assert_eq!(response.status(), status, "{path} {body}");
        assert_eq!(response.json::<Value>().await.unwrap(), json!({ "message": message }));
    }
    let large = vec![b'a'; 10 * 1024 * 1024 + 1];
    let response = http.post(format!("{}/echo/1", stack.url())).body(large).send().await.unwrap();
    assert_eq!(response.status(), 413);
    let response = http.post(format!("{}/echo/1", stack.url())).body("base64").send().await.unwrap();
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
    assert_eq!(response.text().await.unwrap(), "hi");
    assert!(stack.logs().iter().any(|(name, line)| name == "echo" && line.contains("as asked")));
}

#[tokio::test]
async fn a_written_event_becomes_a_mail_though_every_consumer_fails_once() {
    let stack = memory().await;
    put(&stack, "E#1", "flaky").await;
    put(&stack, "A#1", "unseen").await;
    put(&stack, "E#2", "late").await;
    stack.settle().await;
    let mails = get(&stack, "/_local/mail").await;
    assert_eq!(recipients(&stack).await, ["late@example.com", "flaky@example.com"]);
    assert_eq!(mails["data"][0]["subject"], "2", "received twice");
    let record: Value = serde_json::from_str(mails["data"][1]["text"].as_str().unwrap()).unwrap();
    assert_eq!(record["eventSource"], "aws:sqs");
    assert_eq!(record["md5OfBody"], format!("{:x}", md5::compute(record["body"].as_str().unwrap())));
    let envelope: Value = serde_json::from_str(record["body"].as_str().unwrap()).unwrap();
    assert_eq!((&envelope["detail-type"], &envelope["source"]), (&json!("mailed"), &json!("t")));
    let change = &envelope["detail"]["record"];
    assert_eq!(change["dynamodb"]["Keys"], key("E#1"));
    assert_eq!(change["dynamodb"]["NewImage"], item("E#1", "flaky"));
    assert_eq!(change["dynamodb"]["StreamViewType"], "NEW_IMAGE");
    assert_eq!(get(&stack, "/_local/mail?to=LATE@example.com").await["data"].as_array().unwrap().len(), 1);
    let inbox = reqwest::get(format!("{}/_local/inbox", stack.url())).await.unwrap().text().await.unwrap();
    assert!(inbox.contains("late@example.com"));
}

#[tokio::test]
async fn what_keeps_failing_goes_to_the_dead_letters_and_holds_nothing_up() {
    let folder = Folder::new();
    let stack = Stack::start(options(Some(folder.0.clone()))).await.unwrap();
    put(&stack, "E#1", "poison").await;
    put(&stack, "E#2", "never").await;
    put(&stack, "E#3", "good").await;
    stack.settle().await;
    assert_eq!(recipients(&stack).await, ["good@example.com"]);
    stack.stop().await;
    let state = State::open(Some(&folder.0.join("stack.sqlite"))).unwrap();
    let dead = state.messages(&state.queued("Dead").unwrap()).unwrap();
    let condition =
        |body: &str| serde_json::from_str::<Value>(body).unwrap()["requestContext"]["condition"].clone();
    assert_eq!(dead.len(), 2);
    assert!(dead.iter().any(|message| condition(&message.body) == "RetryAttemptsExhausted"));
    assert!(dead.iter().any(|message| message.body.contains("never") && message.receive_count == 2));
    assert_eq!(state.outstanding(&["Mails"]).unwrap(), 0);
}

#[tokio::test]
async fn after_a_crash_the_intents_are_resolved_by_the_table() {
    let folder = Folder::new();
    let stack = Stack::start(options(Some(folder.0.clone()))).await.unwrap();
    put(&stack, "E#1", "written").await;
    stack.settle().await;
    stack.stop().await;
    let state = State::open(Some(&folder.0.join("stack.sqlite"))).unwrap();
    let intent = |pk: &str, name: &str| Change {
        sequence: 0,
        source: "publish".to_owned(),
        table: "Table".to_owned(),
        keys: key(pk),
        image: item(pk, name),
        written_at_ms: 0,
    };
    state.intend(&[intent("E#1", "written"), intent("E#9", "lost")]).unwrap();
    drop(state);
    let stack = Stack::start(options(Some(folder.0.clone()))).await.unwrap();
    assert!(!stack.first_start());
    stack.settle().await;
    assert_eq!(recipients(&stack).await, ["written@example.com", "written@example.com"]);
}

#[tokio::test]
async fn a_refused_write_leads_to_nothing() {
    let stack = memory().await;
    let body = json!({ "TableName": "Table", "Item": item("E#1", "x"), "ConditionExpression": "attribute_exists(pk)" });
    let refusal = operator(&stack, "dynamodb", "DynamoDB_20120810.PutItem", body).await.unwrap_err();
    assert!(refusal.to_string().contains("ConditionalCheckFailed"), "{refusal}");
    stack.settle().await;
    assert!(recipients(&stack).await.is_empty());
    let body = json!({ "TableName": "Table", "Key": key("E#1") });
    let refusal = operator(&stack, "dynamodb", "DynamoDB_20120810.UpdateItem", body).await.unwrap_err();
    assert!(refusal.to_string().contains("carries puts only"), "{refusal}");
}

#[tokio::test]
async fn calls_are_shown_in_steps() {
    let stack =
        Stack::start(Options { aws_latency: Duration::from_millis(20), ..options(None) }).await.unwrap();
    let request_id = get(&stack, "/calls").await["request_id"].as_str().unwrap().to_owned();
    let calls = get(&stack, &format!("/_local/calls?request_id={request_id}")).await;
    let request = &calls["data"][0];
    assert_eq!(request["function"], "calls");
    let seen: Vec<_> = request["calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| (c["step"].clone(), c["status"].clone()))
        .collect();
    assert_eq!(seen, [(json!(1), json!(200)), (json!(1), json!(200)), (json!(2), json!(200))]);
    assert_eq!(request["calls"][2]["consumed_capacity"], 0.5);
    let cleared =
        reqwest::Client::new().delete(format!("{}/_local/calls", stack.url())).send().await.unwrap();
    assert_eq!(cleared.status(), 204);
    assert_eq!(get(&stack, "/_local/calls").await, json!({ "data": [] }));
}

#[tokio::test]
async fn the_clock_moves_on_only_and_over_a_restart() {
    let folder = Folder::new();
    let begin = "2027-01-31T09:00:00Z".parse().unwrap();
    let with = Options { clock: Some(begin), ..options(Some(folder.0.clone())) };
    let stack = Stack::start(with).await.unwrap();
    let http = reqwest::Client::new();
    for (body, status, date) in [
        (json!({ "advance": "1d" }), 200, "2027-02-01"),
        (json!({ "advance": "48h" }), 200, "2027-02-03"),
        (json!({ "to": "2027-03-01T00:00:00Z" }), 200, "2027-03-01"),
        (json!({ "to": "2027-02-01T00:00:00Z" }), 422, ""),
        (json!({ "advance": "-1d" }), 422, ""),
        (json!({ "advance": "1w" }), 422, ""),
        (json!({}), 422, ""),
        (json!({ "advance": "1ä" }), 422, ""),
    ] {
        let reply =
            http.post(format!("{}/_local/clock", stack.url())).body(body.to_string()).send().await.unwrap();
        assert_eq!(reply.status(), status, "{body}");
        let now = reply.json::<Value>().await.unwrap()["now"].as_str().unwrap_or_default().to_owned();
        assert!(now.starts_with(date), "{now}");
    }
    stack.stop().await;
    let stack = Stack::start(options(Some(folder.0.clone()))).await.unwrap();
    assert!(get(&stack, "/_local/clock").await["now"].as_str().unwrap().starts_with("2027-03-01"));
    stack.stop().await;
    let back = Options { clock: Some(begin), ..options(Some(folder.0.clone())) };
    assert!(matches!(Stack::start(back).await, Err(StackError::Clock(_))));
}

#[tokio::test]
async fn keys_and_data_outlive_a_restart_and_belong_to_one_stack() {
    let folder = Folder::new();
    let generate = json!({ "KeyId": "Key", "Message": "aGk=", "MacAlgorithm": "HMAC_SHA_256" });
    let stack = Stack::start(options(Some(folder.0.clone()))).await.unwrap();
    assert!(matches!(Stack::start(options(Some(folder.0.clone()))).await, Err(StackError::Data(_))));
    let made = operator(&stack, "kms", "TrentService.GenerateMac", generate.clone()).await.unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            std::fs::metadata(folder.0.join("keys.json")).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    stack.stop().await;
    let stack = Stack::start(options(Some(folder.0.clone()))).await.unwrap();
    let again = operator(&stack, "kms", "TrentService.GenerateMac", generate.clone()).await.unwrap();
    assert_eq!(made, again);
    let mut verify = generate;
    verify["KeyId"] = made["KeyId"].clone();
    verify["Mac"] = made["Mac"].clone();
    let verified = operator(&stack, "kms", "TrentService.VerifyMac", verify.clone()).await.unwrap();
    assert_eq!(verified["MacValid"], true);
    verify["Mac"] = json!("AAAA");
    let refusal = operator(&stack, "kms", "TrentService.VerifyMac", verify).await.unwrap_err();
    assert!(refusal.to_string().contains("KMSInvalidMacException"));
}

#[tokio::test]
async fn a_disabled_key_is_of_no_use_any_more_and_only_the_operator_disables_one() {
    let folder = Folder::new();
    let generate = json!({ "KeyId": "Key", "Message": "aGk=", "MacAlgorithm": "HMAC_SHA_256" });
    let stack = Stack::start(options(Some(folder.0.clone()))).await.unwrap();
    let disable =
        ("TrentService.DisableKey", json!({ "KeyId": "arn:aws:kms:us-east-1:000000000000:key/Key" }));
    let function = crate::invoke::access_key_id("calls");
    let denied = call(stack.aws_url(), &function, "kms", disable.0, "-", &disable.1).await.unwrap_err();
    assert!(denied.to_string().contains("AccessDeniedException"), "{denied}");
    operator(&stack, "kms", "TrentService.GenerateMac", generate.clone()).await.unwrap();
    let unknown = operator(&stack, "kms", disable.0, json!({ "KeyId": "Other" })).await.unwrap_err();
    assert!(unknown.to_string().contains("NotFoundException"), "{unknown}");
    operator(&stack, "kms", disable.0, disable.1).await.unwrap();
    stack.stop().await;
    let stack = Stack::start(options(Some(folder.0.clone()))).await.unwrap();
    for operation in ["TrentService.GenerateMac", "TrentService.VerifyMac"] {
        let refusal = operator(&stack, "kms", operation, generate.clone()).await.unwrap_err();
        assert!(refusal.to_string().contains("DisabledException"), "{refusal}");
    }
}

#[tokio::test]
async fn whoever_is_unknown_and_whatever_is_unknown_is_named() {
    let stack = memory().await;
    let refusal =
        call(stack.aws_url(), "AKIANOBODY", "kms", "TrentService.X", "-", &json!({})).await.unwrap_err();
    assert!(refusal.to_string().contains("AKIANOBODY"));
    let refusal = operator(&stack, "kms", "TrentService.Encrypt", json!({})).await.unwrap_err();
    assert!(refusal.to_string().contains("no Encrypt of kms"), "{refusal}");
    let refusal = operator(&stack, "dynamodb", "DynamoDB_20120810.DeleteTable", json!({})).await.unwrap_err();
    assert!(refusal.to_string().contains("no DeleteTable of dynamodb"), "{refusal}");
}

#[tokio::test]
async fn functions_and_template_have_to_fit() {
    let few = Options { functions: FUNCTIONS[1..].to_vec(), ..options(None) };
    let problem = Stack::start(few).await.err().unwrap().to_string();
    assert!(problem.starts_with("template.yaml:") && problem.contains("echo"), "{problem}");
}
