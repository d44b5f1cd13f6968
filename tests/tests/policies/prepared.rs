//! A team as a stack left it, and what a function did with it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use local::{Grant, Options, TEMPLATE};
use serde_json::{Value, json};
use tests::{PASSWORD, Passkey, Person, Roster, Team, app_code, invitee, ticking_never};

/// In a body, the challenge of the sign-in before.
pub(crate) const CHALLENGE: &str = "<challenge>";
/// In a body, the code that Erin's app shows.
pub(crate) const CODE: &str = "<code>";
/// In a body, the code of the app that is being set up.
pub(crate) const FIRST_CODE: &str = "<first code>";
/// In a body, the token of the newest link to set a new password.
pub(crate) const LINK: &str = "<link>";
/// In a body, the token of the links by which somebody is asked whether they need their access.
pub(crate) const ACCESS_LINK: &str = "<access link>";
/// In a body, the ceremony that was begun before.
pub(crate) const CEREMONY: &str = "<ceremony>";
/// In a body, what Erin's passkey answers to it.
pub(crate) const ANSWER: &str = "<answer>";
/// In a body, what it would answer to a page elsewhere.
pub(crate) const WRONG_ANSWER: &str = "<wrong answer>";
/// In a body, what a new passkey answers to it.
pub(crate) const NEW_ANSWER: &str = "<new answer>";
/// Functions that do something because it is time.
const WOKEN_BY_TIME: [&str; 6] =
    ["deadlines", "erase-user", "billing-close", "inactivity", "reconcile", "deliver-webhooks"];
/// How long a denial may take to show.
const DENIAL_LONGEST: Duration = Duration::from_mins(1);
/// Between two looks for it.
const LOOK_PAUSE: Duration = Duration::from_millis(5);

/// A team's data as a stack left it, and what it takes to go on with it.
pub(crate) struct Prepared {
    pub(crate) data: PathBuf,
    pub(crate) root: String,
    pub(crate) monitor: String,
    pub(crate) root_id: String,
    pub(crate) account_id: String,
    /// An account that goes to Free at the end of its period, if enough of its invitations are over by then.
    pub(crate) leaving: String,
    /// Ann, a developer without a second factor.
    pub(crate) active: String,
    pub(crate) ann: String,
    pub(crate) suspended: String,
    pub(crate) pending: String,
    pub(crate) pending_token: String,
    /// One of the lapsed invitations of the full team.
    pub(crate) lapsed: String,
    /// The Root of a team whose seats are all held by invitations that have lapsed.
    pub(crate) full_root: String,
    /// An Admin by promotion, who has not set up a second factor.
    pub(crate) owing: String,
    /// An API key of somebody whose role holds none any more.
    pub(crate) keyless: String,
    pub(crate) erin: Enrolled,
    /// An invoice of seats that were added.
    pub(crate) invoice: String,
    /// A webhook that leads nowhere.
    pub(crate) webhook: String,
}

/// A developer with a second factor and API keys.
pub(crate) struct Enrolled {
    pub(crate) id: String,
    pub(crate) session: String,
    /// Another session of theirs.
    pub(crate) other_session: String,
    /// An API key, as a credential, and as what is deleted.
    pub(crate) key: String,
    pub(crate) key_id: String,
    pub(crate) recovery_code: String,
    pub(crate) passkey: Passkey,
    secret: String,
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
        let erin = team.member("erin@acme.test", "developer").await;
        roster.enroll(&erin).await;
        let owing = given(&team, "olga@acme.test", "admin").await.0;
        let keyless = given(&team, "kim@acme.test", "billing").await.1;
        roster.lapse_unswept().await;
        let leaving = roster.team("leaving").await.on_pro().await;
        let free = json!({ "plan": "free" });
        leaving.root.caller.put("/v1/billing/plan", free).await.expect(200);
        for n in 0..3 {
            leaving.pending(&format!("n{n}@leaving.test"), "monitor").await;
        }
        let root = roster.sign_in(&team.root.email).await;
        let session = |person: &Person| person.caller.token().to_owned();
        let invoices = root.caller.get("/v1/invoices").await.expect(200).body;
        let pending = root.caller.post("/v1/users", invitee("bob@acme.test", "monitor")).await.expect(201);
        let hook = json!({ "url": "https://localhost/", "event_types": ["user.invited"] });
        let webhook = root.caller.post("/v1/webhooks", hook).await.expect(201).text("id").to_owned();
        let prepared = Self {
            root: session(&root),
            monitor: session(&roster.sign_in("mona@acme.test").await),
            ann: session(&roster.sign_in("ann@acme.test").await),
            owing: session(&restricted(&roster, &owing).await),
            erin: Enrolled::new(&roster).await,
            keyless,
            webhook,
            invoice: invoices["data"][0]["id"].as_str().expect("an invoice").to_owned(),
            root_id: root.id,
            account_id: team.account_id.clone(),
            leaving: leaving.account_id.clone(),
            active,
            suspended,
            pending: pending.text("id").to_owned(),
            lapsed,
            pending_token: roster.token_for("bob@acme.test").await,
            full_root: session(&roster.sign_in(&full.root.email).await),
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
        // What has lapsed is to stay unnoted until it is asked for, but where noting it is what is looked at.
        let template = match function {
            "billing-close" => template.replace("rate(1 minute)", "rate(3650 days)"),
            function if WOKEN_BY_TIME.contains(&function) => template.to_owned(),
            _ => ticking_never(template),
        };
        let roster = Roster::start_with(options(&template, &data)).await;
        // All from one address: a sign-in forgets the failures from where it comes.
        let caller = roster.caller();
        let all_of_it = async {
            let mut said = Value::Null;
            for (token, method, path, body) in self.calls(function) {
                let body = match body {
                    Some(body) => Some(self.filled(body, &said, &roster).await),
                    None => None,
                };
                // What it answers is no matter here: without its policy it cannot succeed.
                let reply = caller.with_token(token).call(method, &path, body).await;
                if reply.status == 200 {
                    said = reply.body;
                }
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

    /// A body, with what is known only by now in it.
    async fn filled(&self, mut body: Value, said: &Value, roster: &Roster) -> Value {
        for value in body.as_object_mut().into_iter().flat_map(|members| members.values_mut()) {
            match value.as_str() {
                Some(CHALLENGE) => *value = said["challenge"].clone(),
                Some(CODE) => *value = app_code(roster, &self.erin.secret, 0).into(),
                Some(FIRST_CODE) => {
                    let secret = said["secret"].as_str();
                    *value = secret.map(|secret| app_code(roster, secret, 0)).into();
                }
                Some(CEREMONY) => *value = said["ceremony"].clone(),
                Some(ANSWER) => *value = self.erin.answer(roster.stack.url(), said),
                Some(WRONG_ANSWER) => *value = self.erin.answer("https://elsewhere.example", said),
                Some(NEW_ANSWER) => *value = new_answer(roster.stack.url(), said),
                Some(ACCESS_LINK) => {
                    *value = roster.access_tokens("ann@acme.test").await.first().cloned().into();
                }
                Some(LINK) => *value = roster.reset_tokens("ann@acme.test").await.first().cloned().into(),
                _ => {}
            }
        }
        body
    }
}

impl Enrolled {
    async fn new(roster: &Roster) -> Self {
        let email = "erin@acme.test";
        let (other, erin) = (roster.sign_in(email).await, roster.sign_in(email).await);
        let sessions = erin.caller.get("/v1/me/sessions").await.expect(200).body;
        let is_other = |session: &&Value| session["current"] == false;
        let other_session =
            sessions["data"].as_array().into_iter().flatten().find(is_other).expect("another");
        let key = erin.key("a program").await;
        let (passkey, _) = roster.add_passkey(&erin.caller, "Laptop").await;
        assert_eq!(other.id, erin.id);
        Self {
            id: other.id,
            session: erin.caller.token().to_owned(),
            other_session: other_session["id"].as_str().expect("an identifier").to_owned(),
            key: key.caller.token().to_owned(),
            key_id: key.id,
            recovery_code: roster.authenticators.recovery_codes(email).pop().expect("a code is left"),
            passkey,
            secret: roster.authenticators.secret(email),
        }
    }

    /// What her passkey answers on a page of this origin.
    fn answer(&self, origin: &str, asked: &Value) -> Value {
        let mut options = asked["options"].clone();
        let rp_id = options["rp"]["id"].as_str().or(options["rpId"].as_str());
        options["rpId"] = rp_id.unwrap_or("localhost").into();
        Passkey { origin: origin.to_owned(), ..self.passkey.clone() }.answer(&options)
    }
}

/// What a new passkey answers, where one is asked for.
fn new_answer(origin: &str, asked: &Value) -> Value {
    let options = &asked["options"];
    if options["user"].is_null() { Value::Null } else { Passkey::create(origin, options).1 }
}

/// Somebody who made an API key as a developer and was given another role: their address, and the key.
async fn given(team: &Team<'_>, email: &str, role: &str) -> (String, String) {
    let person = team.member(email, "developer").await;
    let key = person.key("from before").await;
    let path = format!("/v1/users/{}/role", person.id);
    team.root.caller.put(&path, json!({ "role": role })).await.expect(200);
    (person.email, key.caller.token().to_owned())
}

/// Signs in, and sets nothing up.
async fn restricted(roster: &Roster, email: &str) -> Person {
    let caller = roster.caller();
    let body = json!({ "email": email, "password": PASSWORD });
    let session = caller.post("/v1/sessions", body).await.expect(201).body;
    assert_eq!(session["restricted"], true);
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let caller = caller.with_token(&text(&session["token"]));
    Person { id: text(&session["user"]["id"]), email: email.to_owned(), caller }
}

impl Prepared {
    /// The message that somebody left the team.
    pub(crate) fn left(&self) -> Value {
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
