//! Bus → queue: whenever an invoice was issued, its account is held against its users, and all of its invoices are made
//! once more from the history of seats. What differs is a failure like any other: it is tried again, and in the end it is in
//! the dead-letter queue with what differs as its reason, and an alarm tells. RULE: BI-19

use domain::{Account, AccountId, Catalogue, EntityKey, HistoryEntry, Invoice, User};
use runtime::{BatchReply, Collection, Env, Fault, Job, Loaded, Message, StartError, Wants};

/// The function.
pub const FUNCTION: runtime::Function = runtime::job::<Reconcile>();

/// How often all is read anew, where others changed the account meanwhile.
const READS_MAX: usize = 3;
/// Users or invoices of one read.
const PAGE_MAX: i32 = 1000;

/// Nothing but the table.
pub struct Reconcile;

impl Job for Reconcile {
    const NAME: &str = "reconcile";

    fn start(_: &Env) -> Result<Self, StartError> {
        Ok(Self)
    }

    async fn work(&self, env: &Env, batch: Vec<Message>) -> BatchReply {
        Self::each(batch, |message| check(env, message)).await
    }
}

async fn check(env: &Env, message: Message) -> Result<(), Fault> {
    let account_id = message.body.pointer("/detail/account_id").and_then(|id| id.as_str());
    let account_id = account_id.and_then(AccountId::parse).ok_or("the message names no account")?;
    for _ in 0..READS_MAX {
        let Some(before) = account(env, account_id).await? else { return Ok(()) };
        let users = users(env, account_id).await?;
        let entries = entries(env, &before).await?;
        let invoices = invoices(env, account_id).await?;
        if account(env, account_id).await?.as_ref() != Some(&before) {
            continue;
        }
        let now = env.clock.now();
        let differences = before.differences(&users, &entries, &invoices, Catalogue::LISTS, now);
        if differences.is_empty() {
            return Ok(());
        }
        return Err(format!("{account_id} does not add up: {}", differences.join("; ")).into());
    }
    Err("others kept changing the account".into())
}

async fn account(env: &Env, account_id: AccountId) -> Result<Option<Account>, Fault> {
    let key = EntityKey::Account(account_id);
    let (mut wants, mut loaded) = (Wants::default(), Loaded::default());
    wants.key(key.clone());
    env.table.load(&wants, &mut loaded).await?;
    Ok(loaded.get(&key)?)
}

async fn users(env: &Env, account_id: AccountId) -> Result<Vec<User>, Fault> {
    let page = Collection::pages_of_users(account_id, PAGE_MAX);
    Ok(env.table.load_all(page, &mut Loaded::default()).await?)
}

async fn entries(env: &Env, account: &Account) -> Result<Vec<HistoryEntry>, Fault> {
    let page = |last: Option<&HistoryEntry>| Collection::History {
        account_id: account.id,
        first: last.map_or(1, |entry| entry.number + 1),
        last: account.billing.entries,
    };
    Ok(env.table.load_all(page, &mut Loaded::default()).await?)
}

/// In the order of their numbers.
async fn invoices(env: &Env, account_id: AccountId) -> Result<Vec<Invoice>, Fault> {
    let page = |last: Option<&Invoice>| Collection::Invoices {
        account_id,
        before: last.map(|invoice| invoice.number),
        limit: PAGE_MAX,
    };
    let mut newest_first = env.table.load_all(page, &mut Loaded::default()).await?;
    newest_first.reverse();
    Ok(newest_first)
}
