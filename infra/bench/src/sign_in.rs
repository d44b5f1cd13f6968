//! What a sign-in costs: argon2's time and memory, beside all of the sign-in and the memory that its function has.

use std::time::{Duration, Instant};

use local::Options;
use serde_json::json;
use tests::{By, PASSWORD, Roster};

/// Runs of each, of which the median counts.
const RUNS: usize = 41;
/// Lambda gives a function one whole processor at so many megabytes, and less of it below (AWS Lambda developer guide,
/// "Configure Lambda function memory").
const PROCESSOR_MB: f64 = 1769.0;

fn median(mut of: Vec<Duration>) -> f64 {
    of.sort();
    of[of.len() / 2].as_secs_f64() * 1000.0
}

/// The kibibytes that a hash says it took, and its passes over them.
fn parameters(hash: &str) -> (f64, String) {
    let named = |name: &str| {
        let rest = hash.split(['$', ',']).find_map(|part| part.strip_prefix(name)).unwrap_or_default();
        rest.to_owned()
    };
    (named("m=").parse().unwrap_or_default(), named("t="))
}

/// The megabytes that the template gives the function.
fn memory_mb(template: &str) -> f64 {
    let block = template.split_once("  SignInFunction:\n").map_or("", |(_, rest)| rest);
    let size = block.split_once("MemorySize: ").and_then(|(_, rest)| rest.lines().next());
    size.and_then(|size| size.trim().parse().ok()).unwrap_or_default()
}

pub(crate) async fn run() -> Result<String, runtime::Fault> {
    let roster = Roster::start().await;
    let team = roster.team("bench").await;
    let dev = team.member("dev@bench.test", "developer").await;
    let hash = runtime::hash_password(PASSWORD).await?;
    let (mut argon2, mut sign_in) = (Vec::new(), Vec::new());
    let mut calls = Vec::new();
    for _ in 0..RUNS {
        let begun = Instant::now();
        runtime::verify_password(PASSWORD, Some(&hash)).await?;
        argon2.push(begun.elapsed());
        let (from, begun) = (roster.caller(), Instant::now());
        let body = json!({ "email": dev.email, "password": PASSWORD });
        let reply = from.post("/v1/sessions", body).await.expect(201);
        sign_in.push(begun.elapsed());
        calls = roster.calls(&reply, By::Operation).await;
    }
    let (argon2, sign_in) = (median(argon2), median(sign_in));
    let (kibibytes, passes) = parameters(&hash);
    let mebibytes = kibibytes / 1024.0;
    let memory = memory_mb(&Options::default().template);
    let share = memory / PROCESSOR_MB;
    Ok(format!(
        "| what a sign-in costs | |\n|---|---|\n\
         | argon2id, {passes} passes over {mebibytes:.0} MiB, one run (median of {RUNS}) | {argon2:.1} ms |\n\
         | the whole sign-in by HTTP here (median of {RUNS}) | {sign_in:.1} ms |\n\
         | argon2 of the whole | {:.0} % |\n\
         | AWS calls of a sign-in without a second factor | {} |\n\
         | the function's memory in the template | {memory:.0} MB |\n\
         | argon2's memory of it | {:.1} % |\n\
         | processor at that memory on Lambda | {share:.2} |\n\
         | argon2 there, on a processor as fast as this one | {:.0} ms |",
        argon2 / sign_in * 100.0,
        calls.len(),
        mebibytes / memory * 100.0,
        argon2 / share,
    ))
}
