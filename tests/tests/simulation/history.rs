//! A user's life as the audit entries tell it.

use serde_json::Value;

/// A fact with its event: who did it, and when.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// The fact's published identifier.
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) actor: Value,
    pub(crate) fact: Value,
}

impl Told {
    pub(crate) fn removes(&self) -> bool {
        ["invitation.revoked", "user.deleted", "user.left"].contains(&self.kind.as_str())
    }

    pub(crate) fn invites(&self) -> bool {
        ["user.invited", "invitation.resent"].contains(&self.kind.as_str())
    }

    /// Facts of one user in the order in which they happened: each change moves the version, and nothing comes after the end.
    pub(crate) fn order(&self) -> (u64, bool) {
        (self.fact["target_version"].as_u64().unwrap_or(u64::MAX), self.removes())
    }
}

/// Where a user stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) status: &'static str,
    pub(crate) role: String,
}

/// Every fact that the account's events hold.
pub(crate) fn told(events: &[&Value]) -> Vec<Told> {
    let facts = events.iter().flat_map(|event| {
        let id = event["id"].as_str().expect("an identifier");
        event["facts"].as_array().expect("facts").iter().enumerate().map(move |(n, fact)| Told {
            id: format!("{id}.{n}"),
            kind: fact["type"].as_str().expect("a type").to_owned(),
            actor: event["actor"].clone(),
            fact: fact.clone(),
        })
    });
    facts.collect()
}

/// Where the facts of one user lead; none where they are gone. Each has to follow from those before it.
pub(crate) fn life(facts: &[Told]) -> Option<Standing> {
    let mut now: Option<Standing> = None;
    let mut is_gone = false;
    for told in facts {
        let fact = &told.fact;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let is = |statuses: &[&str]| now.as_ref().is_some_and(|now| statuses.contains(&now.status));
        let was_root = now.as_ref().is_some_and(|now| now.role == "root");
        let follows = match told.kind.as_str() {
            "account.created" | "user.invited" => now.is_none() && !is_gone,
            "user.accepted" | "invitation.expired" => is(&["pending"]),
            "invitation.resent" | "invitation.revoked" => is(&["pending", "expired"]),
            "user.suspended" | "user.left" => is(&["active"]),
            "user.reactivated" => is(&["suspended"]),
            "user.role_changed" => now.as_ref().is_some_and(|now| now.role == text(&fact["before"]["role"])),
            "user.deleted" => is(&["active", "suspended"]),
            _ => continue,
        };
        assert!(follows, "{told:#?} does not follow from {now:?} in {facts:#?}");
        // RULE: RO-02
        let may = !was_root || told.actor["via"] != "session" || told.actor["role"] == "root";
        assert!(may, "{} of a Root by no Root: {facts:#?}", told.kind);
        let with = |status: &'static str| now.clone().map(|now| Standing { status, ..now });
        now = match told.kind.as_str() {
            "account.created" => Some(Standing { status: "pending", role: "root".into() }),
            "user.invited" => Some(Standing { status: "pending", role: text(&fact["after"]["role"]) }),
            "user.accepted" | "user.reactivated" => with("active"),
            "invitation.expired" => with("expired"),
            "invitation.resent" => with("pending"),
            "user.suspended" => with("suspended"),
            "user.role_changed" => {
                now.clone().map(|now| Standing { role: text(&fact["after"]["role"]), ..now })
            }
            _ => None,
        };
        is_gone = now.is_none();
    }
    now
}
