//! `cargo run`: the whole of roster on this machine.

use std::process::ExitCode;

use chrono::{DateTime, Utc};
use local::{AS_FUNCTION, CargoLambda, Options, Stack, become_function, demo};

const HELP: &str = "roster, the whole of template.yaml on this machine

  --port <port>      where it answers (8700)
  --data <folder>    where it keeps everything (.data)
  --memory           keep nothing
  --clock <instant>  begin at this instant, such as 2026-01-31T09:00:00Z
  --empty            no demo account
  --logs             print the functions' log lines
  --processes <program>    functions as processes of their own, run by this cargo-lambda; see cargo xtask watch
  --functions-port <port>  where such functions are invoked (9000)
  --help             this text
";

/// A file beside the data, there once the demo account is made.
const DEMO_NOTE: &str = "demo";

/// What the command line asks for.
struct Arguments {
    options: Options,
    empty: bool,
}

/// Reads the command line; `None` asks for help.
fn arguments(mut given: impl Iterator<Item = String>) -> Result<Option<Arguments>, String> {
    let mut options = Options { port: 8700, data: Some(".data".into()), ..Options::default() };
    let mut empty = false;
    let (mut cargo_lambda, mut functions_port) = (None, 9000);
    while let Some(flag) = given.next() {
        let mut value = || given.next().ok_or(format!("{flag} needs a value"));
        match flag.as_str() {
            "--port" => options.port = value()?.parse().map_err(|_| "--port takes a port number")?,
            "--data" => options.data = Some(value()?.into()),
            "--memory" => options.data = None,
            "--clock" => {
                let begin: DateTime<Utc> = value()?.parse().map_err(|_| "--clock takes an instant")?;
                options.clock = Some(begin);
            }
            "--empty" => empty = true,
            "--logs" => options.print_logs = true,
            "--processes" => cargo_lambda = Some(value()?.into()),
            "--functions-port" => {
                functions_port = value()?.parse().map_err(|_| "--functions-port takes a port number")?;
            }
            "--help" | "-h" => return Ok(None),
            other => return Err(format!("unknown flag {other}; --help lists them")),
        }
    }
    options.processes = cargo_lambda.map(|program| CargoLambda { program, port: functions_port });
    Ok(Some(Arguments { options, empty }))
}

async fn run(arguments: Arguments) -> Result<(), String> {
    let demo_note = arguments.options.data.as_ref().map(|folder| folder.join(DEMO_NOTE));
    let mut stack = Stack::start(arguments.options).await.map_err(|error| error.to_string())?;
    let url = stack.url().to_owned();
    println!("roster answers at  {url}");
    println!("inbox              {url}/_local/inbox");
    println!("emulated AWS       {}", stack.aws_url());
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

#[tokio::main]
async fn main() -> ExitCode {
    let mut given = std::env::args_os().skip(1);
    if given.next().is_some_and(|first| first == AS_FUNCTION) {
        let problem = given.next().map_or_else(|| "no program".to_owned(), |it| become_function(it, given));
        eprintln!("roster {AS_FUNCTION}: {problem}");
        return ExitCode::FAILURE;
    }
    let result = match arguments(std::env::args().skip(1)) {
        Ok(Some(arguments)) => run(arguments).await,
        Ok(None) => {
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
