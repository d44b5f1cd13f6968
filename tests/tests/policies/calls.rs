//! Calls that lead each function of a team to everything that it may ask for.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{invitee, invitees};

use crate::prepared::Prepared;

/// As often as a message is delivered before it is given up, and more.
const DELIVERIES_MAX: usize = 10;

/// Session or key, method, path, body.
pub(crate) type Step<'a> = (&'a str, Method, String, Option<Value>);

pub(crate) fn post<'a>(by: &'a str, path: &str, body: Value) -> Step<'a> {
    (by, Method::POST, path.to_owned(), Some(body))
}

impl Prepared {
    /// Calls that lead a function to everything it may ask for: session, method, path, body.
    #[allow(clippy::too_many_lines)] // it is one table
    pub(crate) fn calls(&self, function: &str) -> Vec<Step<'_>> {
        let (root, monitor, full) = (self.root.as_str(), self.monitor.as_str(), self.full_root.as_str());
        let user = |id: &str, what: &str| format!("/v1/users/{id}{what}");
        let get = |path: &str| (root, Method::GET, path.to_owned(), None);
        // A refused attempt is written down.
        let refused = |path: &str| (monitor, Method::GET, path.to_owned(), None);
        let confirm = || json!({ "confirm": true });
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
        match function {
            "sign-up" => vec![sign_up(), sign_up()],
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
            "delete-many" => {
                let gone = |by, id: &str| {
                    post(by, "/v1/users/bulk-delete", json!({ "user_ids": [id], "confirm": true }))
                };
                vec![gone(monitor, &self.pending), gone(root, &self.pending), gone(root, &self.active)]
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
                    role(root, &self.erin.id, "root"),
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
            "ask-access" => {
                [monitor, root].map(|by| post(by, &user(&self.active, "/access-question"), json!({}))).into()
            }
            "delete" => {
                let [active, pending, enrolled] = [&self.active, &self.pending, &self.erin.id];
                vec![
                    delete(monitor, active),
                    delete(root, active),
                    delete(root, pending),
                    delete(root, enrolled),
                ]
            }
            "list-user-sessions" => vec![refused(&user(&self.active, "/sessions"))],
            "seats" => vec![refused("/v1/seats")],
            "export" => ["users", "events", "invoices", "reviews"]
                .into_iter()
                .flat_map(|what| {
                    let path = format!("/v1/exports/{what}");
                    [refused(&path), get(&path)]
                })
                .collect(),
            "reviews" => vec![refused("/v1/reports/reviews"), get("/v1/reports/reviews")],
            "onboarding" => vec![refused("/v1/reports/onboarding"), get("/v1/reports/onboarding")],
            "savings" => vec![refused("/v1/reports/savings"), get("/v1/reports/savings")],
            "get-account" => {
                [&self.owing, root].map(|by| (by, Method::GET, "/v1/account".to_owned(), None)).into()
            }
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
            "webhooks" => {
                let path = format!("/v1/webhooks/{}", self.webhook);
                let hook = json!({ "url": "https://localhost/", "event_types": ["*"] });
                vec![
                    refused("/v1/webhooks"),
                    post(root, "/v1/webhooks", hook),
                    get("/v1/webhooks"),
                    (root, Method::PATCH, path.clone(), Some(json!({ "enabled": false }))),
                    post(root, &format!("{path}/secret"), json!({})),
                    (root, Method::DELETE, path, None),
                ]
            }
            // Once as always and a minute later; then until it is given up.
            "deliver-webhooks" => {
                let invite = |email: &str| post(root, "/v1/users", invitee(email, "monitor"));
                let fault = json!({
                    "service": "dynamodb", "operation": "Query", "function": function, "every": 1, "kind": "before",
                });
                let mut calls = vec![invite("eve@acme.test"), wait("2m")];
                calls.extend([post("", "/_local/faults", fault), invite("eva@acme.test")]);
                calls.extend((0..DELIVERIES_MAX).map(|_| wait("361s")));
                calls
            }
            "list-events" => vec![refused("/v1/events")],
            "start-departure" => vec![departure(monitor, Method::POST), departure(root, Method::POST)],
            "get-departure" => vec![departure(monitor, Method::GET)],
            "cancel-departure" => vec![
                departure(monitor, Method::DELETE),
                departure(root, Method::POST),
                departure(root, Method::DELETE),
            ],
            // A departure takes away sessions, then keys, then the user.
            "deadlines" => {
                let departure = post(root, &user(&self.erin.id, "/departure"), json!({ "mode": "auto" }));
                vec![departure, sign_up(), wait("49h")]
            }
            "erase-user" => vec![
                delete(root, &self.active),
                delete(root, &self.erin.id),
                wait("2m"),
                (root, Method::DELETE, "/v1/account?confirm=true".to_owned(), None),
                wait("31d"),
            ],
            "billing-close" => vec![wait("32d")],
            // A closed account, of which the timer goes, and a Monday on which nothing can be committed.
            "inactivity" => {
                let fault = json!({
                    "service": "dynamodb", "operation": "TransactWriteItems", "function": function, "every": 1,
                    "kind": "before",
                });
                let close = (root, Method::DELETE, "/v1/account?confirm=true".to_owned(), None);
                let repair = ("", Method::DELETE, "/_local/faults".to_owned(), None);
                let until = |to: &str| post("", "/_local/clock", json!({ "to": to }));
                let broken = post("", "/_local/faults", fault);
                let monday = [until("2026-02-09T05:00:00Z"), broken, until("2026-02-09T07:00:00Z"), repair];
                [close].into_iter().chain(monday).chain([wait("32d")]).collect()
            }
            "set-enterprise-price" => {
                let price = |account: &str| {
                    let price = json!({
                        "account_id": account, "interval": "monthly", "unit_amount": 3500, "reason": "Contract",
                    });
                    post("", "/_local/run/set-enterprise-price", price)
                };
                vec![price(&self.account_id), wait("32d"), price(&self.leaving)]
            }
            "reconcile" => {
                let fault = json!({
                    "service": "dynamodb", "operation": "Query", "function": function, "every": 1, "kind": "before",
                });
                let mut calls = vec![wait("32d"), post("", "/_local/faults", fault), wait("31d")];
                calls.extend((0..DELIVERIES_MAX).map(|_| wait("361s")));
                calls
            }
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
            other => self.own_calls(other),
        }
    }
}
