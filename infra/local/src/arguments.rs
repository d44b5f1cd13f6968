//! The command line.

use chrono::{DateTime, Utc};
use local::redrive::Mode;
use local::{CargoLambda, Options};

pub(crate) const HELP: &str = "roster, the whole of template.yaml on this machine

  --port <port>      where it answers (8700)
  --data <folder>    where it keeps everything (.data)
  --memory           keep nothing
  --endpoint <url>   ask table, keys, bus and queues there, as far as it has them
  --probe            say what of these that endpoint has, and end
  --clock <instant>  begin at this instant, such as 2026-01-31T09:00:00Z
  --empty            no demo account
  --logs             print the functions' log lines
  --webhook-receiver <address>  the one receiver of webhooks on this machine that may be called, such as 127.0.0.1:9999
  --openapi          print the OpenAPI document, and nothing else
  --processes <program>    functions as processes of their own, run by this cargo-lambda; see cargo xtask watch
  --functions-port <port>  where such functions are invoked (9000)
  --help             this text

roster redrive <queue> [--endpoint <url>] [--show]
  tries again what was given up; see cargo xtask redrive
";
const REDRIVE: &str = "redrive <queue> [--endpoint <url>] [--show]";
const FUNCTIONS_PORT: u16 = 9000;

/// What the command line asks for.
pub(crate) enum Asked {
    Run(Box<Arguments>),
    /// What this endpoint has.
    Probe(String),
    Redrive(Redrive),
    OpenApi,
    Help,
}

/// How to run.
pub(crate) struct Arguments {
    pub(crate) options: Options,
    pub(crate) empty: bool,
}

/// What to try again.
pub(crate) struct Redrive {
    pub(crate) queue: String,
    pub(crate) endpoint: Option<String>,
    pub(crate) mode: Mode,
}

/// Reads it.
pub(crate) fn read(given: impl Iterator<Item = String>) -> Result<Asked, String> {
    let mut given = given.peekable();
    if given.next_if(|word| word == "redrive").is_some() {
        return redrive(given).map(Asked::Redrive);
    }
    let mut options = Options { port: 8700, data: Some(".data".into()), ..Options::default() };
    let (mut empty, mut probe) = (false, false);
    let (mut cargo_lambda, mut functions_port) = (None, FUNCTIONS_PORT);
    while let Some(flag) = given.next() {
        let mut value = || given.next().ok_or(format!("{flag} needs a value"));
        match flag.as_str() {
            "--port" => options.port = port(&flag, &value()?)?,
            "--data" => options.data = Some(value()?.into()),
            "--memory" => options.data = None,
            "--endpoint" => options.endpoint = Some(value()?),
            "--probe" => probe = true,
            "--clock" => {
                let begin: DateTime<Utc> = value()?.parse().map_err(|_| "--clock takes an instant")?;
                options.clock = Some(begin);
            }
            "--webhook-receiver" => {
                let receiver =
                    value()?.parse().map_err(|_| "--webhook-receiver takes an address and a port")?;
                options.webhook_receiver = Some(receiver);
            }
            "--empty" => empty = true,
            "--logs" => options.print_logs = true,
            "--processes" => cargo_lambda = Some(value()?.into()),
            "--functions-port" => functions_port = port(&flag, &value()?)?,
            "--openapi" => return Ok(Asked::OpenApi),
            "--help" | "-h" => return Ok(Asked::Help),
            other => return Err(format!("unknown flag {other}; --help lists them")),
        }
    }
    if probe {
        return options.endpoint.map(Asked::Probe).ok_or("--probe needs --endpoint".to_owned());
    }
    options.processes = cargo_lambda.map(|program| CargoLambda { program, port: functions_port });
    Ok(Asked::Run(Box::new(Arguments { options, empty })))
}

fn port(flag: &str, value: &str) -> Result<u16, String> {
    value.parse().map_err(|_| format!("{flag} takes a port number"))
}

fn redrive(mut given: impl Iterator<Item = String>) -> Result<Redrive, String> {
    let (mut queue, mut endpoint, mut mode) = (None, None, Mode::Repeat);
    while let Some(word) = given.next() {
        match word.as_str() {
            "--show" => mode = Mode::Show,
            "--endpoint" => endpoint = Some(given.next().ok_or(REDRIVE)?),
            _ if word.starts_with('-') || queue.is_some() => return Err(REDRIVE.to_owned()),
            _ => queue = Some(word),
        }
    }
    Ok(Redrive { queue: queue.ok_or(REDRIVE)?, endpoint, mode })
}
