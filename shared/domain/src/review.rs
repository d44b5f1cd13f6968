//! Reviews that are made by themselves, and kept as they were: what was found, and what it was judged by.
//! RULE: AU-02, AU-03, SU-07

use std::collections::HashMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{
    AccessReport, AccountId, Catalogue, Census, Fact, FactKind, Instant, ReviewId, ReviewKind, SavingsReport,
    User, UserGroup, UserId,
};

/// How long a review is kept: so that the annual one can be held against two before it.
const RETENTION: TimeDelta = TimeDelta::days(1100);

/// What was found, and what it was judged by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// Users that were looked at, invited ones too.
    pub users: u32,
    /// How many have been suspended for two weeks or longer. RULE: SU-07
    pub overdue: u32,
    /// What seats cost, and who hardly uses them.
    pub savings: SavingsReport,
    /// Who may do what.
    pub access: AccessReport,
}

/// A review as it was made. It names nobody: whoever is gone leaves no name behind in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Review {
    /// The account.
    pub account_id: AccountId,
    /// Its identifier.
    pub id: ReviewId,
    /// What was looked at.
    pub kind: ReviewKind,
    /// When it was to be made; when it was stands in what was found.
    pub scheduled_at: Instant,
    /// What was found.
    #[serde(with = "as_text")]
    pub findings: Findings,
}

impl Findings {
    /// After all users were seen.
    pub fn of(census: Census, catalogue: Catalogue) -> Self {
        let (users, overdue, access) = (census.users(), census.overdue(), census.access().clone());
        Self { users, overdue, savings: census.end(catalogue), access }
    }

    /// By which a review points users out, under their names in the interface.
    pub fn groups(&self) -> [(&'static str, &UserGroup); 8] {
        let [elevated, without_mfa, never_signed_in] = self.access.groups();
        [
            ("inactive", &self.savings.inactive.group),
            ("suspended", &self.savings.suspended.group),
            ("long_pending", &self.savings.long_pending),
            ("elevated_without_mfa", &self.savings.elevated_without_mfa),
            ("hardly_used", &self.savings.hardly_used),
            ("elevated", elevated),
            ("without_mfa", without_mfa),
            ("never_signed_in", never_signed_in),
        ]
    }

    fn groups_mut(&mut self) -> impl Iterator<Item = &mut UserGroup> {
        let savings = &mut self.savings;
        let of_savings = [
            &mut savings.inactive.group,
            &mut savings.suspended.group,
            &mut savings.long_pending,
            &mut savings.elevated_without_mfa,
            &mut savings.hardly_used,
        ];
        of_savings.into_iter().chain(self.access.groups_mut())
    }

    /// Everybody who is pointed out, some more than once.
    pub fn listed(&self) -> impl Iterator<Item = UserId> {
        self.groups().into_iter().flat_map(|(_, group)| group.users.iter().map(|user| user.id))
    }
}

impl Review {
    /// Made of what was found for when it was scheduled; the same review has the same identifier, whoever makes it again.
    pub fn of(account_id: AccountId, kind: ReviewKind, scheduled_at: Instant, findings: &Findings) -> Self {
        let mut findings = findings.clone();
        findings.groups_mut().for_each(UserGroup::unnamed);
        Self { account_id, id: ReviewId::of(kind, scheduled_at), kind, scheduled_at, findings }
    }

    /// With the names of those who still are there. RULE: DE-02
    #[must_use]
    pub fn named(mut self, users: &HashMap<UserId, User>) -> Self {
        self.findings.groups_mut().for_each(|group| group.named(users));
        self
    }

    /// Everybody whom it points out, some more than once.
    pub fn listed(&self) -> Vec<UserId> {
        self.groups().iter().flat_map(|(_, group)| group.users.iter().map(|user| user.id)).collect()
    }

    /// By which it points users out.
    pub fn groups(&self) -> Vec<(&'static str, &UserGroup)> {
        let is_of = |name: &str| match self.kind {
            ReviewKind::Inactivity => {
                ["inactive", "suspended", "long_pending", "elevated_without_mfa", "hardly_used"]
                    .contains(&name)
            }
            ReviewKind::SuspendedUsers => name == "suspended",
            ReviewKind::Roles => {
                ["elevated", "elevated_without_mfa", "without_mfa", "never_signed_in", "hardly_used"]
                    .contains(&name)
            }
            ReviewKind::Security => {
                ["elevated", "without_mfa", "never_signed_in", "inactive", "suspended", "long_pending"]
                    .contains(&name)
            }
        };
        self.findings.groups().into_iter().filter(|(name, _)| is_of(name)).collect()
    }

    /// Whether it is kept: a week without anybody suspended leaves nothing behind. RULE: SU-07
    pub fn is_kept(&self) -> bool {
        self.kind != ReviewKind::SuspendedUsers || self.findings.savings.suspended.group.count > 0
    }

    /// Whether it is told to anybody: nobody is told that nothing was found and nothing is paid for, nor to review
    /// themselves.
    pub fn is_mailed(&self) -> bool {
        let savings = &self.findings.savings;
        match self.kind {
            ReviewKind::SuspendedUsers => true,
            ReviewKind::Inactivity => {
                savings.unit_amount > 0 || self.groups().iter().any(|(_, group)| group.count > 0)
            }
            ReviewKind::Roles | ReviewKind::Security => {
                self.findings.access.people.iter().map(|people| people.active + people.suspended).sum::<u32>()
                    > 1
            }
        }
    }

    /// That it was made.
    pub fn made(&self) -> Fact {
        Fact::bare(FactKind::ReviewMade)
            .after("review_id", self.id.to_string())
            .after("kind", self.kind.name())
            .after("mailed", self.is_mailed())
    }

    /// When it may be forgotten.
    pub(crate) fn forgotten_at(&self) -> Instant {
        self.scheduled_at + RETENTION
    }
}

impl ReviewId {
    /// Of a kind, for when it was scheduled.
    fn of(kind: ReviewKind, scheduled_at: Instant) -> Self {
        let kind = ReviewKind::ALL.iter().position(|of| *of == kind).unwrap_or_default();
        let milliseconds = u128::try_from(scheduled_at.timestamp_millis()).unwrap_or_default();
        Self::from_bits(milliseconds << 80 | kind as u128)
    }
}

/// As one text: what was found is read whole or not at all, and never changes.
mod as_text {
    use serde::de::Error as _;
    use serde::ser::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Findings;

    pub(super) fn serialize<S: Serializer>(findings: &Findings, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&serde_json::to_string(findings).map_err(S::Error::custom)?)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Findings, D::Error> {
        serde_json::from_str(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
