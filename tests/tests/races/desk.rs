//! Users, codes and challenges as enrolments and sign-ins write them, through the store: that many runs of argon2 would
//! take hours.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::{
    AccountId, Challenge, CodesKey, Email, Enrolment, Entity, EntityKey, Factors, Handover, HashKey, Instant,
    KeyVersion, NewCodes, Nonce, RecoveryCode, RecoveryCodes, SeenBy, TotpSecret, TotpStep, User, UserId,
};
use runtime::{CODES_KEYS, ChallengeToken, Env, Host, TOKENS_KEYS, TOTP_KEYS};
use store::{Loaded, Outcome, Wants, Writes};
use tests::{Person, Roster, Team};

/// What the operator writes by.
pub(crate) struct Desk<'a> {
    pub(crate) team: Team<'a>,
    env: Env,
    account_id: AccountId,
    drawn: u128,
}

/// A user with a second factor, and what they hold.
pub(crate) struct Holder {
    pub(crate) user: User,
    pub(crate) secret: String,
    pub(crate) codes: Vec<String>,
}

fn key_version() -> KeyVersion {
    KeyVersion::try_from(1).expect("a version")
}

impl<'a> Desk<'a> {
    pub(crate) async fn of(roster: &'a Roster, name: &str) -> Self {
        let team = roster.team(name).await.on_pro().await;
        let keys = [(TOKENS_KEYS, "TokensKey"), (TOTP_KEYS, "TotpKey"), (CODES_KEYS, "CodesKey")];
        let mut environment: BTreeMap<_, _> = roster.operator_environment().into();
        for (setting, key) in keys {
            environment.insert(setting.to_owned(), format!("1:{key}"));
        }
        let host = Host { environment, clock: roster.stack.clock().clone(), output: Arc::new(|_| {}) };
        let env = Env::new("operator", &host, &keys.map(|(setting, _)| setting)).expect("the settings");
        let account_id = AccountId::parse(&team.account_id).expect("an identifier");
        Self { team, env, account_id, drawn: 1 << 100 }
    }

    fn now(&self) -> Instant {
        self.env.clock.now()
    }

    fn draw(&mut self) -> u128 {
        self.drawn += 1;
        self.drawn
    }

    async fn read(&self, key: &EntityKey) -> Loaded {
        let (mut wants, mut loaded) = (Wants::default(), Loaded::default());
        wants.key(key.clone());
        self.env.table.load(&wants, &mut loaded).await.expect("the table reads");
        loaded
    }

    async fn write(&self, puts: &[Entity], loaded: &Loaded) {
        let writes = Writes { puts, deletes: &[], reliances: &[] };
        let (outcome, _) = self.env.table.commit(writes, loaded).await.expect("the table writes");
        assert!(matches!(outcome, Outcome::Committed), "{outcome:?}");
    }

    async fn mac(&self, keys: &'static str, claim: &[u8]) -> [u8; 32] {
        self.env.mac(keys, key_version(), claim).await.expect("KMS answers").expect("the key is there")
    }

    pub(crate) async fn user(&self, id: UserId) -> User {
        let key = EntityKey::User(self.account_id, id);
        self.read(&key).await.get(&key).expect("a user").expect("a user")
    }

    pub(crate) async fn factors(&self, id: UserId) -> (Factors, Loaded) {
        let key = EntityKey::Factors(self.account_id, id);
        let loaded = self.read(&key).await;
        let factors = loaded.get(&key).expect("factors");
        (factors.unwrap_or_else(|| Factors::none(self.account_id, id)), loaded)
    }

    /// New codes and another app for this user.
    pub(crate) async fn equip(&mut self, user: User) -> Holder {
        let (account_id, now) = (self.account_id, self.now());
        let enrolment =
            Enrolment { nonce: Nonce::new(self.draw()), key_version: key_version(), begun_at: now };
        let secret =
            TotpSecret::of(&self.mac(TOTP_KEYS, &enrolment.claim(account_id, user.id)).await).expose();
        let (id, seed) = (Nonce::new(self.draw()), Nonce::new(self.draw()));
        let hash_key = self.mac(CODES_KEYS, &RecoveryCodes::hash_claim(account_id, user.id, &id)).await;
        let key = self.mac(CODES_KEYS, &RecoveryCodes::seed_claim(account_id, user.id, &seed)).await;
        let (key, hash_key) = (CodesKey::new(key), HashKey::new(hash_key));
        let new = NewCodes { key, hash_key, key_version: key_version(), id, seed: Some(seed) };
        let (codes, shown) = new.issue(SeenBy::Owner, now);
        let (factors, loaded) = self.factors(user.id).await;
        let step = TotpStep::at(now - chrono::TimeDelta::hours(1));
        let factors = factors.removed().confirm(enrolment, step, now).with_codes(codes);
        self.write(&[factors.into()], &loaded).await;
        Holder { user, secret, codes: shown.iter().map(RecoveryCode::expose).collect() }
    }

    /// A user as this one, but nobody before.
    pub(crate) async fn another(&mut self, like: &User) -> Holder {
        let n = self.draw();
        let email = Email::parse(&format!("n{n}@codes.test")).expect("an address");
        let user = User { id: UserId::from_bits(n), email, codes_viewable: true, ..like.clone() };
        self.write(&[user.clone().into()], &Loaded::default()).await;
        self.equip(user).await
    }

    /// Tokens of so many sign-ins of this user that wait for a code.
    pub(crate) async fn challenges(&mut self, user: &User, count: usize) -> Vec<String> {
        let (mut puts, mut tokens) = (Vec::new(), Vec::new());
        for _ in 0..count {
            let nonce = Nonce::new(self.draw());
            let challenge = Challenge::new(nonce, user, user.session_epoch, Handover::Token, self.now());
            tokens.push(ChallengeToken::derive(&self.env, &challenge).await.expect("a token").0);
            puts.push(Entity::Challenge(challenge));
        }
        self.write(&puts, &Loaded::default()).await;
        tokens
    }

    /// Somebody who is active and has a second factor.
    pub(crate) async fn member(&self, email: &str) -> (Person, User) {
        let member = self.team.member(email, "developer").await;
        self.team.roster.enroll(&member).await;
        let user = self.user(UserId::parse(&member.id).expect("an identifier")).await;
        (member, user)
    }

    /// The sessions of this user that the table holds.
    pub(crate) async fn sessions(&self, user: &User) -> usize {
        let items = self.team.roster.table().partition(&format!("A#{}", self.team.account_id)).await;
        let begins = format!("S#{}#", user.id);
        items.iter().filter(|item| item["sk"].as_str().is_some_and(|sk| sk.starts_with(&begins))).count()
    }
}
