//! What the event bus carries.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use local::Options;
use runtime::{Fault, Function, Handler, Host, StartError};
use serde_json::{Value, json};
use tests::{Roster, Team, invitee, masked};

const SEND_MAIL: &str = "send-mail";

static HEARD: Mutex<Vec<Value>> = Mutex::new(Vec::new());

/// Stands before the function that sends mails, and notes what comes over the bus.
struct Listener {
    behind: Arc<dyn Handler>,
}

impl Handler for Listener {
    fn call(&self, event: Value) -> BoxFuture<'_, Result<Value, Fault>> {
        Box::pin(async move {
            for record in event["Records"].as_array().into_iter().flatten() {
                let body = record["body"].as_str().unwrap_or_default();
                HEARD.lock().unwrap_or_else(PoisonError::into_inner).push(serde_json::from_str(body)?);
            }
            self.behind.call(event).await
        })
    }
}

fn listen(host: &Host) -> Result<Arc<dyn Handler>, StartError> {
    let behind = local::functions::ALL.iter().find(|function| function.name == SEND_MAIL);
    Ok(Arc::new(Listener { behind: (behind.expect("it is there").start)(host)? }))
}

/// A stack whose mail queue gets every event, with a listener at its end.
async fn overheard() -> Roster {
    let mut options = Options::default();
    let only_mails = "detail-type: [account.created, invitation.resent, user.invited, user.reactivated]";
    assert!(options.template.contains(only_mails), "the mails' rule");
    options.template = options.template.replace(only_mails, "source: [roster]");
    for function in &mut options.functions {
        if function.name == SEND_MAIL {
            *function = Function::of_events(SEND_MAIL, listen);
        }
    }
    Roster::start_with(options).await
}

// RULE: EV-02, AC-10
#[tokio::test]
async fn each_fact_is_published_once_with_identifiers_a_version_and_no_words_of_anybody() {
    let roster = overheard().await;
    let email = "robin@secretive.test";
    let body =
        json!({ "account_name": "Secretive", "email": email, "first_name": "Robin", "last_name": "Quux" });
    let account_id =
        roster.caller().post("/v1/accounts", body).await.expect(202).text("account_id").to_owned();
    let root = roster.accept(email).await;
    let team = Team { roster: &roster, account_id: account_id.clone(), root };
    let mut body = invitee("ann@secretive.test", "admin");
    body["justification"] = "Justified by Quux".into();
    let reply = team.root.caller.post("/v1/users", body).await.expect(201);
    let path = format!("/v1/users/{}/role", reply.text("id"));
    team.root.caller.put(&path, json!({ "role": "billing", "justification": "Quux" })).await.expect(200);
    let path = format!("/v1/users/{}?confirm=true", reply.text("id"));
    team.root.caller.delete(&path).await.expect(204);
    team.root.caller.delete(&format!("/v1/users/{}?confirm=true", team.root.id)).await.expect(403);
    roster.stack.settle().await;

    let heard = HEARD.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let history = roster.history(&account_id).await;
    assert_eq!(heard.len(), history.len(), "every fact, once");
    let mut ids: Vec<&Value> = heard.iter().map(|event| &event["detail"]["id"]).collect();
    ids.sort_by_key(ToString::to_string);
    ids.dedup();
    assert_eq!(ids.len(), heard.len(), "an identifier of its own");
    for event in &heard {
        assert_eq!((&event["source"], &event["detail"]["version"]), (&json!("roster"), &json!(1)));
        assert_eq!(event["detail-type"], event["detail"]["type"]);
        assert_eq!(event["detail"]["account_id"], account_id.as_str());
        let text = event.to_string();
        for word in ["@", "ecretive", "Quux", "Robin", "Ivy", "127."] {
            assert!(!text.contains(word), "{word} in {text}");
        }
    }
    let last: Vec<&Value> = heard.iter().map(|event| &event["detail"]).collect();
    let mut last = serde_json::to_value(last).expect("JSON");
    last.as_array_mut().expect("events").sort_by_key(|event| event["id"].to_string());
    insta::assert_json_snapshot!("published", masked(&last));
}
