//! One request on its way through the shell.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

use domain::{
    AccountId, DepartureId, EventId, FieldError, Format, IfMatch, Instant, KeyId, NewPassword, Nonce, Origin,
    PasskeyId, RateTag, Refusal, SessionId, User, UserId, WebhookId,
};
use sha2::{Digest, Sha256};
use ulid::Ulid;

use crate::credential::halves;
use crate::{Env, Failure, Fault, hash_password, verify_password};

/// What a decision is handed: the instant, new identifiers, where the request came from.
pub struct Moment {
    /// The instant of the request.
    pub now: Instant,
    /// What was drawn for it.
    pub fresh: Fresh,
    /// How many of the call's parts earlier rounds have dealt with.
    pub done: usize,
    /// The versions of its target that the caller goes by.
    pub if_match: IfMatch,
    /// The form that the caller would rather have the reply in than as JSON, of those that it can be had in.
    pub format: Option<Format>,
    /// Where it came from, cut down.
    pub origin: Origin,
    /// The gateway's source address, whole, for counting.
    pub source_ip: String,
}

/// Random words of 128 bits that a request is given.
const WORDS: usize = 10;
const WORD_BYTES: usize = 16;

/// Identifiers and random bits, drawn once a request, so that every attempt would write the same.
pub struct Fresh {
    /// For a new account.
    pub account_id: AccountId,
    /// For a new user.
    pub user_id: UserId,
    /// For a new session.
    pub session_id: SessionId,
    /// For a new departure.
    pub departure_id: DepartureId,
    /// For a new API key.
    pub key_id: KeyId,
    /// For a new passkey.
    pub passkey_id: PasskeyId,
    /// For a new webhook.
    pub webhook_id: WebhookId,
    /// For the event of the commit.
    pub event_id: EventId,
    /// For a new invitation, enrolment, challenge, set of codes or link.
    pub nonce: Nonce,
    /// For the seed of a new set of codes.
    pub seed_nonce: Nonce,
    /// For a new credential.
    pub secret: [u8; 32],
    /// For the first credential of somebody.
    pub rate_tag: RateTag,
    /// For what a call makes several of. Under an idempotency key it is the same when the call is made again.
    pub(crate) seed: [u8; 32],
}

impl Fresh {
    pub(crate) fn draw(now: Instant) -> Result<Self, Fault> {
        let mut random = [0_u8; WORD_BYTES * WORDS];
        getrandom::fill(&mut random)?;
        let (mut secret, mut seed) = ([0; 32], [0; 32]);
        getrandom::fill(&mut secret)?;
        getrandom::fill(&mut seed)?;
        let mut words = random
            .chunks_exact(WORD_BYTES)
            .map(|word| word.iter().fold(0, |bits, byte| bits << 8 | u128::from(*byte)));
        let mut word = || words.next().ok_or("more words are taken than were drawn");
        let milliseconds = u64::try_from(now.timestamp_millis())?;
        let mut ulid = || word().map(|word| Ulid::from_parts(milliseconds, word));
        Ok(Self {
            account_id: AccountId::new(ulid()?),
            user_id: UserId::new(ulid()?),
            session_id: SessionId::new(ulid()?),
            departure_id: DepartureId::new(ulid()?),
            key_id: KeyId::new(ulid()?),
            passkey_id: PasskeyId::new(ulid()?),
            webhook_id: WebhookId::new(ulid()?),
            event_id: EventId::new(ulid()?),
            nonce: Nonce::new(word()?),
            seed_nonce: Nonce::new(word()?),
            secret,
            rate_tag: RateTag::new(getrandom::u64()?),
            seed,
        })
    }

    /// For the n-th of several new users: their identifier and their invitation's nonce. RULE: IN-21
    pub fn nth_user(&self, n: usize) -> (UserId, Nonce) {
        let number = u64::try_from(n).unwrap_or(u64::MAX).to_be_bytes();
        let digest: [u8; 32] = Sha256::new().chain_update(self.seed).chain_update(number).finalize().into();
        let (random, nonce) = halves(digest);
        (UserId::new(Ulid::from_parts(self.user_id.milliseconds(), random)), Nonce::new(nonce))
    }
}

/// What loading may use: the environment, the moment, and what slow work has already found out.
pub struct Call<'a> {
    /// The function's environment.
    pub env: &'a Env,
    /// The moment of the request.
    pub moment: &'a Moment,
    /// The account that the credential names; one that nobody has, where none is needed.
    pub account_id: AccountId,
    /// The user that the credential names, if there is one.
    pub caller_id: Option<UserId>,
    /// The session that the credential names, if it names one.
    pub session_id: Option<SessionId>,
    /// The user that the path names, if it names one.
    pub target: Option<UserId>,
    pub(crate) memo: &'a Memo,
}

/// What is kept over attempts: results of slow work, since a contended commit costs no second hash, and what was
/// true when the request began.
#[derive(Default)]
pub(crate) struct Memo {
    hashes: AtomicUsize,
    hashed: Mutex<Option<String>>,
    verified: Mutex<HashMap<Option<String>, bool>>,
    epochs: Mutex<HashMap<UserId, u64>>,
    /// The requests of the caller's window, this one included; none where they could not be counted.
    pub(crate) requests: OnceLock<Option<u64>>,
    note: OnceLock<String>,
    /// Set once it is noted that the credential is in use.
    pub(crate) is_noted: OnceLock<()>,
}

impl Memo {
    /// A word for the log; the first of a request is kept.
    pub(crate) fn note(&self, word: String) {
        self.note.get_or_init(|| word);
    }

    /// What was noted, if anything was.
    pub(crate) fn noted(&self) -> Option<String> {
        self.note.get().cloned()
    }

    /// Runs of argon2 that the request cost so far.
    pub(crate) fn hashes(&self) -> usize {
        self.hashes.load(Ordering::Relaxed)
    }
}

impl Call<'_> {
    /// The hash of the request's one new password.
    pub async fn hash_password(&self, password: &str) -> Result<String, Fault> {
        if let Some(hash) = self.memo.hashed.lock().ok().and_then(|hashed| hashed.clone()) {
            return Ok(hash);
        }
        self.memo.hashes.fetch_add(1, Ordering::Relaxed);
        let hash = hash_password(password).await?;
        if let Ok(mut hashed) = self.memo.hashed.lock() {
            *hashed = Some(hash.clone());
        }
        Ok(hash)
    }

    /// The hash of a new password, once it is known whose it is: none that is too close to their name. RULE: AC-02
    pub async fn hash_password_of(
        &self,
        password: &NewPassword,
        field: &str,
        user: &User,
    ) -> Result<String, Failure> {
        check_password_of(password, field, user)?;
        self.hash_password(password.expose()).await.map_err(Failure::Fault)
    }

    /// Whether the request's one password is that of the hash; one run of argon2, hash or no hash. RULE: AC-12
    pub async fn verify_password(&self, password: &str, hash: Option<&str>) -> Result<bool, Fault> {
        let key = hash.map(str::to_owned);
        if let Some(same) = self.memo.verified.lock().ok().and_then(|verified| verified.get(&key).copied()) {
            return Ok(same);
        }
        self.memo.hashes.fetch_add(1, Ordering::Relaxed);
        let same = verify_password(password, hash).await?;
        if let Ok(mut verified) = self.memo.verified.lock() {
            verified.insert(key, same);
        }
        Ok(same)
    }
    /// The user's session epoch as this request first read it. A session made under it is dead where a logout, a
    /// suspension or a deletion came in between, also where a later attempt finds the user active. RULE: SE-06
    pub fn first_epoch(&self, user: &User) -> u64 {
        let epochs = self.memo.epochs.lock();
        epochs.map_or(user.session_epoch, |mut epochs| *epochs.entry(user.id).or_insert(user.session_epoch))
    }
}

/// Refuses a new password that is common, or too close to whose it is to be. RULE: AC-02
pub fn check_password_of(password: &NewPassword, field: &str, user: &User) -> Result<(), Refusal> {
    let checked = password.check_for(&user.email, [&user.first_name, &user.last_name]);
    checked
        .map_err(|(code, detail)| Refusal::Validation(vec![FieldError { field: field.into(), code, detail }]))
}
