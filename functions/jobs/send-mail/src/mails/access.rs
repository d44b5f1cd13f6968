//! Of what somebody may do, and of who acts as them.

use domain::{Instant, Role};
use serde_json::Value;

use super::security::{Notice, Page, Who};
use super::{printed, unlinked};
use crate::letter::Letter;

/// None where they have yet another role since, of which they are told as well.
pub(super) fn role_changed(notice: &Notice<'_>) -> Option<Letter> {
    let role = |value: Option<&Value>| Role::parse(value?.as_str()?);
    let (from, to) = (role(notice.fact.before.get("role"))?, role(notice.fact.after.get("role"))?);
    if notice.user.role != to {
        return None;
    }
    let (account, from, to) = (notice.account(), from.label(), to.label());
    let first = match notice.who() {
        Who::Named(name) => format!("{name} changed your role in {account} from {from} to {to}."),
        Who::You | Who::Nobody => format!("Your role in {account} was changed from {from} to {to}."),
    };
    let letter = Letter::new(&format!("Your role in {account} is {to} now"), &first)
        .list(notice.circumstances())
        .paragraph("It is in force already.");
    // RULE: RO-08
    let letter = if notice.user.owes_factor() {
        letter.paragraph(&format!(
            "{to} is a role that needs a second factor. Set one up before anything else."
        ))
    } else {
        letter
    };
    let advice = format!("If you did not expect this, ask {}.", notice.managers());
    Some(notice.end(letter, &advice, Page::Security))
}

/// None where they are back, or suspended once more since. RULE: SU-01, SU-04
pub(super) fn suspended(notice: &Notice<'_>) -> Option<Letter> {
    notice.user.suspended_at.filter(|since| *since <= notice.fact.at)?;
    let account = notice.account();
    let first = match notice.who() {
        Who::Named(name) => format!("{name} suspended your access to {account}."),
        Who::You | Who::Nobody => format!("Your access to {account} was suspended."),
    };
    let letter = Letter::new(&format!("Your access to {account} is suspended"), &first)
        .list(notice.circumstances())
        .paragraph("You cannot sign in, your sessions have ended, and your API keys do not work.")
        .paragraph(
            "Nothing is deleted. When you are let in again, your password, your second factor and API keys that \
             have not expired work as before.",
        )
        .paragraph(&format!(
            "If you did not expect this, ask {}. You cannot undo it yourself.",
            notice.managers()
        ));
    Some(notice.because(letter))
}

pub(super) fn new_device(notice: &Notice<'_>) -> Letter {
    let account = notice.account();
    let first = format!(
        "Somebody signed in to {account} as you, from a browser or a network that was not seen with you before."
    );
    let letter = Letter::new(&format!("New sign-in to {account}"), &first)
        .list(notice.circumstances())
        .paragraph("If this was you, there is nothing to do.");
    let advice = format!(
        "If this was not you, somebody knows your password: change it, which ends all other sessions, delete \
         API keys that you do not know, and tell {}.",
        notice.managers()
    );
    notice.end(letter, &advice, Page::Security)
}

/// RULE: AC-07
pub(super) fn key_created(notice: &Notice<'_>) -> Letter {
    let account = notice.account();
    let first =
        format!("An API key of yours was made in {account}. Whatever holds it acts as you, with your role.");
    let key = notice.fact.text("key_id").map(|id| ("Key".to_owned(), unlinked(id)));
    let end: Option<Instant> = notice.fact.text("expires_at").and_then(|end| end.parse().ok());
    let end = end.map(|end| ("Good until".to_owned(), printed(end)));
    let rows = notice.circumstances().into_iter().chain(key).chain(end);
    let letter = Letter::new(&format!("A new API key in {account}"), &first).list(rows.collect()).paragraph(
        "If this was you, there is nothing to do. You can delete it at any time, among your API keys.",
    );
    let advice = format!(
        "If this was not you, somebody is signed in as you: delete the key at once, change your password, which \
         ends all other sessions, and tell {}.",
        notice.managers()
    );
    notice.end(letter, &advice, Page::Keys)
}
