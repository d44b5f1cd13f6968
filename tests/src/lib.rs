//! What the tests share: the whole stack in memory, people who call it over HTTP, and words for what they do.

mod alone;
mod authenticator;
mod calls;
mod contract;
mod faults;
mod ledger;
mod load;
mod mask;
mod operator;
mod passkeys;
mod people;
mod proof;
mod race;
mod reports;
mod reviewed;
mod routes;
mod table;

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use local::{OPERATOR_ACCESS_KEY_ID, Options, Stack};
use reqwest::{Client, Method};
use serde_json::Value;

pub use alone::{Alone, ask_alone};
pub use authenticator::{Authenticators, app_code};
pub use calls::{By, Call};
pub use faults::{Effects, Fault, Which};
pub use ledger::Ledger;
pub use load::{Act, Crew, Issued, Load, Outcomes, Size, Until};
pub use mask::masked;
pub use passkeys::Passkey;
pub use people::{Key, PASSWORD, Person, Team, invitee, invitees};
pub use race::{Crowd, Tally};
pub use reports::{Of, without_reports};
pub use reviewed::part;
pub use routes::{Places, Route, routes};
pub use table::Table;

/// The environment variable that names an endpoint for a second opinion, see `cargo xtask test --endpoint`.
pub const ENDPOINT: &str = "ROSTER_TEST_ENDPOINT";

/// The running product.
pub struct Roster {
    /// The stack itself, for what HTTP does not show.
    pub stack: Stack,
    /// The authenticator apps of everybody.
    pub authenticators: Authenticators,
    sources: AtomicU32,
}

/// A reply, whole.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers, lower-cased.
    pub headers: Vec<(String, String)>,
    /// The body; null where there is none.
    pub body: Value,
    /// The body as it came, for what is no text.
    pub bytes: Vec<u8>,
}

impl Reply {
    /// Whom the results of a call of many are about.
    pub fn user_ids(&self) -> Vec<&str> {
        let results = self.body["results"].as_array().into_iter().flatten();
        results.filter_map(|row| row["user_id"].as_str()).collect()
    }

    /// The problem's code; empty where the reply is no problem.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// The reply, if its status is this; else the test ends and shows it.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{:#}", self.body);
        self
    }

    /// The reply, if it is this problem.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status, self.code()), (status, code), "{:#}", self.body);
        self
    }
}

/// Somebody's way to the product: a source address of their own.
#[derive(Clone)]
pub struct Caller {
    http: Client,
    url: String,
    token: Option<String>,
    headers: Vec<(String, String)>,
}

impl Caller {
    /// The same, with this credential.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The same, with no credential.
    #[must_use]
    pub fn without_token(&self) -> Self {
        Self { token: None, ..self.clone() }
    }

    /// The same, with this header on every request.
    #[must_use]
    pub fn with_header(&self, name: &str, value: &str) -> Self {
        let mut caller = self.clone();
        caller.headers.push((name.to_owned(), value.to_owned()));
        caller
    }

    /// The credential they send.
    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, path, None).await
    }

    /// POST with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.call(Method::POST, path, Some(body)).await
    }

    /// PUT with a JSON body.
    pub async fn put(&self, path: &str, body: Value) -> Reply {
        self.call(Method::PUT, path, Some(body)).await
    }

    /// PATCH with a JSON body.
    pub async fn patch(&self, path: &str, body: Value) -> Reply {
        self.call(Method::PATCH, path, Some(body)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Reply {
        self.call(Method::DELETE, path, None).await
    }

    /// Any call with a JSON body or none.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Reply {
        let body = body.map(|body| (body.to_string().into_bytes(), "application/json"));
        self.raw(method, path, body).await
    }

    /// Any call with any bytes of any media type. The reply is one that the OpenAPI document knows. RULE: AP-07
    pub async fn raw(&self, method: Method, path: &str, body: Option<(Vec<u8>, &str)>) -> Reply {
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some((bytes, media_type)) = body {
            request = request.header("content-type", media_type).body(bytes);
        }
        if path == CLOCK {
            request = request.timeout(MOVE_LONGEST);
        }
        let response = request.send().await.expect("the stack answers");
        let status = response.status().as_u16();
        let text = |value: &reqwest::header::HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let headers =
            response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        let bytes = response.bytes().await.expect("a whole body");
        let mut reply = Reply { status, headers, body: Value::Null, bytes: bytes.to_vec() };
        let is_json = reply.header("content-type").is_some_and(|media_type| media_type.ends_with("json"));
        if is_json && !bytes.is_empty() {
            reply.body = serde_json::from_slice(&bytes).expect("JSON");
        } else if !bytes.is_empty() {
            reply.body = String::from_utf8_lossy(&bytes).into_owned().into();
        }
        if let Some(problem) = contract::broken(method.as_str(), path, &reply) {
            panic!("{problem}");
        }
        reply
    }
}

/// The template, where the mail queue gets everything that is published and not only what calls for a mail.
pub fn with_every_event_mailed(template: &str) -> String {
    let (before, rule) = template.split_once("  MailRule:\n").expect("the template has the mails' rule");
    let (head, behind) = rule.split_once("      EventPattern:\n").expect("a rule has a pattern");
    let (_, targets) = behind.split_once("      Targets:\n").expect("a rule has targets");
    let every = "      EventPattern:\n        source: [roster]\n      Targets:\n";
    format!("{before}  MailRule:\n{head}{every}{targets}")
}

/// What a stack starts with whose schedules have not ticked yet: time as it passes does nothing to what is looked at.
pub fn without_ticks() -> Options {
    let mut options = Options::default();
    options.template = ticking_never(&options.template);
    options
}

/// Where the clock is moved.
const CLOCK: &str = "/_local/clock";
/// How long that may take: everything that falls due on the way is done first.
const MOVE_LONGEST: Duration = Duration::from_mins(10);
/// When a stack begins where a test says nothing else: a Tuesday, days from whatever happens by itself, so that a test is
/// today as it was yesterday.
const BEGINNING: &str = "2026-02-03T09:00:00Z";

/// Where a second opinion is asked for, if it is.
pub fn endpoint() -> Option<String> {
    std::env::var(ENDPOINT).ok().filter(|endpoint| !endpoint.is_empty())
}

/// What a stack starts with at this instant, in which time neither closes nor reviews anything by itself.
pub fn without_closing(instant: &str) -> Options {
    let mut options = Options { clock: Some(instant.parse().expect("an instant")), ..Options::default() };
    options.template = options.template.replace("rate(15 minutes)", "rate(3650 days)");
    options
}

/// The template, where time alone wakes no function.
pub fn ticking_never(template: &str) -> String {
    ["rate(1 minute)", "rate(15 minutes)"]
        .iter()
        .fold(template.to_owned(), |template, rate| template.replace(rate, "rate(3650 days)"))
}

impl Roster {
    /// The product in memory, empty. Its table is at [`ENDPOINT`] where that is set.
    pub async fn start() -> Self {
        Self::start_with(Options { endpoint: endpoint(), ..Options::default() }).await
    }

    /// The product in memory, empty, at this instant.
    pub async fn start_at(instant: &str) -> Self {
        let clock = Some(instant.parse().expect("an instant"));
        Self::start_with(Options { clock, ..Options::default() }).await
    }

    /// The product, started so.
    pub async fn start_with(mut options: Options) -> Self {
        // Where something is kept, time goes on from there.
        let is_kept = |folder: &PathBuf| fs::read_dir(folder).is_ok_and(|mut files| files.next().is_some());
        if options.clock.is_none() && !options.data.as_ref().is_some_and(is_kept) {
            options.clock = Some(BEGINNING.parse().expect("an instant"));
        }
        let stack = Stack::start(options).await.expect("the stack starts");
        let authenticators = Authenticators::new(stack.clock().clone());
        Self { stack, authenticators, sources: AtomicU32::new(1) }
    }

    /// What code runs with that works on the stack as its operator.
    pub fn operator_environment(&self) -> [(String, String); 5] {
        [
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", OPERATOR_ACCESS_KEY_ID),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("AWS_ENDPOINT_URL", self.stack.aws_url()),
            ("TABLE_NAME", self.stack.table_name()),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
    }

    /// Somebody who calls from an address that nobody called from before.
    pub fn caller(&self) -> Caller {
        let [_, b, c, d] = self.sources.fetch_add(1, Ordering::SeqCst).to_be_bytes();
        self.caller_from(Ipv4Addr::new(127, b.wrapping_add(1), c, d).into())
    }

    /// Somebody who calls from this address.
    pub fn caller_from(&self, address: IpAddr) -> Caller {
        let http = Client::builder().no_proxy().local_address(address).timeout(Duration::from_mins(1));
        let url = self.stack.url().replace("localhost", "127.0.0.1");
        Caller { http: http.build().expect("a client"), url, token: None, headers: Vec::new() }
    }

    /// The mails to an address, the newest first.
    pub async fn mails(&self, address: &str) -> Vec<Value> {
        let reply = self.caller().get(&format!("/_local/mail?to={}", address.replace('+', "%2B"))).await;
        reply.expect(200).body["data"].as_array().cloned().unwrap_or_default()
    }

    /// The subjects of the mails to an address, the newest first.
    pub async fn subjects(&self, address: &str) -> Vec<String> {
        let mails = self.mails(address).await;
        mails.iter().map(|mail| mail["subject"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// The token in the newest mail to an address that brings an invitation.
    pub async fn token_for(&self, address: &str) -> String {
        let token = self.tokens(address, "/accept#").await.into_iter().next();
        token.unwrap_or_else(|| panic!("no invitation was mailed to {address}"))
    }

    /// The tokens of the links to set a new password that were mailed to an address, the newest first.
    pub async fn reset_tokens(&self, address: &str) -> Vec<String> {
        self.tokens(address, "/reset#").await
    }

    async fn tokens(&self, address: &str, page: &str) -> Vec<String> {
        let mails = self.mails(address).await;
        let links = mails.iter().flat_map(|mail| mail["links"].as_array().cloned().unwrap_or_default());
        links.filter_map(|link| Some(link.as_str()?.split_once(page)?.1.to_owned())).collect()
    }

    /// Moves the clock: `2d`, `48h`, `15m`, `1s`.
    pub async fn advance(&self, by: &str) {
        self.caller().post(CLOCK, serde_json::json!({ "advance": by })).await.expect(200);
    }
}
