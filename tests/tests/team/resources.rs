//! The registry of what people made: whose it is, who uses it, and what becomes of it when its maker goes.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{Caller, Reply, Roster, Team};

const ROLES: [&str; 5] = ["root", "admin", "billing", "developer", "monitor"];

fn named(name: &str) -> Value {
    json!({ "name": name })
}

async fn make(by: &Caller, path: &str) -> Value {
    by.put(&format!("/v1/resources/{path}"), named(&format!("The {path}"))).await.expect(200).body
}

async fn list(by: &Caller, query: &str) -> Reply {
    by.get(&format!("/v1/resources?{query}")).await
}

/// `agents/a` for each entry.
fn paths(page: &Value) -> Vec<String> {
    let entries = page["data"].as_array().expect("a list").iter();
    entries.map(|one| format!("{}/{}", one["kind"].as_str().unwrap(), one["id"].as_str().unwrap())).collect()
}

async fn facts(team: &Team<'_>) -> Vec<Value> {
    let mut facts = team.roster.history(&team.account_id).await;
    facts.retain(|fact| fact["type"].as_str().is_some_and(|kind| kind.starts_with("resource.")));
    facts
}

// RULE: RS-01, RS-04, EV-01, AC-10
#[tokio::test]
async fn a_resource_is_made_changed_by_another_and_taken_out_and_its_maker_stays_its_maker() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let dan = team.member("dan@acme.test", "developer").await;
    let path = "/v1/resources/mcp-servers/crm.sync_2";
    let body = json!({ "name": "CRM sync", "collection": "Sales" });
    let made = dan.caller.put(path, body.clone()).await.expect(200).body;
    assert_eq!((&made["kind"], &made["id"]), (&json!("mcp-servers"), &json!("crm.sync_2")));
    assert_eq!((&made["name"], &made["collection"]), (&json!("CRM sync"), &json!("Sales")));
    assert_eq!(made["created_by"], json!({ "id": dan.id, "label": "Ivy Invited" }));
    assert_eq!(made["created_at"], made["updated_at"]);
    assert_eq!(team.root.caller.get(path).await.expect(200).body, made);

    let dump = roster.dump().await;
    for by in [&dan.caller, &team.root.caller] {
        assert_eq!(by.put(path, body.clone()).await.expect(200).body, made, "the same once more");
    }
    assert_eq!(roster.dump().await, dump, "and nothing was written");

    roster.advance("1h").await;
    let changed = team.root.caller.put(path, named("CRM")).await.expect(200).body;
    assert_eq!((&changed["name"], &changed["collection"]), (&json!("CRM"), &Value::Null), "it is as sent");
    assert_eq!((&changed["created_by"], &changed["created_at"]), (&made["created_by"], &made["created_at"]));
    assert_ne!(changed["updated_at"], made["updated_at"]);
    dan.caller.delete(path).await.expect(204);
    dan.caller.get(path).await.refused(404, "not_found");
    dan.caller.delete(path).await.refused(404, "not_found");

    let key = json!({ "kind": "mcp-servers", "id": "crm.sync_2" });
    let facts = facts(&team).await;
    let shown: Vec<Value> = facts
        .iter()
        .map(|fact| json!([fact["type"], fact["before"], fact["after"], fact["actor"]["id"]]))
        .collect();
    let expected = [
        json!(["resource.created", null, key, dan.id]),
        json!(["resource.updated", null, key, team.root.id]),
        json!(["resource.deleted", key, null, dan.id]),
    ];
    assert_eq!(shown, expected);
    assert!(!json!(facts).to_string().contains("CRM"), "what it is called is told to nobody");
}

// RULE: RS-01, RO-01
#[tokio::test]
async fn the_role_alone_decides_who_reads_and_who_changes_a_resource() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let path = "/v1/resources/agents/support";
    let mut people = vec![team.root.clone()];
    for role in &ROLES[1..] {
        people.push(team.member(&format!("{role}@acme.test"), role).await);
    }
    for maker in people
        .iter()
        .filter(|person| !["billing@acme.test", "monitor@acme.test"].contains(&person.email.as_str()))
    {
        maker.caller.put(path, named("By one of three")).await.expect(200);
        for (role, person) in ROLES.iter().zip(&people) {
            let (reads, writes) = match *role {
                "billing" => (false, false),
                "monitor" => (true, false),
                _ => (true, true),
            };
            let told = |reply: Reply, may: bool| {
                if may {
                    assert!(reply.status < 300, "{role}: {:#}", reply.body);
                } else {
                    drop(reply.refused(403, "insufficient_role"));
                }
            };
            told(person.caller.get(path).await, reads);
            told(person.caller.get("/v1/resources").await, reads);
            told(person.caller.put(path, named("Another name")).await, writes);
            told(person.caller.delete(path).await, writes);
            if writes {
                maker.caller.put(path, named("Again")).await.expect(200);
            }
        }
        maker.caller.delete(path).await.expect(204);
    }
}

// RULE: RS-03, RS-01
#[tokio::test]
async fn when_a_maker_is_deleted_resources_and_everybodys_access_stay_as_they_were() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let dan = team.member("dan@acme.test", "developer").await;
    let dora = team.member("dora@acme.test", "developer").await;
    let mona = team.member("mona@acme.test", "monitor").await;
    for path in ["agents/a", "flows/f", "mcp-servers/m"] {
        make(&dan.caller, path).await;
    }
    make(&dora.caller, "flows/g").await;
    let everybody = [&team.root.caller, &dora.caller, &mona.caller];
    let mut before = list(&team.root.caller, "").await.expect(200).body;
    team.root.caller.delete(&format!("/v1/users/{}?confirm=true", dan.id)).await.expect(204);
    for one in before["data"].as_array_mut().expect("a list") {
        if one["created_by"]["id"] == dan.id.as_str() {
            one["created_by"]["label"] = "Deleted user".into();
        }
    }
    for by in everybody {
        assert_eq!(list(by, "").await.expect(200).body, before, "all of it, under who made it");
        let own = list(by, &format!("created_by={}", dan.id)).await.expect(200).body;
        assert_eq!(paths(&own), ["agents/a", "flows/f", "mcp-servers/m"]);
        let one = by.get("/v1/resources/agents/a").await.expect(200).body;
        assert_eq!(one["created_by"], json!({ "id": dan.id, "label": "Deleted user" }));
    }
    let changed = dora.caller.put("/v1/resources/agents/a", named("Taken on")).await.expect(200).body;
    assert_eq!(changed["created_by"], json!({ "id": dan.id, "label": "Deleted user" }));
    mona.caller.put("/v1/resources/agents/a", named("No")).await.refused(403, "insufficient_role");
    dora.caller.delete("/v1/resources/flows/f").await.expect(204);
    // Whoever leaves of their own accord is no exception, and who comes back is somebody else.
    dora.caller.delete("/v1/me?confirm=true").await.expect(204);
    let again = team.member("dora@acme.test", "developer").await;
    let one = again.caller.get("/v1/resources/flows/g").await.expect(200).body;
    assert_eq!(one["created_by"], json!({ "id": dora.id, "label": "Deleted user" }));
}

// RULE: AP-05, RS-01
#[tokio::test]
async fn what_is_of_no_kind_of_no_name_or_of_another_account_is_not_found() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let other = roster.team("other").await;
    make(&other.root.caller, "agents/theirs").await;
    let root = &team.root.caller;
    let unknown = root.get("/v1/resources/agents/unknown").await.refused(404, "not_found").alike();
    let long = "n".repeat(101);
    let before = roster.dump().await;
    for path in [
        "robots/a",
        "agents/.a",
        "agents/a%20b",
        "agents/%00",
        "agents/%C3%A9",
        "agents/a%2Fb",
        "Agents/a",
        &format!("agents/{long}"),
    ] {
        let path = format!("/v1/resources/{path}");
        assert_eq!(root.get(&path).await.refused(404, "not_found").alike(), unknown, "{path}");
        assert_eq!(root.put(&path, named("N")).await.refused(404, "not_found").alike(), unknown, "{path}");
        assert_eq!(root.delete(&path).await.refused(404, "not_found").alike(), unknown, "{path}");
    }
    assert_eq!(root.get("/v1/resources/agents/theirs").await.refused(404, "not_found").alike(), unknown);
    root.delete("/v1/resources/agents/theirs").await.refused(404, "not_found");
    assert_eq!(roster.dump().await, before);
    assert!(paths(&list(root, "").await.expect(200).body).is_empty());
    // The same name is another thing there.
    make(root, "agents/theirs").await;
    assert_eq!(
        other.root.caller.get("/v1/resources/agents/theirs").await.expect(200).body["created_by"]["id"],
        other.root.id.as_str()
    );
    let longest = format!("/v1/resources/agents/{}", &long[1..]);
    root.put(&longest, named("N")).await.expect(200);
}

// RULE: RS-04, IN-01
#[tokio::test]
async fn a_resource_has_a_name_and_every_bad_field_is_named() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let path = "/v1/resources/flows/f";
    let put = async |body: Value| team.root.caller.put(path, body).await.refused(422, "validation_failed");
    assert_eq!(put(json!({})).await.bad_fields(), [("name", "required")]);
    let body = json!({ "name": "a\nb", "collection": "n".repeat(101), "created_by": team.root.id });
    let bad = [("collection", "too_long"), ("created_by", "unknown_field"), ("name", "control_character")];
    assert_eq!(put(body).await.bad_fields(), bad);
    team.root.caller.get(path).await.refused(404, "not_found");
}

/// All pages, and how many there were.
async fn pages(by: &Caller, query: &str) -> (Vec<String>, usize) {
    let (mut all, mut count, mut cursor) = (Vec::new(), 0, String::new());
    loop {
        let page = list(by, &format!("{query}{cursor}")).await.expect(200).body;
        all.extend(paths(&page));
        count += 1;
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (all, count),
        }
    }
}

// RULE: AP-04, RS-04
#[tokio::test]
async fn the_list_goes_by_kind_and_name_is_filtered_and_paged_and_a_cursor_is_of_one_list() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let root = &team.root.caller;
    let dan = team.member("dan@acme.test", "developer").await;
    let all = ["agents/A", "agents/a", "agents/a-b", "agents/b", "flows/a", "flows/z9", "mcp-servers/a"];
    for (n, path) in all.iter().rev().enumerate() {
        make(if n % 2 == 0 { root } else { &dan.caller }, path).await;
    }
    let dans = ["agents/a", "agents/b", "flows/z9"];
    let by_dan = format!("created_by={}", dan.id);
    for limit in 1..=8 {
        let page = |filter: &str| format!("limit={limit}&{filter}");
        assert_eq!(
            pages(root, &page("")).await,
            (all.map(str::to_owned).to_vec(), all.len().div_ceil(limit))
        );
        assert_eq!(pages(root, &page("kind=agents")).await.0, all[..4]);
        assert_eq!(pages(root, &page("kind=flows")).await.0, all[4..6]);
        assert_eq!(pages(root, &page(&by_dan)).await.0, dans);
        assert_eq!(pages(root, &page(&format!("kind=agents&{by_dan}"))).await.0, dans[..2]);
    }
    assert!(pages(root, "created_by=usr_01K00000000000000000000000").await.0.is_empty());

    let cursor = async |query: &str| list(root, query).await.expect(200).text("next_cursor").to_owned();
    let (plain, of_agents) = (cursor("limit=1").await, cursor("limit=1&kind=agents").await);
    // What comes and goes in between moves nothing that is behind the cursor.
    make(root, "agents/0").await;
    root.delete("/v1/resources/agents/A").await.expect(204);
    assert_eq!(paths(&list(root, &format!("limit=2&cursor={plain}")).await.expect(200).body), all[1..3]);
    let forged = of_agents.replacen("AE", "AU", 1);
    for (query, used) in [
        ("kind=agents", &plain),
        (by_dan.as_str(), &plain),
        ("", &of_agents),
        ("kind=flows", &of_agents),
        ("", &"AAAA".to_owned()),
        ("kind=agents", &forged[..forged.len() - 4].to_owned()),
    ] {
        let reply = list(root, &format!("{query}&cursor={used}")).await.refused(422, "validation_failed");
        assert_eq!(reply.bad_fields(), [("cursor", "invalid_cursor")], "{query}");
    }
    let reply =
        list(root, "kind=robots&created_by=me&limit=201&sort=name").await.refused(422, "validation_failed");
    let bad = [
        ("created_by", "invalid_id"),
        ("kind", "not_one_of"),
        ("limit", "out_of_range"),
        ("sort", "unknown_field"),
    ];
    assert_eq!(reply.bad_fields(), bad);
}

// RULE: AP-04
#[tokio::test]
async fn a_cursor_that_somebody_made_up_is_refused_and_not_looked_up() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let root = &team.root.caller;
    for path in ["agents/a", "agents/b", "flows/a", "flows/b"] {
        make(root, path).await;
    }
    let next = list(root, "limit=1&kind=flows").await.expect(200).text("next_cursor").to_owned();
    let bytes = URL_SAFE_NO_PAD.decode(next).expect("base64");
    let changed = |at: usize, byte: u8| {
        let mut bytes = bytes.clone();
        bytes[at] = byte;
        URL_SAFE_NO_PAD.encode(bytes)
    };
    // Another kind, none at all, and what is no identifier; the filters' digest is right each time.
    for cursor in
        [changed(0, 0), changed(0, 2), changed(0, 9), changed(1, 0), changed(1, b'#'), changed(2, 0xff)]
    {
        let reply =
            list(root, &format!("kind=flows&cursor={cursor}")).await.refused(422, "validation_failed");
        assert_eq!(reply.bad_fields(), [("cursor", "invalid_cursor")]);
    }
    assert_eq!(
        paths(&list(root, &format!("kind=flows&cursor={}", changed(1, b'0'))).await.expect(200).body),
        ["flows/a", "flows/b"]
    );
}

// RULE: RS-04, AP-02
#[tokio::test]
async fn made_by_many_at_once_it_is_made_once() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let dan = team.member("dan@acme.test", "developer").await;
    let path = "/v1/resources/agents/a";
    let by = [&team.root.caller, &dan.caller].into_iter().cycle().take(8);
    let replies = join_all(by.map(|by| by.put(path, named("One")))).await;
    assert!(replies.iter().all(|reply| reply.status == 200 && reply.body == replies[0].body));
    let types: Vec<Value> = facts(&team).await.into_iter().map(|mut fact| fact["type"].take()).collect();
    assert_eq!(types, ["resource.created"]);
}
