//! POST /v1/me/recovery-codes: ten new codes, and the former ones are void. RULE: RC-02

use domain::{Actor, CodesView, Decision, NewCodes, Refusal, SeenBy};
use runtime::{
    CODES_KEYS, Call, Failure, Fields, Loaded, Loads, Moment, Operation, OwnFactors, Wants, issue_codes,
};

/// Nothing is sent.
pub(crate) struct IssueOwnCodes;

/// New codes, for whoever has a second factor.
pub(crate) struct Issuing {
    factors: OwnFactors,
    new: Option<NewCodes>,
}

impl Operation for IssueOwnCodes {
    const NAME: &str = "issue-own-codes";
    const ABOUT: &str = "Issues one's own recovery codes";
    const SESSION_ALONE: bool = true;
    const SHOWS_SECRET: bool = true;
    const SETTINGS: &'static [&'static str] = &[CODES_KEYS];
    const REFUSES: &'static [&'static [&'static str]] = &[&["step_up_required", "mfa_not_enabled"]];
    type Caller = Actor;
    type Loads = Issuing;
    type Reply = CodesView;

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    // RULE: AC-06, RC-03
    fn decide(&self, by: &Actor, issuing: Issuing, at: &Moment) -> Decision<CodesView> {
        by.is_fresh(at.now)?;
        let new = issuing.new.ok_or(Refusal::MfaNotEnabled)?;
        Ok(issue_codes(&by.user, issuing.factors.0, new, SeenBy::Owner, at))
    }
}

impl Loads<IssueOwnCodes> for Issuing {
    fn wants(issue: &IssueOwnCodes, call: &Call<'_>, wants: &mut Wants) {
        OwnFactors::wants(issue, call, wants);
    }

    async fn take(issue: &IssueOwnCodes, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let factors = OwnFactors::take(issue, call, loaded).await?;
        let user = call.caller(loaded)?;
        let new = if user.mfa_enabled { Some(call.new_codes(&user).await?) } else { None };
        Ok(Self { factors, new })
    }
}
