//! Mails that come by themselves and that somebody can do without. What is about their own access, about money, or for them to
//! do at once is none of these.

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

    // RULE: AU-03, EV-01
    #[test]
    fn what_is_muted_is_told_once_and_moves_no_version() {
        let ann = user(1, Role::Admin).accept("hash".into(), Instant::default());
        let version = ann.version;
        let chosen = vec![Mailing::FirstWeek, Mailing::Inactivity, Mailing::FirstWeek];
        let (ann, fact) = ann.muting(chosen.clone());
        assert!(fact.is_some());
        assert_eq!(ann.muted, [Mailing::Inactivity, Mailing::FirstWeek]);
        assert_eq!(ann.version, version);
        let told = ann.notifications();
        assert!(!told.inactivity && !told.first_week && told.suspended_users && told.roles);
        let (ann, fact) = ann.muting(chosen);
        assert!(fact.is_none(), "it is so already");
        let (ann, fact) = ann.muting(Vec::new());
        assert!(fact.is_some() && Mailing::ALL.into_iter().all(|mailing| !ann.mutes(mailing)));
    }

    // RULE: AU-03
    #[test]
    fn nobody_does_without_what_is_about_security_money_or_their_own_access() {
        let muted = |kind| Mailing::of(kind, None).is_some();
        let some = FactKind::ALL.into_iter().filter(|kind| muted(*kind)).map(FactKind::name);
        assert_eq!(some.collect::<Vec<_>>(), ["user.suspension_warned", "user.first_week_ended"]);
        let of_reviews = ReviewKind::ALL.map(|kind| Mailing::of(FactKind::ReviewMade, Some(kind)));
        assert_eq!(of_reviews.iter().filter(|mailing| mailing.is_none()).count(), 1);
        assert_eq!(Mailing::of(FactKind::ReviewMade, Some(ReviewKind::Security)), None);
    }
}
