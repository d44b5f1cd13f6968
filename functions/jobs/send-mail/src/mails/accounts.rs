//! Of the account as a whole.

use domain::{Account, User, printed_day};

use super::{About, printed};
use crate::letter::Letter;

/// RULE: AC-01
pub(crate) fn confirm_sign_up(about: &About<'_>, user: &User, link: &str) -> Letter {
    let account = about.account();
    let first = format!("You signed up for {account}. Set your password to begin.");
    Letter::new(&format!("Confirm your address for {account}"), &first)
        .button("Set your password", link)
        .paragraph(&format!("The link is good until {}.", printed(user.invitation.expires_at)))
        .paragraph("If you did not sign up, do nothing: nobody can use the account until a password is set.")
        .because("You get this mail because somebody signed up with this address.")
}

/// RULE: AC-11
pub(crate) fn closed(about: &About<'_>) -> Letter {
    let account = about.account();
    let closed_at = about.account.closed_at.unwrap_or(about.now);
    let erased_at = closed_at + Account::ERASED_AFTER;
    let first = format!("{} closed {account} on {}.", about.by(), printed(closed_at));
    Letter::new(&format!("{account} is closed"), &first)
        .paragraph("Nobody has access any more: sessions and invitations ended at once, and nothing renews.")
        .paragraph(&format!(
            "Names, addresses and everything else about people are erased on {}. Invoices stay.",
            printed_day(erased_at.date_naive())
        ))
        .paragraph("There is nothing you have to do. Closing cannot be undone; to come back, sign up again.")
        .because(&format!("You get this mail because you were Root of {account}."))
}
