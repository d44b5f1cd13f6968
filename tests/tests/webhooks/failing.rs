//! Receivers that do not take what is sent, in every way there is.

use std::net::Ipv4Addr;

use serde_json::json;
use tests::Roster;
use tokio::net::TcpListener;

use crate::receiver::{Answer, Receiver, happen, hook, shown};

// RULE: EV-05
#[tokio::test]
async fn a_receiver_that_fails_is_tried_again_until_it_takes_it() {
    let receiver = Receiver::start().await;
    let roster = receiver.roster().await;
    let team = roster.team("acme").await;
    let root = &team.root.caller;
    hook(root, &receiver.url(), &["resource.created"]).await;
    for status in [500, 302, 404] {
        receiver.answers(Answer::Status(status));
        match status {
            500 => happen(&team, "Bot").await,
            302 => roster.advance("2m").await,
            _ => roster.advance("6m").await,
        }
        let webhook = shown(root).await;
        assert_eq!(webhook["failing"]["reason"], format!("status_{status}"), "{webhook:#}");
    }
    let tries = receiver.received();
    assert_eq!(tries.len(), 3, "no redirect is followed: {tries:?}");
    assert!(tries.iter().all(|one| one.text == tries[0].text), "the same event each time");
    roster.advance("12m").await;
    assert_eq!(receiver.received().len(), 3, "not before a quarter of an hour");
    receiver.answers(Answer::Status(204));
    roster.advance("5m").await;
    assert_eq!(receiver.received().len(), 4);
    let webhook = shown(root).await;
    assert_eq!(webhook["failing"], json!(null), "{webhook:#}");
    assert!(webhook["last_delivered_at"].is_string());
    roster.advance("23h").await;
    assert_eq!(receiver.received().len(), 4, "what was taken is not sent again");
}

// RULE: EV-05
#[tokio::test]
async fn a_receiver_that_never_answers_and_one_that_is_not_there_are_given_little_time() {
    let receiver = Receiver::start().await;
    let roster = receiver.roster().await;
    let team = roster.team("acme").await;
    let root = &team.root.caller;
    hook(root, &receiver.url(), &["resource.created"]).await;
    receiver.answers(Answer::Never);
    happen(&team, "Bot").await;
    assert_eq!(shown(root).await["failing"]["reason"], "timed_out");
    let address = receiver.address;
    drop(receiver);
    roster.advance("2m").await;
    let webhook = shown(root).await;
    assert_eq!(webhook["failing"]["reason"], "not_connected", "{webhook:#}");
    let back = TcpListener::bind(address).await;
    assert!(back.is_ok(), "nobody was there");
}

// RULE: EV-05
#[tokio::test]
async fn this_machine_is_refused_by_address_and_by_name_where_it_was_not_admitted() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let root = &team.root.caller;
    for url in [format!("http://127.0.0.1:{port}/"), format!("https://127.0.0.1:{port}/")] {
        let body = json!({ "url": url, "event_types": ["*"] });
        root.post("/v1/webhooks", body).await.refused(422, "validation_failed");
    }
    // A name is judged by what it stands for when it is called.
    hook(root, &format!("https://localhost:{port}/"), &["resource.created"]).await;
    happen(&team, "Bot").await;
    assert_eq!(shown(root).await["failing"]["reason"], "not_public");
    let called = tokio::time::timeout(std::time::Duration::from_millis(50), listener.accept()).await;
    assert!(called.is_err(), "nobody called");
}

// RULE: EV-05
#[tokio::test]
async fn one_receiver_is_admitted_and_its_neighbour_is_not() {
    let (admitted, other) = (Receiver::start().await, Receiver::start().await);
    let roster = admitted.roster().await;
    let team = roster.team("acme").await;
    let root = &team.root.caller;
    let body = json!({ "url": other.url(), "event_types": ["*"] });
    root.post("/v1/webhooks", body).await.refused(422, "validation_failed");
    // Nor by a name of this machine, whatever the port.
    hook(root, &format!("https://localhost:{}/", admitted.address.port()), &["resource.created"]).await;
    happen(&team, "Bot").await;
    assert_eq!(shown(root).await["failing"]["reason"], "not_public");
    hook(root, &admitted.url(), &["resource.updated"]).await;
    happen(&team, "Another").await;
    assert_eq!((admitted.types(), other.types().len()), (vec!["resource.updated".to_owned()], 0));
}
