//! The document and the page that shows it, as anybody gets them. RULE: AP-07

use std::collections::BTreeSet;

use serde_json::Value;
use tests::{Reply, Roster};

/// What a Lambda function may answer, as it goes through the runtime: JSON, with the body as a text in it.
const LAMBDA_REPLY_BYTES_MAX: usize = 6 * 1024 * 1024;

// RULE: AP-07
#[tokio::test]
async fn anybody_gets_the_document_that_the_code_says() {
    let roster = Roster::start().await;
    let reply = roster.caller().get("/v1/openapi.json").await.expect(200);
    let code: Value = serde_json::from_str(&local::openapi().expect("a document")).expect("JSON");
    assert_eq!(reply.body, code);
    assert_eq!(reply.body["openapi"], "3.1.0");
    assert!(roster.effort(&reply).await.is_empty(), "nothing is asked of AWS");
}

// RULE: AP-07
#[tokio::test]
async fn the_page_and_all_that_it_loads_come_from_here_and_it_may_go_nowhere_else() {
    let roster = Roster::start().await;
    let caller = roster.caller();
    let page = caller.get("/v1/docs").await.expect(200);
    let policy = page.header("content-security-policy").expect("a policy");
    for directive in policy.split("; ") {
        let (name, sources) = directive.split_once(' ').expect("a name and sources");
        let own = sources.split(' ').all(|source| ["'self'", "'none'", "data:"].contains(&source));
        assert!(own, "{name} allows {sources}");
    }
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    let loaded = loaded_by(&page);
    assert_eq!(loaded.len(), 3, "{loaded:?}");
    for path in loaded {
        let reply = caller.get(&path).await.expect(200);
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert!(reply.body.to_string().len() < LAMBDA_REPLY_BYTES_MAX, "{path} is more than Lambda answers");
        assert!(reply.body.as_str().is_some_and(|text| text.len() > 100), "{path}");
    }
    let script = caller.get("/v1/docs/page.js").await.expect(200).body;
    assert!(script.as_str().is_some_and(|text| text.contains("url: '/v1/openapi.json'")), "{script}");
}

/// The paths in a page's `src` and `href`, but for the icon that is none.
fn loaded_by(page: &Reply) -> BTreeSet<String> {
    let html = page.body.as_str().expect("a page");
    let values =
        html.split(['"', '>']).filter(|text| text.starts_with('/') && !text.starts_with("/v1/openapi"));
    let paths = values.filter(|text| !text.contains('<')).map(str::to_owned);
    assert!(
        !html.contains("http:") && !html.contains("https:") && !html.contains("\"//"),
        "nothing from elsewhere"
    );
    paths.collect()
}
