//! The five roles and what each may do. The table is data; the decisions ask it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A fixed role. Every role weighs exactly one seat. RULE: PS-01, RO-01
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything, closing the account included.
    Root,
    /// Everything but what touches a Root.
    Admin,
    /// Plans, invoices, seats.
    Billing,
    /// Resources.
    Developer,
    /// Reads resources.
    Monitor,
}

/// Something a role may or may not do; a row of the permission table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Close the account.
    CloseAccount,
    /// Rename the account, change its settings.
    ManageAccount,
    /// Invite, suspend, reactivate, log out, delete users; start departures.
    ManageUsers,
    /// Change roles.
    ChangeRoles,
    /// Issue and view others' recovery codes.
    HandleRecoveryCodes,
    /// View billing, preview, change plan, invoices, cancel.
    ManageBilling,
    /// Read users and seats.
    ReadUsers,
    /// Read reports about people: reviews of roles and of security, who has just come.
    ReadReports,
    /// Read the audit log.
    ReadAudit,
    /// Create, change, delete and run resources.
    WriteResources,
    /// Read resources.
    ReadResources,
    /// Hold API keys.
    OwnKeys,
    /// See and delete others' API keys.
    OthersKeys,
    /// Own profile, sessions, password, MFA.
    OwnProfile,
}

/// How far a permission goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// Not at all.
    No,
    /// On everybody but a Root.
    NotOnRoot,
    /// On everybody.
    Yes,
}

impl Role {
    /// All roles, the most powerful first.
    pub const ALL: [Self; 5] = [Self::Root, Self::Admin, Self::Billing, Self::Developer, Self::Monitor];

    /// The name in the interface.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Admin => "admin",
            Self::Billing => "billing",
            Self::Developer => "developer",
            Self::Monitor => "monitor",
        }
    }

    /// The role of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// As people read it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Root => "Root",
            Self::Admin => "Admin",
            Self::Billing => "Billing",
            Self::Developer => "Developer",
            Self::Monitor => "Monitor",
        }
    }

    /// Whether it needs a second factor. RULE: RO-08
    pub const fn is_elevated(self) -> bool {
        matches!(self, Self::Root | Self::Admin)
    }

    /// How far this role's permission goes.
    pub fn grant(self, permission: Permission) -> Grant {
        let column = Self::ALL.iter().position(|role| *role == self);
        let row = Permission::TABLE.iter().find(|(row, _)| *row == permission);
        match (row, column) {
            (Some((_, grants)), Some(column)) => grants[column],
            _ => Grant::No,
        }
    }

    /// Whether this role may do it at all.
    pub fn may(self, permission: Permission) -> bool {
        self.grant(permission) != Grant::No
    }
}

impl Permission {
    /// The permission table: for each permission what Root, Admin, Billing, Developer and Monitor may.
    #[rustfmt::skip]
    pub const TABLE: [(Self, [Grant; 5]); 14] = {
        use Grant::{No, NotOnRoot, Yes};
        [
            (Self::CloseAccount,        [Yes,       No,        No,  No,  No]),
            (Self::ManageAccount,       [Yes,       Yes,       No,  No,  No]),
            (Self::ManageUsers,         [Yes,       NotOnRoot, No,  No,  No]),
            (Self::ChangeRoles,         [Yes,       NotOnRoot, No,  No,  No]),
            (Self::HandleRecoveryCodes, [NotOnRoot, NotOnRoot, No,  No,  No]),
            (Self::ManageBilling,       [Yes,       Yes,       Yes, No,  No]),
            (Self::ReadUsers,           [Yes,       Yes,       Yes, No,  No]),
            (Self::ReadReports,         [Yes,       Yes,       No,  No,  No]),
            (Self::ReadAudit,           [Yes,       Yes,       No,  No,  No]),
            (Self::WriteResources,      [Yes,       Yes,       No,  Yes, No]),
            (Self::ReadResources,       [Yes,       Yes,       No,  Yes, Yes]),
            (Self::OwnKeys,             [Yes,       Yes,       No,  Yes, No]),
            (Self::OthersKeys,          [Yes,       NotOnRoot, No,  No,  No]),
            (Self::OwnProfile,          [Yes,       Yes,       Yes, Yes, Yes]),
        ]
    };

    /// What it lets one do, to complete "... may ...".
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::CloseAccount => "close the account",
            Self::ManageAccount => "change the account",
            Self::ManageUsers => "manage users",
            Self::ChangeRoles => "change roles",
            Self::HandleRecoveryCodes => "handle recovery codes",
            Self::ManageBilling => "manage billing",
            Self::ReadUsers => "read users and seats",
            Self::ReadReports => "read reports about people",
            Self::ReadAudit => "read the audit log",
            Self::WriteResources => "change resources",
            Self::ReadResources => "read resources",
            Self::OwnKeys => "hold API keys",
            Self::OthersKeys => "manage others' API keys",
            Self::OwnProfile => "use their own profile",
        }
    }

    /// Who may do it, for hints: "Root or Admin".
    pub fn holders(self) -> String {
        let names: Vec<&str> = Role::ALL.into_iter().filter(|role| role.may(self)).map(Role::label).collect();
        match names.split_last() {
            Some((last, [])) => (*last).to_owned(),
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
            None => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RULE: RO-01
    #[test]
    fn the_permission_table_is_the_one_that_was_agreed() {
        let mut table =
            String::from("permission           root        admin       billing  developer monitor\n");
        for (permission, _) in Permission::TABLE {
            let cell = |role: Role| match role.grant(permission) {
                Grant::No => "-",
                Grant::NotOnRoot => "not on root",
                Grant::Yes => "yes",
            };
            let [root, admin, billing, developer, monitor] = Role::ALL.map(cell);
            let name = format!("{permission:?}");
            table += &format!("{name:20} {root:11} {admin:11} {billing:8} {developer:9} {monitor}\n");
        }
        insta::assert_snapshot!(table);
    }

    // RULE: RO-04
    #[test]
    fn a_hint_names_who_can_do_it() {
        assert_eq!(Permission::CloseAccount.holders(), "Root");
        assert_eq!(Permission::ManageUsers.holders(), "Root or Admin");
        assert_eq!(Permission::ManageBilling.holders(), "Root, Admin or Billing");
    }
}
