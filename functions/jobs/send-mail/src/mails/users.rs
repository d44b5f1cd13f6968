//! Of users.

use chrono::TimeDelta;
use domain::{AccessQuestion, Instant, SUSPENSION_OVERDUE_AFTER, User, printed_day};

use super::{About, printed};
use crate::letter::Letter;

/// RULE: SU-04
pub(crate) fn reactivated(about: &About<'_>) -> Letter {
    let account = about.account();
    let first = format!("You can sign in to {account} again. Sessions from before stay closed.");
    Letter::new(&format!("Your access to {account} is back"), &first)
        .button("Sign in", &format!("{}/sign-in", about.console))
        .because(&format!("You get this mail because you are a user of {account}."))
}

/// That many days had passed when it was called for; none where they were let in since, and suspended anew. RULE: SU-07, SU-05
pub(crate) fn still_suspended(
    about: &About<'_>,
    user: &User,
    days: i64,
    called_for_at: Instant,
) -> Option<Letter> {
    let (name, account) = (about.name(), about.account());
    let since = user.suspended_at?;
    if called_for_at - since < TimeDelta::days(days) {
        return None;
    }
    let lasted = (about.now - since).num_days().max(days);
    let first = format!(
        "{name} ({}) of {account} was suspended on {}, {lasted} days ago.",
        user.role.label(),
        printed_day(since.date_naive())
    );
    let is_overdue = about.now - since >= SUSPENSION_OVERDUE_AFTER;
    let held = match about.account.plan().users_max() {
        Some(most) => format!("The seat is still held: it counts towards the {most} of the Free plan."),
        None => "The seat is still held, and it is billed like any other.".into(),
    };
    let decide =
        format!("If {name} comes back, reactivate them. If not, delete them: that frees the seat for good.");
    let decide = if is_overdue { format!("It is overdue to decide. {decide}") } else { decide };
    let letter =
        Letter::new(&format!("{name} has been suspended for {lasted} days and still holds a seat"), &first)
            .paragraph(&held)
            .paragraph(&decide)
            .button("Open the users", &about.users_page())
            .because(&format!(
                "You get this mail because you look after the users or the bill of {account}."
            ));
    Some(letter)
}

/// RULE: CK-03
pub(crate) fn first_week(about: &About<'_>, user: &User) -> Letter {
    let (name, account) = (about.name(), about.account());
    let accepted = user.accepted_at.map(|at| printed_day(at.date_naive()));
    let first = format!("{name} has been with {account} for a week. Is everything as it should be?");
    let mut rows = vec![("Role".to_owned(), user.role.label().to_owned())];
    rows.extend(accepted.map(|day| ("Accepted".to_owned(), day)));
    let seen = user.last_login_at.map_or_else(|| "never".to_owned(), |at| printed_day(at.date_naive()));
    rows.push(("Last sign-in".to_owned(), seen));
    rows.push(("Second factor".to_owned(), if user.mfa_enabled { "yes" } else { "no" }.to_owned()));
    Letter::new(&format!("{name}'s first week with {account}"), &first)
        .list(rows)
        .paragraph(
            "Give them another role if they can do too much or too little, and delete them if they were not meant to come.",
        )
        .button("Open the users", &about.users_page())
        .because(&about.because_admin())
}

/// RULE: AU-04
pub(crate) fn access_asked(about: &About<'_>, user: &User, link: &str) -> Letter {
    let (by, account) = (about.by(), about.account());
    let first = format!("{by} asks whether you still need your access to {account}.");
    let seen = match user.last_login_at {
        Some(at) => printed_day(at.date_naive()),
        None => "never".to_owned(),
    };
    let rows = vec![("Role".to_owned(), user.role.label().to_owned()), ("Last sign-in".to_owned(), seen)];
    // Only what stands behind the `#` is secret.
    let answering = |answer: &str| link.replacen('#', &format!("?answer={answer}#"), 1);
    let until = user.access_question.as_ref().map(|question| question.asked_at + AccessQuestion::LIFETIME);
    let until = until.map(|end| format!(", until {}", printed(end))).unwrap_or_default();
    Letter::new(&format!("Do you still need your access to {account}?"), &first)
        .list(rows)
        .button("Yes, I still need it", &answering("yes"))
        .button("No, I do not need it", &answering("no"))
        .paragraph(&format!(
            "You can answer once{until}. Nothing changes by your answer alone: whoever manages users of {account} sees it \
             and decides."
        ))
        .paragraph("Give the links to nobody: whoever has them can answer for you, and nothing else.")
        .because(&format!("You get this mail because you are a user of {account}."))
}

/// RULE: DE-03
pub(crate) fn left(about: &About<'_>) -> Letter {
    let (name, account) = (about.name(), about.account());
    let first = format!("{} left {account}. The seat is free.", about.name_and_address());
    Letter::new(&format!("{name} left {account}"), &first)
        .paragraph("Their access ended at once. What they made stays, and everybody's access to it.")
        .paragraph("There is nothing you have to do. To fill the seat, invite somebody.")
        .button("Open the users", &about.users_page())
        .because(&about.because_admin())
}
