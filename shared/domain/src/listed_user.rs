//! Users that a review points out. What is kept of a review names nobody: names and addresses go with the users.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Instant, Name, Role, Status, User, UserId};

/// So many of each list are named; all of them are counted.
const LISTED_MAX: usize = 100;

/// One user of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ListedUser {
    /// Who.
    pub id: UserId,
    /// First name; null where they are gone since.
    pub first_name: Option<Name>,
    /// Last name; null where they are gone since.
    pub last_name: Option<Name>,
    /// Their address, as they spell it; null where they are gone since.
    #[schemars(length(max = 254), extend("format" = "idn-email"))]
    pub email: Option<String>,
    /// Their role.
    pub role: Role,
    /// Where they stand.
    pub status: Status,
    /// Since when: the last sign-in, or the acceptance where there was none; the suspension; the invitation.
    pub since: Instant,
    /// Whether they ever signed in with all that their role asks for.
    pub has_signed_in: bool,
    /// Whether it is proposed to delete them; a Root never is, nor is who has said of late that they need their access.
    pub deletion_proposed: bool,
    /// What they said when they were asked last whether they need their access; null where they have said nothing.
    #[serde(default)]
    pub access_is_needed: Option<bool>,
}

/// Users of one kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UserGroup {
    /// How many they are.
    pub count: u32,
    /// The first hundred of them, in the order of their identifiers.
    pub users: Vec<ListedUser>,
}

impl UserGroup {
    pub(crate) fn list(
        &mut self,
        user: &User,
        status: Status,
        since: Option<Instant>,
        deletion_proposed: bool,
    ) {
        self.count += 1;
        if self.users.len() < LISTED_MAX {
            self.users.push(ListedUser {
                id: user.id,
                first_name: Some(user.first_name.clone()),
                last_name: Some(user.last_name.clone()),
                email: Some(user.email.spelling().to_owned()),
                role: user.role,
                status,
                since: since.unwrap_or(user.invited_at),
                has_signed_in: user.last_login_at.is_some(),
                deletion_proposed,
                access_is_needed: user.access_answer().map(|answer| answer.is_needed),
            });
        }
    }

    /// As it is kept.
    pub(crate) fn unnamed(&mut self) {
        for user in &mut self.users {
            (user.first_name, user.last_name, user.email) = (None, None, None);
        }
    }

    /// With the names that those have who still are there. RULE: DE-02
    pub(crate) fn named(&mut self, users: &HashMap<UserId, User>) {
        for listed in &mut self.users {
            if let Some(user) = users.get(&listed.id) {
                listed.first_name = Some(user.first_name.clone());
                listed.last_name = Some(user.last_name.clone());
                listed.email = Some(user.email.spelling().to_owned());
            }
        }
    }
}
