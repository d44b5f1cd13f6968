//! Plans: what is changed now, what waits, what is taken back, and what a cancellation leaves.

use serde_json::{Value, json};

use tests::Roster;

use crate::Books;

fn lines(invoice: &Value) -> Vec<i64> {
    let lines = invoice["lines"].as_array().into_iter().flatten();
    lines.filter_map(|line| line["amount"].as_i64()).collect()
}

// RULE: BI-11, BI-12, BI-14, BI-20, PS-07
#[tokio::test]
async fn a_higher_plan_and_a_year_are_now_and_cost_what_the_preview_says() {
    let roster = Roster::start_at("2026-04-01T12:00:00Z").await;
    let mut books = Books::open(&roster, "up", "pro", "monthly").await;
    books.join(9).await;
    books.noon_of("2026-04-16").await;
    for (plan, interval, amounts) in
        [("team", "monthly", vec![-9500, 19_500]), ("team", "annual", vec![-19_500, 372_000])]
    {
        let body = json!({ "plan": plan, "interval": interval });
        let preview = books.root().await.post("/v1/billing/preview", body).await.expect(200).body;
        let summary = books.change(plan, interval).await;
        assert_eq!((&summary["plan"], &summary["interval"]), (&json!(plan), &json!(interval)));
        let invoices = books.invoices().await;
        let invoice = invoices.last().expect("an invoice");
        assert_eq!((lines(invoice), &invoice["date"]), (amounts, &json!("2026-04-16")));
        assert_eq!(preview["amount_now"], invoice["total"]);
    }
    let summary = books.summary().await;
    assert_eq!(summary["period"], json!({ "start": "2026-04-16", "end": "2027-04-16" }));
    assert_eq!(roster.facts_of(&books.team.account_id, "plan.changed").await.len(), 3);
}

// RULE: BI-04, BI-12
#[tokio::test]
async fn who_is_gone_gives_nothing_back_when_a_year_begins() {
    let roster = Roster::start_at("2026-04-01T12:00:00Z").await;
    let mut books = Books::open(&roster, "gone", "pro", "monthly").await;
    books.join(9).await;
    books.leave(9).await;
    books.noon_of("2026-04-16").await;
    let preview = json!({ "plan": "pro", "interval": "annual" });
    let preview = books.root().await.post("/v1/billing/preview", preview).await.expect(200).body;
    assert_eq!(preview["amount_now"], -950 + 18_000);
    books.change("pro", "annual").await;
    let invoices = books.invoices().await;
    assert_eq!(lines(invoices.last().expect("an invoice")), [-950, 18_000]);
}

// RULE: BI-11
#[tokio::test]
async fn a_change_puts_the_open_day_on_an_invoice_first() {
    let roster = Roster::start_at("2026-04-16T12:00:00Z").await;
    let mut books = Books::open(&roster, "open", "pro", "monthly").await;
    books.join(2).await;
    books.change("team", "monthly").await;
    books.assert_charged(&[("2026-04-16", 1900), ("2026-04-16", 3800), ("2026-04-16", 6000)]).await;
    assert_eq!(books.summary().await["open_additions"], json!([]));
}

// RULE: BI-12
#[tokio::test]
async fn less_waits_for_the_end_of_the_period_and_can_be_taken_back() {
    let roster = Roster::start_at("2026-04-01T12:00:00Z").await;
    let books = Books::open(&roster, "down", "team", "monthly").await;
    let waiting = json!({
        "plan": "pro", "interval": "monthly", "is_cancellation": false, "effective_on": "2026-05-01",
    });
    let preview = json!({ "plan": "pro", "interval": "monthly" });
    let preview = books.root().await.post("/v1/billing/preview", preview).await.expect(200).body;
    assert_eq!((&preview["amount_now"], &preview["effective_on"]), (&json!(0), &json!("2026-05-01")));
    assert_eq!(preview["new_monthly_total"], 1900);
    let summary = books.change("pro", "monthly").await;
    assert_eq!((&summary["plan"], &summary["scheduled_change"]), (&json!("team"), &waiting));
    assert_eq!(summary["next_invoice"], json!({ "date": "2026-05-01", "amount": 1900 }));
    let back = books.root().await.delete("/v1/billing/plan").await.expect(200).body;
    assert_eq!(back["scheduled_change"], Value::Null);
    books.root().await.delete("/v1/billing/plan").await.expect(200);
    let facts = roster.facts_of(&books.team.account_id, "plan.change_taken_back").await;
    assert_eq!(facts.len(), 1, "what is not there is not taken back");
    books.noon_of("2026-05-01").await;
    books.change("pro", "monthly").await;
    books.noon_of("2026-06-01").await;
    books.assert_charged(&[("2026-04-01", 3900), ("2026-05-01", 3900), ("2026-06-01", 1900)]).await;
    assert_eq!(books.summary().await["plan"], "pro");
}

// RULE: BI-13
#[tokio::test]
async fn to_free_is_refused_while_there_are_too_many_and_fails_if_there_are_when_it_is_due() {
    let roster = Roster::start_at("2026-04-01T12:00:00Z").await;
    let mut books = Books::open(&roster, "free", "pro", "monthly").await;
    books.join(3).await;
    let free = json!({ "plan": "free" });
    let refused = books.root().await.put("/v1/billing/plan", free.clone()).await;
    let refused = refused.refused(409, "over_free_limit");
    assert_eq!((&refused.body["users"], &refused.body["limit"]), (&json!(4), &json!(3)));
    books.leave(1).await;
    let summary = books.root().await.put("/v1/billing/plan", free).await.expect(200).body;
    assert_eq!(summary["scheduled_change"]["plan"], "free");
    books.join(1).await;
    books.noon_of("2026-05-01").await;
    let summary = books.summary().await;
    assert_eq!((&summary["plan"], &summary["scheduled_change"]), (&json!("pro"), &Value::Null));
    let failed = roster.facts_of(&books.team.account_id, "plan.change_failed").await;
    assert_eq!(failed[0]["after"], json!({ "code": "over_free_limit", "users": 4, "limit": 3 }));
    books.assert_charged(&[("2026-04-01", 1900), ("2026-04-01", 5700), ("2026-05-01", 7600)]).await;
}

// RULE: BI-13, PS-02
#[tokio::test]
async fn a_cancellation_is_honoured_with_everybody_there_and_what_is_pending_lapses() {
    let roster = Roster::start_at("2026-04-01T12:00:00Z").await;
    let mut books = Books::open(&roster, "end", "pro", "monthly").await;
    books.join(4).await;
    books.noon_of("2026-04-30").await;
    let root = books.root().await;
    let late = root.post("/v1/users", tests::invitee("late@end.test", "monitor")).await.expect(201).body;
    let summary = root.delete("/v1/billing/subscription").await.expect(200).body;
    assert_eq!(summary["scheduled_change"]["is_cancellation"], true);
    assert_eq!(summary["next_invoice"], Value::Null);
    assert_eq!(summary["plan"], "pro");
    books.noon_of("2026-05-01").await;
    let root = books.root().await;
    let seats = root.get("/v1/seats").await.expect(200).body;
    assert_eq!((&seats["plan"], &seats["active"], &seats["pending"]), (&json!("free"), &json!(5), &json!(0)));
    let token = json!({ "token": roster.token_for("late@end.test").await, "password": tests::PASSWORD });
    roster.caller().post("/v1/invitations/accept", token).await.refused(410, "invitation_expired");
    let shown = root.get(&format!("/v1/users/{}", late["id"].as_str().expect("an id"))).await.expect(200);
    assert_eq!(shown.body["status"], "expired");
    let invitee = tests::invitee("new@end.test", "monitor");
    root.post("/v1/users", invitee.clone()).await.refused(403, "maximum_users_reached");
    for person in &books.members {
        person.caller.get("/v1/me").await.refused(401, "unauthenticated");
        roster.sign_in(&person.email).await.caller.get("/v1/me").await.expect(200);
    }
    books.leave(3).await;
    root.post("/v1/users", invitee).await.expect(201);
    books.noon_of("2026-06-02").await;
    books.assert_charged(&[("2026-04-01", 1900), ("2026-04-01", 7600)]).await;
    roster.assert_counts_hold(&books.team.account_id).await;
}

// RULE: AC-06, RO-01, PS-07
#[tokio::test]
async fn the_plan_is_changed_by_those_who_may_and_who_are_who_they_were_a_moment_ago() {
    let roster = Roster::start_at("2026-04-01T12:00:00Z").await;
    let books = Books::open(&roster, "who", "pro", "monthly").await;
    let team = &books.team;
    let billing = team.member("bill@who.test", "billing").await;
    let developer = team.member("dev@who.test", "developer").await;
    let plan = json!({ "plan": "team", "interval": "monthly" });
    developer.caller.put("/v1/billing/plan", plan.clone()).await.refused(403, "insufficient_role");
    for path in ["/v1/billing", "/v1/invoices"] {
        developer.caller.get(path).await.refused(403, "insufficient_role");
        billing.caller.get(path).await.expect(200);
    }
    roster.advance("16m").await;
    billing.caller.put("/v1/billing/plan", plan.clone()).await.refused(403, "step_up_required");
    billing.caller.delete("/v1/billing/subscription").await.refused(403, "step_up_required");
    let billing = roster.sign_in(&billing.email).await.caller;
    billing.put("/v1/billing/plan", plan).await.expect(200);
    for (body, field) in [
        (json!({ "plan": "enterprise", "interval": "monthly" }), "plan"),
        (json!({ "plan": "pro" }), "interval"),
        (json!({ "plan": "free", "interval": "monthly" }), "interval"),
        (json!({ "interval": "monthly" }), "plan"),
    ] {
        let refused = billing.put("/v1/billing/plan", body).await.refused(422, "validation_failed");
        assert_eq!(refused.body["errors"][0]["field"], field, "{}", refused.body);
    }
}

// RULE: IN-06, IN-21, BI-14
#[tokio::test]
async fn a_bulk_invitation_tells_what_all_who_are_invited_will_cost_together() {
    let roster = Roster::start_at("2026-04-01T12:00:00Z").await;
    let free = roster.team("free").await;
    let emails = |rows: std::ops::Range<usize>, at: &str| {
        tests::invitees(rows.map(|n| format!("n{n}@{at}.test")).collect::<Vec<_>>())
    };
    let invited = free.root.caller.post("/v1/users/bulk", emails(0..2, "free")).await.expect(200).body;
    assert!(invited.get("charge_preview").is_none(), "{invited}");
    let books = Books::open(&roster, "many", "pro", "monthly").await;
    books.noon_of("2026-04-16").await;
    let root = books.root().await;
    // More than one commit holds, and one of them a second time.
    root.post("/v1/users/bulk", emails(0..1, "many")).await.expect(200);
    let invited = root.post("/v1/users/bulk", emails(0..61, "many")).await.expect(200).body;
    let preview = &invited["charge_preview"];
    assert_eq!(preview["amount_now"], 57_000, "60 for 15 of 30 days");
    assert_eq!(preview["new_monthly_total"], 61 * 1900);
    for n in 1..3 {
        roster.accept(&format!("n{n}@many.test")).await;
    }
    assert_eq!(books.summary().await["open_additions"][0]["amount"], 1900);
}

// RULE: AP-03
#[tokio::test]
async fn a_plan_is_changed_taken_back_and_cancelled_only_as_the_account_was_seen() {
    let roster = Roster::start_at("2026-04-01T12:00:00Z").await;
    let books = Books::open(&roster, "seen", "pro", "monthly").await;
    let root = books.root().await;
    let seen =
        || async { root.get("/v1/account").await.expect(200).header("etag").expect("a version").to_owned() };
    let (team, pro) =
        (json!({ "plan": "team", "interval": "monthly" }), json!({ "plan": "pro", "interval": "monthly" }));
    let stale = root.with_header("if-match", "\"99\"");
    stale.put("/v1/billing/plan", team.clone()).await.refused(412, "version_mismatch");
    stale.delete("/v1/billing/plan").await.refused(412, "version_mismatch");
    stale.delete("/v1/billing/subscription").await.refused(412, "version_mismatch");
    assert_eq!(books.charged().await.len(), 1, "nothing but what was charged at first");
    let before = seen().await;
    root.with_header("if-match", &before).put("/v1/billing/plan", team).await.expect(200);
    // What is scheduled, and what is taken back, is a change of the account that others may have seen.
    root.with_header("if-match", &before)
        .put("/v1/billing/plan", pro.clone())
        .await
        .refused(412, "version_mismatch");
    root.with_header("if-match", &seen().await).put("/v1/billing/plan", pro).await.expect(200);
    root.with_header("if-match", &seen().await).delete("/v1/billing/plan").await.expect(200);
    root.with_header("if-match", &seen().await).delete("/v1/billing/subscription").await.expect(200);
}

// RULE: BI-14, PS-02, IN-05
#[tokio::test]
async fn more_users_than_there_is_room_for_are_refused_in_a_preview_as_in_an_invitation() {
    let roster = Roster::start_at("2026-04-01T12:00:00Z").await;
    let free = roster.team("small").await;
    let preview = |users: u32| {
        let root = free.root.caller.clone();
        async move { root.post("/v1/billing/preview", json!({ "add_users": users })).await }
    };
    assert_eq!(preview(2).await.expect(200).body["amount_now"], 0);
    let refused = preview(3).await.refused(403, "maximum_users_reached");
    let invited =
        tests::invitees(["a@small.test", "b@small.test", "c@small.test"].map(str::to_owned).to_vec());
    let as_invited =
        free.root.caller.post("/v1/users/bulk", invited).await.refused(403, "maximum_users_reached");
    assert_eq!(refused.body["detail"], as_invited.body["detail"]);
    free.on_pro().await.root.caller.post("/v1/billing/preview", json!({ "add_users": 3 })).await.expect(200);
}

// RULE: BI-13, PS-05, BI-08, IN-11
#[tokio::test]
async fn an_invitation_that_was_over_by_the_boundary_keeps_nobody_from_free() {
    for (name, invited_at, is_free) in
        [("late", "2026-04-28T23:59:52Z", true), ("later", "2026-04-29T00:00:08Z", false)]
    {
        // No tick comes at midnight itself.
        let roster = Roster::start_at("2026-04-01T12:07:00Z").await;
        let mut books = Books::open(&roster, name, "pro", "monthly").await;
        books.join(2).await;
        books.root().await.put("/v1/billing/plan", json!({ "plan": "free" })).await.expect(200);
        roster.advance_to(invited_at).await;
        let invited = tests::invitees((0..10).map(|n| format!("n{n}@{name}.test")));
        books.root().await.post("/v1/users/bulk", invited).await.expect(200);
        // What is to come is told as things stand: thirteen hold seats.
        assert_eq!(books.summary().await["next_invoice"]["amount"], 5700);
        roster.advance_to("2026-05-01T00:20:00Z").await;
        let summary = books.summary().await;
        assert_eq!((summary["plan"] == "free", summary["total"] == 3), (is_free, true), "{summary}");
        assert_eq!(roster.facts_of(&books.team.account_id, "invitation.expired").await.len(), 10);
        assert_eq!(books.charged().await.len(), if is_free { 2 } else { 3 });
        roster.assert_counts_hold(&books.team.account_id).await;
    }
}

// RULE: BI-13, PS-05
#[tokio::test]
async fn a_cancellation_leaves_an_invitation_alone_that_there_is_room_for_without_those_that_were_over() {
    let roster = Roster::start_at("2026-04-01T12:07:00Z").await;
    let mut books = Books::open(&roster, "going", "pro", "monthly").await;
    books.join(1).await;
    books.root().await.delete("/v1/billing/subscription").await.expect(200);
    for (email, invited_at) in
        [("over@going.test", "2026-04-28T23:59:52Z"), ("valid@going.test", "2026-04-30T12:00:00Z")]
    {
        roster.advance_to(invited_at).await;
        books.root().await.post("/v1/users", tests::invitee(email, "monitor")).await.expect(201);
    }
    roster.advance_to("2026-05-01T00:20:00Z").await;
    let summary = books.summary().await;
    assert_eq!((&summary["plan"], &summary["pending"]), (&json!("free"), &json!(1)), "{summary}");
    roster.accept("valid@going.test").await;
    roster.assert_counts_hold(&books.team.account_id).await;
}
