//! A function as a process of its own, asked once as AWS asks: what it answers, and what memory it held.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio::sync::mpsc;

/// A head or a chunk that is longer is none of the runtime's.
const BYTES_MAX: usize = 1 << 20;
/// Longer than any function may run, in milliseconds since 1970.
const DEADLINE: &str = "4102444800000";

/// What came of it.
#[derive(Debug)]
pub struct Alone {
    /// What the function answered.
    pub answer: Value,
    /// The most memory that its process held until then, in bytes.
    pub peak_bytes: u64,
}

/// Starts the program of a function with this environment, and gives it this event.
pub async fn ask_alone(program: &Path, environment: &[(String, String)], event: &Value) -> Alone {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let mut command = Command::new(program);
    command.env_clear().envs(environment.iter().cloned()).stdin(Stdio::null()).stdout(Stdio::null());
    command.kill_on_drop(true);
    for (name, value) in [
        ("AWS_LAMBDA_RUNTIME_API", address.as_str()),
        ("AWS_LAMBDA_FUNCTION_NAME", "alone"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "alone"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "alone"),
    ] {
        command.env(name, value);
    }
    let mut process = command.spawn().expect("the function starts");
    let (told, mut answers) = mpsc::channel(1);
    let event = event.to_string();
    let serving = async {
        loop {
            let (connection, _) = listener.accept().await.expect("a connection");
            tokio::spawn(serve(connection, event.clone(), told.clone()));
        }
    };
    let answer = tokio::select! {
        answer = answers.recv() => answer.expect("an answer"),
        () = serving => unreachable!("it goes on"),
        ended = process.wait() => panic!("the function has ended: {ended:?}"),
    };
    let peak_bytes = peak_bytes(process.id().expect("it runs"));
    Alone { answer: serde_json::from_slice(&answer).expect("JSON"), peak_bytes }
}

/// Gives out the event, and hands on what is answered; whoever asks for another waits.
async fn serve(connection: TcpStream, event: String, told: mpsc::Sender<Vec<u8>>) {
    let mut connection = BufReader::new(connection);
    while let Some((asked, body)) = request(&mut connection).await {
        if asked.starts_with("GET") {
            let head = format!(
                "HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: alone\r\nlambda-runtime-deadline-ms: {DEADLINE}\r\n\
                 lambda-runtime-invoked-function-arn: arn:aws:lambda:us-east-1:000000000000:function:alone\r\n\
                 content-type: application/json\r\ncontent-length: {}\r\n\r\n",
                event.len()
            );
            connection.write_all(head.as_bytes()).await.expect("it listens");
            connection.write_all(event.as_bytes()).await.expect("it listens");
        } else {
            // Not answered: what it holds is looked at before it goes on.
            told.send(body).await.expect("somebody waits");
            std::future::pending::<()>().await;
        }
    }
}

/// The first line of a request, and its body; none at the end.
async fn request(connection: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let asked = line(connection).await?;
    let mut headers = HashMap::new();
    while let Some(header) = line(connection).await.filter(|header| !header.is_empty()) {
        let (name, value) = header.split_once(':').expect("a header");
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let mut body = Vec::new();
    if headers.get("transfer-encoding").is_some_and(|how| how == "chunked") {
        loop {
            let length = usize::from_str_radix(&line(connection).await?, 16).expect("a length");
            body.extend(exactly(connection, length).await?);
            line(connection).await?;
            if length == 0 {
                return Some((asked, body));
            }
        }
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().expect("a length"));
    Some((asked, exactly(connection, length).await?))
}

async fn line(connection: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    let read = connection.read_line(&mut line).await.ok()?;
    (read > 0).then(|| line.trim_end().to_owned())
}

async fn exactly(connection: &mut BufReader<TcpStream>, length: usize) -> Option<Vec<u8>> {
    assert!(length <= BYTES_MAX, "{length} bytes");
    let mut bytes = vec![0; length];
    connection.read_exact(&mut bytes).await.ok()?;
    Some(bytes)
}

/// As Linux counts it.
fn peak_bytes(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("its state");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its peak");
    let kilobytes: u64 = peak.trim().trim_end_matches(" kB").parse().expect("a number");
    kilobytes * 1024
}
