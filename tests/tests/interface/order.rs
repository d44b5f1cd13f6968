//! Which refusal goes first. Each row has two faults at once, and names the one that is told.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Caller, PASSWORD, Roster, invitee};

pub(crate) struct Row<'a> {
    pub(crate) faults: &'a str,
    pub(crate) by: &'a Caller,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Body,
    pub(crate) told: (u16, &'a str),
}

pub(crate) enum Body {
    None,
    Json(Value),
    Raw(Vec<u8>, &'static str),
}

impl Row<'_> {
    /// Of what is wrong with it, this is told.
    pub(crate) async fn tell(self) {
        let Self { faults, by, method, path, body, told } = self;
        let reply = match body {
            Body::None => by.call(method.clone(), &path, None).await,
            Body::Json(body) => by.call(method.clone(), &path, Some(body)).await,
            Body::Raw(bytes, media_type) => by.raw(method.clone(), &path, Some((bytes, media_type))).await,
        };
        assert_eq!((reply.status, reply.code()), told, "{faults}: {method} {path}");
    }
}

// RULE: AP-01, RO-04, PS-02, AP-05
#[tokio::test]
#[allow(clippy::too_many_lines)] // it is one table
async fn of_two_faults_the_one_that_goes_first_is_told() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro_for_five_minutes().await;
    let (root, nobody) = (&team.root.caller, roster.caller());
    let adam = team.member("adam@acme.test", "admin").await;
    let mona = team.member("mona@acme.test", "monitor").await;
    let (admin, monitor) = (&adam.caller, &mona.caller);
    let pending_root = team.pending("paul@acme.test", "root").await;
    let gone = team.pending("gone@acme.test", "monitor").await;
    let clash = root.with_header("idempotency-key", "used");
    clash.delete(&format!("/v1/users/{gone}?confirm=true")).await.expect(204);
    let stale = |caller: &Caller| caller.with_header("if-match", "\"0\"");
    let (stale_root, stale_admin, stale_monitor) = (&stale(root), &stale(admin), &stale(monitor));
    let dead = roster.sign_in(&team.root.email).await.caller;
    dead.delete("/v1/sessions/current").await.expect(204);
    let by_cookie =
        |caller: &Caller| nobody.with_header("cookie", &format!("roster_session={}", caller.token()));
    let (foreign, foreign_monitor, foreign_dead) = (&by_cookie(root), &by_cookie(monitor), &by_cookie(&dead));
    let foreign_nobody = &nobody.with_header("origin", "https://evil.example");
    roster.advance("5m").await;
    let full = roster.team("full").await;
    full.pending("petra@full.test", "monitor").await;
    let paul = full.pending("paul@full.test", "monitor").await;

    let user = |id: &str, what: &str| format!("/v1/users/{id}{what}");
    let unknown = "usr_01K00000000000000000000000";
    let role = |role: &str| Body::Json(json!({ "role": role }));
    let confirm = || Body::Json(json!({ "confirm": true }));
    let (me, adams) = (team.root.id.as_str(), adam.id.as_str());
    let users = || "/v1/users".to_owned();
    let bulk = || "/v1/users/bulk".to_owned();
    let many = |email: &str, role: &str| Body::Json(json!({ "users": [invitee(email, role)] }));
    let row = |faults, by, method, path, body, told| Row { faults, by, method, path, body, told };
    let (get, post, put, delete) = (Method::GET, Method::POST, Method::PUT, Method::DELETE);
    let large = || Body::Raw(vec![b' '; 70_000], "text/plain");
    #[rustfmt::skip] // a row a line
    let rows = [
        row("malformed, no credential", &nobody, post.clone(), users(), Body::Raw(b"{".into(), "application/json"), (400, "malformed")),
        row("malformed, role", monitor, post.clone(), users(), Body::Raw(b"{".into(), "application/json"), (400, "malformed")),
        row("too large, media type, no credential", &nobody, post.clone(), users(), large(), (413, "payload_too_large")),
        row("media type, no credential", &nobody, post.clone(), users(), Body::Raw(b"{}".into(), "text/plain"), (415, "unsupported_media_type")),
        row("no credential, fields", &nobody, post.clone(), users(), Body::Json(json!({})), (401, "unauthenticated")),
        row("malformed, another origin", foreign, post.clone(), users(), Body::Raw(b"{".into(), "application/json"), (400, "malformed")),
        row("no credential, another origin", foreign_nobody, post.clone(), users(), Body::Json(json!({})), (401, "unauthenticated")),
        row("another origin, dead credential", foreign_dead, post.clone(), users(), Body::Json(json!({})), (403, "cross_origin")),
        row("another origin, fields", foreign, post.clone(), users(), Body::Json(json!({})), (403, "cross_origin")),
        row("another origin, unknown user", foreign, post.clone(), user(unknown, "/suspend"), confirm(), (403, "cross_origin")),
        row("another origin, gone", foreign, post.clone(), user(&gone, "/suspend"), confirm(), (403, "cross_origin")),
        row("another origin, role", foreign_monitor, post.clone(), user(adams, "/suspend"), confirm(), (403, "cross_origin")),
        row("another origin, self", foreign, post.clone(), user(me, "/suspend"), confirm(), (403, "cross_origin")),
        row("another origin, fields, a cookie asked for", foreign_nobody, post.clone(), "/v1/sessions".into(), Body::Json(json!({ "credential": "cookie" })), (403, "cross_origin")),
        row("dead credential, fields", &dead, post.clone(), users(), Body::Json(json!({})), (401, "unauthenticated")),
        row("no credential, unknown user", &nobody, get.clone(), user(unknown, ""), Body::None, (401, "unauthenticated")),
        row("dead credential, unknown user", &dead, get.clone(), user(unknown, ""), Body::None, (401, "unauthenticated")),
        row("dead credential, last root", &dead, put.clone(), user(me, "/role"), role("admin"), (401, "unauthenticated")),
        row("fields, unknown user", root, put.clone(), user(unknown, "/role"), role("owner"), (422, "validation_failed")),
        row("no confirm, unknown user", root, delete.clone(), user(unknown, ""), Body::None, (422, "validation_failed")),
        row("no confirm, gone", root, post.clone(), user(&gone, "/suspend"), Body::Json(json!({})), (422, "validation_failed")),
        row("key of another call, fields", &clash, post.clone(), users(), Body::Json(json!({})), (422, "idempotency_mismatch")),
        row("key of another call, unknown user", &clash, post.clone(), user(unknown, "/suspend"), confirm(), (422, "idempotency_mismatch")),
        row("fields, stale", stale_root, put.clone(), user(adams, "/role"), role("owner"), (422, "validation_failed")),
        row("unknown user, stale", stale_root, put.clone(), user(unknown, "/role"), role("admin"), (404, "not_found")),
        row("gone, stale", stale_root, post.clone(), user(&gone, "/suspend"), confirm(), (410, "user_deleted")),
        row("role, stale", stale_monitor, post.clone(), user(adams, "/suspend"), confirm(), (403, "insufficient_role")),
        row("self, stale", stale_root, delete.clone(), user(me, "?confirm=true"), Body::None, (403, "cannot_act_on_self")),
        row("a root, stale", stale_admin, delete.clone(), user(&pending_root, "?confirm=true"), Body::None, (403, "admin_cannot_modify_root")),
        row("stale, pending", stale_root, post.clone(), user(&pending_root, "/suspend"), confirm(), (412, "version_mismatch")),
        row("fields, role", monitor, post.clone(), users(), Body::Json(json!({})), (422, "validation_failed")),
        row("fields, self", root, post.clone(), user(me, "/logout"), Body::Json(json!({})), (422, "validation_failed")),
        row("fields, every seat taken", root, post.clone(), users(), Body::Json(json!({})), (422, "validation_failed")),
        row("bad cursor, role", monitor, get.clone(), "/v1/users?cursor=x".into(), Body::None, (422, "validation_failed")),
        row("unknown user, role", monitor, get.clone(), user(unknown, ""), Body::None, (404, "not_found")),
        row("unknown user, role", monitor, post.clone(), user(unknown, "/suspend"), confirm(), (404, "not_found")),
        row("unknown user, makes a root", admin, put.clone(), user(unknown, "/role"), role("root"), (404, "not_found")),
        row("gone, role", monitor, get.clone(), user(&gone, ""), Body::None, (410, "user_deleted")),
        row("gone, makes a root", admin, put.clone(), user(&gone, "/role"), role("root"), (410, "user_deleted")),
        row("role, self", monitor, post.clone(), user(&mona.id, "/suspend"), confirm(), (403, "insufficient_role")),
        row("role, own role", monitor, put.clone(), user(&mona.id, "/role"), role("root"), (403, "insufficient_role")),
        row("role, a root", monitor, delete.clone(), user(me, "?confirm=true"), Body::None, (403, "insufficient_role")),
        row("role, makes a root", monitor, post.clone(), users(), Body::Json(invitee("eve@acme.test", "root")), (403, "insufficient_role")),
        row("role, taken address", monitor, post.clone(), users(), Body::Json(invitee("adam@acme.test", "monitor")), (403, "insufficient_role")),
        row("role, every seat taken", monitor, post.clone(), users(), Body::Json(invitee("eve@acme.test", "monitor")), (403, "insufficient_role")),
        row("own role, last root", root, put.clone(), user(me, "/role"), role("admin"), (403, "cannot_change_own_role")),
        row("own role, makes a root", admin, put.clone(), user(adams, "/role"), role("root"), (403, "cannot_change_own_role")),
        row("self, last root", root, delete.clone(), user(me, "?confirm=true"), Body::None, (403, "cannot_act_on_self")),
        row("a root, makes a root", admin, put.clone(), user(&pending_root, "/role"), role("root"), (403, "admin_cannot_modify_root")),
        row("a root, last root", admin, post.clone(), user(me, "/suspend"), confirm(), (403, "admin_cannot_modify_root")),
        row("a root, last root", admin, put.clone(), user(me, "/role"), role("monitor"), (403, "admin_cannot_modify_root")),
        row("a root, pending", admin, post.clone(), user(&pending_root, "/suspend"), confirm(), (403, "admin_cannot_modify_root")),
        row("a root, pending", admin, post.clone(), user(&pending_root, "/reactivate"), Body::None, (403, "admin_cannot_modify_root")),
        row("makes a root, taken address", admin, post.clone(), users(), Body::Json(invitee("mona@acme.test", "root")), (403, "admin_cannot_assign_root")),
        row("makes a root, every seat taken", admin, post.clone(), users(), Body::Json(invitee("eve@acme.test", "root")), (403, "admin_cannot_assign_root")),
        row("taken address, every seat taken", root, post.clone(), users(), Body::Json(invitee("mona@acme.test", "monitor")), (409, "user_exists")),
        row("pending address, every seat taken", &full.root.caller, post.clone(), users(), Body::Json(invitee("paul@full.test", "monitor")), (409, "invitation_pending")),
        row("every seat taken alone", root, post.clone(), users(), Body::Json(invitee("eve@acme.test", "monitor")), (403, "maximum_users_reached")),
        row("role, stale account", stale_monitor, delete.clone(), "/v1/account?confirm=true".into(), Body::None, (403, "insufficient_role")),
        row("role, stale account", stale_monitor, Method::PATCH, "/v1/account".into(), Body::Json(json!({ "name": "N" })), (403, "insufficient_role")),
        row("fields, stale account", stale_root, Method::PATCH, "/v1/account".into(), Body::Json(json!({ "name": "" })), (422, "validation_failed")),
        row("no confirm, role", monitor, delete.clone(), "/v1/account".into(), Body::None, (422, "validation_failed")),
        row("no confirm, a root", root, delete.clone(), "/v1/me".into(), Body::None, (422, "validation_failed")),
        row("stale, a root", stale_root, delete.clone(), "/v1/me?confirm=true".into(), Body::None, (412, "version_mismatch")),
        row("fields, unknown kind", root, put.clone(), "/v1/resources/robots/a".into(), Body::Json(json!({})), (422, "validation_failed")),
        row("unknown kind, role", monitor, put.clone(), "/v1/resources/robots/a".into(), Body::Json(json!({ "name": "A" })), (404, "not_found")),
        row("unknown resource, role", monitor, delete.clone(), "/v1/resources/agents/a".into(), Body::None, (404, "not_found")),
        row("unknown user, a root's sessions", admin, get.clone(), user(unknown, "/sessions"), Body::None, (404, "not_found")),
        row("gone, role", monitor, get.clone(), user(&gone, "/sessions"), Body::None, (410, "user_deleted")),
        row("role, a root's sessions", monitor, get.clone(), user(me, "/sessions"), Body::None, (403, "insufficient_role")),
        row("fields, role, of many", monitor, post.clone(), bulk(), Body::Json(json!({ "users": [{}] })), (422, "validation_failed")),
        row("role, makes a root, of many", monitor, post.clone(), bulk(), many("eve@acme.test", "root"), (403, "insufficient_role")),
        row("makes a root, every seat taken, of many", admin, post.clone(), bulk(), many("eve@acme.test", "root"), (403, "admin_cannot_assign_root")),
        row("every seat taken, of many", root, post.clone(), bulk(), many("eve@acme.test", "monitor"), (403, "maximum_users_reached")),
        row("gone, role, again", monitor, post.clone(), user(&gone, "/invitation"), Body::None, (410, "user_deleted")),
        row("role, accepted", monitor, post.clone(), user(adams, "/invitation"), Body::None, (403, "insufficient_role")),
        row("self, accepted", root, post.clone(), user(me, "/invitation"), Body::None, (403, "cannot_act_on_self")),
        row("a root, accepted", admin, delete.clone(), user(me, "/invitation"), Body::None, (403, "admin_cannot_modify_root")),
        row("a root, too soon", admin, post.clone(), user(&pending_root, "/invitation"), Body::None, (403, "admin_cannot_modify_root")),
        row("stale, accepted", stale_root, delete.clone(), user(adams, "/invitation"), Body::None, (412, "version_mismatch")),
        row("stale, too soon", stale_root, post.clone(), user(&pending_root, "/invitation"), Body::None, (412, "version_mismatch")),
        row("accepted alone", root, delete.clone(), user(adams, "/invitation"), Body::None, (409, "not_pending")),
        row("too soon alone", &full.root.caller, post.clone(), user(&paul, "/invitation"), Body::None, (429, "rate_limited")),
        row("pending alone", root, post.clone(), user(&pending_root, "/suspend"), confirm(), (409, "use_revoke")),
    ];
    let before = team.seats().await;
    for row in rows {
        row.tell().await;
    }
    assert_eq!(team.seats().await, before);
}

// RULE: AC-02, IN-13, AC-03
#[tokio::test]
async fn fields_go_before_what_a_token_or_an_address_is_worth() {
    let roster = Roster::start().await;
    let caller = roster.caller();
    let body = json!({ "token": "none", "password": "short" });
    caller.post("/v1/invitations/accept", body).await.refused(422, "validation_failed");
    let body = json!({ "token": "none", "password": PASSWORD, "name": "Ann" });
    caller.post("/v1/invitations/accept", body).await.refused(422, "validation_failed");
    let body = json!({ "email": "nobody@acme.test" });
    caller.post("/v1/sessions", body).await.refused(422, "validation_failed");
    let body = json!({ "email": "nobody@acme.test", "password": "x", "account_id": "1" });
    let reply = caller.post("/v1/sessions", body).await.refused(422, "validation_failed");
    assert_eq!(reply.bad_fields(), [("account_id", "invalid_id")]);
}
