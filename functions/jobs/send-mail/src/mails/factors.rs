//! Of second factors and recovery codes.

use serde_json::Value;

use super::security::{Notice, Page, Who};
use crate::letter::Letter;

/// RULE: RC-05
const CODES_SUBJECT: &str = "Security Codes Viewed";

/// RULE: RO-08
pub(super) fn enabled(notice: &Notice<'_>) -> Letter {
    let (account, factor) = (notice.account(), noun(notice.fact.after.get("method")));
    let subject = format!("{factor} was set up for your sign-in to {account}");
    let says = |name, answer| notice.fact.after.get(name).and_then(Value::as_bool) == Some(answer);
    let (then, rest) = if says("has_former", true) {
        (
            "It takes the place of your former one, which is good for nothing any more.",
            "All other sessions have ended.",
        )
    } else if says("is_first", false) {
        ("It is one more way to sign in.", "Your recovery codes and your sessions are as they were.")
    } else {
        (
            "Your password alone is not enough from now on.",
            "Recovery codes from before are void, and all other sessions have ended.",
        )
    };
    let letter =
        Letter::new(&subject, &format!("{subject}. {then}")).list(notice.circumstances()).paragraph(rest);
    let and_then = match notice.fact.after.get("method").and_then(Value::as_str) {
        Some("passkey") => {
            ", which ends every session, and without which this passkey opens nothing then. Sign in, by recovery codes \
             that they issue if you have no other second factor, and remove it"
        }
        _ => ", which ends every session",
    };
    let advice = format!(
        "If this was not you, somebody is signed in as you and can lock you out: tell {} at once, and ask for a \
         link to set a new password{and_then}.",
        notice.managers()
    );
    notice.end(letter, &advice, Page::Reset)
}

/// RULE: RO-08
pub(super) fn removed(notice: &Notice<'_>) -> Letter {
    let (account, factor) = (notice.account(), noun(notice.fact.before.get("method")));
    let subject = format!("{factor} was removed from your sign-in to {account}");
    let (then, codes) = match notice.fact.number("factors_left") {
        None | Some(0) => ("Your password alone is enough now.", "Your recovery codes are void."),
        Some(_) => ("Your other second factors stay.", "Your recovery codes stay good."),
    };
    let letter = Letter::new(&subject, &format!("{subject}. {then}"))
        .list(notice.circumstances())
        .paragraph(&format!("{codes} If this was you, there is nothing to do."));
    let advice = format!(
        "If this was not you, somebody is signed in as you: change your password, which ends all other sessions, \
         set up a second factor again, and tell {}.",
        notice.managers()
    );
    notice.end(letter, &advice, Page::Security)
}

/// RULE: AC-03
pub(super) fn locked(notice: &Notice<'_>) -> Letter {
    let account = notice.account();
    let first = format!(
        "Somebody has given too many wrong codes as you in {account}. For up to an hour no code is accepted, not \
         even a right one."
    );
    let letter = Letter::new(&format!("Too many wrong codes for {account}"), &first)
        .list(notice.circumstances())
        .paragraph("If this was you, wait for an hour and try again.");
    let advice = format!(
        "If this was not you, somebody has your password, or is signed in as you, and guesses at your codes. Ask \
         now for a link to set a new password, which ends every session, and tell {}.",
        notice.managers()
    );
    notice.end(letter, &advice, Page::Reset)
}

/// RULE: RC-02, RC-05
pub(super) fn codes_issued(notice: &Notice<'_>) -> Letter {
    codes_seen(
        notice,
        "issued",
        "new recovery codes",
        "Whoever issued them has seen them. Those from before are void.",
    )
}

/// RULE: RC-02, RC-05
pub(super) fn codes_viewed(notice: &Notice<'_>) -> Letter {
    codes_seen(
        notice,
        "viewed",
        "the recovery codes",
        "Those that are not used yet were shown. They stay good.",
    )
}

fn codes_seen(notice: &Notice<'_>, done: &str, codes: &str, what: &str) -> Letter {
    let (of_sign_in, managers) = (format!("for your sign-in to {}", notice.account()), notice.managers());
    let (first, name) = match notice.who() {
        Who::You => (format!("You {done} {codes} {of_sign_in}."), Some("You".to_owned())),
        Who::Named(name) => (format!("{name} {done} {codes} {of_sign_in}."), Some(name)),
        Who::Nobody => (format!("Somebody {done} {codes} {of_sign_in}."), None),
    };
    let who = name.map(|name| ("Who".to_owned(), name));
    let rows = who.into_iter().chain(notice.circumstances());
    let letter = Letter::new(CODES_SUBJECT, &first)
        .list(rows.chain([("What".to_owned(), done.to_owned())]).collect())
        .paragraph(what);
    let advice = match notice.who() {
        Who::You => format!(
            "If this was not you, somebody is signed in as you and has your codes: change your password, which ends \
             all other sessions, issue new codes, which voids these, and tell {managers}."
        ),
        _ => format!(
            "If you did not ask for it, issue new codes yourself, which voids these, and ask {managers} why."
        ),
    };
    notice.end(letter, &advice, Page::Security)
}

/// RULE: RC-01
pub(super) fn code_used(notice: &Notice<'_>) -> Letter {
    let account = notice.account();
    let left = match notice.fact.number("codes_left") {
        None => String::new(),
        Some(0) => " None is left: issue new ones while you are signed in.".into(),
        Some(1) => " One is left: issue new ones soon.".into(),
        Some(left) => format!(" {left} are left."),
    };
    let first = format!("One of your recovery codes was used in {account}. It is not good again.{left}");
    let letter = Letter::new(&format!("A recovery code was used for {account}"), &first)
        .list(notice.circumstances())
        .paragraph("If this was you, there is nothing else to do.");
    let advice = format!(
        "If this was not you, somebody has your recovery codes, and perhaps your password: change it, which ends \
         all other sessions, issue new codes, which voids these, and tell {}.",
        notice.managers()
    );
    notice.end(letter, &advice, Page::Security)
}

/// As it begins a sentence.
fn noun(method: Option<&Value>) -> &'static str {
    match method.and_then(Value::as_str) {
        Some("totp") => "An authenticator app",
        Some("passkey") => "A passkey",
        _ => "A second factor",
    }
}
