//! Each operation, called on something new as often as one likes.

use std::sync::atomic::{AtomicUsize, Ordering};

use domain::ReviewKind;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Caller, PASSWORD, Passkey, Person, Reply, Roster, Team, invitee, invitees};

use crate::operation::Operation;
use crate::{access, billing, passkeys, webhooks};

/// Rows of an invitation of many.
const ROWS: usize = 10;

/// An operation, and a team to call it on.
pub(crate) struct Scene<'a> {
    pub(crate) team: Team<'a>,
    pub(crate) operation: Operation,
    /// Whose access it is about.
    pub(crate) owner: Option<Person>,
    /// The passkey of theirs that it uses.
    pub(crate) passkey: Option<Passkey>,
    made: AtomicUsize,
}

/// A call that can be made again as it was.
pub(crate) struct Attempt {
    pub(crate) caller: Caller,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
}

impl Attempt {
    pub(crate) async fn send(&self) -> Reply {
        self.caller.call(self.method.clone(), &self.path, self.body.clone()).await
    }
}

fn resource(n: usize) -> String {
    format!("/v1/resources/agents/n{n}")
}

impl<'a> Scene<'a> {
    pub(crate) async fn set(roster: &'a Roster, operation: Operation) -> Self {
        let team = roster.team(operation.name()).await.on_pro().await;
        let owner = access::owner(&team, operation).await;
        let passkey = match &owner {
            Some(owner) => passkeys::used(roster, operation, owner).await,
            None => None,
        };
        Self { team, operation, owner, passkey, made: AtomicUsize::new(0) }
    }

    /// The operation on somebody who was not called on before, under a key of its own.
    #[allow(clippy::too_many_lines)] // it is one table
    pub(crate) async fn attempt(&self) -> Attempt {
        let n = self.made.fetch_add(1, Ordering::Relaxed);
        let email = format!("n{n}@{}.test", self.operation.name());
        let root = self.root(n).await;
        let keyed = root.with_header("idempotency-key", &format!("call {n}"));
        if let Some(owner) = &self.owner {
            let attempt = self.on_access(owner, n).await;
            self.team.roster.stack.settle().await;
            return attempt;
        }
        let (caller, method, path, body) = match self.operation {
            Operation::SignUp => {
                let body =
                    json!({ "account_name": "New", "email": email, "first_name": "N", "last_name": "N" });
                (self.team.roster.caller(), Method::POST, "/v1/accounts".into(), Some(body))
            }
            Operation::LookupInvite => {
                self.team.pending(&email, "monitor").await;
                let body = json!({ "token": self.team.roster.token_for(&email).await });
                (self.team.roster.caller(), Method::POST, "/v1/invitations/lookup".into(), Some(body))
            }
            Operation::AcceptInvite => {
                self.team.pending(&email, "monitor").await;
                let body = json!({ "token": self.team.roster.token_for(&email).await, "password": PASSWORD });
                (self.team.roster.caller(), Method::POST, "/v1/invitations/accept".into(), Some(body))
            }
            Operation::SignIn => {
                // From where they were signed in before: elsewhere it is a new device.
                let known = self.team.member(&email, "monitor").await.caller.without_token();
                let body = json!({ "email": email, "password": PASSWORD });
                (known, Method::POST, "/v1/sessions".into(), Some(body))
            }
            Operation::SignOut => {
                let member = self.team.member(&email, "monitor").await.caller;
                let keyed = member.with_header("idempotency-key", "sign-out");
                (keyed, Method::DELETE, "/v1/sessions/current".into(), None)
            }
            Operation::Leave => {
                let member = self.team.member(&email, "monitor").await.caller;
                let keyed = member.with_header("idempotency-key", "leave");
                (keyed, Method::DELETE, "/v1/me?confirm=true".into(), None)
            }
            Operation::CloseAccount => {
                let team = self.team.roster.team(&format!("closing{n}")).await;
                let keyed = team.root.caller.with_header("idempotency-key", "close");
                (keyed, Method::DELETE, "/v1/account?confirm=true".into(), None)
            }
            Operation::UpdateAccount => {
                (keyed, Method::PATCH, "/v1/account".into(), Some(json!({ "name": email })))
            }
            Operation::GetAccount => (root, Method::GET, "/v1/account".into(), None),
            Operation::Authorize => {
                (root, Method::POST, "/v1/authorize".into(), Some(json!({ "action": "users.read" })))
            }
            Operation::ListUserSessions => {
                (root, Method::GET, format!("/v1/users/{}/sessions", self.team.root.id), None)
            }
            Operation::ListResources => (root, Method::GET, "/v1/resources".into(), None),
            Operation::PutResource => (keyed, Method::PUT, resource(n), Some(json!({ "name": "New" }))),
            Operation::GetResource | Operation::ChangeResource | Operation::DeleteResource => {
                // Made by another, who is looked up.
                let dan = self.team.member(&email, "developer").await.caller;
                dan.put(&resource(n), json!({ "name": "Old" })).await.expect(200);
                match self.operation {
                    Operation::GetResource => (root, Method::GET, resource(n), None),
                    Operation::DeleteResource => (keyed, Method::DELETE, resource(n), None),
                    _ => (keyed, Method::PUT, resource(n), Some(json!({ "name": "New" }))),
                }
            }
            Operation::GetProfile => (root, Method::GET, "/v1/me".into(), None),
            Operation::GetNotifications => (root, Method::GET, "/v1/me/notifications".into(), None),
            Operation::Invite => (keyed, Method::POST, "/v1/users".into(), Some(invitee(&email, "monitor"))),
            // More than one round does.
            Operation::InviteMany => {
                let emails = (0..ROWS).map(|row| format!("row{row}.{email}"));
                (keyed, Method::POST, "/v1/users/bulk".into(), Some(invitees(emails)))
            }
            Operation::DeleteMany => {
                let emails = (0..ROWS).map(|row| format!("row{row}.{email}"));
                let made = self.team.root.caller.post("/v1/users/bulk", invitees(emails)).await.expect(200);
                let body = json!({ "user_ids": made.user_ids(), "confirm": true });
                (keyed, Method::POST, "/v1/users/bulk-delete".into(), Some(body))
            }
            Operation::ResendInvite | Operation::RevokeInvite => {
                let path = format!("/v1/users/{}/invitation", self.team.pending(&email, "monitor").await);
                self.team.roster.advance("61s").await;
                let again = self.operation == Operation::ResendInvite;
                (keyed, if again { Method::POST } else { Method::DELETE }, path, None)
            }
            Operation::ChangePlan | Operation::TakePlanBack | Operation::CancelPlan => {
                return billing::attempt(&self.team, self.operation, n).await;
            }
            Operation::CreateWebhook
            | Operation::UpdateWebhook
            | Operation::RotateWebhookSecret
            | Operation::ReplayWebhook
            | Operation::DeleteWebhook => return webhooks::attempt(&self.team, self.operation, n).await,
            Operation::ListWebhooks => (root, Method::GET, "/v1/webhooks".into(), None),
            Operation::BillingSummary => (root, Method::GET, "/v1/billing".into(), None),
            Operation::ListInvoices => (root, Method::GET, "/v1/invoices".into(), None),
            Operation::GetInvoice => (root, Method::GET, billing::invoice(&self.team).await, None),
            Operation::PreviewCharge => {
                (root, Method::POST, "/v1/billing/preview".into(), Some(json!({ "add_users": 1 })))
            }
            Operation::Savings => (root, Method::GET, "/v1/reports/savings".into(), None),
            Operation::ExportUsers => (root, Method::GET, "/v1/exports/users?format=csv".into(), None),
            Operation::ExportEvents => (root, Method::GET, "/v1/exports/events".into(), None),
            Operation::ExportReviews => (root, Method::GET, "/v1/exports/reviews".into(), None),
            Operation::Onboarding => (root, Method::GET, "/v1/reports/onboarding".into(), None),
            Operation::ListReviews => (root, Method::GET, "/v1/reports/reviews".into(), None),
            Operation::GetReview => (root, Method::GET, review(&self.team).await, None),
            Operation::ExportInvoices => (root, Method::GET, "/v1/exports/invoices".into(), None),
            Operation::ListUsers => (root, Method::GET, "/v1/users".into(), None),
            Operation::Seats => (root, Method::GET, "/v1/seats".into(), None),
            Operation::ListEvents => (root, Method::GET, "/v1/events".into(), None),
            Operation::GetUser => (root, Method::GET, format!("/v1/users/{}", self.team.root.id), None),
            Operation::ChangeOwnRole => {
                let path = format!("/v1/users/{}/role", self.team.root.id);
                (keyed, Method::PUT, path, Some(json!({ "role": "admin" })))
            }
            Operation::ChangeRole
            | Operation::Suspend
            | Operation::Reactivate
            | Operation::Logout
            | Operation::AskAccess
            | Operation::StartDeparture
            | Operation::GetDeparture
            | Operation::CancelDeparture
            | Operation::Delete => {
                let member = self.team.member(&email, "monitor").await;
                let (method, path, body) = self.on(&member).await;
                (keyed, method, path, body)
            }
            operation => unreachable!("{operation:?} is about somebody's access"),
        };
        self.team.roster.stack.settle().await;
        Attempt { caller, method, path, body }
    }

    /// The Root, who signs in anew before the minute's requests are used up.
    async fn root(&self, n: usize) -> Caller {
        const CALLS_PER_SESSION: usize = 50;
        if n % CALLS_PER_SESSION == CALLS_PER_SESSION - 1 {
            self.team.roster.advance("1m").await;
        }
        self.team.root.caller.clone()
    }

    /// The operation on a member.
    async fn on(&self, member: &Person) -> (Method, String, Option<Value>) {
        let user = format!("/v1/users/{}", member.id);
        let confirm = json!({ "confirm": true });
        match self.operation {
            Operation::ChangeRole => {
                (Method::PUT, format!("{user}/role"), Some(json!({ "role": "developer" })))
            }
            Operation::Suspend => (Method::POST, format!("{user}/suspend"), Some(confirm)),
            Operation::AskAccess => (Method::POST, format!("{user}/access-question"), None),
            Operation::Logout => (Method::POST, format!("{user}/logout"), Some(confirm)),
            Operation::Reactivate => {
                self.team.root.caller.post(&format!("{user}/suspend"), confirm).await.expect(200);
                (Method::POST, format!("{user}/reactivate"), None)
            }
            Operation::StartDeparture => {
                (Method::POST, format!("{user}/departure"), Some(json!({ "mode": "auto" })))
            }
            Operation::GetDeparture | Operation::CancelDeparture => {
                let path = format!("{user}/departure");
                self.team.root.caller.post(&path, json!({})).await.expect(200);
                let reads = self.operation == Operation::GetDeparture;
                (if reads { Method::GET } else { Method::DELETE }, path, None)
            }
            _ => (Method::DELETE, format!("{user}?confirm=true"), None),
        }
    }
}

/// Where a review of the team is.
async fn review(team: &Team<'_>) -> String {
    team.roster.review(&team.account_id, 31).await;
    let newest = team.roster.newest_review(&team.account_id, ReviewKind::Inactivity).await;
    format!("/v1/reports/reviews/{newest}")
}
