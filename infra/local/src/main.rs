//! `cargo run`: the whole of roster on this machine.

use std::process::ExitCode;

use chrono::{DateTime, Utc};
use local::redrive::{self, Mode};
use local::{Options, Stack, demo};

const HELP: &str = "roster, the whole of template.yaml on this machine

  --port <port>      where it answers (8700)
  --data <folder>    where it keeps everything (.data)
  --memory           keep nothing
  --endpoint <url>   ask table, keys, bus and queues there, as far as it has them
  --probe            say what of these that endpoint has, and end
  --clock <instant>  begin at this instant, such as 2026-01-31T09:00:00Z
  --empty            no demo account
  --logs             print the functions' log lines
  --openapi          print the OpenAPI document, and nothing else
  --help             this text
";

/// A file beside the data, there once the demo account is made.
const DEMO_NOTE: &str = "demo";

/// What the command line asks for.
enum Asked {
    Run(Box<Arguments>),
    Help,
    OpenApi,
}

/// How to run.
struct Arguments {
    options: Options,
    probe: bool,
    empty: bool,
}

/// Reads the command line.
fn arguments(mut given: impl Iterator<Item = String>) -> Result<Asked, String> {
    let mut options = Options { port: 8700, data: Some(".data".into()), ..Options::default() };
    let (mut empty, mut probe) = (false, false);
    while let Some(flag) = given.next() {
        let mut value = || given.next().ok_or(format!("{flag} needs a value"));
        match flag.as_str() {
            "--port" => options.port = value()?.parse().map_err(|_| "--port takes a port number")?,
            "--data" => options.data = Some(value()?.into()),
            "--memory" => options.data = None,
            "--endpoint" => options.endpoint = Some(value()?),
            "--probe" => probe = true,
            "--clock" => {
                let begin: DateTime<Utc> = value()?.parse().map_err(|_| "--clock takes an instant")?;
                options.clock = Some(begin);
            }
            "--empty" => empty = true,
            "--logs" => options.print_logs = true,
            "--openapi" => return Ok(Asked::OpenApi),
            "--help" | "-h" => return Ok(Asked::Help),
            other => return Err(format!("unknown flag {other}; --help lists them")),
        }
    }
    Ok(Asked::Run(Box::new(Arguments { options, probe, empty })))
}

async fn run(arguments: Arguments) -> Result<(), String> {
    if arguments.probe {
        let endpoint = arguments.options.endpoint.ok_or("--probe needs --endpoint")?;
        let there = local::probe(&endpoint).await.map_err(|error| error.to_string())?;
        println!("at {endpoint}: {}; all else is here", there.join(", "));
        return Ok(());
    }
    let demo_note = arguments.options.data.as_ref().map(|folder| folder.join(DEMO_NOTE));
    let endpoint = arguments.options.endpoint.clone();
    let stack = Stack::start(arguments.options).await.map_err(|error| error.to_string())?;
    let url = stack.url().to_owned();
    println!("roster answers at  {url}");
    println!("inbox              {url}/_local/inbox");
    println!("interface          {url}/v1/docs");
    println!("emulated AWS       {}", stack.aws_url());
    if let Some(endpoint) = &endpoint {
        println!("at {endpoint}: {}; all else is here", stack.elsewhere().join(", "));
    }
    if stack.first_start() && !arguments.empty {
        println!("making the demo account ...");
        match demo::seed(&url).await {
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
    stopped().await;
    println!("stopping");
    stack.stop().await;
    Ok(())
}

fn print_demo(url: &str) {
    let body = format!(r#"{{"email":"{}","password":"{}"}}"#, demo::EMAIL, demo::PASSWORD);
    println!("demo account       {} with the password {}", demo::EMAIL, demo::PASSWORD);
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

/// `redrive <queue> [--endpoint <url>] [--show]`
async fn redrive(mut given: impl Iterator<Item = String>) -> Result<(), String> {
    const USAGE: &str = "redrive <queue> [--endpoint <url>] [--show]";
    let (mut queue, mut endpoint, mut mode) = (None, None, Mode::Repeat);
    while let Some(word) = given.next() {
        match word.as_str() {
            "--show" => mode = Mode::Show,
            "--endpoint" => endpoint = Some(given.next().ok_or(USAGE)?),
            _ if word.starts_with('-') || queue.is_some() => return Err(USAGE.to_owned()),
            _ => queue = Some(word),
        }
    }
    let queue = queue.ok_or(USAGE)?;
    let client = redrive::client(endpoint.as_deref()).map_err(|error| error.to_string())?;
    let tally = redrive::run(&client, &queue, mode, &mut std::io::stdout()).await;
    let tally = tally.map_err(|error| error.to_string())?;
    println!("{} tried again, {} still there", tally.repeated, tally.kept);
    if tally.failed == 0 { Ok(()) } else { Err(format!("{} failed again", tally.failed)) }
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut words = std::env::args().skip(1).peekable();
    if words.next_if(|word| word == "redrive").is_some() {
        return told(redrive(words).await);
    }
    let result = match arguments(words) {
        Ok(Asked::Run(arguments)) => run(*arguments).await,
        Ok(Asked::OpenApi) => local::openapi().map(|document| println!("{document}")),
        Ok(Asked::Help) => {
            print!("{HELP}");
            Ok(())
        }
        Err(problem) => Err(problem),
    };
    told(result)
}

fn told(result: Result<(), String>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("roster: {problem}");
            ExitCode::FAILURE
        }
    }
}
