//! A second factor from which on everything begins anew. RULE: RO-08

use crate::{Actor, Change, Fact, FactKind, Factors, Instant, NewCodes, RecoveryCode, Refusal, SeenBy, User};

/// The first of somebody's second factors, or an app in place of another.
pub struct FreshStart {
    /// With it.
    pub factors: Factors,
    /// The recovery codes that come with it, where no other factor is beside it.
    pub codes: Option<NewCodes>,
}

impl FreshStart {
    /// It counts as a full authentication, lifts what an Admin or a Root owes, and ends every other session. The reply is
    /// made of the recovery codes, which are shown this once. RULE: RO-08, AC-05, RC-05
    pub fn confirm<R>(
        self,
        by: &Actor,
        enabled: impl FnOnce(&User) -> Fact,
        now: Instant,
        reply: impl FnOnce(Option<Vec<String>>) -> R,
    ) -> Result<Change<R>, Refusal> {
        let user = by.user.clone().with_factor().authenticated(now);
        let session = by.session()?.clone().stepped_up(now).under(user.session_epoch);
        let Some(codes) = self.codes else {
            let change = Change::reply(reply(None)).fact(enabled(&user));
            return Ok(change.put(user).put(session).put(self.factors));
        };
        let user = user.with_codes();
        let (codes, shown) = codes.issue(SeenBy::Owner, now);
        Ok(Change::reply(reply(Some(shown.iter().map(RecoveryCode::expose).collect())))
            .fact(enabled(&user))
            .fact(Fact::of(FactKind::CodesIssued, &user))
            .put(user)
            .put(session)
            .put(self.factors.with_codes(codes)))
    }
}
