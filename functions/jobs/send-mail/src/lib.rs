//! Event bus → queue → SES v2: one mail a fact. A claim is a lease; the mail service's identifier settles it.
//! Only a crash after the service took the mail and before that is recorded may send it again. RULE: EV-03

mod letter;
mod mails;

use std::time::Duration;

use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message as SesMessage, MessageTag};
use chrono::TimeDelta;
use domain::{
    Account, AccountId, Delivery, Dispatch, Entity, EntityKey, FactKind, Instant, Removal, User, UserId,
};
use runtime::{
    BatchReply, Env, Fault, INVITATIONS_KEY, InvitationToken, Job, Loaded, Message, RequestIdHeader,
    StartError, Wants, chain,
};
use serde::Deserialize;
use store::{Outcome, Writes};

use letter::Mail;

/// The function.
pub const FUNCTION: runtime::Function = runtime::job::<SendMail>();

const MAIL_SENDER: &str = "MAIL_SENDER";
const CONSOLE_URL: &str = "CONSOLE_URL";
/// Longer than the function may run, so that nobody else is at work when it is over.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// What settles a dispatch that had nothing to send.
const SKIPPED: &str = "skipped";
const SETTLE_ATTEMPTS_MAX: u32 = 6;
/// The first wait between two attempts to record; each further one is twice as long.
const SETTLE_PAUSE: Duration = Duration::from_millis(20);

/// The mail service.
pub struct SendMail {
    mail_service: aws_sdk_sesv2::Client,
}

/// What is published of a fact, as far as mails need it.
#[derive(Deserialize)]
struct Published {
    id: String,
    #[serde(rename = "type")]
    kind: FactKind,
    account_id: AccountId,
    actor: Actor,
    target: Option<UserId>,
    request_id: String,
}

#[derive(Deserialize)]
struct Actor {
    #[serde(default)]
    id: Option<UserId>,
}

impl Job for SendMail {
    const NAME: &str = "send-mail";
    const SETTINGS: &'static [&'static str] = &[MAIL_SENDER, CONSOLE_URL, INVITATIONS_KEY];

    fn start(env: &Env) -> Result<Self, StartError> {
        let config = aws_sdk_sesv2::config::Builder::from(&env.sdk).interceptor(RequestIdHeader).build();
        Ok(Self { mail_service: aws_sdk_sesv2::Client::from_conf(config) })
    }

    async fn work(&self, env: &Env, batch: Vec<Message>) -> BatchReply {
        Self::each(batch, |message| self.settle_one(env, message)).await
    }
}

/// What is known when a mail is written.
struct Known {
    account: Option<Account>,
    target: Option<User>,
    inviter: Option<User>,
}

impl SendMail {
    async fn settle_one(&self, env: &Env, message: Message) -> Result<(), Fault> {
        let detail = message.body.get("detail").cloned().unwrap_or_default();
        let fact: Published = serde_json::from_value(detail)?;
        let now = env.clock.now();
        let (loaded, known) = self.read(env, &fact).await?;
        let dispatch: Option<Dispatch> = loaded.get(&EntityKey::Dispatch(fact.id.clone()))?;
        match dispatch {
            Some(dispatch) if dispatch.settled_as.is_some() => return Ok(()),
            Some(dispatch) if now < dispatch.claimed_until => {
                return Err("somebody else is sending this mail".into());
            }
            _ => {}
        }
        let Some(mail) = write(env, &fact, &known).await? else {
            return self.settle(env, &fact, SKIPPED).await;
        };
        claim(env, &fact, &loaded, now).await?;
        let mail_id = self.send(env, &fact, mail).await?;
        self.settle(env, &fact, &mail_id).await?;
        if matches!(fact.kind, FactKind::AccountCreated | FactKind::UserInvited | FactKind::InvitationResent)
        {
            self.show_as_sent(env, &fact, env.clock.now()).await;
        }
        Ok(())
    }

    async fn read(&self, env: &Env, fact: &Published) -> Result<(Loaded, Known), Fault> {
        let account_key = EntityKey::Account(fact.account_id);
        let actor_key = fact.actor.id.map(|actor| EntityKey::User(fact.account_id, actor));
        let target_key = fact.target.map(|target| EntityKey::User(fact.account_id, target));
        let mut wants = Wants::default();
        wants.key(EntityKey::Dispatch(fact.id.clone()));
        wants.key(account_key.clone());
        for key in [&actor_key, &target_key].into_iter().flatten() {
            wants.key(key.clone());
        }
        let mut loaded = Loaded::default();
        env.table.load(&wants, &mut loaded).await?;
        let user = |key: Option<EntityKey>| key.map(|key| loaded.get::<User>(&key)).transpose();
        let (target, inviter) = (user(target_key)?.flatten(), user(actor_key)?.flatten());
        let known = Known { account: loaded.get(&account_key)?, target, inviter };
        Ok((loaded, known))
    }

    async fn send(&self, env: &Env, fact: &Published, mail: Mail) -> Result<String, Fault> {
        let utf8 = |data: String| Content::builder().data(data).charset("UTF-8").build();
        let body = Body::builder().text(utf8(mail.text)?).html(utf8(mail.html)?).build();
        let message = SesMessage::builder().subject(utf8(mail.subject)?).body(body).build();
        let tag = |name: &str, value: &str| {
            let value: String =
                value.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect();
            MessageTag::builder().name(name).value(value).build()
        };
        let answer = self
            .mail_service
            .send_email()
            .from_email_address(env.setting(MAIL_SENDER)?)
            .destination(Destination::builder().to_addresses(mail.to).build())
            .content(EmailContent::builder().simple(message).build())
            .email_tags(tag("fact_id", &fact.id)?)
            .email_tags(tag("request_id", &fact.request_id)?)
            .send()
            .await?;
        Ok(answer.message_id.unwrap_or_else(|| "unnamed".into()))
    }

    /// Records what became of the mail, by itself: nothing that others write stands in its way.
    async fn settle(&self, env: &Env, fact: &Published, as_what: &str) -> Result<(), Fault> {
        let mut last: Fault = "others kept settling this mail".into();
        for attempt in 0..SETTLE_ATTEMPTS_MAX {
            match self.try_to_settle(env, fact, as_what).await {
                Ok(Outcome::Committed) => return Ok(()),
                Ok(Outcome::Contended) => {}
                Ok(Outcome::Unknown(error)) => last = error.into(),
                Err(error) => last = error,
            }
            tokio::time::sleep(SETTLE_PAUSE * 2_u32.pow(attempt)).await;
        }
        Err(format!("the mail is {as_what}, and that could not be recorded: {}", chain(last.as_ref())).into())
    }

    async fn try_to_settle(&self, env: &Env, fact: &Published, as_what: &str) -> Result<Outcome, Fault> {
        let (loaded, _) = self.read(env, fact).await?;
        let stored: Option<Dispatch> = loaded.get(&EntityKey::Dispatch(fact.id.clone()))?;
        let claimed_until = stored.map_or_else(|| env.clock.now(), |dispatch| dispatch.claimed_until);
        let settled_as = Some(as_what.to_owned());
        let dispatch = Dispatch { fact_id: fact.id.clone(), claimed_until, settled_as };
        commit(env, &[dispatch.into()], &loaded).await
    }

    /// Shows at the user that the invitation is out. The mail is settled already, so this may fail for good.
    async fn show_as_sent(&self, env: &Env, fact: &Published, sent_at: Instant) {
        for _ in 0..SETTLE_ATTEMPTS_MAX {
            let Ok((loaded, known)) = self.read(env, fact).await else { continue };
            let Some(user) = known.target else { return };
            if user.invitation.delivery != Delivery::Queued {
                return;
            }
            if let Ok(Outcome::Committed) =
                commit(env, &[user.invitation_sent(sent_at).into()], &loaded).await
            {
                return;
            }
        }
    }
}

/// RULE: EV-03
async fn claim(env: &Env, fact: &Published, loaded: &Loaded, now: Instant) -> Result<(), Fault> {
    let dispatch = Dispatch { fact_id: fact.id.clone(), claimed_until: now + LEASE, settled_as: None };
    match commit(env, &[dispatch.into()], loaded).await? {
        Outcome::Committed => Ok(()),
        Outcome::Contended => Err("somebody else claimed this mail".into()),
        Outcome::Unknown(error) => Err(error.into()),
    }
}

async fn commit(env: &Env, puts: &[Entity], loaded: &Loaded) -> Result<Outcome, Fault> {
    let deletes: &[Removal] = &[];
    let (outcome, _) = env.table.commit(Writes { puts, deletes, reliances: &[] }, loaded).await?;
    Ok(outcome)
}

/// The mail that the fact calls for now; none where its reason is gone.
async fn write(env: &Env, fact: &Published, known: &Known) -> Result<Option<Mail>, Fault> {
    let (Some(account), Some(user)) = (&known.account, &known.target) else { return Ok(None) };
    let console = env.setting(CONSOLE_URL)?;
    Ok(match fact.kind {
        FactKind::AccountCreated | FactKind::UserInvited | FactKind::InvitationResent => {
            if user.invitation.is_expired(env.clock.now()) {
                return Ok(None);
            }
            let Some(token) = InvitationToken::derive(env, user).await? else { return Ok(None) };
            let link = format!("{console}/accept#{token}");
            Some(match fact.kind {
                FactKind::AccountCreated => mails::confirm_sign_up(account, user, &link),
                _ => mails::invitation(account, user, known.inviter.as_ref(), &link),
            })
        }
        FactKind::UserReactivated => Some(mails::reactivated(account, user, &format!("{console}/sign-in"))),
        _ => None,
    })
}
