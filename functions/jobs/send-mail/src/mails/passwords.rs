//! Of passwords. RULE: AC-08, SE-07

use domain::PasswordReset;

use super::printed;
use super::security::{Notice, Page};
use crate::letter::Letter;

pub(super) fn changed(notice: &Notice<'_>) -> Letter {
    let account = notice.account();
    let first = format!("Your password for {account} was changed. All other sessions have ended.");
    let letter = Letter::new(&format!("Your password for {account} was changed"), &first)
        .list(notice.circumstances())
        .paragraph(&format!(
            "If this was you, there is nothing else to do.{}",
            what_becomes_of_passkeys(notice)
        ));
    let advice = format!(
        "If this was not you, somebody knew your password and is signed in as you: ask for a link to set a new \
         one, which ends every session, delete API keys that you do not know, and tell {}.",
        notice.managers()
    );
    notice.end(letter, &advice, Page::Reset)
}

pub(super) fn reset(notice: &Notice<'_>) -> Letter {
    let account = notice.account();
    let first = format!(
        "A new password for {account} was set by the link that we mailed to this address. Every session has ended."
    );
    let letter = Letter::new(&format!("Your password for {account} was reset"), &first)
        .list(notice.circumstances())
        .paragraph(&format!(
            "If this was you, sign in with it. A second factor is asked for as before.{}",
            what_becomes_of_passkeys(notice)
        ));
    let advice = format!(
        "If this was not you, somebody reads your mail: secure your mailbox first. Then ask for a link to set \
         another password, and tell {}.",
        notice.managers()
    );
    notice.end(letter, &advice, Page::Reset)
}

/// RULE: SE-07
const fn what_becomes_of_passkeys(notice: &Notice<'_>) -> &'static str {
    if notice.user.mfa_enabled {
        " If you have passkeys, each is asked for beside the new password once before it opens without it. Remove one \
         that you do not know."
    } else {
        ""
    }
}

/// Of the link that is open now. RULE: AC-12
pub(crate) fn reset_requested(notice: &Notice<'_>, link: &str) -> Letter {
    let account = notice.account();
    let first = format!("Somebody asked for a link to set a new password for {account}. Here it is.");
    let expires_at = notice.user.password_reset.as_ref().map(|open| open.expires_at);
    let until = expires_at.map(|end| format!(", until {}", printed(end))).unwrap_or_default();
    let letter = Letter::new(&format!("Set a new password for {account}"), &first)
        .list(notice.circumstances())
        .button("Set a new password", link)
        .paragraph(&format!(
            "The link works once, and for {} minutes{until}. It is for {account} alone.",
            PasswordReset::LIFETIME.num_minutes()
        ))
        .paragraph(&format!(
            "If this was not you, do nothing: your password stays as it is. Give the link to nobody. If such mails \
             keep coming, tell {}.",
            notice.managers()
        ));
    notice.because(letter)
}
