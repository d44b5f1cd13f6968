//! `cargo run`: the whole of roster on this machine.

mod arguments;

use std::process::ExitCode;

use arguments::{Arguments, Asked, HELP, Redrive};
use local::redrive::Mode;
use local::{AS_FUNCTION, Stack, become_function, demo, demo_factors};

/// A file beside the data, there once the demo account is made.
const DEMO_NOTE: &str = "demo";

async fn run(arguments: Arguments) -> Result<(), String> {
    let demo_note = arguments.options.data.as_ref().map(|folder| folder.join(DEMO_NOTE));
    let endpoint = arguments.options.endpoint.clone();
    let mut stack = Stack::start(arguments.options).await.map_err(|error| error.to_string())?;
    let url = stack.url().to_owned();
    println!("roster answers at  {url}");
    println!("inbox              {url}/_local/inbox");
    println!("interface          {url}/v1/docs");
    println!("emulated AWS       {}", stack.aws_url());
    if let Some(endpoint) = &endpoint {
        println!("at {endpoint}: {}; all else is here", stack.elsewhere().join(", "));
    }
    if let Some(functions) = stack.functions_url() {
        println!("functions          {functions}, built when they are first called");
    }
    if stack.first_start() && !arguments.empty {
        println!("making the demo account ...");
        match stack.make_demo().await {
            Ok(()) => {
                print_demo(&url);
                if let Some(note) = &demo_note {
                    std::fs::write(note, demo::EMAIL)
                        .map_err(|error| format!("{}: {error}", note.display()))?;
                }
            }
            Err(problem) => eprintln!("the demo account could not be made: {problem}"),
        }
    } else if demo_note.is_some_and(|note| note.exists()) {
        print_demo(&url);
    }
    println!("Ctrl-C stops");
    let ended = tokio::select! {
        () = stopped() => Ok(()),
        ended = stack.processes_ended() => Err(match ended {
            Ok(status) => format!("cargo lambda watch ended, {status}"),
            Err(error) => format!("cargo lambda watch: {error}"),
        }),
    };
    println!("stopping");
    stack.stop().await;
    ended
}

fn print_demo(url: &str) {
    let body = format!(r#"{{"email":"{}","password":"{}"}}"#, demo::EMAIL, demo::PASSWORD);
    println!("demo account       {} with the password {}", demo::EMAIL, demo::PASSWORD);
    if let Ok(secret) = demo_factors::secret() {
        println!("its authenticator  {secret}");
        println!(
            "  for an app; or   curl -s {url}/_local/totp -H 'content-type: application/json' -d '{{\"secret\":\"{secret}\"}}'"
        );
    }
    println!("sign in            curl -s {url}/v1/sessions -H 'content-type: application/json' -d '{body}'");
}

/// Ends when the system or someone at the keyboard says so.
async fn stopped() {
    #[cfg(unix)]
    if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        return;
    }
    let _ = tokio::signal::ctrl_c().await;
}

async fn probe(endpoint: &str) -> Result<(), String> {
    let there = local::probe(endpoint).await.map_err(|error| error.to_string())?;
    println!("at {endpoint}: {}; all else is here", there.join(", "));
    Ok(())
}

async fn redrive(asked: Redrive) -> Result<(), String> {
    let client = local::redrive::client(asked.endpoint.as_deref()).map_err(|error| error.to_string())?;
    let tally = local::redrive::run(&client, &asked.queue, asked.mode, &mut std::io::stdout()).await;
    let tally = tally.map_err(|error| error.to_string())?;
    match asked.mode {
        Mode::Show if tally.kept == 0 => println!("{} is empty", asked.queue),
        Mode::Show => println!("{} there; without --show they are tried again", tally.kept),
        Mode::Repeat => println!("{} tried again, {} still there", tally.repeated, tally.kept),
    }
    if tally.failed == 0 { Ok(()) } else { Err(format!("{} failed again", tally.failed)) }
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut given = std::env::args_os().skip(1);
    if given.next().is_some_and(|first| first == AS_FUNCTION) {
        let problem = given.next().map_or_else(|| "no program".to_owned(), |it| become_function(it, given));
        eprintln!("roster {AS_FUNCTION}: {problem}");
        return ExitCode::FAILURE;
    }
    let result = match arguments::read(std::env::args().skip(1)) {
        Ok(Asked::Run(arguments)) => run(*arguments).await,
        Ok(Asked::Probe(endpoint)) => probe(&endpoint).await,
        Ok(Asked::Redrive(asked)) => redrive(asked).await,
        Ok(Asked::OpenApi) => local::openapi().map(|document| println!("{document}")),
        Ok(Asked::Help) => {
            print!("{HELP}");
            Ok(())
        }
        Err(problem) => Err(problem),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("roster: {problem}");
            ExitCode::FAILURE
        }
    }
}
