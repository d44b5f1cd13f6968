//! Functions that are processes of their own. That they run is seen by `cargo xtask watch --smoke`; here is what
//! happens where something is wrong.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::post;
use chrono::{TimeDelta, Utc};
use runtime::Handler;
use serde_json::{Value, json};

use crate::processes::Process;
use crate::{CargoLambda, Options, Stack, StackError};

fn run_by(program: &str, port: u16) -> Options {
    Options { processes: Some(CargoLambda { program: program.into(), port }), ..Options::default() }
}

async fn refused(options: Options) -> StackError {
    Stack::start(options).await.err().expect("it does not start")
}

#[tokio::test]
async fn a_clock_that_was_moved_is_none_for_processes() {
    let clock = Some(Utc::now() + TimeDelta::days(3));
    let error = refused(Options { clock, ..run_by("no-such-program", 0) }).await;
    assert!(matches!(error, StackError::Clock(_)), "{error}");
}

#[tokio::test]
async fn what_keeps_processes_from_starting_is_named() {
    let told = refused(run_by("no-such-program", 0)).await.to_string();
    assert!(told.contains("no-such-program could not be started"), "{told}");

    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let told = refused(run_by("no-such-program", port)).await.to_string();
    assert!(told.contains(&format!("port {port}")), "{told}");

    // A program that ends at once, whatever it is told to do.
    let told = refused(run_by("false", 0)).await.to_string();
    assert!(told.contains("ended at once"), "{told}");
}

/// Where functions are invoked: one tells what it was sent, another fails.
async fn functions() -> String {
    let answer = |Path(name): Path<String>, Json(event): Json<Value>| async move {
        match name.as_str() {
            "echo" => (StatusCode::OK, Json(json!({ "sent": event }))),
            _ => (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({ "errorMessage": "out of luck" }))),
        }
    };
    let router = axum::Router::new().route("/2015-03-31/functions/{name}/invocations", post(answer));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

#[tokio::test]
async fn a_process_is_sent_the_event_as_it_is_and_its_error_is_a_fault() {
    let (url, http) = (functions().await, reqwest::Client::builder().no_proxy().build().unwrap());
    let event = json!({ "rawPath": "/v1/users/%41", "pathParameters": { "user_id": "A" } });
    let answer = Process::new(&http, &url, "echo").call(event.clone()).await.unwrap();
    assert_eq!(answer, json!({ "sent": event }));
    let fault = Process::new(&http, &url, "broken").call(event).await.unwrap_err().to_string();
    assert!(fault.contains("500") && fault.contains("out of luck"), "{fault}");
}
