//! Receivers of every kind, on this machine.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::{AccountId, EventId, EventTypes, KeyVersion, Nonce, UserId, WebhookId, WebhookUrl};
use futures_util::future::BoxFuture;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::guard::LookUp;

const HOME: Ipv4Addr = Ipv4Addr::LOCALHOST;
/// Stands for the public internet.
const ABROAD: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// Answers every call the same, and counts them.
struct Receiver {
    address: SocketAddr,
    calls: Arc<AtomicUsize>,
}

impl Receiver {
    async fn at(address: SocketAddr, answer: &'static str) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let (address, calls) = (listener.local_addr()?, Arc::new(AtomicUsize::new(0)));
        let counted = calls.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Ok(Self { address, calls })
    }

    async fn answering(answer: &'static str) -> Self {
        Self::at((HOME, 0).into(), answer).await.unwrap()
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }
}

/// Stands for these addresses, one set after the other, and counts how often it was asked.
#[derive(Debug, Default)]
struct Names {
    answers: Mutex<VecDeque<Vec<IpAddr>>>,
    asked: AtomicUsize,
}

impl Names {
    fn standing_for(answers: &[&[Ipv4Addr]]) -> Arc<Self> {
        let set = |addresses: &&[Ipv4Addr]| addresses.iter().map(|address| IpAddr::V4(*address)).collect();
        Arc::new(Self { answers: Mutex::new(answers.iter().map(set).collect()), asked: AtomicUsize::new(0) })
    }
}

impl LookUp for Names {
    fn look_up<'a>(&'a self, _: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.answers.lock().unwrap().pop_front();
        Box::pin(async move { answer.ok_or_else(|| io::Error::other("no such name")) })
    }
}

fn is_abroad(address: IpAddr) -> bool {
    address == IpAddr::V4(ABROAD)
}

/// What becomes of a call of a name that stands for these.
async fn call_of_a_name(names: &Arc<Names>, port: u16) -> Answer {
    let receivers = Receivers::behind(Guard::new(names.clone(), is_abroad));
    let mut request = HttpRequest::new(SdkBody::from("{}"));
    request.set_method("POST").unwrap();
    request.set_uri(format!("http://hooks.example.com:{port}/")).unwrap();
    receivers.send(request).await
}

async fn call(url: &str, admitted: Option<SocketAddr>) -> Answer {
    let webhook = Webhook {
        id: WebhookId::from_bits(1),
        account_id: AccountId::from_bits(1),
        url: WebhookUrl::parse(url).unwrap(),
        event_types: EventTypes::Every,
        created_by: UserId::from_bits(1),
        created_at: Instant::default(),
        nonce: Nonce::new(1),
        key_version: KeyVersion::try_from(1).unwrap(),
        enabled_at: Some(Instant::default()),
        switched_off: None,
        failing: None,
        last_delivered_at: None,
        last_given_up: None,
        replay: None,
    };
    let fact_id = FactId::parse(&format!("{}.0", EventId::from_bits(1))).unwrap();
    let sent = Sent { fact_id, body: "{}", at: Instant::default() };
    Receivers::new().call(&webhook, &WebhookSecret::of(&[7; 32]), sent, admitted).await.unwrap()
}

async fn call_admitted(receiver: &Receiver) -> Answer {
    call(&receiver.url(), Some(receiver.address)).await
}

// RULE: EV-05
#[tokio::test]
async fn the_status_alone_decides_and_no_redirect_is_followed() {
    let ok = Receiver::answering("HTTP/1.1 204 No Content\r\n\r\n").await;
    assert_eq!(call_admitted(&ok).await, Answer::Taken);
    let long = Receiver::answering("HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\nno end").await;
    assert_eq!(call_admitted(&long).await, Answer::Taken, "its body is not waited for");
    let broken = Receiver::answering("HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!(call_admitted(&broken).await, Answer::not_taken("status_500"));
    let gone = Receiver::answering("HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!(call_admitted(&gone).await, Answer::Gone);
    let noise = Receiver::answering("no HTTP at all\r\n\r\n").await;
    assert_eq!(call_admitted(&noise).await, Answer::not_taken("not_connected"));
    let redirect = format!("HTTP/1.1 302 Found\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n", ok.url());
    let elsewhere = Receiver::answering(redirect.leak()).await;
    assert_eq!(call_admitted(&elsewhere).await, Answer::not_taken("status_302"));
    assert_eq!(
        (elsewhere.calls(), ok.calls()),
        (1, 1),
        "only the first of both was called a second time by nobody"
    );
}

// RULE: EV-05
#[tokio::test]
async fn who_is_not_there_is_not_connected() {
    let closed = Receiver::answering("").await.address;
    let port = TcpListener::bind((HOME, 0)).await.unwrap().local_addr().unwrap().port();
    assert_ne!(port, closed.port());
    let nobody = SocketAddr::from((HOME, port));
    assert_eq!(call(&format!("http://{nobody}/"), Some(nobody)).await, Answer::not_taken("not_connected"));
}

// RULE: EV-05
#[tokio::test]
async fn who_does_not_answer_is_not_waited_for() {
    let listener = TcpListener::bind((HOME, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let begun = std::time::Instant::now();
    assert_eq!(call(&format!("http://{address}/"), Some(address)).await, Answer::not_taken("timed_out"));
    assert!(begun.elapsed() < CALL_LONGEST * 2, "{:?}", begun.elapsed());
}

// RULE: EV-05
#[tokio::test]
async fn this_machine_is_called_only_where_exactly_that_was_admitted() {
    let receiver = Receiver::answering("HTTP/1.1 200 OK\r\n\r\n").await;
    let other = Some(SocketAddr::from((HOME, receiver.address.port().wrapping_add(1).max(1))));
    assert_eq!(call(&receiver.url(), None).await, Answer::not_taken("not_https"));
    assert_eq!(call(&receiver.url(), other).await, Answer::not_taken("not_https"));
    let secure = receiver.url().replace("http:", "https:");
    assert_eq!(call(&secure, None).await, Answer::not_taken("not_public"));
    // As the system resolves it.
    let named = format!("https://localhost:{}/", receiver.address.port());
    assert_eq!(call(&named, Some(receiver.address)).await, Answer::not_taken("not_public"));
    assert_eq!(receiver.calls(), 0);
}

// RULE: EV-05
#[tokio::test]
async fn a_name_that_stands_for_one_address_that_is_not_public_leads_nowhere() {
    let receiver = Receiver::answering("HTTP/1.1 200 OK\r\n\r\n").await;
    let port = receiver.address.port();
    for addresses in [&[HOME][..], &[ABROAD, HOME], &[HOME, ABROAD]] {
        let names = Names::standing_for(&[addresses]);
        assert_eq!(call_of_a_name(&names, port).await, Answer::not_taken("not_public"), "{addresses:?}");
    }
    assert_eq!(call_of_a_name(&Names::standing_for(&[]), port).await, Answer::not_taken("not_resolved"));
    assert_eq!(call_of_a_name(&Names::standing_for(&[&[]]), port).await, Answer::not_taken("not_resolved"));
    assert_eq!(receiver.calls(), 0);
}

// RULE: EV-05
#[tokio::test]
async fn a_name_that_means_something_else_a_moment_later_gains_nothing() {
    let ok = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    let abroad = Receiver::at((ABROAD, 0).into(), ok).await.unwrap();
    let port = abroad.address.port();
    let home = Receiver::at((HOME, port).into(), ok).await.unwrap();
    let names = Names::standing_for(&[&[ABROAD], &[HOME], &[HOME]]);
    assert_eq!(call_of_a_name(&names, port).await, Answer::Taken);
    assert_eq!(names.asked.load(Ordering::SeqCst), 1, "what was judged is what is connected to");
    assert_eq!((abroad.calls(), home.calls()), (1, 0));
    assert_eq!(call_of_a_name(&names, port).await, Answer::not_taken("not_public"));
    assert_eq!((abroad.calls(), home.calls()), (1, 0));
}
