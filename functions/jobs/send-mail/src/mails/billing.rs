//! Of plans and invoices, to those who mind the bill. RULE: BI-12, BI-13, BI-15

use domain::{FactKind, Plan, Terms, dollars, printed_day};
use serde_json::{Map, Value};

use super::{About, printed_day_of};
use crate::fact::Published;
use crate::letter::Letter;

/// None where the fact does not say what a mail would.
pub(crate) fn billing(about: &About<'_>, fact: &Published) -> Option<Letter> {
    let letter = match fact.kind {
        FactKind::InvoiceIssued => invoice(about, fact)?,
        FactKind::PlanChanged => changed(about, fact)?,
        FactKind::PlanChangeScheduled => scheduled(about, fact)?,
        FactKind::PlanChangeTakenBack => taken_back(about, fact)?,
        FactKind::PlanChangeFailed => failed(about, fact)?,
        _ => return None,
    };
    let because = format!("You get this mail because you are Root or Billing of {}.", about.account());
    Some(letter.because(&because))
}

fn page(about: &About<'_>) -> String {
    format!("{}/billing", about.console)
}

fn invoice(about: &About<'_>, fact: &Published) -> Option<Letter> {
    let account = about.account();
    let (number, total) = (fact.number("number")?, dollars(fact.number("total")?));
    let (number, date) = (format!("invoice {number}"), printed_day_of(fact.text("date")?)?);
    let first = format!("There is a new invoice for {account}: {number} of {date}, {total}.");
    let letter = Letter::new(&format!("Your {number} for {account}: {total}"), &first)
        .paragraph("It says line by line what it is for, and does not change any more.")
        .button("Open the invoice", &format!("{}/{}", page(about), fact.text("invoice_id")?));
    Some(letter)
}

fn changed(about: &About<'_>, fact: &Published) -> Option<Letter> {
    let account = about.account();
    let now = words(&fact.after)?;
    let first = match words(&fact.before) {
        Some(before) if before != now => format!("{account} is on {now} from now on; it was on {before}."),
        _ => format!("{account} is on {now} from now on."),
    };
    let letter = Letter::new(&format!("{account} is on {now} now"), &first);
    // Time and the operator change plans too.
    let letter = match fact.actor.id {
        Some(_) => letter.paragraph(&format!("{} changed it.", about.by())),
        None => letter,
    };
    let letter = match (fact.text("interval"), fact.number("unit_amount")) {
        (Some(interval), Some(amount)) => letter.paragraph(&format!(
            "A seat is {} {}. What was charged for it is on your invoices.",
            dollars(amount),
            each(interval)
        )),
        _ => letter.paragraph("Nothing is charged any more. Everybody stays, and keeps their access."),
    };
    let letter = match fact.number("limit") {
        Some(limit) => letter.paragraph(&format!(
            "There are more users than the {limit} that Free has room for: nobody can be invited until there are few \
             enough."
        )),
        None => letter,
    };
    let letter = match fact.number("lapsed_invitations") {
        Some(1) => letter.paragraph("1 invitation that was pending is over."),
        Some(lapsed @ 2..) => letter.paragraph(&format!("{lapsed} invitations that were pending are over.")),
        _ => letter,
    };
    let letter = match as_agreed(about) {
        Some(words) => letter.paragraph(&words),
        None => letter,
    };
    Some(letter.button("Open the billing", &page(about)))
}

fn scheduled(about: &About<'_>, fact: &Published) -> Option<Letter> {
    let (account, on) = (about.account(), printed_day_of(fact.text("on")?)?);
    let to = words(&fact.after)?;
    // Whoever asks for a plan is told its price when it begins; a price of its own is agreed on.
    if let Some(amount) = fact.number("unit_amount") {
        let price = format!("{} {}", dollars(amount), each(fact.text("interval")?));
        let first = format!("As agreed, a seat of {account} is {price} on {to} from {on} on.");
        let letter = Letter::new(&format!("The price of a seat of {account} from {on} on"), &first)
            .paragraph("What is paid for until then keeps its price.")
            .button("Open the billing", &page(about));
        return Some(letter);
    }
    let first = format!("{} asked for {to} for {account}. It begins on {on}.", about.by());
    let letter = Letter::new(&format!("{account} goes to {to} on {on}"), &first)
        .paragraph("Until then everything stays as it is, and the change can be taken back.");
    let is_cancellation = fact.after.get("is_cancellation").is_some_and(|it| it == true);
    let letter = if is_cancellation {
        letter.paragraph(
            "Nobody is removed. If there are more users then than Free has room for, invitations that are pending are \
             over, and nobody can be invited until there are fewer.",
        )
    } else {
        letter
    };
    Some(letter.button("Open the billing", &page(about)))
}

fn taken_back(about: &About<'_>, fact: &Published) -> Option<Letter> {
    let (account, stays) = (about.account(), plan(about.account.plan().name()));
    if fact.number("unit_amount").is_some() {
        let first = format!("The price that was agreed on for {account} with us is not to come any more.");
        let letter = Letter::new(&format!("{account} stays on {stays}"), &first)
            .paragraph("Everything goes on as it was.")
            .button("Open the billing", &page(about));
        return Some(letter);
    }
    let to = words(&fact.after)?;
    let first = format!("{} took back the change of {account} to {to}.", about.by());
    let letter = Letter::new(&format!("{account} does not go to {to}"), &first)
        .paragraph(&as_agreed(about).unwrap_or_else(|| "Everything goes on as it was.".into()))
        .button("Open the billing", &page(about));
    Some(letter)
}

fn failed(about: &About<'_>, fact: &Published) -> Option<Letter> {
    let account = about.account();
    let (users, limit) = (fact.number("users")?, fact.number("limit")?);
    let first = format!(
        "{account} was to go to Free today, and there are {users} users, where Free has room for {limit}. So it does not, and \
         the new period is charged."
    );
    let letter = Letter::new(&format!("{account} does not go to Free: too many users"), &first)
        .paragraph("To go to Free, delete users or revoke invitations and ask again; or cancel, and everybody stays.")
        .button("Open the users", &about.users_page());
    Some(letter)
}

/// What is agreed on with the account for the end of its period, where nothing else is to come.
fn as_agreed(about: &About<'_>) -> Option<String> {
    let (Terms { plan, interval, unit_amount, .. }, on) = about.account.agreed_on_next()?;
    let (price, each, on) = (dollars(unit_amount), each(interval.name()), printed_day(on));
    Some(format!("As agreed with us, a seat is {price} {each} on {} from {on} on.", plan.label()))
}

/// What is paid for, such as `Pro by the month`.
fn words(of: &Map<String, Value>) -> Option<String> {
    let text = |name: &str| of.get(name).and_then(Value::as_str);
    let plan = plan(text("plan")?);
    Some(match text("interval") {
        Some("annual") => format!("{plan} by the year"),
        Some(_) => format!("{plan} by the month"),
        None => plan.into(),
    })
}

fn plan(name: &str) -> &'static str {
    Plan::ALL.into_iter().find(|plan| plan.name() == name).map_or("another plan", Plan::label)
}

fn each(interval: &str) -> &'static str {
    if interval == "annual" { "a year" } else { "a month" }
}
