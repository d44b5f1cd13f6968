//! Which refusal goes first, where somebody owes a second factor, was authenticated too long ago, or calls by a key.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Caller, Roster, Team, invitee};

use crate::order::{Body, Row};

const UNKNOWN: &str = "usr_01K00000000000000000000000";
/// Keys that one user may have.
const KEYS_MAX: usize = 25;

async fn give(team: &Team<'_>, id: &str, role: &str) {
    let path = format!("/v1/users/{id}/role");
    team.root.caller.put(&path, json!({ "role": role })).await.expect(200);
}

fn stale(caller: &Caller) -> Caller {
    caller.with_header("if-match", "\"0\"")
}

fn user(id: &str, what: &str) -> String {
    format!("/v1/users/{id}{what}")
}

fn row<'a>(
    faults: &'a str,
    by: &'a Caller,
    (method, path, body): (Method, String, Body),
    told: (u16, &'a str),
) -> Row<'a> {
    Row { faults, by, method, path, body, told }
}

fn get(path: impl Into<String>) -> (Method, String, Body) {
    (Method::GET, path.into(), Body::None)
}

fn post(path: impl Into<String>, body: Value) -> (Method, String, Body) {
    (Method::POST, path.into(), Body::Json(body))
}

fn delete(path: impl Into<String>) -> (Method, String, Body) {
    (Method::DELETE, path.into(), Body::None)
}

fn gone_for_good(id: &str) -> (Method, String, Body) {
    delete(user(id, "?confirm=true"))
}

fn suspend(id: &str) -> (Method, String, Body) {
    post(user(id, "/suspend"), json!({ "confirm": true }))
}

fn role(id: &str, role: &str) -> (Method, String, Body) {
    (Method::PUT, user(id, "/role"), Body::Json(json!({ "role": role })))
}

fn issue(id: &str) -> (Method, String, Body) {
    post(user(id, "/recovery-codes"), json!({ "confirm": true }))
}

fn view(id: &str) -> (Method, String, Body) {
    post(user(id, "/recovery-codes/view"), json!({}))
}

fn invite(email: &str, role: &str) -> (Method, String, Body) {
    post("/v1/users", invitee(email, role))
}

fn many(email: &str, role: &str) -> (Method, String, Body) {
    post("/v1/users/bulk", json!({ "users": [invitee(email, role)] }))
}

const OWES: (u16, &str) = (403, "mfa_enrollment_required");
const SESSION: (u16, &str) = (403, "session_required");
const STEP_UP: (u16, &str) = (403, "step_up_required");
const ROLE: (u16, &str) = (403, "insufficient_role");
const SELF: (u16, &str) = (403, "cannot_act_on_self");
const ROOT: (u16, &str) = (403, "admin_cannot_modify_root");
const MAKES: (u16, &str) = (403, "admin_cannot_assign_root");
const FIELDS: (u16, &str) = (422, "validation_failed");
const NOT_FOUND: (u16, &str) = (404, "not_found");
const GONE: (u16, &str) = (410, "user_deleted");
const NO_FACTOR: (u16, &str) = (409, "mfa_not_enabled");

// RULE: AP-01, RO-08, RO-04, AP-05
#[tokio::test]
async fn a_factor_that_is_owed_goes_before_the_role_and_after_what_is_there() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro_for_five_minutes().await;
    let ann = team.member("ann@acme.test", "developer").await;
    let gone = team.pending("gone@acme.test", "monitor").await;
    team.root.caller.delete(&user(&gone, "?confirm=true")).await.expect(204);
    let dora = team.member("dora@acme.test", "developer").await;
    let key = &dora.key("before").await.caller;
    give(&team, &dora.id, "admin").await;
    roster.advance("16m").await;
    let (owing, own, root, anns) = (&dora.caller, &dora.id, &team.root.id, &ann.id);
    let stale = &stale(owing);
    let rows = [
        row("fields, owes", owing, post("/v1/users", json!({})), FIELDS),
        row("unknown user, owes", owing, get(user(UNKNOWN, "")), NOT_FOUND),
        row("gone, owes", owing, suspend(&gone), GONE),
        row("owes, role", owing, delete("/v1/account?confirm=true"), OWES),
        row("owes, self", owing, suspend(own), OWES),
        row("owes, own role", owing, role(own, "monitor"), OWES),
        row("owes, a root", owing, gone_for_good(root), OWES),
        row("owes, a root's codes", owing, view(root), OWES),
        row("owes, makes a root", owing, invite("eve@acme.test", "root"), OWES),
        row("owes, too long ago", owing, gone_for_good(anns), OWES),
        row("owes, stale", stale, suspend(anns), OWES),
        row("owes, every seat taken", owing, invite("eve@acme.test", "monitor"), OWES),
        row("owes, taken address", owing, many("ann@acme.test", "monitor"), OWES),
        row("owes, no second factor", owing, post("/v1/me/recovery-codes", json!({})), OWES),
        row("owes, not right", owing, post("/v1/sessions/current/step-up", json!({ "password": "x" })), OWES),
        row("owes, unknown key of one's own", owing, delete("/v1/me/api-keys/none"), OWES),
        row("owes, unknown kind", owing, get("/v1/resources/robots/a"), NOT_FOUND),
        row("by a key, owes", key, delete("/v1/me?confirm=true"), SESSION),
        row("owes, by a key", key, get("/v1/users"), OWES),
        row("owes, never by a key", key, gone_for_good(anns), OWES),
    ];
    for row in rows {
        row.tell().await;
    }
    roster.enroll(&dora).await;
    row("role alone", owing, delete("/v1/account?confirm=true"), ROLE).tell().await;
}

// RULE: AP-01, AC-06, RO-04, RC-03, RC-04
#[tokio::test]
#[allow(clippy::too_many_lines)] // it is one table
async fn a_step_up_goes_after_who_it_is_and_before_how_things_stand() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro_for_five_minutes().await;
    let adam = team.member("adam@acme.test", "admin").await;
    let ruth = team.member("ruth@acme.test", "root").await;
    let (mona, dan) =
        (team.member("mona@acme.test", "monitor").await, team.member("dan@acme.test", "developer").await);
    let erin = team.member("erin@acme.test", "developer").await;
    roster.enroll(&erin).await;
    for n in 0..KEYS_MAX {
        erin.key(&format!("key {n}")).await;
    }
    let pending = team.pending("paul@acme.test", "monitor").await;
    let pending_root = team.pending("pia@acme.test", "root").await;
    let gone = team.pending("gone@acme.test", "monitor").await;
    team.root.caller.delete(&user(&gone, "?confirm=true")).await.expect(204);
    roster.advance("16m").await;
    let (root, admin, monitor) = (&team.root.caller, &adam.caller, &mona.caller);
    let (dev, late_erin, stale_root) = (&dan.caller, &erin.caller, &stale(root));
    let fresh = roster.sign_in(&team.root.email).await.caller;
    let fresh_dev = roster.sign_in(&dan.email).await.caller;
    let fresh_erin = roster.sign_in(&erin.email).await.caller;
    let (me, adams, erins, dans) = (&team.root.id, &adam.id, &erin.id, &dan.id);
    let auto = |id: &str| post(user(id, "/departure"), json!({ "mode": "auto" }));
    let own = |what: &str| post(format!("/v1/me/recovery-codes{what}"), json!({}));
    let key = || post("/v1/me/api-keys", json!({ "name": "one more" }));
    let confirm = || post("/v1/me/mfa/totp/confirm", json!({ "code": "000000" }));
    let (remove, close) = (|| delete("/v1/me/mfa/totp"), || delete("/v1/account?confirm=true"));
    let rows = [
        row("fields, too long ago", root, delete(user(erins, "")), FIELDS),
        row("fields, too long ago", root, post(user(erins, "/recovery-codes"), json!({})), FIELDS),
        row("fields, role", monitor, post(user(erins, "/recovery-codes"), json!({})), FIELDS),
        row("unknown user, too long ago", root, gone_for_good(UNKNOWN), NOT_FOUND),
        row("unknown user, role", monitor, issue(UNKNOWN), NOT_FOUND),
        row("gone, too long ago", root, issue(&gone), GONE),
        row("role, too long ago", monitor, gone_for_good(erins), ROLE),
        row("role, too long ago", monitor, view(erins), ROLE),
        row("role, too long ago", monitor, key(), ROLE),
        row("role, too long ago", admin, close(), ROLE),
        row("role, self", monitor, issue(&mona.id), ROLE),
        row("self, too long ago", root, gone_for_good(me), SELF),
        row("self, a root's codes", root, issue(me), SELF),
        row("own role, too long ago", admin, role(adams, "admin"), (403, "cannot_change_own_role")),
        row("a root, too long ago", admin, gone_for_good(me), ROOT),
        row("a root, too long ago", admin, auto(me), ROOT),
        row("a root's codes, too long ago", admin, view(me), ROOT),
        row("a root's codes, too long ago", root, view(&ruth.id), (403, "root_codes_private")),
        row("a root's codes, no second factor", &fresh, issue(&pending_root), (403, "root_codes_private")),
        row("makes a root, too long ago", admin, role(erins, "root"), MAKES),
        row("makes a root, too long ago", admin, invite("eve@acme.test", "root"), MAKES),
        row("makes a root, too long ago, of many", admin, many("eve@acme.test", "root"), MAKES),
        row("too long ago, stale", stale_root, gone_for_good(erins), STEP_UP),
        row("too long ago, stale", stale_root, role(erins, "admin"), STEP_UP),
        row("too long ago, stale", stale_root, auto(erins), STEP_UP),
        row("too long ago, stale account", stale_root, close(), STEP_UP),
        row("stale alone", stale_root, role(erins, "billing"), (412, "version_mismatch")),
        row("too long ago, taken address", root, invite("mona@acme.test", "admin"), STEP_UP),
        row("too long ago, every seat taken", root, invite("eve@acme.test", "root"), STEP_UP),
        row("too long ago, every seat taken, of many", root, many("eve@acme.test", "admin"), STEP_UP),
        row("too long ago, pending", root, auto(&pending), STEP_UP),
        row("pending alone", &fresh, auto(&pending), (409, "use_revoke")),
        row("too long ago, no second factor", root, issue(dans), STEP_UP),
        row("too long ago, no second factor", root, view(dans), STEP_UP),
        row("no second factor alone", &fresh, issue(dans), NO_FACTOR),
        row("no second factor alone", &fresh, view(dans), NO_FACTOR),
        row("too long ago, no second factor", dev, own(""), STEP_UP),
        row("too long ago, no second factor", dev, remove(), STEP_UP),
        row("no second factor alone", &fresh_dev, own(""), NO_FACTOR),
        row("no second factor alone", &fresh_dev, own("/view"), NO_FACTOR),
        row("no second factor alone", &fresh_dev, remove(), NO_FACTOR),
        row("too long ago, not to be seen", root, own("/view"), STEP_UP),
        row("not to be seen alone", &fresh, own("/view"), (409, "codes_not_viewable")),
        row("too long ago, a role that keeps it", root, remove(), STEP_UP),
        row("a role that keeps it alone", &fresh, remove(), (409, "mfa_required_for_role")),
        row("too long ago, nothing to confirm", dev, confirm(), STEP_UP),
        row("nothing to confirm alone", &fresh_dev, confirm(), (409, "no_enrolment")),
        row("too long ago, too many keys", late_erin, key(), STEP_UP),
        row("too many keys alone", &fresh_erin, key(), (409, "too_many_keys")),
    ];
    let before = team.seats().await;
    for row in rows {
        row.tell().await;
    }
    assert_eq!(team.seats().await, before);
}

// RULE: AP-01, AC-07, AC-06, RO-02, RO-04
#[tokio::test]
async fn a_key_is_held_to_the_same_order_and_never_gets_past_a_step_up() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let adam = team.member("adam@acme.test", "admin").await;
    let (dan, mona) =
        (team.member("dan@acme.test", "developer").await, team.member("mona@acme.test", "developer").await);
    let (root, admin) = (&team.root.key("root").await.caller, &adam.key("admin").await.caller);
    let (dev, monitor) = (&dan.key("dev").await.caller, &mona.key("monitor").await.caller);
    give(&team, &mona.id, "monitor").await;
    let (me, dans, stale_root) = (&team.root.id, &dan.id, &stale(root));
    let step_up = |body| post("/v1/sessions/current/step-up", body);
    let keys = |id: &str, what: &str| user(id, &format!("/api-keys{what}"));
    let renamed =
        |name: &str| (Method::PATCH, "/v1/me".to_owned(), Body::Json(json!({ "first_name": name })));
    let code = || json!({ "code": "000000" });
    let by_session = &mona.caller;
    let rows = [
        row("fields, by a key", root, renamed(""), FIELDS),
        row("by a key, unknown session", root, delete("/v1/me/sessions/none"), SESSION),
        row("by a key, unknown key", dev, delete("/v1/me/api-keys/none"), SESSION),
        row("by a key, a root", root, delete("/v1/me?confirm=true"), SESSION),
        row("by a key, stale", stale_root, renamed("R"), SESSION),
        row("by a key, not right", root, step_up(code()), SESSION),
        row("by a key, never recent", root, post("/v1/me/api-keys", json!({ "name": "k" })), SESSION),
        row("fields, a role without keys", monitor, post("/v1/users", json!({})), FIELDS),
        row("unknown user, a role without keys", monitor, get(user(UNKNOWN, "")), NOT_FOUND),
        row("by a key, a role without keys", monitor, delete("/v1/sessions/current"), SESSION),
        row("a role without keys alone", monitor, get("/v1/me"), ROLE),
        row("a role without keys alone", monitor, get("/v1/resources"), ROLE),
        row("role, never recent", dev, gone_for_good(&mona.id), ROLE),
        row("self, never recent", root, gone_for_good(me), SELF),
        row("a root, never recent", admin, gone_for_good(me), ROOT),
        row("never recent, stale", stale_root, gone_for_good(dans), STEP_UP),
        row("never recent, no second factor", root, issue(dans), STEP_UP),
        row("unknown user, unknown key", root, delete(keys(UNKNOWN, "/none")), NOT_FOUND),
        row("unknown key, role", by_session, delete(keys(dans, "/none")), NOT_FOUND),
        row("role, a root's keys", by_session, get(keys(me, "")), ROLE),
        row("a root's keys", admin, get(keys(me, "")), ROOT),
        row("a root's keys", admin, delete(keys(me, "")), ROOT),
    ];
    for row in rows {
        row.tell().await;
    }
    let (root, dev, stale_root) = (&team.root.caller, &dan.caller, &stale(&team.root.caller));
    let both = json!({ "code": "000000", "recovery_code": "7Q4KM-0XHZ2", "challenge": "none" });
    let rows = [
        row("neither is there", root, step_up(json!({})), FIELDS),
        row("a password alone, which is wrong", root, step_up(json!({ "password": "wrong" })), FIELDS),
        row("a code, no second factor", dev, step_up(code()), NO_FACTOR),
        row("fields, no challenge", root, post("/v1/sessions/mfa", both), FIELDS),
        row("fields, stale", stale_root, renamed(""), FIELDS),
        row("stale alone", stale_root, renamed("R"), (412, "version_mismatch")),
    ];
    for row in rows {
        row.tell().await;
    }
}

// RULE: AC-02, AC-08, AC-03
#[tokio::test]
async fn fields_go_before_what_a_link_or_a_password_is_worth() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let caller = roster.caller();
    for body in [json!({ "token": "none", "password": "short" }), json!({ "token": "none" })] {
        caller.post("/v1/password-resets/confirm", body).await.refused(422, "validation_failed");
    }
    let body = json!({ "token": "none", "password": "vex-tungsten-quail-42" });
    caller.post("/v1/password-resets/confirm", body).await.refused(404, "token_invalid");
    let change = |current: &str, new: &str| json!({ "current_password": current, "new_password": new });
    let root = &team.root.caller;
    root.put("/v1/me/password", change("wrong", "short")).await.refused(422, "validation_failed");
    // So does what is too close to a name: else it would tell whether the present one is right, and cost no attempt.
    for current in ["wrong", tests::PASSWORD] {
        let own = change(current, "root@acme.test");
        root.put("/v1/me/password", own).await.refused(422, "validation_failed");
    }
}
