//! Mails that come by themselves and that somebody can do without. What is about their own access, about invoices and plans, or
//! for them to do at once is none of these.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Fact, FactKind, Reply, ReviewKind, User};

/// Mails of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mailing {
    /// The monthly review of who is inactive.
    Inactivity,
    /// The weekly digest of who is suspended.
    SuspendedUsers,
    /// The quarterly review of roles.
    Roles,
    /// That somebody has been suspended for a week or two.
    SuspensionWarnings,
    /// That somebody has been there for a week.
    FirstWeek,
}

impl Mailing {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Inactivity, Self::SuspendedUsers, Self::Roles, Self::SuspensionWarnings, Self::FirstWeek];

    /// The name in the interface.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inactivity => "inactivity",
            Self::SuspendedUsers => "suspended_users",
            Self::Roles => "roles",
            Self::SuspensionWarnings => "suspension_warnings",
            Self::FirstWeek => "first_week",
        }
    }

    /// Which it is that this fact calls for; none where its mails cannot be done without. The yearly review of how the account
    /// is guarded is for everybody who is to read it.
    pub const fn of(kind: FactKind, review: Option<ReviewKind>) -> Option<Self> {
        match (kind, review) {
            (FactKind::ReviewMade, Some(ReviewKind::Inactivity)) => Some(Self::Inactivity),
            (FactKind::ReviewMade, Some(ReviewKind::SuspendedUsers)) => Some(Self::SuspendedUsers),
            (FactKind::ReviewMade, Some(ReviewKind::Roles)) => Some(Self::Roles),
            (FactKind::SuspensionWarned, _) => Some(Self::SuspensionWarnings),
            (FactKind::FirstWeekEnded, _) => Some(Self::FirstWeek),
            _ => None,
        }
    }
}

/// Which mails somebody gets, as far as they choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[expect(clippy::struct_excessive_bools, reason = "they are switches, as callers see them")]
pub struct Notifications {
    /// Each month who is inactive, and what that costs.
    inactivity: bool,
    /// Each week who is suspended.
    suspended_users: bool,
    /// Each quarter who has which role.
    roles: bool,
    /// Whoever has been suspended for one week, and for two.
    suspension_warnings: bool,
    /// Whoever has been there for a week.
    first_week: bool,
}

impl Reply for Notifications {}

impl User {
    /// Whether they do without these mails.
    pub fn mutes(&self, mailing: Mailing) -> bool {
        self.muted.contains(&mailing)
    }

    /// What they chose.
    pub fn notifications(&self) -> Notifications {
        let gets = |mailing| !self.mutes(mailing);
        Notifications {
            inactivity: gets(Mailing::Inactivity),
            suspended_users: gets(Mailing::SuspendedUsers),
            roles: gets(Mailing::Roles),
            suspension_warnings: gets(Mailing::SuspensionWarnings),
            first_week: gets(Mailing::FirstWeek),
        }
    }

    /// Without these mails and with all others, and what that comes to; none where it is so already. It is theirs alone, so
    /// that no admin's version moves. RULE: AP-03
    pub fn muting(mut self, mut muted: Vec<Mailing>) -> (Self, Option<Fact>) {
        muted.sort_unstable();
        muted.dedup();
        if self.muted == muted {
            return (self, None);
        }
        let names = |muted: &[Mailing]| muted.iter().map(|mailing| mailing.name()).collect::<Vec<_>>();
        let (before, after) = (names(&self.muted), names(&muted));
        self.muted = muted;
        let fact = Fact::of(FactKind::NotificationsChanged, &self);
        (self, Some(fact.before("muted", before).after("muted", after)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lives::user;
    use crate::{Instant, Role};

    // RULE: SU-07, EV-01
    #[test]
    fn what_is_muted_is_told_once_and_moves_no_version() {
        let ann = user(1, Role::Admin).accept("hash".into(), Instant::default());
        let version = ann.version;
        let chosen = vec![Mailing::FirstWeek, Mailing::Inactivity, Mailing::FirstWeek];
        let (ann, fact) = ann.muting(chosen.clone());
        assert!(fact.is_some());
        assert_eq!(ann.muted, [Mailing::Inactivity, Mailing::FirstWeek]);
        assert_eq!(ann.version, version);
        let (ann, fact) = ann.muting(chosen);
        assert!(fact.is_none(), "it is so already");
        let (ann, fact) = ann.muting(Vec::new());
        assert!(fact.is_some() && Mailing::ALL.into_iter().all(|mailing| !ann.mutes(mailing)));
    }

    // RULE: SU-07
    #[test]
    fn each_has_one_name_and_a_switch_of_its_own() {
        let ann = user(1, Role::Admin).accept("hash".into(), Instant::default());
        for muted in Mailing::ALL {
            assert_eq!(serde_json::to_value(muted).unwrap(), muted.name());
            let told = serde_json::to_value(ann.clone().muting(vec![muted]).0.notifications()).unwrap();
            let expected = Mailing::ALL.map(|mailing| (mailing.name().to_owned(), (mailing != muted).into()));
            assert_eq!(told, serde_json::Value::Object(expected.into_iter().collect()));
        }
    }

    // RULE: SU-07, CK-03
    #[test]
    fn these_facts_can_be_done_without_and_no_others() {
        let mut muted = Vec::new();
        for kind in FactKind::ALL {
            let of_reviews = ReviewKind::ALL.map(Some).into_iter().filter(|_| kind == FactKind::ReviewMade);
            for review in of_reviews.chain([None]) {
                muted.extend(Mailing::of(kind, review).map(|mailing| (kind.name(), review, mailing)));
            }
        }
        muted.sort_unstable_by_key(|(.., mailing)| *mailing);
        let review = |kind: ReviewKind, mailing| ("review.made", Some(kind), mailing);
        let expected = [
            review(ReviewKind::Inactivity, Mailing::Inactivity),
            review(ReviewKind::SuspendedUsers, Mailing::SuspendedUsers),
            review(ReviewKind::Roles, Mailing::Roles),
            ("user.suspension_warned", None, Mailing::SuspensionWarnings),
            ("user.first_week_ended", None, Mailing::FirstWeek),
        ];
        assert_eq!(muted, expected);
    }
}
