//! `cargo xtask bench <name>`: how the product behaves under load, on the local stack in memory. Each bench prints a table;
//! a run worth keeping stands in `infra/bench/results/<name>.md`.

mod meter;
mod team;

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words != ["team"] {
        eprintln!("usage: bench team");
        return ExitCode::FAILURE;
    }
    println!("{}", team::run().await);
    ExitCode::SUCCESS
}
