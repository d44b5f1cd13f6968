//! How roles go with the size of a team: advice, and nothing that is refused. RULE: RO-10

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// More Admins than most teams need.
const ADMINS_MAX: u32 = 5;
/// More Roots than most teams need.
const ROOTS_MAX: u32 = 2;
/// From so many users on one Root alone is a risk.
const ONE_ROOT_BELOW: u32 = 20;

/// What is out of proportion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdviceCode {
    /// More than five Admins.
    ManyAdmins,
    /// More than two Roots.
    ManyRoots,
    /// One Root alone for twenty users or more.
    OneRoot,
}

/// Something to think about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Advice {
    /// What it is.
    pub code: AdviceCode,
    /// For people.
    pub detail: String,
}

/// How big a team is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TeamSize {
    /// Up to five users.
    #[serde(rename = "1-5")]
    Small,
    /// Six to nineteen.
    #[serde(rename = "6-19")]
    Middle,
    /// Twenty and more.
    #[serde(rename = "20+")]
    Large,
}

/// How roles go with the size of the team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoleMix {
    /// How big the team is: active and suspended users.
    pub team_size: TeamSize,
    /// For people.
    pub guidance: Cow<'static, str>,
}

impl Advice {
    /// On so many active users of each role, in the order of the roles, of so many users.
    pub(crate) fn on([roots, admins, ..]: [u32; 5], users: u32) -> Vec<Self> {
        let mut advice = Vec::new();
        let mut give = |code, detail| advice.push(Self { code, detail });
        if roots > ROOTS_MAX {
            let detail = format!(
                "There are {roots} Roots, who can do everything; {ROOTS_MAX} are enough for most teams."
            );
            give(AdviceCode::ManyRoots, detail);
        }
        if roots == 1 && users >= ONE_ROOT_BELOW {
            let detail = format!(
                "There is one Root for {users} users: make another, in case that one cannot sign in."
            );
            give(AdviceCode::OneRoot, detail);
        }
        if admins > ADMINS_MAX {
            let detail = format!(
                "There are {admins} Admins, who can act on everybody but a Root; {ADMINS_MAX} are enough for most teams."
            );
            give(AdviceCode::ManyAdmins, detail);
        }
        advice
    }
}

impl RoleMix {
    /// For so many users.
    pub(crate) const fn of(users: u32) -> Self {
        let (team_size, guidance) = match users {
            0..=5 => {
                (TeamSize::Small, "One or two Roots, no Admin; everybody else as little as their work needs.")
            }
            6..=19 => (
                TeamSize::Middle,
                "Two Roots, one or two Admins, one for Billing; Monitor for whoever only looks.",
            ),
            _ => (
                TeamSize::Large,
                "Two Roots who are seldom needed, up to five Admins, Billing for those who pay; Developer only for who \
                 changes resources.",
            ),
        };
        Self { team_size, guidance: Cow::Borrowed(guidance) }
    }
}

#[cfg(test)]
mod tests {
    use super::TeamSize::{Large, Middle, Small};
    use super::*;

    // RULE: RO-10
    #[test]
    fn advice_begins_above_five_admins_above_two_roots_and_at_one_root_of_twenty() {
        let codes =
            |roles, users| Advice::on(roles, users).iter().map(|advice| advice.code).collect::<Vec<_>>();
        assert_eq!(codes([2, 5, 0, 0, 0], 20), []);
        assert_eq!(codes([2, 6, 0, 0, 0], 20), [AdviceCode::ManyAdmins]);
        assert_eq!(codes([3, 5, 0, 0, 0], 20), [AdviceCode::ManyRoots]);
        assert_eq!(codes([1, 0, 0, 0, 18], 19), []);
        assert_eq!(codes([1, 0, 0, 0, 19], 20), [AdviceCode::OneRoot]);
        let sizes = [1, 5, 6, 19, 20].map(|users| RoleMix::of(users).team_size);
        assert_eq!(sizes, [Small, Small, Middle, Middle, Large]);
    }
}
