//! What follows from facts: mails, and how long they are kept.

use crate::FactKind;

impl FactKind {
    /// Facts that lead to mails. Whoever they are about is not forgotten before these are out. RULE: DE-02
    pub const fn is_mailed(self) -> bool {
        matches!(
            self,
            Self::AccountCreated
                | Self::AccountClosed
                | Self::UserInvited
                | Self::UserReactivated
                | Self::SuspensionWarned
                | Self::UserLeft
                | Self::FirstWeekEnded
                | Self::AccessAsked
                | Self::InvitationResent
                | Self::InvitationReminded
                | Self::InvitationExpired
                | Self::InvitationDelivery
                | Self::DepartureStarted
                | Self::DepartureStepDue
                | Self::DepartureBlocked
                | Self::DepartureFinished
                | Self::DepartureCancelled
                | Self::UserRoleChanged
                | Self::UserSuspended
                | Self::SessionNewDevice
                | Self::PasswordChanged
                | Self::PasswordResetRequested
                | Self::PasswordReset
                | Self::MfaEnabled
                | Self::MfaRemoved
                | Self::MfaLocked
                | Self::CodesIssued
                | Self::CodesViewed
                | Self::CodeUsed
                | Self::KeyCreated
                | Self::InvoiceIssued
                | Self::PlanChanged
                | Self::PlanChangeScheduled
                | Self::PlanChangeTakenBack
                | Self::PlanChangeFailed
                | Self::ReviewMade
                | Self::WebhookSwitchedOff
        )
    }

    /// Facts that moved a seat or a cent are kept with the invoices. RULE: EV-01
    pub(crate) const fn moved_a_seat_or_a_cent(self) -> bool {
        matches!(
            self,
            Self::AccountCreated
                | Self::AccountClosed
                | Self::AccountExpired
                | Self::UserInvited
                | Self::UserAccepted
                | Self::InvitationRevoked
                | Self::InvitationExpired
                | Self::InvitationResent
                | Self::UserDeleted
                | Self::UserLeft
                | Self::InvoiceIssued
                | Self::PlanChanged
                | Self::PlanChangeScheduled
                | Self::PlanChangeTakenBack
                | Self::PlanChangeFailed
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RULE: EV-01
    #[test]
    fn what_moved_a_seat_or_a_cent_is_kept_with_the_invoices() {
        let kept: Vec<&str> = FactKind::ALL
            .into_iter()
            .filter(|kind| kind.moved_a_seat_or_a_cent())
            .map(FactKind::name)
            .collect();
        let expected = [
            "account.created",
            "account.closed",
            "account.expired",
            "user.invited",
            "user.accepted",
            "invitation.revoked",
            "invitation.expired",
            "invitation.resent",
            "user.deleted",
            "user.left",
            "invoice.issued",
            "plan.changed",
            "plan.change_scheduled",
            "plan.change_taken_back",
            "plan.change_failed",
        ];
        assert_eq!(kept, expected);
    }
}
