//! The mails, in the words that people read: what happened, and what to do.

mod access;
mod accounts;
mod billing;
mod departures;
mod factors;
mod invitations;
mod passwords;
mod reviews;
mod security;
mod users;
mod webhooks;

use chrono::TimeDelta;
use domain::{Account, Departure, Instant, Review, Text, Tombstone, User, Webhook};

pub(crate) use accounts::{closed, confirm_sign_up};
pub(crate) use billing::billing;
pub(crate) use departures::{blocked, cancelled, finished, started, step_due};
pub(crate) use invitations::{expired, invitation, invited_again, reminder, undeliverable};
pub(crate) use passwords::reset_requested;
pub(crate) use reviews::review;
pub(crate) use security::{Notice, security};
pub(crate) use users::{access_asked, first_week, left, reactivated, still_suspended};
pub(crate) use webhooks::switched_off;

/// What a mail is written from. Names are looked up now, never carried by the event. RULE: DE-02
#[derive(Clone, Debug)]
pub(crate) struct About<'a> {
    pub(crate) account: &'a Account,
    /// Whom it is about; what remains of them, where they are gone.
    pub(crate) target: Option<&'a User>,
    pub(crate) tombstone: Option<&'a Tombstone>,
    /// Who did it, or who invited.
    pub(crate) by: Option<&'a User>,
    /// What remains of who did it, where they are gone.
    pub(crate) by_tombstone: Option<&'a Tombstone>,
    pub(crate) departure: Option<&'a Departure>,
    /// Who takes over.
    pub(crate) successor: Option<&'a User>,
    /// What was looked at, with the names of those who still are there.
    pub(crate) review: Option<&'a Review>,
    pub(crate) webhook: Option<&'a Webhook>,
    pub(crate) console: &'a str,
    pub(crate) now: Instant,
}

impl About<'_> {
    fn account(&self) -> String {
        unlinked(self.account.name.as_str())
    }

    /// Whom it is about, by name as long as it is known. RULE: DE-02
    fn name(&self) -> String {
        name_of(self.target, self.tombstone)
    }

    /// The same with the address, which tells people of one name apart.
    fn name_and_address(&self) -> String {
        let email = self.target.map(|user| &user.email);
        let email = email.or_else(|| Some(&self.tombstone?.gone.as_ref()?.email));
        match email {
            Some(email) => format!("{} ({})", self.name(), unlinked(email.spelling())),
            None => self.name(),
        }
    }

    fn by(&self) -> String {
        self.by.map_or_else(|| "An admin".into(), full_name)
    }

    /// Where the users are listed.
    fn users_page(&self) -> String {
        format!("{}/users", self.console)
    }

    fn because_admin(&self) -> String {
        format!("You get this mail because you manage users of {}.", self.account())
    }
}

use crate::letter::unlinked;

fn full_name(user: &User) -> String {
    joined(&user.first_name, &user.last_name)
}

/// By name as long as it is known. RULE: DE-02
fn name_of(user: Option<&User>, tombstone: Option<&Tombstone>) -> String {
    match (user, tombstone) {
        (Some(user), _) => full_name(user),
        (None, Some(Tombstone { gone: Some(gone), .. })) => joined(&gone.first_name, &gone.last_name),
        _ => Tombstone::LABEL.into(),
    }
}

fn joined(first: &domain::Name, last: &domain::Name) -> String {
    unlinked(&format!("{} {}", first.as_str(), last.as_str()))
}

fn printed(instant: Instant) -> String {
    instant.format("%-d %B %Y at %H:%M UTC").to_string()
}

/// A day as events carry it.
fn printed_day_of(day: &str) -> Option<String> {
    day.parse().ok().map(domain::printed_day)
}

/// How long it is, in the greatest unit of which there are at least two.
fn about_as_long_as(span: TimeDelta) -> String {
    let halves = |unit: i64| (span.num_minutes() + unit / 2) / unit;
    let (days, hours, minutes) = (halves(24 * 60), halves(60), span.num_minutes());
    match (days, hours, minutes) {
        (2.., ..) if hours >= 48 => format!("about {days} days"),
        (_, 2.., _) => format!("about {hours} hours"),
        (_, _, 2..) => format!("about {minutes} minutes"),
        _ => "a minute".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_that_is_left_is_told_as_people_tell_it() {
        for (minutes, words) in [
            (15 * 24 * 60, "about 15 days"),
            (48 * 60, "about 2 days"),
            (47 * 60, "about 47 hours"),
            (24 * 60 - 1, "about 24 hours"),
            (119, "about 2 hours"),
            (89, "about 89 minutes"),
            (1, "a minute"),
            (-5, "a minute"),
        ] {
            assert_eq!(about_as_long_as(TimeDelta::minutes(minutes)), words);
        }
    }
}
