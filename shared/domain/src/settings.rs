//! What of an account its people see, and what they may change.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{Account, AccountId, Fact, FactKind, Instant, Interval, Name, Plan, Reply};

const NAME: &str = "name";
const LIFETIME: &str = "invitation_lifetime_days";
const INACTIVE: &str = "inactive_after_days";

/// What is to be different; what is none stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountChanges {
    /// What mails and invitations call it.
    pub name: Option<Name>,
    /// How long invitations that are sent from now on live. RULE: IN-11
    pub invitation_lifetime_days: Option<u32>,
    /// From how many days without a sign-in on a user is inactive. RULE: AU-01
    pub inactive_after_days: Option<u32>,
}

impl Account {
    /// With these changes, and what they come to; none where all of it is so already. Invitations that are under way keep
    /// the time they were given. RULE: IN-11, AP-03
    pub fn change(mut self, asked: AccountChanges) -> (Self, Option<Fact>) {
        let mut changed = Vec::new();
        let mut fact = Fact::bare(FactKind::AccountUpdated);
        if let Some(name) = asked.name.filter(|name| *name != self.name) {
            self.name = name;
            changed.push(NAME);
        }
        for (name, stands, asked) in [
            (LIFETIME, &mut self.invitation_lifetime_days, asked.invitation_lifetime_days),
            (INACTIVE, &mut self.inactive_after_days, asked.inactive_after_days),
        ] {
            if let Some(days) = asked.filter(|days| days != stands) {
                fact = fact.before(name, *stands).after(name, days);
                *stands = days;
                changed.push(name);
            }
        }
        if changed.is_empty() {
            return (self, None);
        }
        self.version += 1;
        (self, Some(fact.after("changed", changed)))
    }
}

/// An account.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Account")]
pub struct AccountView {
    /// Never used again.
    id: AccountId,
    /// What mails and invitations call it.
    name: Name,
    /// What it subscribes to.
    plan: Plan,
    /// How often it is charged; null on Free.
    interval: Option<Interval>,
    /// How many days an invitation lives that is sent now.
    #[schemars(range(min = 1, max = 30))]
    invitation_lifetime_days: u32,
    /// From how many days without a sign-in on a user is inactive.
    #[schemars(range(min = 7, max = 365))]
    inactive_after_days: u32,
    /// When it signed up.
    created_at: Instant,
    /// Moves with its name and its settings; also the ETag.
    version: u64,
}

impl Reply for AccountView {
    const HAS_VERSION: bool = true;

    fn version(&self) -> Option<u64> {
        Some(self.version)
    }
}

impl From<&Account> for AccountView {
    fn from(account: &Account) -> Self {
        Self {
            id: account.id,
            name: account.name.clone(),
            plan: account.plan(),
            interval: account.interval(),
            invitation_lifetime_days: account.invitation_lifetime_days,
            inactive_after_days: account.inactive_after_days,
            created_at: account.created_at,
            version: account.version,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Text;

    // RULE: AP-03, AC-10
    #[test]
    fn a_change_names_the_fields_and_what_changes_nothing_is_none() {
        let name = |text: &str| Some(Name::parse(text).unwrap());
        let account = Account::new(AccountId::from_bits(1), name("Acme").unwrap(), Instant::default());
        let same = AccountChanges {
            name: name("Acme"),
            invitation_lifetime_days: Some(2),
            inactive_after_days: Some(30),
        };
        for asked in [AccountChanges::default(), same] {
            assert_eq!(account.clone().change(asked), (account.clone(), None));
        }
        let asked = AccountChanges {
            name: name("Zenith"),
            invitation_lifetime_days: Some(7),
            inactive_after_days: None,
        };
        let (changed, fact) = account.clone().change(asked);
        let fact = fact.unwrap();
        assert_eq!((changed.version, changed.invitation_lifetime_days), (account.version + 1, 7));
        assert_eq!(json!(fact.before), json!({ "invitation_lifetime_days": 2 }));
        let after = json!({ "changed": ["name", "invitation_lifetime_days"], "invitation_lifetime_days": 7 });
        assert_eq!(json!(fact.after), after);
        assert!(!json!(fact).to_string().contains("Zenith"));
    }
}
