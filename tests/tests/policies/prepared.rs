//! A team, and calls on it that lead each function to everything that it may ask for.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use local::{Grant, Options, TEMPLATE};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Caller, PASSWORD, Roster, invitee, invitees};

/// As often as a message is delivered before it is given up, and more.
const DELIVERIES_MAX: usize = 10;
/// How long a denial may take to show.
const DENIAL_LONGEST: Duration = Duration::from_mins(1);
/// Between two looks for it.
const LOOK_PAUSE: Duration = Duration::from_millis(5);

/// A team's data as a stack left it, and what it takes to go on with it.
pub(crate) struct Prepared {
    pub(crate) data: PathBuf,
    root: String,
    monitor: String,
    root_id: String,
    account_id: String,
    active: String,
    suspended: String,
    pending: String,
    pending_token: String,
    /// One of the lapsed invitations of the full team.
    lapsed: String,
    /// The Root of a team whose seats are all held by invitations that have lapsed.
    full_root: String,
}

fn options(template: &str, data: &Path) -> Options {
    Options { template: template.to_owned(), data: Some(data.to_owned()), ..Options::default() }
}

impl Prepared {
    pub(crate) async fn new(name: &str) -> Self {
        let data =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("policies-{name}-{}", std::process::id()));
        let roster = Roster::start_with(options(TEMPLATE, &data.join("prepared"))).await;
        let full = roster.team("full").await;
        let lapsed = full.pending("old@full.test", "monitor").await;
        full.pending("older@full.test", "monitor").await;
        let team = roster.team("acme").await.on_pro().await;
        let active = team.member("ann@acme.test", "developer").await.id;
        let suspended = team.pending("sue@acme.test", "developer").await;
        roster.accept("sue@acme.test").await;
        let suspend = format!("/v1/users/{suspended}/suspend");
        team.root.caller.post(&suspend, json!({ "confirm": true })).await.expect(200);
        team.member("mona@acme.test", "monitor").await;
        roster.lapse_unswept().await;
        let root = roster.sign_in(&team.root.email).await;
        let session = |caller: &Caller| caller.token().to_owned();
        let pending = root.caller.post("/v1/users", invitee("bob@acme.test", "monitor")).await.expect(201);
        let prepared = Self {
            root: session(&root.caller),
            monitor: session(&roster.sign_in("mona@acme.test").await.caller),
            root_id: root.id,
            account_id: team.account_id.clone(),
            active,
            suspended,
            pending: pending.text("id").to_owned(),
            lapsed,
            pending_token: roster.token_for("bob@acme.test").await,
            full_root: session(&roster.sign_in(&full.root.email).await.caller),
            data,
        };
        roster.stack.settle().await;
        roster.stack.stop().await;
        prepared
    }

    /// What a function used and was denied under this template, in everything that it does.
    pub(crate) async fn run(&self, template: &str, function: &str) -> (BTreeSet<Grant>, BTreeSet<Grant>) {
        let data = self.data.join("run");
        let _ = fs::remove_dir_all(&data);
        fs::create_dir_all(&data).expect("a folder");
        for entry in fs::read_dir(self.data.join("prepared")).expect("the data") {
            let entry = entry.expect("a file");
            fs::copy(entry.path(), data.join(entry.file_name())).expect("a copy");
        }
        let roster = Roster::start_with(options(template, &data)).await;
        // All from one address: a sign-in forgets the failures from where it comes.
        let caller = roster.caller();
        let all_of_it = async {
            for (token, method, path, body) in self.calls(function) {
                // What it answers is no matter here: without its policy it cannot succeed.
                caller.with_token(token).call(method, &path, body).await;
            }
            roster.stack.settle().await;
        };
        tokio::select! {
            () = all_of_it => {}
            () = denied(&roster) => {}
        }
        let own =
            |grants: BTreeSet<Grant>| grants.into_iter().filter(|grant| grant.function == function).collect();
        (own(roster.stack.used_grants()), own(roster.stack.denied_grants()))
    }

    /// Calls that lead a function to everything it may ask for: session, method, path, body.
    #[allow(clippy::too_many_lines)] // it is one table
    fn calls(&self, function: &str) -> Vec<(&str, Method, String, Option<Value>)> {
        let (root, monitor, full) = (self.root.as_str(), self.monitor.as_str(), self.full_root.as_str());
        let user = |id: &str, what: &str| format!("/v1/users/{id}{what}");
        let post = |by, path: &str, body: Value| (by, Method::POST, path.to_owned(), Some(body));
        let get = |path: &str| (root, Method::GET, path.to_owned(), None);
        // A refused attempt is written down.
        let refused = |path: &str| (monitor, Method::GET, path.to_owned(), None);
        let confirm = || json!({ "confirm": true });
        let sign_in = |password: &str| {
            post("", "/v1/sessions", json!({ "email": "ann@acme.test", "password": password }))
        };
        let sign_up = || {
            let body = json!({ "account_name": "New", "email": "new@new.test", "first_name": "N", "last_name": "N" });
            post("", "/v1/accounts", body)
        };
        let role =
            |by, id: &str, role: &str| (by, Method::PUT, user(id, "/role"), Some(json!({ "role": role })));
        let departure = |by, method: Method| {
            let body = (method == Method::POST).then(|| json!({ "mode": "auto" }));
            (by, method, user(&self.active, "/departure"), body)
        };
        let wait = |by: &str| post("", "/_local/clock", json!({ "advance": by }));
        let delete = |by, id: &str| (by, Method::DELETE, user(id, "?confirm=true"), None);
        let token = &self.pending_token;
        match function {
            "sign-up" => vec![sign_up(), sign_up()],
            "lookup-invite" => vec![post("", "/v1/invitations/lookup", json!({ "token": token }))],
            "accept-invite" => {
                vec![post("", "/v1/invitations/accept", json!({ "token": token, "password": PASSWORD }))]
            }
            "sign-in" => vec![sign_in("wrong"), sign_in("wrong"), sign_in(PASSWORD), sign_in(PASSWORD)],
            "sign-out" => vec![(root, Method::DELETE, "/v1/sessions/current".to_owned(), None)],
            "get-profile" => vec![get("/v1/me")],
            "leave" => vec![(monitor, Method::DELETE, "/v1/me?confirm=true".to_owned(), None)],
            "authorize" => vec![post(root, "/v1/authorize", json!({ "action": "users.read" }))],
            "invite" => vec![
                post(monitor, "/v1/users", invitee("eve@acme.test", "monitor")),
                post(root, "/v1/users", invitee("eve@acme.test", "monitor")),
                post(root, "/v1/users", invitee("ann@acme.test", "monitor")),
                post(full, "/v1/users", invitee("old@full.test", "monitor")),
                post(full, "/v1/users", invitee("new@full.test", "monitor")),
            ],
            "invite-many" => {
                let bulk = |by, email: &str| post(by, "/v1/users/bulk", invitees([email.to_owned()]));
                vec![bulk(monitor, "eve@acme.test"), bulk(root, "eve@acme.test"), bulk(full, "old@full.test")]
            }
            "resend-invite" => {
                let again = |by, id: &str| post(by, &user(id, "/invitation"), json!({}));
                let invite = |email: &str| post(full, "/v1/users", invitee(email, "monitor"));
                // A minute later; and where the seat that is needed is gone.
                vec![
                    post("", "/_local/clock", json!({ "advance": "61s" })),
                    again(monitor, &self.pending),
                    again(root, &self.pending),
                    invite("new@full.test"),
                    invite("newer@full.test"),
                    again(full, &self.lapsed),
                ]
            }
            "revoke-invite" => {
                let revoke = |by| (by, Method::DELETE, user(&self.pending, "/invitation"), None);
                vec![revoke(monitor), revoke(root)]
            }
            "list-users" => vec![refused("/v1/users")],
            "get-user" => vec![refused(&user(&self.active, ""))],
            "change-role" => {
                vec![
                    role(monitor, &self.active, "admin"),
                    role(root, &self.active, "root"),
                    role(root, &self.active, "admin"),
                ]
            }
            "suspend" => ["/suspend"; 2]
                .map(|what| post(root, &user(&self.active, what), confirm()))
                .into_iter()
                .chain([post(root, &user(&self.root_id, "/suspend"), confirm())])
                .collect(),
            "reactivate" => vec![
                post(monitor, &user(&self.suspended, "/reactivate"), json!({})),
                post(root, &user(&self.suspended, "/reactivate"), json!({})),
            ],
            "logout" => [monitor, root].map(|by| post(by, &user(&self.active, "/logout"), confirm())).into(),
            "delete" => {
                vec![delete(monitor, &self.active), delete(root, &self.active), delete(root, &self.pending)]
            }
            "list-user-sessions" => vec![refused(&user(&self.active, "/sessions"))],
            "seats" => vec![refused("/v1/seats")],
            "get-account" => vec![get("/v1/account")],
            "update-account" => [monitor, root]
                .map(|by| (by, Method::PATCH, "/v1/account".to_owned(), Some(json!({ "name": "New" }))))
                .into(),
            "close-account" => [monitor, root]
                .map(|by| (by, Method::DELETE, "/v1/account?confirm=true".to_owned(), None))
                .into(),
            "resources" => {
                let path = || "/v1/resources/agents/a".to_owned();
                let put = |by, name: &str| (by, Method::PUT, path(), Some(json!({ "name": name })));
                vec![
                    put(monitor, "A"),
                    put(root, "A"),
                    put(root, "B"),
                    get("/v1/resources"),
                    (root, Method::DELETE, path(), None),
                ]
            }
            "list-events" => vec![refused("/v1/events")],
            "start-departure" => vec![departure(monitor, Method::POST), departure(root, Method::POST)],
            "get-departure" => vec![departure(monitor, Method::GET)],
            "cancel-departure" => vec![
                departure(monitor, Method::DELETE),
                departure(root, Method::POST),
                departure(root, Method::DELETE),
            ],
            "deadlines" => vec![sign_up(), wait("49h")],
            "erase-user" => vec![
                delete(root, &self.active),
                wait("2m"),
                (root, Method::DELETE, "/v1/account?confirm=true".to_owned(), None),
                wait("31d"),
            ],
            // Files need nothing.
            "openapi" => Vec::new(),
            // Once as always; then until it is given up.
            "publish-events" | "send-mail" | "mail-feedback" => {
                let invite = |email: &str| post(root, "/v1/users", invitee(email, "monitor"));
                let wait = || post("", "/_local/clock", json!({ "advance": "61s" }));
                let (service, operation) = match function {
                    "publish-events" => ("events", "PutEvents"),
                    "send-mail" => ("ses", "SendEmail"),
                    _ => ("dynamodb", "BatchGetItem"),
                };
                let fault = json!({
                    "service": service, "operation": operation, "function": function, "every": 1, "kind": "before",
                });
                let broken = post("", "/_local/faults", fault);
                let mut calls = vec![invite("eve@acme.test"), wait(), broken, invite("eva@acme.test")];
                if function == "send-mail" {
                    // Whom a mail to all who manage users goes to is looked up.
                    calls.insert(0, post("", "/_local/run/send-mail", self.left()));
                }
                if function == "publish-events" {
                    calls.push(post("", "/_local/clock", json!({ "advance": "10m" })));
                } else {
                    calls.extend((0..DELIVERIES_MAX).map(|_| wait()));
                }
                calls
            }
            other => panic!("say what leads {other} to everything that its policies allow"),
        }
    }
}

impl Prepared {
    /// The message that somebody left the team.
    fn left(&self) -> Value {
        let detail = json!({
            "id": "evt_01KG9MFMM0BVPG000000000001.0", "type": "user.left", "version": 1,
            "at": "2026-01-31T09:00:00Z", "account_id": self.account_id,
            "actor": { "id": self.active, "role": "developer", "via": "session" },
            "target": self.active, "target_version": 2, "before": {}, "after": {}, "request_id": "left",
        });
        json!({ "Records": [{ "messageId": "left", "body": json!({ "detail": detail }).to_string() }] })
    }
}

async fn denied(roster: &Roster) {
    let looks = async {
        while roster.stack.denied_grants().is_empty() {
            tokio::time::sleep(LOOK_PAUSE).await;
        }
    };
    tokio::time::timeout(DENIAL_LONGEST, looks).await.expect("it ends well, or is denied something");
}
