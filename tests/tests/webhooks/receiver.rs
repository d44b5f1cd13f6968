//! A receiver on this machine, which keeps what it gets and answers as it is told, and a team with a webhook that leads to it.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use local::Options;
use serde_json::{Value, json};
use tests::{Caller, Person, Roster, Team};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What a call brought.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) line: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) text: String,
    pub(crate) event: Value,
}

/// How a call is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Status(u16),
    /// 500 to events of this type, 200 to others.
    NotOfType(&'static str),
    Never,
}

/// A receiver.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    answer: Arc<Mutex<Answer>>,
    received: Arc<Mutex<Vec<Received>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Receiver {
    /// One that takes everything.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let answer = Arc::new(Mutex::new(Answer::Status(200)));
        let received = Arc::new(Mutex::new(Vec::new()));
        let (how, kept) = (answer.clone(), received.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, how.clone(), kept.clone()));
            }
        });
        Self { address, answer, received, task }
    }

    pub(crate) fn answers(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    /// What it got so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// The types of what it got so far.
    pub(crate) fn types(&self) -> Vec<String> {
        self.received().iter().map(|one| one.event["type"].as_str().unwrap().to_owned()).collect()
    }

    /// Forgets what it got so far.
    pub(crate) fn forget(&self) {
        self.received.lock().unwrap().clear();
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook?of=roster", self.address)
    }

    /// The product, where this one is admitted.
    pub(crate) async fn roster(&self) -> Roster {
        let webhook_receiver = Some(self.address);
        Roster::start_with(Options { webhook_receiver, ..Options::default() }).await
    }
}

async fn serve(mut stream: TcpStream, how: Arc<Mutex<Answer>>, kept: Arc<Mutex<Vec<Received>>>) {
    let Some(received) = read(&mut stream).await else { return };
    let answer = *how.lock().unwrap();
    let of_type = received.event["type"].clone();
    kept.lock().unwrap().push(received);
    let status = match answer {
        Answer::Status(status) => status,
        Answer::NotOfType(kind) => {
            if of_type == kind {
                500
            } else {
                200
            }
        }
        Answer::Never => return std::future::pending().await,
    };
    let reply = format!("HTTP/1.1 {status} Whatever\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n");
    let _ = stream.write_all(reply.as_bytes()).await;
}

async fn read(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let (head, length) = loop {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
        let length =
            head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        break (head, end + 4 + length.unwrap_or(0_usize));
    };
    while bytes.len() < length {
        stream.read_buf(&mut bytes).await.ok()?;
    }
    let text = String::from_utf8(bytes[head.len() + 4..].to_vec()).ok()?;
    let mut lines = head.lines();
    let line = lines.next()?.to_owned();
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    Some(Received { line, headers, event: serde_json::from_str(&text).ok()?, text })
}

/// A webhook that is told of these.
pub(crate) async fn hook(root: &Caller, url: &str, types: &[&str]) -> Value {
    root.post("/v1/webhooks", json!({ "url": url, "event_types": types })).await.expect(201).body
}

pub(crate) fn path_of(webhook: &Value) -> String {
    format!("/v1/webhooks/{}", webhook["id"].as_str().expect("an identifier"))
}

/// The one webhook there is, as it is shown.
pub(crate) async fn shown(root: &Caller) -> Value {
    let list = root.get("/v1/webhooks").await.expect(200).body;
    assert_eq!(list["data"].as_array().map(Vec::len), Some(1), "{list:#}");
    list["data"][0].clone()
}

/// Something happens: a resource has another name, `resource.created` or `resource.updated`.
pub(crate) async fn happen(team: &Team<'_>, name: &str) {
    let path = "/v1/resources/agents/bot";
    team.root.caller.put(path, json!({ "name": name })).await.expect(200);
    team.roster.stack.settle().await;
}

/// The Root, who is signed in anew.
pub(crate) async fn again(team: &Team<'_>) -> Person {
    team.roster.sign_in(&team.root.email).await
}
