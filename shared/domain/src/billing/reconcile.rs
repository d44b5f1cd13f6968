//! Whether an account says what its users, its history and its invoices say. RULE: BI-19

use super::{Catalogue, HistoryEntry, Invoice, replay};
use crate::{Account, Instant, Status, User};

impl Account {
    /// What is not as it should be, in words that name nobody; nothing where all agrees. All of it has to have been read
    /// while the account stayed as it is. The invoices stand in the order of their numbers.
    pub fn differences(
        &self,
        users: &[User],
        entries: &[HistoryEntry],
        invoices: &[Invoice],
        catalogue: Catalogue,
        now: Instant,
    ) -> Vec<String> {
        let count = |is: &dyn Fn(&User) -> bool| users.iter().filter(|user| is(user)).count();
        let is_pending = |user: &User| user.status == Status::Pending && self.still_invites(user);
        // What was pending when the account was closed holds no seat.
        let pending = if self.is_open() { count(&is_pending) } else { 0 };
        let counters = [
            ("pending users", self.pending, pending),
            ("active users", self.active, count(&|user| user.status == Status::Active)),
            ("suspended users", self.suspended, count(&|user| user.status == Status::Suspended)),
            ("active Roots", self.active_roots, count(&User::is_active_root)),
            ("invoices", self.billing.invoices, invoices.len()),
        ];
        let wrong =
            counters.into_iter().filter(|(_, counted, there)| usize::try_from(*counted) != Ok(*there));
        let mut differences: Vec<String> =
            wrong.map(|(what, counted, there)| format!("{what}: {counted} counted, {there} there")).collect();
        if u64::try_from(entries.len()) != Ok(self.billing.entries) {
            differences.push(format!("history: {} counted, {} there", self.billing.entries, entries.len()));
        }
        match replay(self.id, entries, catalogue, now) {
            None => differences.push("the history cannot be one".into()),
            Some(again) => {
                if again.account.active != self.billable() {
                    differences.push(format!(
                        "billable seats: {} counted, {} in the history",
                        self.billable(),
                        again.account.active
                    ));
                }
                // What is due and not closed yet is not there yet.
                let differs = invoices.iter().zip(&again.invoices).find(|(stored, again)| stored != again);
                if let Some((stored, _)) = differs {
                    differences.push(format!("invoice {} is another one by the history", stored.number));
                }
                let is_closed = self.is_open() && !self.owes_a_close(now);
                if is_closed && self.clone().close_all(catalogue, now).billing != again.account.billing {
                    differences.push("the subscription is another one by the history".into());
                }
                if again.invoices.len() < invoices.len() {
                    differences.push("there are invoices that the history knows nothing of".into());
                }
            }
        }
        differences
    }
}
