//! The stack is killed amid invitations, and started again on what it left.
#![allow(clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::process::Stdio;

use chrono::Utc;
use data_encoding::BASE32_NOPAD;
use futures_util::stream::{self, StreamExt};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use sha1::Sha1;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

const ROUNDS: usize = 20;
const ACCOUNTS: usize = 100;
const INVITATIONS: usize = 200;
/// Requests under way at a time.
const AT_ONCE: usize = 24;
/// A mail may come twice where the stack died between sending it and noting that it was sent, as on AWS. RULE: EV-03
const COPIES_MAX: usize = 2;
const PASSWORD: &str = "vex-tungsten-quail-41";

/// `cargo run`, as a process.
struct Process {
    child: Child,
    url: String,
    http: Client,
    /// Read no further, but kept open: whoever prints into a closed pipe ends.
    _lines: Lines<BufReader<ChildStdout>>,
}

impl Process {
    async fn start(data: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_roster"));
        command.args(["--port", "0", "--empty", "--data"]).arg(data);
        let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn().expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut url = None;
        while let Some(line) = lines.next_line().await.expect("text") {
            if let Some(address) = line.strip_prefix("roster answers at") {
                url = Some(address.trim().replace("localhost", "127.0.0.1"));
            }
            if line.starts_with("Ctrl-C") {
                break;
            }
        }
        let url = url.expect("it says where it answers");
        Self { child, url, http: client(Ipv4Addr::LOCALHOST), _lines: lines }
    }

    fn get(&self, path: &str, token: &str) -> RequestBuilder {
        self.http.get(format!("{}{path}", self.url)).bearer_auth(token)
    }

    fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.post_by(&self.http, path, body)
    }

    fn post_by(&self, http: &Client, path: &str, body: &Value) -> RequestBuilder {
        let request = http.post(format!("{}{path}", self.url));
        request.header("content-type", "application/json").body(body.to_string())
    }

    async fn kill(mut self) {
        self.child.kill().await.expect("it was running, and is not any more");
    }

    /// Lets every mail go out: also those whose sender was killed, which nobody else may send for a minute.
    async fn settle(&self) {
        expect(200, self.post("/_local/clock", &json!({ "advance": "61s" }))).await;
    }

    /// The mails to an address, once what is under way is delivered.
    async fn mails(&self, address: &str) -> Vec<Value> {
        let (_, body) = answer(self.get(&format!("/_local/mail?to={address}"), "")).await.expect("a list");
        body["data"].as_array().expect("mails").clone()
    }

    /// An account on Pro; its Root's session.
    async fn account(&self, n: usize) -> String {
        let http = client(Ipv4Addr::new(127, 1, 0, u8::try_from(n).expect("a small number")));
        let email = format!("root@a{n}.test");
        let body = json!({ "account_name": "A", "email": email, "first_name": "R", "last_name": "R" });
        expect(202, self.post_by(&http, "/v1/accounts", &body)).await;
        let mails = self.mails(&email).await;
        let link = mails[0]["links"][0].as_str().expect("a link");
        let token = link.split_once("/accept#").expect("a token").1;
        let body = json!({ "token": token, "password": PASSWORD });
        expect(201, self.post_by(&http, "/v1/invitations/accept", &body)).await;
        let body = json!({ "email": email, "password": PASSWORD });
        let session = expect(201, self.post_by(&http, "/v1/sessions", &body)).await;
        let token = session["token"].as_str().expect("a token").to_owned();
        self.enroll(&token).await;
        let body = json!({ "plan": "pro", "interval": "monthly" });
        let request = self.http.put(format!("{}/v1/billing/plan", self.url));
        let request =
            request.header("content-type", "application/json").body(body.to_string()).bearer_auth(&token);
        expect(200, request).await;
        token
    }

    /// A Root does nothing else before. RULE: RO-08
    async fn enroll(&self, token: &str) {
        let path = "/v1/me/mfa/totp";
        let enrolled = expect(200, self.post(path, &json!({})).bearer_auth(token)).await;
        let code = app_code(enrolled["secret"].as_str().expect("a secret"));
        let confirm = self.post(&format!("{path}/confirm"), &json!({ "code": code }));
        expect(200, confirm.bearer_auth(token)).await;
    }

    async fn invite(&self, invitation: &Invitation, token: &str) -> Option<(u16, Value)> {
        let body =
            json!({ "email": invitation.email, "first_name": "I", "last_name": "I", "role": "monitor" });
        let request = self.post("/v1/users", &body).bearer_auth(token);
        answer(request.header("idempotency-key", &invitation.email)).await
    }
}

/// What an authenticator app shows now (RFC 6238), before any clock was moved.
fn app_code(secret: &str) -> String {
    let key = BASE32_NOPAD.decode(secret.as_bytes()).expect("base 32");
    let mut mac = Hmac::<Sha1>::new_from_slice(&key).expect("a key");
    mac.update(&(Utc::now().timestamp() / 30).to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let offset = usize::from(hash[hash.len() - 1] & 0xf);
    let number = u32::from_be_bytes(hash[offset..offset + 4].try_into().expect("four bytes")) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

/// Callers of one address share its limits, so each account calls from its own.
fn client(address: Ipv4Addr) -> Client {
    Client::builder().no_proxy().local_address(IpAddr::from(address)).build().expect("a client")
}

/// What came back, if anything did.
async fn answer(request: RequestBuilder) -> Option<(u16, Value)> {
    let response = request.send().await.ok()?;
    let status = response.status().as_u16();
    let bytes = response.bytes().await.ok()?;
    Some((status, serde_json::from_slice(&bytes).ok()?))
}

async fn expect(status: u16, request: RequestBuilder) -> Value {
    let (answered, body) = answer(request).await.expect("an answer");
    assert_eq!(answered, status, "{body:#}");
    body
}

/// Somebody who is invited in a round.
#[derive(Clone)]
struct Invitation {
    account: usize,
    email: String,
}

fn invitations(round: usize) -> Vec<Invitation> {
    let invitation = |n: usize| {
        let account = n % ACCOUNTS;
        Invitation { account, email: format!("r{round}n{n}@a{account}.test") }
    };
    (0..INVITATIONS).map(invitation).collect()
}

/// Invites until so many are acknowledged, then kills; the acknowledged ones with their identifiers.
async fn invite_and_kill(
    stack: Process,
    all: &[Invitation],
    roots: &[String],
    acknowledged: usize,
) -> Vec<(Invitation, String)> {
    let mut done = Vec::new();
    {
        let calls = all.iter().map(|invitation| async {
            let reply = stack.invite(invitation, &roots[invitation.account]).await;
            (invitation.clone(), reply.expect("the stack lives"))
        });
        let mut replies = stream::iter(calls).buffer_unordered(AT_ONCE);
        while done.len() < acknowledged {
            let (invitation, (status, body)) = replies.next().await.expect("one more");
            assert_eq!(status, 201, "{body:#}");
            done.push((invitation, body["id"].as_str().expect("an identifier").to_owned()));
        }
    }
    stack.kill().await;
    done
}

/// How many mails each address got: more than a list over HTTP shows.
fn mails(data: &Path) -> BTreeMap<String, usize> {
    let file = rusqlite::Connection::open(data.join("stack.sqlite")).expect("the stack's own file");
    let mut statement = file.prepare("SELECT mail FROM mail").expect("its mails");
    let rows = statement.query_map([], |row| row.get::<_, String>(0)).expect("rows");
    let mut copies = BTreeMap::new();
    for mail in rows {
        let mail: Value = serde_json::from_str(&mail.expect("a mail")).expect("JSON");
        *copies.entry(mail["to"][0].as_str().expect("an address").to_owned()).or_default() += 1;
    }
    copies
}

/// What stands in the table, as far as an invitation writes it.
#[derive(Default)]
struct Left {
    /// Pending users: account and user.
    users: BTreeSet<(String, String)>,
    /// Those of whose mail nothing was heard.
    unheard: usize,
    /// How many each account counts.
    counted: BTreeMap<String, usize>,
    memberships: usize,
    invited: usize,
    keys: usize,
}

impl Left {
    /// Reads the file of a stack that does not run.
    fn behind(data: &Path) -> Self {
        let database =
            dynoxide::Database::new(&data.join("tables.sqlite").to_string_lossy()).expect("the table");
        let mut left = Self::default();
        let mut scan = json!({ "TableName": "Table" });
        loop {
            let request = serde_json::from_value(scan.clone()).expect("a scan");
            let page = serde_json::to_value(database.scan(request).expect("a page")).expect("JSON");
            page["Items"].as_array().expect("items").iter().for_each(|item| left.take(item));
            if page["LastEvaluatedKey"].is_null() {
                return left;
            }
            scan["ExclusiveStartKey"] = page["LastEvaluatedKey"].clone();
        }
    }

    fn take(&mut self, item: &Value) {
        let key = |name: &str| item[name]["S"].as_str().expect("a key").to_owned();
        let (pk, sk) = (key("pk"), key("sk"));
        match (&pk[..2], sk.split_once('#')) {
            ("A#", None) => {
                let pending = item["pending"]["N"].as_str().expect("a count").parse().expect("a number");
                self.counted.insert(pk[2..].to_owned(), pending);
            }
            ("A#", Some(("U", user))) if item["status"]["S"] == "pending" => {
                self.users.insert((pk[2..].to_owned(), user.to_owned()));
                self.unheard += usize::from(item["invitation"]["M"]["delivery"]["S"] != "delivered");
            }
            ("M#", _) => self.memberships += 1,
            ("E#", _) if item.to_string().contains("user.invited") => self.invited += 1,
            ("N#", _) => self.keys += 1,
            _ => {}
        }
    }

    /// Every invitation is there with its count, its address, its event and its key, or without all of them.
    fn assert_whole(&self) {
        for (account, counted) in &self.counted {
            let pending = self.users.iter().filter(|(of, _)| of == account).count();
            assert_eq!(*counted, pending, "what {account} counts");
        }
        let pending = self.users.len();
        assert_eq!(self.memberships, self.counted.len() + pending, "an address for each");
        assert_eq!((self.invited, self.keys), (pending, pending), "an event and a key for each");
    }
}

// RULE: EV-03, EV-04, AP-02, IN-04, EV-01
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_before_a_kill_is_there_and_is_mailed_and_nothing_is_half_done() {
    let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("killed-{}", std::process::id()));
    let mut stack = Process::start(&data).await;
    let accounts = (0..ACCOUNTS).map(|n| stack.account(n));
    let roots: Vec<String> = stream::iter(accounts).buffered(4).collect().await;
    let mut cut_off = 0;
    for round in 0..ROUNDS {
        let all = invitations(round);
        let done = invite_and_kill(stack, &all, &roots, round * INVITATIONS / ROUNDS).await;
        let left = Left::behind(&data);
        left.assert_whole();
        for (invitation, id) in &done {
            assert!(left.users.iter().any(|(_, user)| user == id), "{} is lost", invitation.email);
        }
        stack = Process::start(&data).await;
        // Whoever got no answer asks again under the same key, and then everybody is invited.
        let unanswered = all.iter().filter(|one| !done.iter().any(|(done, _)| done.email == one.email));
        for invitation in unanswered {
            let reply = stack.invite(invitation, &roots[invitation.account]).await;
            let (status, body) = reply.expect("an answer");
            assert_eq!(status, 201, "{body:#}");
            cut_off += 1;
        }
        stack.settle().await;
    }
    stack.kill().await;
    let left = Left::behind(&data);
    left.assert_whole();
    assert_eq!(left.unheard, 0, "no report of a mail is lost");
    let mails = mails(&data);
    let mut twice = 0;
    for invitation in (0..ROUNDS).flat_map(invitations) {
        let copies = mails.get(&invitation.email).copied().unwrap_or_default();
        assert!((1..=COPIES_MAX).contains(&copies), "{copies} mails to {}", invitation.email);
        twice += usize::from(copies > 1);
    }
    println!("{cut_off} invitations without an answer, {twice} mails came twice");
    std::fs::remove_dir_all(data).expect("its data goes");
}
