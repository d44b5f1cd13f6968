//! What a mail is written from, read when it is written.

use domain::{
    Account, Departure, Dispatch, EntityKey, Review, Role, Status, Tombstone, User, UserId, Webhook,
};
use runtime::{Collection, Env, Fault, Loaded, Wants, want_names, with_names};

use crate::fact::{Audience, Published, ROOTS};
use crate::mails::About;

/// The most people that one fact is mailed to, the Roots first.
pub(crate) const RECIPIENTS_MAX: usize = 25;
/// Users of one page, and pages that are looked through for recipients: as many as the function's time is enough for.
const PAGE_USERS: i32 = 1000;
const PAGES_MAX: usize = 40;

/// What was read for a fact.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) account: Option<Account>,
    pub(crate) target: Option<User>,
    tombstone: Option<Tombstone>,
    by: Option<User>,
    by_tombstone: Option<Tombstone>,
    departure: Option<Departure>,
    successor: Option<User>,
    review: Option<Review>,
    webhook: Option<Webhook>,
}

impl Known {
    /// What the fact itself says is needed, in one step, and whoever it leads to in another.
    pub(crate) async fn read(env: &Env, fact: &Published, loaded: &mut Loaded) -> Result<Self, Fault> {
        let user = |id: UserId| EntityKey::User(fact.account_id, id);
        let account_key = EntityKey::Account(fact.account_id);
        let tombstone_key = fact.target.map(|id| EntityKey::Tombstone(fact.account_id, id));
        // Whoever looked at codes and is gone since is named all the same. RULE: RC-05
        let actor = fact.other_actor().filter(|_| fact.is_of_security());
        let by_tombstone_key = actor.map(|id| EntityKey::Tombstone(fact.account_id, id));
        let departure_key = fact.target.map(|id| EntityKey::Departure(fact.account_id, id));
        let webhook_key = fact.webhook_id().map(|id| EntityKey::Webhook(fact.account_id, id));
        let mut wants = Wants::default();
        wants.key(Dispatch::key_of(&fact.id, None));
        webhook_key.iter().cloned().for_each(|key| wants.key(key));
        wants.key(account_key.clone());
        fact.actor.id.into_iter().chain(fact.target).for_each(|id| wants.key(user(id)));
        if fact.audience() != Some(Audience::Target) {
            tombstone_key.iter().cloned().for_each(|key| wants.key(key));
        }
        by_tombstone_key.iter().cloned().for_each(|key| wants.key(key));
        if fact.is_of_departure() {
            departure_key.iter().cloned().for_each(|key| wants.key(key));
        }
        let review_key = fact.review_id().map(|id| EntityKey::Review(fact.account_id, id));
        review_key.iter().cloned().for_each(|key| wants.key(key));
        env.table.load(&wants, loaded).await?;
        let review: Option<Review> = of(loaded, review_key)?;
        let target: Option<User> = of(loaded, fact.target.map(user))?;
        let departure: Option<Departure> = of(loaded, departure_key)?;
        let departure = departure.filter(|it| Some(it.id.to_string().as_str()) == fact.text("departure_id"));
        let successor = departure.as_ref().and_then(|departure| departure.successor_id);
        let by = fact.named(target.as_ref().and_then(|user| user.invitation.invited_by));
        let mut wants = Wants::default();

        let listed: Vec<UserId> = review.iter().flat_map(Review::listed).collect();
        by.into_iter().chain(successor).for_each(|id| wants.key(user(id)));
        if let Some(review) = &review {
            want_names(review, &listed, &mut wants);
        }
        env.table.load(&wants, loaded).await?;
        Ok(Self {
            account: loaded.get(&account_key)?,
            target,
            tombstone: of(loaded, tombstone_key)?,
            by: of(loaded, by.map(user))?,
            by_tombstone: of(loaded, by_tombstone_key)?,
            departure,
            successor: of(loaded, successor.map(user))?,
            review: review.map(|review| with_names(review, &listed, loaded)).transpose()?,
            webhook: of(loaded, webhook_key)?,
        })
    }

    /// What there is to write from, in this account.
    pub(crate) fn about<'a>(&'a self, account: &'a Account, env: &'a Env, console: &'a str) -> About<'a> {
        About {
            account,
            target: self.target.as_ref(),
            tombstone: self.tombstone.as_ref(),
            by: self.by.as_ref(),
            by_tombstone: self.by_tombstone.as_ref(),
            departure: self.departure.as_ref(),
            successor: self.successor.as_ref(),
            review: self.review.as_ref(),
            webhook: self.webhook.as_ref(),
            console,
            now: env.clock.now(),
        }
    }

    /// Who is mailed, in the order of the roles that are to be told. Nobody is told of what happens to themselves here.
    pub(crate) async fn recipients(&self, env: &Env, fact: &Published) -> Result<Vec<User>, Fault> {
        let roles = match fact.audience() {
            None | Some(Audience::Target) => return Ok(Vec::new()),
            Some(Audience::Inviter) => match self.by.as_ref().filter(|by| by.status == Status::Active) {
                Some(inviter) => return Ok(vec![inviter.clone()]),
                None => ROOTS,
            },
            Some(Audience::Roles(roles)) => roles,
        };
        let mut users = active_users(env, fact, roles).await?;
        let mailing = fact.mailing();
        users.retain(|user| {
            Some(user.id) != fact.target && !mailing.is_some_and(|mailing| user.mutes(mailing))
        });
        let rank = |user: &User| roles.iter().position(|role| *role == user.role);
        users.sort_by_key(|user| (rank(user), user.id.bits()));
        users.truncate(RECIPIENTS_MAX);
        Ok(users)
    }
}

fn of<T: serde::de::DeserializeOwned>(loaded: &Loaded, key: Option<EntityKey>) -> Result<Option<T>, Fault> {
    Ok(key.map(|key| loaded.get(&key)).transpose()?.flatten())
}

async fn active_users(env: &Env, fact: &Published, roles: &[Role]) -> Result<Vec<User>, Fault> {
    let mut found = Vec::new();
    let mut after = None;
    for _ in 0..PAGES_MAX {
        let page = Collection::Users { account_id: fact.account_id, after, limit: PAGE_USERS };
        let (mut wants, mut loaded) = (Wants::default(), Loaded::default());
        wants.collection(page.clone());
        env.table.load(&wants, &mut loaded).await?;
        let users: Vec<User> = loaded.all(&page)?;
        after = users.last().map(|user| user.id);
        found.extend(
            users.into_iter().filter(|user| user.status == Status::Active && roles.contains(&user.role)),
        );
        if !loaded.has_more(&page) {
            break;
        }
    }
    Ok(found)
}
