//! `cargo xtask bench <name>`: how the product behaves under load, on the local stack in memory. Each bench prints a table;
//! a run worth keeping stands in `infra/bench/results/<name>.md`.

mod meter;
mod team;

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["team"] => {
            println!("{}", team::run().await);
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("usage: bench team");
            ExitCode::FAILURE
        }
    }
}
