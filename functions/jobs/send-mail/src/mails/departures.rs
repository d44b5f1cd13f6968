//! Of departures, to those who manage users. RULE: CK-01, CK-02

use domain::{DepartureMode, DepartureStep, Text, dollars};

use super::{About, full_name, printed, printed_day_of};
use crate::fact::Published;
use crate::letter::Letter;

/// RULE: CK-01
pub(crate) fn started(about: &About<'_>) -> Letter {
    let (name, account) = (about.name(), about.account());
    let first =
        format!("{} started the departure of {} from {account}.", about.by(), about.name_and_address());
    let letter = Letter::new(&format!("{name} is leaving {account}"), &first);
    let Some(departure) = about.departure else { return of_departure(about, letter) };
    let steps = departure.steps.iter().map(|step| (noun(step.name).to_owned(), printed(step.due_at)));
    let what = match departure.mode {
        DepartureMode::Auto => {
            "Each step is taken when it is due. You need not do anything, and can cancel until the user is deleted."
        }
        DepartureMode::Remind => {
            "You take the steps: a mail tells you when one is due. You can cancel until the user is deleted."
        }
    };
    let letter = letter.list(steps.collect()).paragraph(what);
    of_departure(about, letter)
}

/// RULE: CK-01
pub(crate) fn step_due(about: &About<'_>, step: DepartureStep) -> Letter {
    let (name, account) = (about.name(), about.account());
    let step = phrase(step, &name);
    let first =
        format!("A step of the departure of {} from {account} is due: {step}.", about.name_and_address());
    let letter = Letter::new(&format!("Due now: {step}"), &first)
        .paragraph("Do it now, or cancel the departure. It is not done by itself.");
    of_departure(about, letter)
}

/// RULE: CK-01
pub(crate) fn blocked(about: &About<'_>, step: DepartureStep, code: &str) -> Letter {
    let (name, account) = (about.name(), about.account());
    let what = phrase(step, &name);
    let first = format!("It is time to {what}, as the departure from {account} says, and it cannot be done.");
    let letter = Letter::new(&format!("The departure of {name} does not go on"), &first);
    let letter = match code {
        "last_root" => letter.paragraph(&format!(
            "{name} is the last active Root. Make somebody else Root first; then take the step by hand."
        )),
        code => letter.paragraph(&format!(
            "It was refused with the code {}. Take the step by hand, or cancel the departure.",
            super::unlinked(code)
        )),
    };
    of_departure(about, letter)
}

/// RULE: CK-02
pub(crate) fn finished(about: &About<'_>, fact: &Published) -> Letter {
    let (name, account) = (about.name(), about.account());
    let first = format!("{} has left {account} for good. The seat is free.", about.name_and_address());
    let seats = |count: i64| if count == 1 { "1 seat is".into() } else { format!("{count} seats are") };
    let letter = Letter::new(&format!("The departure of {name} is finished"), &first);
    let next = fact.after.get("next_invoice");
    let next =
        next.and_then(|next| Some((printed_day_of(next["date"].as_str()?)?, next["amount"].as_i64()?)));
    let letter = match (fact.number("billable"), next) {
        (Some(count), Some((date, amount))) => letter.paragraph(&format!(
            "{} billed from the next invoice on: that of {date} comes to {}, if nobody else comes or goes. What is paid stays \
             paid.",
            seats(count),
            dollars(amount)
        )),
        (_, None) if about.account.plan().is_paid() => {
            letter.paragraph("Nothing is charged for seats after the period that is paid for. What is paid stays paid.")
        }
        _ => letter.paragraph("The Free plan is not charged; the seat can be given to somebody else."),
    };
    of_departure(about, letter.paragraph("What they made stays, and everybody's access to it."))
}

/// RULE: CK-01
pub(crate) fn cancelled(about: &About<'_>) -> Letter {
    let (name, account) = (about.name(), about.account());
    let first =
        format!("{} called off the departure of {} from {account}.", about.by(), about.name_and_address());
    let letter = Letter::new(&format!("The departure of {name} is called off"), &first);
    let done = about.departure.map(|departure| departure.steps.as_slice()).unwrap_or_default();
    let done: Vec<(String, String)> = done
        .iter()
        .filter_map(|step| Some((noun(step.name).to_owned(), format!("done on {}", printed(step.done_at?)))))
        .collect();
    let what = if done.is_empty() {
        "Nothing was done yet: they keep their access, and their seat.".into()
    } else {
        format!("What was done stays done. If {name} is to have access again, reactivate them.")
    };
    of_departure(about, letter.list(done).paragraph(&what))
}

/// What every mail of a departure ends with.
fn of_departure(about: &About<'_>, letter: Letter) -> Letter {
    let departure = about.departure.filter(|departure| departure.cancelled_at.is_none());
    let letter = match about.successor.filter(|_| departure.is_some()) {
        Some(successor) => letter.paragraph(&format!("{} takes over.", full_name(successor))),
        None => letter,
    };
    letter
        .quote(departure.and_then(|departure| departure.note.as_ref()).map(Text::as_str))
        .button("Open the users", &about.users_page())
        .because(&about.because_admin())
}

const fn noun(step: DepartureStep) -> &'static str {
    match step {
        DepartureStep::Suspend => "Suspension",
        DepartureStep::DeleteKeys => "Deletion of API keys",
        DepartureStep::DeleteUser => "Deletion",
    }
}

fn phrase(step: DepartureStep, name: &str) -> String {
    match step {
        DepartureStep::Suspend => format!("suspend {name}"),
        DepartureStep::DeleteKeys => format!("delete the API keys of {name}"),
        DepartureStep::DeleteUser => format!("delete {name}"),
    }
}
