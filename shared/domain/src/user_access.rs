//! How a user gets in: sessions, API keys, second factors, and where they sign in from.

use serde::{Deserialize, Serialize};

use crate::{Instant, RateTag, Refusal, Role, User};

/// Places to sign in from that are remembered.
const DEVICES_MAX: usize = 20;

/// Where somebody signs in from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Browser and system.
    pub name: String,
    /// The network, cut to /24 or /48.
    pub network: String,
}

impl User {
    /// Ends every session, whatever their number. RULE: SE-01
    pub fn end_sessions(mut self) -> Self {
        self.session_epoch += 1;
        self
    }

    /// Ends every API key, whatever their number. RULE: AC-07
    pub fn end_keys(mut self) -> Self {
        self.key_epoch += 1;
        self
    }

    /// A key of theirs was made: two that are made at once count each other.
    pub const fn with_key_made(mut self) -> Self {
        self.keys_made += 1;
        self
    }

    /// An Admin or a Root owes a second factor until one is confirmed. RULE: RO-08
    pub fn owes_factor(&self) -> bool {
        self.role.is_elevated() && !self.mfa_enabled
    }

    /// Whatever goes with a second factor needs one. RULE: RC-03
    pub const fn has_factor(&self) -> Result<(), Refusal> {
        if self.mfa_enabled { Ok(()) } else { Err(Refusal::MfaNotEnabled) }
    }

    /// A second factor is confirmed: whatever began without it ends. RULE: RO-08
    pub fn with_factor(self) -> Self {
        let mut user = self.end_sessions().changed();
        user.mfa_enabled = true;
        user
    }

    /// No second factor is left. RULE: RO-08
    pub fn without_factor(self) -> Result<Self, Refusal> {
        if self.role.is_elevated() {
            return Err(Refusal::MfaRequiredForRole);
        }
        let mut user = self.changed();
        user.mfa_enabled = false;
        user.codes_viewable = false;
        Ok(user)
    }

    /// With recovery codes that can be seen once more, as long as they are no Root's. RULE: RC-04
    pub fn with_codes(mut self) -> Self {
        self.codes_viewable = self.role != Role::Root;
        self
    }

    /// Whether they signed in before, and never from there.
    pub fn is_new_device(&self, device: &Device) -> bool {
        !self.devices.is_empty() && !self.devices.contains(device)
    }

    /// They sign in from there.
    pub fn seen_on(mut self, device: Device) -> Self {
        self.devices.retain(|known| *known != device);
        self.devices.insert(0, device);
        self.devices.truncate(DEVICES_MAX);
        self
    }

    /// Notes a full authentication. RULE: AC-05
    pub const fn authenticated(mut self, now: Instant) -> Self {
        self.last_login_at = Some(now);
        self.last_restricted_at = None;
        self
    }

    /// When they began a session last, whatever it opened. RULE: AC-12
    pub fn last_session_at(&self) -> Option<Instant> {
        self.last_restricted_at.max(self.last_login_at)
    }

    /// Signs in; the first time takes this tag. Where that opens nothing but setting up the factor that they owe, it is no
    /// full authentication. RULE: AC-05, AP-08, RO-08
    pub fn signed_in(self, tag: RateTag, now: Instant) -> Self {
        let mut user = if self.owes_factor() {
            Self { last_restricted_at: Some(now), ..self }
        } else {
            self.authenticated(now)
        };
        user.rate_tag.get_or_insert(tag);
        user
    }
}
