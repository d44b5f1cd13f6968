//! `cargo xtask bench <name>`: how the product behaves under load, on the local stack in memory. Each bench prints a table;
//! a run worth keeping stands in `infra/bench/results/<name>.md`.

mod meter;
mod sign_in;
mod team;

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["team"] => println!("{}", team::run().await),
        ["sign-in"] => match sign_in::run().await {
            Ok(table) => println!("{table}"),
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::FAILURE;
            }
        },
        _ => {
            eprintln!("usage: bench team | sign-in");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
