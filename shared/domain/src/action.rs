//! What other services ask about: may this credential do that? RULE: RS-02

use crate::Permission;

/// Something that another service, or this one, would do for a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Read resources.
    ReadResources,
    /// Make and change resources.
    WriteResources,
    /// Delete resources.
    DeleteResources,
    /// Run resources.
    RunResources,
    /// Read users and seats.
    ReadUsers,
    /// Invite, suspend, delete users.
    ManageUsers,
    /// See plan and invoices.
    ReadBilling,
    /// Change the plan.
    ManageBilling,
    /// Read the audit log.
    ReadAudit,
    /// Change name and settings of the account.
    ManageAccount,
    /// Close the account.
    CloseAccount,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::ReadResources,
        Self::WriteResources,
        Self::DeleteResources,
        Self::RunResources,
        Self::ReadUsers,
        Self::ManageUsers,
        Self::ReadBilling,
        Self::ManageBilling,
        Self::ReadAudit,
        Self::ManageAccount,
        Self::CloseAccount,
    ];

    /// The name in the interface.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReadResources => "resources.read",
            Self::WriteResources => "resources.write",
            Self::DeleteResources => "resources.delete",
            Self::RunResources => "resources.run",
            Self::ReadUsers => "users.read",
            Self::ManageUsers => "users.manage",
            Self::ReadBilling => "billing.read",
            Self::ManageBilling => "billing.manage",
            Self::ReadAudit => "audit.read",
            Self::ManageAccount => "account.manage",
            Self::CloseAccount => "account.close",
        }
    }

    /// The action of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }

    /// The row of the permission table that it stands in. RULE: RO-01
    pub const fn needs(self) -> Permission {
        match self {
            Self::ReadResources => Permission::ReadResources,
            Self::WriteResources | Self::DeleteResources | Self::RunResources => Permission::WriteResources,
            Self::ReadUsers => Permission::ReadUsers,
            Self::ManageUsers => Permission::ManageUsers,
            Self::ReadBilling | Self::ManageBilling => Permission::ManageBilling,
            Self::ReadAudit => Permission::ReadAudit,
            Self::ManageAccount => Permission::ManageAccount,
            Self::CloseAccount => Permission::CloseAccount,
        }
    }
}
