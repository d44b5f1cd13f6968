//! Reviews that are made by themselves: numbers first, one small table, what to do. The figures are those of the review that is
//! kept, and of the interface. RULE: AU-02, AU-03, SU-07

use domain::{Advice, ListedUser, Plan, Review, ReviewKind, SavingsReport, Tombstone, dollars, printed_day};

use super::{About, joined};
use crate::letter::Letter;

/// Rows of a table; all there are stand in the review.
const ROWS_MAX: usize = 10;

/// What was found, and what to do about it.
pub(crate) fn review(about: &About<'_>, review: &Review) -> Letter {
    let letter = match review.kind {
        ReviewKind::Inactivity => inactivity(about, review),
        ReviewKind::SuspendedUsers => suspended(about, review),
        ReviewKind::Roles => roles(about, review),
        ReviewKind::Security => security(about, review),
    };
    let account = about.account();
    letter.button("Open the review", &format!("{}/reports/reviews/{}", about.console, review.id)).because(
        &match review.kind {
            ReviewKind::Inactivity | ReviewKind::SuspendedUsers => {
                format!("You get this mail because you look after the users or the bill of {account}.")
            }
            ReviewKind::Roles | ReviewKind::Security => about.because_admin(),
        },
    )
}

fn inactivity(about: &About<'_>, review: &Review) -> Letter {
    let (account, savings) = (about.account(), &review.findings.savings);
    let (inactive, days) = (&savings.inactive, savings.inactive_after_days);
    let month = review.scheduled_at.format("%B %Y");
    let (subject, first) = match inactive.group.count {
        0 => (
            format!("Review of {account}, {month}: nobody is inactive"),
            format!("Nobody of {account} has been inactive for {days} days."),
        ),
        count => (
            format!("Review of {account}, {month}: {} inactive", users(count)),
            format!("{} of {account} did not sign in for {days} days or longer.", sentence(count)),
        ),
    };
    let team = savings.team();
    let mut figures = vec![
        ("Seats".to_owned(), priced(team.seats, team.monthly_total, savings)),
        ("Inactive".to_owned(), priced(inactive.group.count, inactive.monthly_total, savings)),
        (
            "Suspended".to_owned(),
            priced(savings.suspended.group.count, savings.suspended.monthly_total, savings),
        ),
    ];
    figures.extend(
        [
            ("Invited, and not there after a week", savings.long_pending.count),
            ("Root or Admin without a second factor", savings.elevated_without_mfa.count),
            ("Monitor and Billing seats that are hardly used", savings.hardly_used.count),
        ]
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| (name.to_owned(), count.to_string())),
    );
    let letter = Letter::new(&subject, &first).list(figures);
    let letter = table(letter, "Last sign-in", &inactive.group.users, inactive.group.count, last_seen);
    let letter = match savings.saving.seats {
        0 => letter,
        seats => letter.paragraph(&format!(
            "Who needs no access any more is deleted; a Root is never proposed for that. {}",
            saved(savings, seats)
        )),
    };
    advised(noted(letter, savings), &savings.advice)
}

fn suspended(about: &About<'_>, review: &Review) -> Letter {
    let (account, savings) = (about.account(), &review.findings.savings);
    let suspended = &savings.suspended;
    let count = suspended.group.count;
    let verb =
        if count == 1 { "is suspended and keeps their seat" } else { "are suspended and keep their seats" };
    let held = match savings.plan.users_max() {
        Some(most) if savings.plan == Plan::Free => match over_free(savings) {
            Some(over) => format!(". {over}."),
            None => format!(", of the {most} of the Free plan."),
        },
        _ => format!(
            ": {} a month, {} a year.",
            dollars(suspended.monthly_total),
            dollars(suspended.annual_total)
        ),
    };
    let cost = match savings.unit_amount {
        0 => String::new(),
        _ => format!(": {} a month", dollars(suspended.monthly_total)),
    };
    let keeps = if count == 1 { "keeps a seat" } else { "keep seats" };
    let subject = format!("{} of {account} {keeps} while suspended{cost}", sentence(count));
    let first = format!("{} of {account} {verb}{held}", sentence(count));
    let days = |user: &ListedUser| (savings.at - user.since).num_days();
    let letter = Letter::new(&subject, &first);
    let letter = match review.findings.overdue {
        0 => letter,
        1 => letter.paragraph("For one of them it has been two weeks or longer: decide on them first."),
        many => letter.paragraph(&format!(
            "For {many} of them it has been two weeks or longer: decide on those first."
        )),
    };
    let since = |user: &ListedUser| match days(user) {
        0 => "today".to_owned(),
        1 => "for a day".to_owned(),
        days => format!("for {days} days"),
    };
    let letter = table(letter, "Suspended", &suspended.group.users, count, since);
    let letter = letter.paragraph(
        "Whoever comes back is reactivated. Whoever does not is deleted: that frees the seat for good, and what they made \
         stays.",
    );
    let letter = match savings.saving.effective_from {
        Some(from) if savings.saving.note.is_none() => letter.paragraph(&format!(
            "A seat that is freed is not charged any more from {} on.",
            printed_day(from)
        )),
        _ => letter,
    };
    noted(letter, savings)
}

fn roles(about: &About<'_>, review: &Review) -> Letter {
    let (account, findings) = (about.account(), &review.findings);
    let elevated = &findings.access.elevated;
    let first = format!(
        "{} of {account} {} the role Root or Admin. Does everybody still need the role they have?",
        sentence(elevated.count),
        if elevated.count == 1 { "has" } else { "have" }
    );
    let people = findings.access.people.iter().filter(|people| people.active + people.suspended > 0);
    let rows = people.map(|people| {
        let suspended = match people.suspended {
            0 => String::new(),
            count => format!(", {count} suspended"),
        };
        (people.role.label().to_owned(), format!("{}{suspended}", people.active))
    });
    let letter =
        Letter::new(&format!("Role review of {account}: {} with a high role", users(elevated.count)), &first)
            .list(rows.collect());
    let letter = table(letter, "Last sign-in", &elevated.users, elevated.count, last_seen);
    let letter = letter.paragraph(&format!(
        "Give each the role that their work needs, and no more. For a team of this size: {}",
        findings.savings.role_mix.guidance
    ));
    advised(letter, &findings.savings.advice)
}

fn security(about: &About<'_>, review: &Review) -> Letter {
    let (account, findings) = (about.account(), &review.findings);
    let (access, savings) = (&findings.access, &findings.savings);
    let active: u32 = access.people.iter().map(|people| people.active).sum();
    let with_mfa: u32 = access.people.iter().map(|people| people.with_mfa).sum();
    let first = format!("{with_mfa} of {} of {account} have a second factor.", active_users(active));
    let figures = [
        ("Active, without a second factor", access.without_mfa.count),
        (
            "Root or Admin without one, who can do nothing until they have it",
            savings.elevated_without_mfa.count,
        ),
        ("Root or Admin", access.elevated.count),
        ("Accepted, and never fully signed in", access.never_signed_in.count),
        ("Inactive", savings.inactive.group.count),
        ("Suspended", savings.suspended.group.count),
        ("Invited, and not there after a week", savings.long_pending.count),
    ];
    let rows = figures.into_iter().map(|(name, count)| (name.to_owned(), count.to_string())).collect();
    let letter = Letter::new(
        &format!(
            "Yearly security review of {account}: {} without a second factor",
            users(access.without_mfa.count)
        ),
        &first,
    )
    .list(rows);
    // Those who could do most come first.
    let mut without = savings.elevated_without_mfa.users.clone();
    without.extend(access.without_mfa.users.iter().filter(|user| !user.role.is_elevated()).cloned());
    let letter = table(letter, "Last sign-in", &without, access.without_mfa.count, last_seen);
    let letter = letter.paragraph(
        "Ask everybody for a second factor, take back invitations that nobody accepts, and delete whoever needs no access \
         any more. The review can be downloaded as CSV or JSON, for whoever audits you.",
    );
    advised(letter, &savings.advice)
}

fn last_seen(user: &ListedUser) -> String {
    if user.has_signed_in { printed_day(user.since.date_naive()) } else { "never".into() }
}

/// The first of them, by name and role.
fn table(
    letter: Letter,
    column: &str,
    listed: &[ListedUser],
    count: u32,
    about: impl Fn(&ListedUser) -> String,
) -> Letter {
    let row = |user: &ListedUser| {
        let name = match (&user.first_name, &user.last_name) {
            (Some(first), Some(last)) => joined(first, last),
            _ => Tombstone::LABEL.to_owned(),
        };
        vec![name, user.role.label().to_owned(), about(user)]
    };
    let rows: Vec<Vec<String>> = listed.iter().take(ROWS_MAX).map(row).collect();
    let more = usize::try_from(count).unwrap_or(usize::MAX).saturating_sub(rows.len());
    let letter = letter.table(&["Name", "Role", column], rows);
    match more {
        0 => letter,
        more => letter.paragraph(&format!("And {more} more, in the review.")),
    }
}

fn priced(count: u32, monthly_total: i64, savings: &SavingsReport) -> String {
    match savings.unit_amount {
        0 => count.to_string(),
        _ => format!("{count}, {} a month", dollars(monthly_total)),
    }
}

/// What deleting all of whom it is proposed saves, and from when on. RULE: AU-02
fn saved(savings: &SavingsReport, seats: u32) -> String {
    match (savings.saving.effective_from, savings.saving.monthly_total) {
        (Some(from), 1..) => format!(
            "{} less would save {} a month, {} a year, from {} on.",
            if seats == 1 { "One seat".into() } else { format!("{seats} seats") },
            dollars(savings.saving.monthly_total),
            dollars(savings.saving.annual_total),
            printed_day(from)
        ),
        _ => match over_free(savings) {
            Some(over) => format!("{over}: there is no room for somebody else until there are fewer."),
            None => "That frees the seat for somebody else.".into(),
        },
    }
}

/// That there are more seats than the Free plan has, where they are left from another plan.
fn over_free(savings: &SavingsReport) -> Option<String> {
    let most = savings.plan.users_max().filter(|_| savings.plan == Plan::Free)?;
    let seats = savings.team().seats;
    (seats > most).then(|| format!("There are {seats} users, and the Free plan has {most}"))
}

fn noted(letter: Letter, savings: &SavingsReport) -> Letter {
    match &savings.saving.note {
        Some(note) => letter.paragraph(note),
        None => letter,
    }
}

/// RULE: RO-10
fn advised(letter: Letter, advice: &[Advice]) -> Letter {
    advice.iter().fold(letter, |letter, advice| letter.paragraph(&advice.detail))
}

fn users(count: u32) -> String {
    match count {
        1 => "1 user".into(),
        count => format!("{count} users"),
    }
}

fn active_users(count: u32) -> String {
    match count {
        1 => "1 active user".into(),
        count => format!("{count} active users"),
    }
}

fn sentence(count: u32) -> String {
    match count {
        1 => "One user".into(),
        0 => "No user".into(),
        count => format!("{count} users"),
    }
}
