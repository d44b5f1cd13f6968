//! What the demo account pays for.

use domain::{Account, Billed, Catalogue, Entity, Fact, Instant, Interval, Plan, Wish};

/// Pro by the month, from now on.
pub(crate) fn subscribe(account: Account, now: Instant) -> Result<Billed, String> {
    let wish = Wish::Paid(Plan::Pro, Interval::Monthly);
    account.change_plan(wish, Catalogue::LISTS, now).map_err(|refusal| refusal.detail())
}

/// Keeps what is written beside the account: that is written once, at the end.
pub(crate) fn kept(billed: Billed, puts: &mut Vec<Entity>, facts: &mut Vec<Fact>) -> Account {
    let Billed { account, invoices, entries, facts: happened, timer: _ } = billed;
    puts.extend(invoices.into_iter().map(Entity::from));
    puts.extend(entries.into_iter().map(Entity::from));
    facts.extend(happened);
    account
}
