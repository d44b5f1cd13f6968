//! The stable names of what can happen. RULE: EV-02

/// The stable name of what happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// Somebody signed up.
    AccountCreated,
    /// Name or settings of the account.
    AccountUpdated,
    /// The account is closed for good.
    AccountClosed,
    /// A sign-up was never confirmed.
    AccountExpired,
    /// The personal data of a closed account is erased.
    AccountErased,
    /// Somebody was invited.
    UserInvited,
    /// The invitation was accepted.
    UserAccepted,
    /// A pending user was deleted.
    InvitationRevoked,
    /// An invitation's time was over and its seat came back.
    InvitationExpired,
    /// An invitation was sent again.
    InvitationResent,
    /// The invitee is reminded.
    InvitationReminded,
    /// Something was heard, or nothing for long, of the mail of an invitation.
    InvitationDelivery,
    /// Another role.
    UserRoleChanged,
    /// Suspended.
    UserSuspended,
    /// Let in again.
    UserReactivated,
    /// All sessions ended by an admin.
    UserLoggedOut,
    /// Deleted.
    UserDeleted,
    /// Left of their own accord.
    UserLeft,
    /// What was left of somebody who is gone is erased.
    UserErased,
    /// Those who pay for a suspended seat are told that it is still held.
    SuspensionWarned,
    /// The mail service has trouble with an address.
    MailProblemNoted,
    /// Signed in.
    SessionCreated,
    /// Signed out.
    SessionEnded,
    /// The admins are reminded to look at somebody's first week.
    FirstWeekEnded,
    /// Asked whether they still need their access.
    AccessAsked,
    /// Whether they do, as they say.
    AccessAnswered,
    /// Somebody chose which mails they get.
    NotificationsChanged,
    /// Somebody departs.
    DepartureStarted,
    /// The admins are told of a step that is due.
    DepartureStepDue,
    /// A step of a departure was taken.
    DepartureStepDone,
    /// Somebody has departed.
    DepartureFinished,
    /// A departure was called off.
    DepartureCancelled,
    /// A step of a departure could not be taken.
    DepartureBlocked,
    /// A resource was made.
    ResourceCreated,
    /// A resource was changed.
    ResourceUpdated,
    /// A resource was deleted.
    ResourceDeleted,
    /// Name or settings of a user, by themselves.
    UserUpdated,
    /// Too many wrong passwords: the address is locked for a while.
    SignInLocked,
    /// The password was right; the sign-in waits for a code.
    SessionChallenged,
    /// Somebody has proved who they are once more.
    SessionSteppedUp,
    /// Signed in from where they never did before.
    SessionNewDevice,
    /// All other sessions, ended by their user.
    SessionsEnded,
    /// Another password, by whoever knew the former one.
    PasswordChanged,
    /// Somebody asked for a link to set a new password.
    PasswordResetRequested,
    /// Another password, by a link.
    PasswordReset,
    /// An authenticator is being set up.
    MfaEnrolmentStarted,
    /// A second factor was added.
    MfaEnabled,
    /// A second factor was removed.
    MfaRemoved,
    /// A wrong code.
    MfaFailed,
    /// Too many wrong codes: none is looked at for a while.
    MfaLocked,
    /// New recovery codes; the former ones are void.
    CodesIssued,
    /// Recovery codes were looked at.
    CodesViewed,
    /// A recovery code was used up.
    CodeUsed,
    /// An API key was made.
    KeyCreated,
    /// An API key was deleted.
    KeyDeleted,
    /// All API keys of somebody were deleted.
    KeysDeleted,
    /// An invoice is there.
    InvoiceIssued,
    /// Another plan or interval, from now on.
    PlanChanged,
    /// Another plan from the end of the period on.
    PlanChangeScheduled,
    /// The change that was to come does not.
    PlanChangeTakenBack,
    /// The change was due, and could not be made.
    PlanChangeFailed,
    /// What was due to be charged could not be, and is put off.
    CloseFailed,
    /// What time alone calls for was looked at, and is kept.
    ReviewMade,
    /// What a list holds was handed out, or a page of it.
    DataExported,
    /// A webhook was made.
    WebhookCreated,
    /// Where a webhook leads, what it is told of, or whether it is on.
    WebhookUpdated,
    /// A webhook has another secret.
    WebhookSecretRotated,
    /// What a webhook was told of is sent again.
    WebhookReplayed,
    /// A webhook was switched off, since its receiver takes nothing.
    WebhookSwitchedOff,
    /// A webhook was deleted.
    WebhookDeleted,
    /// A privileged attempt was refused.
    AccessRefused,
}

impl FactKind {
    /// All of them.
    pub const ALL: [Self; 71] = [
        Self::AccountCreated,
        Self::AccountUpdated,
        Self::AccountClosed,
        Self::AccountExpired,
        Self::AccountErased,
        Self::UserInvited,
        Self::UserAccepted,
        Self::InvitationRevoked,
        Self::InvitationExpired,
        Self::InvitationResent,
        Self::InvitationReminded,
        Self::InvitationDelivery,
        Self::UserRoleChanged,
        Self::UserSuspended,
        Self::UserReactivated,
        Self::UserLoggedOut,
        Self::UserDeleted,
        Self::UserLeft,
        Self::UserErased,
        Self::SuspensionWarned,
        Self::MailProblemNoted,
        Self::SessionCreated,
        Self::SessionEnded,
        Self::FirstWeekEnded,
        Self::AccessAsked,
        Self::AccessAnswered,
        Self::NotificationsChanged,
        Self::DepartureStarted,
        Self::DepartureStepDue,
        Self::DepartureStepDone,
        Self::DepartureFinished,
        Self::DepartureCancelled,
        Self::DepartureBlocked,
        Self::ResourceCreated,
        Self::ResourceUpdated,
        Self::ResourceDeleted,
        Self::UserUpdated,
        Self::SignInLocked,
        Self::SessionChallenged,
        Self::SessionSteppedUp,
        Self::SessionNewDevice,
        Self::SessionsEnded,
        Self::PasswordChanged,
        Self::PasswordResetRequested,
        Self::PasswordReset,
        Self::MfaEnrolmentStarted,
        Self::MfaEnabled,
        Self::MfaRemoved,
        Self::MfaFailed,
        Self::MfaLocked,
        Self::CodesIssued,
        Self::CodesViewed,
        Self::CodeUsed,
        Self::KeyCreated,
        Self::KeyDeleted,
        Self::KeysDeleted,
        Self::InvoiceIssued,
        Self::PlanChanged,
        Self::PlanChangeScheduled,
        Self::PlanChangeTakenBack,
        Self::PlanChangeFailed,
        Self::CloseFailed,
        Self::ReviewMade,
        Self::DataExported,
        Self::WebhookCreated,
        Self::WebhookUpdated,
        Self::WebhookSecretRotated,
        Self::WebhookReplayed,
        Self::WebhookSwitchedOff,
        Self::WebhookDeleted,
        Self::AccessRefused,
    ];

    /// The name in the interface.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccountCreated => "account.created",
            Self::AccountUpdated => "account.updated",
            Self::AccountClosed => "account.closed",
            Self::AccountExpired => "account.expired",
            Self::AccountErased => "account.erased",
            Self::UserInvited => "user.invited",
            Self::UserAccepted => "user.accepted",
            Self::InvitationRevoked => "invitation.revoked",
            Self::InvitationExpired => "invitation.expired",
            Self::InvitationResent => "invitation.resent",
            Self::InvitationReminded => "invitation.reminded",
            Self::InvitationDelivery => "invitation.delivery_changed",
            Self::UserRoleChanged => "user.role_changed",
            Self::UserSuspended => "user.suspended",
            Self::UserReactivated => "user.reactivated",
            Self::UserLoggedOut => "user.logged_out",
            Self::UserDeleted => "user.deleted",
            Self::UserLeft => "user.left",
            Self::UserErased => "user.erased",
            Self::SuspensionWarned => "user.suspension_warned",
            Self::MailProblemNoted => "user.mail_problem_noted",
            Self::SessionCreated => "session.created",
            Self::SessionEnded => "session.ended",
            Self::FirstWeekEnded => "user.first_week_ended",
            Self::AccessAsked => "user.access_asked",
            Self::AccessAnswered => "user.access_answered",
            Self::NotificationsChanged => "user.notifications_changed",
            Self::DepartureStarted => "departure.started",
            Self::DepartureStepDue => "departure.step_due",
            Self::DepartureStepDone => "departure.step_done",
            Self::DepartureFinished => "departure.finished",
            Self::DepartureCancelled => "departure.cancelled",
            Self::DepartureBlocked => "departure.blocked",
            Self::ResourceCreated => "resource.created",
            Self::ResourceUpdated => "resource.updated",
            Self::ResourceDeleted => "resource.deleted",
            Self::UserUpdated => "user.updated",
            Self::SignInLocked => "sign_in.locked",
            Self::SessionChallenged => "session.challenged",
            Self::SessionSteppedUp => "session.stepped_up",
            Self::SessionNewDevice => "session.new_device",
            Self::SessionsEnded => "sessions.ended",
            Self::PasswordChanged => "password.changed",
            Self::PasswordResetRequested => "password.reset_requested",
            Self::PasswordReset => "password.reset",
            Self::MfaEnrolmentStarted => "mfa.enrolment_started",
            Self::MfaEnabled => "mfa.enabled",
            Self::MfaRemoved => "mfa.removed",
            Self::MfaFailed => "mfa.failed",
            Self::MfaLocked => "mfa.locked",
            Self::CodesIssued => "codes.issued",
            Self::CodesViewed => "codes.viewed",
            Self::CodeUsed => "codes.used",
            Self::KeyCreated => "api_key.created",
            Self::KeyDeleted => "api_key.deleted",
            Self::KeysDeleted => "api_keys.deleted",
            Self::InvoiceIssued => "invoice.issued",
            Self::PlanChanged => "plan.changed",
            Self::PlanChangeScheduled => "plan.change_scheduled",
            Self::PlanChangeTakenBack => "plan.change_taken_back",
            Self::PlanChangeFailed => "plan.change_failed",
            Self::CloseFailed => "billing.close_failed",
            Self::ReviewMade => "review.made",
            Self::DataExported => "data.exported",
            Self::WebhookCreated => "webhook.created",
            Self::WebhookUpdated => "webhook.updated",
            Self::WebhookSecretRotated => "webhook.secret_rotated",
            Self::WebhookReplayed => "webhook.replayed",
            Self::WebhookSwitchedOff => "webhook.switched_off",
            Self::WebhookDeleted => "webhook.deleted",
            Self::AccessRefused => "access.refused",
        }
    }

    /// What goes by that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}
