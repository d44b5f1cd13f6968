//! What touches how somebody signs in, or what they may do: told to them alone, whatever they have chosen to hear of.

use domain::{FactKind, Status, User};

use super::{About, access, factors, name_of, passwords, printed, unlinked};
use crate::fact::Published;
use crate::letter::Letter;

/// Something that somebody is to know of their own access.
pub(crate) struct Notice<'a> {
    pub(crate) fact: &'a Published,
    pub(crate) about: &'a About<'a>,
    /// To whom it happened.
    pub(crate) user: &'a User,
}

/// Who did it.
pub(super) enum Who {
    /// The recipient, or whoever signs in as them.
    You,
    /// Somebody else of the account.
    Named(String),
    /// Nobody: it was time.
    Nobody,
}

/// Where the recipient can do something about it.
#[derive(Clone, Copy)]
pub(super) enum Page {
    /// Password, sessions and second factors.
    Security,
    /// Where a link to set a new password is asked for: whoever took the account over is put out by it.
    Reset,
    /// API keys.
    Keys,
}

/// The letter that it calls for now; none where it is so no longer.
pub(crate) fn security(notice: &Notice<'_>) -> Option<Letter> {
    // Nobody can sign in as somebody who is suspended. RULE: SU-01
    let is_active = notice.user.status == Status::Active;
    match notice.fact.kind {
        FactKind::UserRoleChanged => access::role_changed(notice),
        FactKind::UserSuspended => access::suspended(notice),
        FactKind::SessionNewDevice => is_active.then(|| access::new_device(notice)),
        FactKind::KeyCreated => Some(access::key_created(notice)),
        FactKind::PasswordChanged => Some(passwords::changed(notice)),
        FactKind::PasswordReset => Some(passwords::reset(notice)),
        FactKind::MfaEnabled => Some(factors::enabled(notice)),
        FactKind::MfaRemoved => Some(factors::removed(notice)),
        FactKind::MfaLocked => is_active.then(|| factors::locked(notice)),
        FactKind::CodesIssued => Some(factors::codes_issued(notice)),
        FactKind::CodesViewed => Some(factors::codes_viewed(notice)),
        FactKind::CodeUsed => Some(factors::code_used(notice)),
        _ => None,
    }
}

impl<'a> Notice<'a> {
    /// For those who have accepted; others have their invitation, and those who are gone get nothing.
    pub(crate) fn of(fact: &'a Published, about: &'a About<'a>) -> Option<Self> {
        let user = about.target.filter(|user| matches!(user.status, Status::Active | Status::Suspended))?;
        Some(Self { fact, about, user })
    }

    /// RULE: AC-12
    pub(super) fn account(&self) -> String {
        self.about.account()
    }

    /// RULE: RC-05
    pub(super) fn who(&self) -> Who {
        match self.fact.actor.id {
            None => Who::Nobody,
            Some(id) if id == self.user.id => Who::You,
            Some(_) => Who::Named(name_of(self.about.by, self.about.by_tombstone)),
        }
    }

    /// When it happened, and from where if that is told.
    pub(super) fn circumstances(&self) -> Vec<(String, String)> {
        let told = |label: &str, name: &str| Some((label.to_owned(), unlinked(self.fact.text(name)?)));
        let when = Some(("When".to_owned(), printed(self.fact.at)));
        [when, told("Browser and system", "device"), told("Network", "network")]
            .into_iter()
            .flatten()
            .collect()
    }

    /// Ends the letter with what to do, where they can do something, and why it came.
    pub(super) fn end(&self, letter: Letter, advice: &str, page: Page) -> Letter {
        let letter = match self.user.status {
            Status::Suspended => letter.paragraph(&format!(
                "Your access is suspended, so nobody can sign in as you. If you know nothing of this, tell {}.",
                self.managers()
            )),
            _ => letter
                .paragraph(advice)
                .button(page.label(), &format!("{}{}", self.about.console, page.path())),
        };
        self.because(letter)
    }

    pub(super) fn because(&self, letter: Letter) -> Letter {
        letter.because(&format!(
            "You get this mail because it is about your own access to {}. Such mails cannot be switched off.",
            self.account()
        ))
    }

    /// Whom to ask for help.
    pub(super) fn managers(&self) -> String {
        format!("a Root or an Admin of {}", self.account())
    }
}

impl Page {
    const fn label(self) -> &'static str {
        match self {
            Self::Security => "Open your security settings",
            Self::Reset => "Ask for a link to set a new password",
            Self::Keys => "Open your API keys",
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Security => "/security",
            Self::Reset => "/reset",
            Self::Keys => "/api-keys",
        }
    }
}
