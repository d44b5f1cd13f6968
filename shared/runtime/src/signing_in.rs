//! What every way of signing in ends with: a session, or a wrong answer that is counted.

use domain::{
    Challenge, Change, Device, EntityKey, Fact, FactKind, Factors, Proof, Refusal, Removal, SESSION_LIFETIME,
    Session, SessionView, User,
};

use crate::{Credential, Moment};

/// Begins a session of this user under the epoch that they had when they gave their first proof. RULE: SE-06, AC-05
pub fn begin_session(user: User, epoch: u64, at: &Moment) -> Change<SessionView> {
    let tag = user.rate_tag.unwrap_or(at.fresh.rate_tag);
    let device = Device { name: at.origin.user_agent.clone(), network: at.origin.ip.clone() };
    let is_new = user.is_new_device(&device);
    let user = user.signed_in(tag, at.now).seen_on(device);
    let (session_id, secret) = (at.fresh.session_id, at.fresh.secret);
    let credential = Credential::issue(user.account_id, user.id, session_id, tag, secret);
    let session = Session {
        id: session_id,
        account_id: user.account_id,
        user_id: user.id,
        epoch,
        secret_digest: credential.digest(),
        created_at: at.now,
        expires_at: at.now + SESSION_LIFETIME,
        ip: at.origin.ip.clone(),
        device: at.origin.user_agent.clone(),
        stepped_up_at: None,
        last_seen_at: None,
    };
    let named = |kind| Fact::of(kind, &user).after("session_id", session_id.to_string());
    let change = Change::reply(SessionView::new(&session, credential.expose(), &user, at.now))
        .performed_by(&user)
        .fact(named(FactKind::SessionCreated));
    let change = if is_new { change.fact(new_device(named(FactKind::SessionNewDevice), at)) } else { change };
    change.put(session).put(user)
}

/// What the mail tells of the place: it may have been forgotten by the time that it is written.
fn new_device(fact: Fact, at: &Moment) -> Fact {
    fact.after("device", at.origin.user_agent.clone()).after("network", at.origin.ip.clone())
}

/// What was proved is not proved by the same again, and its owner is told where it was a recovery code. RULE: AC-04, RC-01
pub fn use_proof<R>(
    change: Change<R>,
    factors: Factors,
    proof: Proof,
    user: &User,
    at: &Moment,
) -> Change<R> {
    let is_recovery = matches!(proof, Proof::RecoveryCode(_));
    let factors = factors.used(proof, user, at.now);
    let left = factors.codes.as_ref().filter(|_| is_recovery).map(domain::RecoveryCodes::left);
    let change = match left {
        Some(left) => change.fact(Fact::of(FactKind::CodeUsed, user).after("codes_left", left)),
        None => change,
    };
    change.put(factors)
}

/// A code or a passkey's answer was wrong, and this is what the caller is told: it is counted and audited, and where it was
/// one too many, its owner is told. RULE: AC-03
pub fn count_wrong_answer<R>(
    refusal: Refusal,
    factors: Factors,
    challenge: Option<Challenge>,
    user: &User,
    at: &Moment,
) -> Change<R> {
    let factors = factors.failed(at.now);
    let is_locked = factors.check_lock(at.now).is_err();
    let change = Change::refuse(refusal).fact(Fact::of(FactKind::MfaFailed, user)).put(factors);
    let change = if is_locked { change.fact(Fact::of(FactKind::MfaLocked, user)) } else { change };
    match challenge {
        Some(challenge) => change.put(challenge.failed()),
        None => change,
    }
}

/// The challenge is met. RULE: AC-04
pub fn meet<R>(change: Change<R>, challenge: &Challenge) -> Change<R> {
    let Challenge { account_id, user_id, nonce, .. } = challenge;
    change.delete(Removal::AsRead(EntityKey::Challenge(*account_id, *user_id, nonce.clone())))
}
