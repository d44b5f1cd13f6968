//! The walk of a first day: sign up, invite, accept, change, suspend, delete, invite again.

use serde_json::json;
use tests::{Roster, invitee};

// RULE: PS-02, PS-03, IN-02, IN-03, IN-05
#[tokio::test]
async fn a_free_team_of_three_is_full() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    team.pending("ann@acme.test", "admin").await;
    team.pending("bob@acme.test", "developer").await;
    let list = team.root.caller.get("/v1/users?status=pending").await.expect(200).body;
    assert_eq!(list["data"].as_array().map(Vec::len), Some(2), "{list:#}");
    let refusal = team.root.caller.post("/v1/users", invitee("eve@acme.test", "monitor")).await;
    let refusal = refusal.refused(403, "maximum_users_reached");
    assert_eq!(refusal.body["title"], json!("Maximum users reached"));
}
