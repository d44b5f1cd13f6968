//! `cargo xtask bench <name>`: how the product behaves under load, on the local stack in memory. Each bench prints a table;
//! a run worth keeping stands in `infra/bench/results/<name>.md`.

mod billing;
mod meter;
mod sign_in;
mod team;

use std::process::ExitCode;

use runtime::Fault;

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["billing"] => return told(billing::run().await),
        ["team"] => return told(Ok(team::run().await)),
        ["sign-in"] => return told(sign_in::run().await),
        _ => eprintln!("usage: bench billing | sign-in | team"),
    }
    ExitCode::FAILURE
}

fn told(measured: Result<String, Fault>) -> ExitCode {
    match measured {
        Ok(table) => {
            println!("{table}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
