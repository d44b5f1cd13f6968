//! What is counted and noted beside a request, and stands in nobody's way. RULE: AP-08

use domain::{Account, EntityKey, RateScope, RateWindow};
use store::{Capacity, Loaded};

use crate::caller::Caller;
use crate::credential::CredentialId;
use crate::record::Record;
use crate::shell::Retrying;
use crate::{Failure, Operation};

impl<O: Operation> Retrying<'_, O> {
    /// Counts the request once, beside the load. That it could not be counted is no reason to refuse it. RULE: AP-08
    pub(crate) async fn count(&self, record: &mut Record) {
        let Some(window) = self.window().filter(|_| self.memo.requests.get().is_none()) else { return };
        let counted = self.env.table.count(&window).await.ok();
        if let Some((_, capacity)) = counted {
            record.capacity += capacity;
        }
        // Only one attempt runs at a time, so it is not set twice.
        let _ = self.memo.requests.set(counted.map(|(requests, _)| requests));
    }

    fn window(&self) -> Option<RateWindow> {
        let credential = self.credential?;
        let scope = match credential.id {
            CredentialId::Session(_) => RateScope::Sessions(credential.user_id),
            CredentialId::Key(_) if O::COUNTS_KEYS => RateScope::Keys(credential.account_id),
            CredentialId::Key(_) => return None,
        };
        Some(RateWindow::at(scope, credential.rate_tag(), self.moment.now))
    }

    pub(crate) fn check_rate(&self, loaded: &Loaded) -> Result<(), Failure> {
        let requests = self.memo.requests.get().copied().flatten();
        let Some((window, requests)) = self.window().zip(requests) else { return Ok(()) };
        let requests_max = match window.scope {
            RateScope::Sessions(_) => self.env.session_requests_a_minute,
            RateScope::Keys(account_id) => {
                let account: Option<Account> = loaded.get(&EntityKey::Account(account_id))?;
                account.map_or(0, |account| account.plan().key_requests_a_minute())
            }
        };
        Ok(window.check(requests, requests_max, self.moment.now)?)
    }

    /// Notes beside everything else that the credential is in use. That it could not be noted harms nobody.
    /// RULE: SE-04, AC-07
    pub(crate) async fn note_seen(&self, by: &O::Caller) -> Capacity {
        let Some(key) = by.unseen(self.moment).filter(|_| self.memo.is_noted.set(()).is_ok()) else {
            return Capacity::default();
        };
        self.env.table.note_seen(&key, self.moment.now).await.unwrap_or_default()
    }
}
