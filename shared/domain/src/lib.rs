//! The rules of roster: who may do what, what a seat is, what happens to a user.
//!
//! Pure: no await, no clock, no random number, no SDK. The instant, new identifiers and the results of
//! slow or secret work are handed in. What is decided comes back as a [`Change`] or a [`Refusal`].

mod access_question;
mod access_report;
mod account;
mod action;
mod actor;
mod advice;
mod allowed;
mod api_key;
mod attempts;
mod billing;
mod candidate;
mod census;
#[cfg(test)]
mod censuses;
mod ceremony;
mod change;
mod claim;
mod codes_view;
mod departure;
mod departure_view;
mod due;
mod email;
mod entity;
mod event_types;
mod fact;
mod fact_kind;
mod fact_name;
mod fact_uses;
mod factors;
mod fresh_start;
mod ids;
mod invitation;
mod key_version;
mod listed_user;
#[cfg(test)]
mod lives;
mod locale;
mod mailing;
mod onboarding;
mod passkey;
mod password;
mod plan;
mod problem;
mod published;
mod rate;
mod recovery_codes;
mod refusal;
mod refusal_words;
mod replay;
mod reply;
mod report;
mod reset;
mod resource;
mod review;
mod review_kind;
mod role;
mod room;
mod savings_report;
mod seats;
mod session;
mod settings;
mod status;
mod suspension;
mod text;
mod tombstone;
mod totp;
mod user;
mod user_access;
mod version;
mod view;
mod webhook;
mod webhook_delivery;
mod webhook_secret;
mod webhook_url;
mod webhook_view;

pub use access_question::{AccessAnswer, AccessQuestion, AccessQuestionView};
pub use access_report::{AccessReport, RolePeople};
pub use account::{Account, InvitationsWindow};
pub use action::Action;
pub use actor::{Actor, Means, Via};
pub use advice::{Advice, AdviceCode, RoleMix, TeamSize};
pub use allowed::UserAction;
pub use api_key::{ApiKey, KEYS_MAX, KeyLifetime, KeyList, KeyView};
pub use attempts::{Attempts, AttemptsScope, MailWindow, MailWindowScope};
pub use billing::{
    Anchor, AnnualSaving, Billed, Billing, BillingView, CURRENCY, Catalogue, Charge, ChargePreview, Day,
    HistoryEntry, Invoice, InvoiceView, Line, LineKind, LineView, Moved, NextInvoice, OpenAdditions,
    OpenAdditionsView, Period, PriceList, Replayed, Scheduled, ScheduledChange, Share, Subscription, Terms,
    Wish, amount, dollars, printed_day, replay,
};
pub use candidate::Candidate;
pub use census::Census;
pub use ceremony::{Ceremony, CeremonyFor, CeremonyView};
pub use change::{Change, Decision, Reliance, Removal};
pub use claim::Claim;
pub use codes_view::CodesView;
pub use departure::{Departure, DepartureMode, DepartureStep, StepState};
pub use departure_view::DepartureView;
pub use due::{DUE_SHARDS, Deadline, Due, DueKind, SUSPENSION_OVERDUE_AFTER, Step, Timer, TimerKind};
pub use email::{AddressKey, Email};
pub use entity::{Dispatch, Entity, EntityKey, Membership};
pub use event_types::{EVERY_EVENT, EventTypes};
pub use fact::{Event, FACTS_MAX, Fact, Origin, Performer};
pub use fact_kind::FactKind;
pub use factors::{Challenge, Enrolment, Factors, Proof, Totp};
pub use fresh_start::FreshStart;
pub use ids::{
    AccountId, DepartureId, EventId, Identifier, InvoiceId, KeyId, PasskeyId, ReviewId, SessionId, UserId,
    WebhookId,
};
pub use invitation::{Delivery, Invitation, Nonce};
pub use key_version::KeyVersion;
pub use listed_user::{ListedUser, UserGroup};
pub use locale::Locale;
pub use mailing::{Mailing, Notifications};
pub use onboarding::{OnboardingItem, OnboardingStep, OnboardingView};
pub use passkey::{PASSKEYS_MAX, Passkey, PasskeyList, PasskeyUse, PasskeyView};
pub use password::{NewPassword, spelt_alike};
pub use plan::{Interval, Offer, Plan};
pub use published::FactId;
pub use rate::{RateScope, RateTag, RateWindow};
pub use recovery_codes::{CODES, CodesKey, HashKey, NewCodes, RecoveryCode, RecoveryCodes, SeenBy};
pub use refusal::{FieldError, Refusal};
pub use replay::{IdempotencyKey, REPLAY_RETENTION, Replay};
pub use reply::{Format, Handover, Rendered, Reply, SessionCookie};
pub use report::{MailFate, MailReport};
pub use reset::PasswordReset;
pub use resource::{Resource, ResourceId, ResourceKey, ResourceKind};
pub use review::{Findings, Review};
pub use review_kind::ReviewKind;
pub use role::{Grant, Permission, Role};
pub use room::Room;
pub use savings_report::{PricedGroup, Saving, SavingsReport, SeatCost, TeamCost};
pub use seats::Seats;
pub use session::{SESSION_LIFETIME, Session};
pub use settings::{AccountChanges, AccountView};
pub use status::Status;
pub use suspension::{SuspendReason, Suspension};
pub use text::{Justification, Message, Name, Note, ReasonText, Text};
pub use tombstone::{Exit, Gone, Tombstone};
pub use totp::{TotpCode, TotpSecret, TotpStep};
pub use user::{Invitee, MailProblem, User};
pub use user_access::Device;
pub use version::IfMatch;
pub use view::{SessionView, UserView};
pub use webhook::{REPLAYED_DAYS, SwitchOffReason, SwitchedOff, WEBHOOKS_MAX, Webhook, WebhookReplay};
pub use webhook_delivery::{DeliveryEnd, WebhookDelivery};
pub use webhook_secret::WebhookSecret;
pub use webhook_url::{WebhookUrl, is_public};
pub use webhook_view::{WebhookList, WebhookView, WebhookWithSecret};

/// An instant in UTC, to the millisecond.
pub type Instant = chrono::DateTime<chrono::Utc>;
