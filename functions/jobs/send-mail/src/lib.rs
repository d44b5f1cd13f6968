//! Event bus → queue → SES v2: the mails that a fact calls for, each once. A claim is a lease; the mail service's
//! identifier settles it. Only a crash after the service took the mail and before that is recorded, or an answer of the
//! service that was lost, may send it again.
//! RULE: EV-03

mod dispatch;
mod fact;
mod html;
mod known;
mod letter;
mod mails;
#[cfg(test)]
mod tests;

use aws_sdk_sesv2::error::SdkError;
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message as SesMessage, MessageTag};
use domain::{DepartureStep, EntityKey, FactKind, Instant, Status, User};
use futures_util::future::join_all;
use runtime::{
    BatchReply, CONSOLE_URL, Env, Fault, InvitationToken, Job, LinkToken, Loaded, Message, RequestIdHeader,
    StartError, TOKENS_KEYS, Wants, chain,
};
use store::Outcome;

pub use dispatch::LEASE;
use dispatch::{ALL, OneMail, SETTLE_ATTEMPTS_MAX, SKIPPED};
use fact::{Audience, Published};
use known::Known;
use letter::Letter;
use mails::{About, Notice};

/// The function.
pub const FUNCTION: runtime::Function = runtime::job::<SendMail>();

const MAIL_SENDER: &str = "MAIL_SENDER";
const CONFIGURATION_SET: &str = "CONFIGURATION_SET";
/// Mails of one fact that are sent at once.
const AT_ONCE_MAX: usize = 5;

/// The mail service.
pub struct SendMail {
    mail_service: aws_sdk_sesv2::Client,
}

impl Job for SendMail {
    const NAME: &str = "send-mail";
    const SETTINGS: &'static [&'static str] = &[MAIL_SENDER, CONSOLE_URL, CONFIGURATION_SET, TOKENS_KEYS];

    fn start(env: &Env) -> Result<Self, StartError> {
        let config = aws_sdk_sesv2::config::Builder::from(&env.sdk).interceptor(RequestIdHeader).build();
        Ok(Self { mail_service: aws_sdk_sesv2::Client::from_conf(config) })
    }

    async fn work(&self, env: &Env, batch: Vec<Message>) -> BatchReply {
        Self::each(batch, |message| self.settle_one(env, message)).await
    }
}

impl SendMail {
    async fn settle_one(&self, env: &Env, message: Message) -> Result<(), Fault> {
        let detail = message.body.get("detail").cloned().unwrap_or_default();
        let fact: Published = serde_json::from_value(detail)?;
        let Some(audience) = fact.audience() else { return Ok(()) };
        let now = env.clock.now();
        let mut loaded = Loaded::default();
        let known = Known::read(env, &fact, &mut loaded).await?;
        let whole = OneMail { fact_id: &fact.id, recipient: None };
        if whole.is_settled(&loaded, now)? {
            return Ok(());
        }
        let Some(letter) = write(env, &fact, &known).await? else { return whole.settle(env, SKIPPED).await };
        let (Audience::Target, Some(target)) = (audience, &known.target) else {
            let recipients = known.recipients(env, &fact).await?;
            return self.send_to_all(env, &fact, &letter, &recipients).await;
        };
        self.send_once(env, &fact, whole, (&letter, target), &loaded).await?;
        if fact.brings_invitation() {
            show_as_sent(env, target, env.clock.now()).await;
        }
        Ok(())
    }

    /// A mail to each, whatever becomes of the others'; what failed is tried again without those that went out.
    async fn send_to_all(
        &self,
        env: &Env,
        fact: &Published,
        letter: &Letter,
        recipients: &[User],
    ) -> Result<(), Fault> {
        let to = |recipient| OneMail { fact_id: &fact.id, recipient };
        if recipients.is_empty() {
            return to(None).settle(env, SKIPPED).await;
        }
        let (mut wants, mut loaded) = (Wants::default(), Loaded::default());
        for user in recipients {
            wants.key(domain::Dispatch::key_of(&fact.id, Some(user.id)));
        }
        env.table.load(&wants, &mut loaded).await?;
        let mut failures = Vec::new();
        for some in recipients.chunks(AT_ONCE_MAX) {
            let mails =
                some.iter().map(|user| self.send_once(env, fact, to(Some(user.id)), (letter, user), &loaded));
            failures.extend(join_all(mails).await.into_iter().filter_map(Result::err));
        }
        match failures.first() {
            None => to(None).settle(env, ALL).await,
            Some(first) => {
                let (failed, all) = (failures.len(), recipients.len());
                Err(format!("{failed} of {all} mails failed, first: {}", chain(first.as_ref())).into())
            }
        }
    }

    async fn send_once(
        &self,
        env: &Env,
        fact: &Published,
        mail: OneMail<'_>,
        (letter, user): (&Letter, &User),
        loaded: &Loaded,
    ) -> Result<(), Fault> {
        let now = env.clock.now();
        if mail.is_settled(loaded, now)? {
            return Ok(());
        }
        mail.claim(env, loaded, now).await?;
        match self.send(env, fact, letter, user).await {
            Ok(mail_id) => mail.settle(env, &mail_id).await,
            Err(failure) => {
                // Without an answer it may be on its way: then the lease keeps others from sending it meanwhile.
                if is_refused(&failure) {
                    mail.release(env).await;
                }
                Err(failure)
            }
        }
    }

    async fn send(&self, env: &Env, fact: &Published, letter: &Letter, user: &User) -> Result<String, Fault> {
        let mail = letter.to(user);
        let utf8 = |data: String| Content::builder().data(data).charset("UTF-8").build();
        let body = Body::builder().text(utf8(mail.text)?).html(utf8(mail.html)?).build();
        let message = SesMessage::builder().subject(utf8(mail.subject)?).body(body).build();
        let answer = self
            .mail_service
            .send_email()
            .from_email_address(env.setting(MAIL_SENDER)?)
            .configuration_set_name(env.setting(CONFIGURATION_SET)?)
            .destination(Destination::builder().to_addresses(mail.to).build())
            .content(EmailContent::builder().simple(message).build())
            .set_email_tags(Some(tags(fact, user)?))
            .send()
            .await?;
        Ok(answer.message_id.unwrap_or_else(|| "unnamed".into()))
    }
}

/// Whether the mail service has said that it does not take the mail.
fn is_refused(failure: &Fault) -> bool {
    let failure = failure.downcast_ref::<SdkError<SendEmailError>>();
    failure.is_some_and(|failure| matches!(failure, SdkError::ServiceError(_)))
}

/// What comes back with every report of the mail: whose it is, and which sending of an invitation. RULE: EV-04
fn tags(fact: &Published, user: &User) -> Result<Vec<MessageTag>, Fault> {
    let tag = |name: &str, value: &str| {
        let value: String =
            value.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect();
        MessageTag::builder().name(name).value(value).build()
    };
    let mut tags = vec![
        tag("fact_id", &fact.id)?,
        tag("request_id", &fact.request_id)?,
        tag("account_id", &user.account_id.to_string())?,
        tag("user_id", &user.id.to_string())?,
    ];
    if fact.brings_invitation() {
        tags.push(tag("sending", &user.invitation.issued_at.timestamp_millis().to_string())?);
    }
    Ok(tags)
}

/// Shows at the user that this sending of the invitation is out. The mail is settled already, so this may fail for good.
async fn show_as_sent(env: &Env, sent_to: &User, sent_at: Instant) {
    let key = EntityKey::User(sent_to.account_id, sent_to.id);
    for _ in 0..SETTLE_ATTEMPTS_MAX {
        let (mut wants, mut loaded) = (Wants::default(), Loaded::default());
        wants.key(key.clone());
        if env.table.load(&wants, &mut loaded).await.is_err() {
            continue;
        }
        let Ok(Some(user)) = loaded.get::<User>(&key) else { return };
        let is_shown = user.invitation.sent_at.is_some();
        if is_shown || !user.invitation.is_of(sent_to.invitation.issued_at) {
            return;
        }
        if let Ok(Outcome::Committed) = dispatch::commit(env, user.invitation_sent(sent_at), &loaded).await {
            return;
        }
    }
}

/// The letter that the fact calls for now; none where its reason is gone.
async fn write(env: &Env, fact: &Published, known: &Known) -> Result<Option<Letter>, Fault> {
    let Some(account) = &known.account else { return Ok(None) };
    let console = env.setting(CONSOLE_URL)?;
    let about = known.about(account, env, console);
    let Some(user) = linked(fact, &about) else {
        return Ok(letter(fact, &about));
    };
    if !account.is_open() {
        return Ok(None);
    }
    let (page, token) = match fact.kind {
        FactKind::PasswordResetRequested => {
            ("reset", LinkToken::derive(env, user, User::reset_claim, about.now).await?)
        }
        FactKind::AccessAsked => {
            ("access", LinkToken::derive(env, user, User::question_claim, about.now).await?)
        }
        _ => ("accept", InvitationToken::derive(env, user).await?),
    };
    let link = token.map(|token| format!("{console}/{page}#{token}"));
    Ok(link.map(|link| with_link(fact, &about, user, &link)))
}

/// Whom the fact calls for a link of their own, if they still can use it. One that was sent again since has its own mail.
fn linked<'a>(fact: &Published, about: &About<'a>) -> Option<&'a User> {
    let user = about.target?;
    let invitation = &user.invitation;
    let is_pending = about.account.status_of(user, about.now) == Status::Pending;
    let is_good = match fact.kind {
        FactKind::AccountCreated | FactKind::UserInvited => is_pending && invitation.is_of(user.invited_at),
        FactKind::InvitationResent => is_pending && fact.at >= invitation.issued_at,
        FactKind::InvitationReminded => is_pending && invitation.reminded_at.is_some(),
        // RULE: AC-08, SU-01
        FactKind::PasswordResetRequested => user.open_reset(about.now).is_some(),
        // Of one that was asked since, there is a mail of its own. RULE: AU-04
        FactKind::AccessAsked => user.open_question(about.now).is_some_and(|it| it.asked_at == fact.at),
        _ => false,
    };
    is_good.then_some(user)
}

fn with_link(fact: &Published, about: &About<'_>, user: &User, link: &str) -> Letter {
    match fact.kind {
        FactKind::AccountCreated => mails::confirm_sign_up(about, user, link),
        FactKind::InvitationResent => mails::invited_again(about, user, link),
        FactKind::InvitationReminded => mails::reminder(about, user, link),
        FactKind::PasswordResetRequested => mails::reset_requested(&Notice { fact, about, user }, link),
        FactKind::AccessAsked => mails::access_asked(about, user, link),
        _ => mails::invitation(about, user, link),
    }
}

/// The letter without a link of the recipient's own; it says where it can be done without, if it can.
fn letter(fact: &Published, about: &About<'_>) -> Option<Letter> {
    let letter = written(fact, about)?;
    Some(match fact.mailing() {
        Some(_) => letter.choice(format!("{}/notifications", about.console)),
        None => letter,
    })
}

/// Of a closed account nothing is mailed but that it is closed. RULE: AC-11
fn written(fact: &Published, about: &About<'_>) -> Option<Letter> {
    if fact.kind == FactKind::AccountClosed {
        return Some(mails::closed(about));
    }
    if !about.account.is_open() {
        return None;
    }
    let target = |status: Status| about.target.filter(|user| user.status_at(about.now) == status);
    let open_step = |step: &DepartureStep| {
        let departure = about.departure.filter(|departure| departure.is_running());
        departure.is_some_and(|it| it.steps.iter().any(|one| one.name == *step && one.done_at.is_none()))
    };
    match fact.kind {
        FactKind::UserReactivated => target(Status::Active).map(|_| mails::reactivated(about)),
        FactKind::InvitationExpired => {
            let is_over = about.target.is_none() || target(Status::Expired).is_some();
            is_over.then(|| mails::expired(about))
        }
        FactKind::InvitationDelivery => {
            let user = target(Status::Pending)?;
            let has_failed = user.invitation.delivery == domain::Delivery::DeliveryFailed;
            has_failed.then(|| mails::undeliverable(about, user))
        }
        FactKind::SuspensionWarned => {
            let user = target(Status::Suspended)?;
            mails::still_suspended(about, user, fact.number("days")?, fact.at)
        }
        FactKind::UserLeft => Some(mails::left(about)),
        FactKind::FirstWeekEnded => target(Status::Active).map(|user| mails::first_week(about, user)),
        FactKind::ReviewMade => about.review.map(|review| mails::review(about, review)),
        FactKind::WebhookSwitchedOff => {
            let webhook = about.webhook?;
            Some(mails::switched_off(about, webhook, webhook.switched_off?))
        }
        FactKind::DepartureStarted => Some(mails::started(about)),
        FactKind::DepartureStepDue => fact.step().filter(open_step).map(|step| mails::step_due(about, step)),
        FactKind::DepartureBlocked => {
            let code = fact.text("code").unwrap_or_default();
            // It ended the departure, so no step is open any more.
            fact.step().map(|step| mails::blocked(about, step, code))
        }
        FactKind::DepartureFinished => Some(mails::finished(about, fact)),
        FactKind::DepartureCancelled => Some(mails::cancelled(about)),
        _ if fact.is_of_billing() => mails::billing(about, fact),
        _ => mails::security(&Notice::of(fact, about)?),
    }
}
