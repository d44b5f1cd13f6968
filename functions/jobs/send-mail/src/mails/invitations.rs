//! Of invitations: to the invitee, and to whoever invited.

use domain::{MailProblem, Text, User};

use super::{About, about_as_long_as, printed, unlinked};
use crate::letter::Letter;

/// RULE: IN-19, AC-12
pub(crate) fn invitation(about: &About<'_>, user: &User, link: &str) -> Letter {
    let (inviter, account) = (about.by(), about.account());
    let first = format!("{inviter} invites you to join {account} as {}.", user.role.label());
    of_invitation(about, user, Letter::new(&format!("{inviter} invited you to {account}"), &first), link)
}

/// RULE: IN-07
pub(crate) fn invited_again(about: &About<'_>, user: &User, link: &str) -> Letter {
    let (inviter, account) = (about.by(), about.account());
    let first = format!("{inviter} invites you to join {account} as {}.", user.role.label());
    let letter = Letter::new(&format!("{inviter} invited you to {account}"), &first)
        .paragraph("This is a new link. Those in earlier mails do not work any more.");
    of_invitation(about, user, letter, link)
}

fn of_invitation(about: &About<'_>, user: &User, letter: Letter, link: &str) -> Letter {
    letter
        .quote(user.invitation.message.as_ref().map(Text::as_str))
        .button("Accept the invitation", link)
        .paragraph(&format!("The invitation expires on {}.", printed(user.invitation.expires_at)))
        .paragraph("If you do not know why you were invited, do nothing.")
        .because(&format!("You get this mail because you were invited to {}.", about.account()))
}

/// RULE: IN-11
pub(crate) fn reminder(about: &About<'_>, user: &User, link: &str) -> Letter {
    let (inviter, account) = (about.by(), about.account());
    let left = about_as_long_as(user.invitation.expires_at - about.now);
    let first = format!(
        "{inviter} invited you to join {account} as {}. The invitation is still open, for {left}.",
        user.role.label()
    );
    Letter::new(&format!("Your invitation to {account} is about to expire"), &first)
        .button("Accept the invitation", link)
        .paragraph(&format!(
            "It expires on {}. After that, ask for a new one.",
            printed(user.invitation.expires_at)
        ))
        .paragraph("If you do not want to join, do nothing. There is no further reminder.")
        .because(&format!("You get this mail because you were invited to {account}."))
}

/// RULE: IN-11
pub(crate) fn expired(about: &About<'_>) -> Letter {
    let (name, account) = (about.name(), about.account());
    let role = about.target.map(|user| format!(" as {}", user.role.label())).unwrap_or_default();
    let first = format!(
        "{} was invited to {account}{role} and did not accept in time. The seat is free again.",
        about.name_and_address()
    );
    let letter = Letter::new(&format!("The invitation of {name} has expired"), &first);
    let letter = match about.target {
        Some(_) => letter.paragraph(&format!(
            "To invite {name} again, send the invitation once more: that takes a seat and makes a new link. If \
             you do not want to, there is nothing to do."
        )),
        None => letter.paragraph("To invite the same address again, make a new invitation."),
    };
    letter.button("Open the users", &about.users_page()).because(&because_inviter(about))
}

/// RULE: IN-20, EV-04
pub(crate) fn undeliverable(about: &About<'_>, user: &User) -> Letter {
    let (name, account) = (about.name(), about.account());
    let address = unlinked(user.email.spelling());
    let what = match user.mail_problem {
        Some(MailProblem::Complained) => "was reported as unwanted mail",
        _ => "came back or was refused",
    };
    let first = format!("The invitation to {account} that was mailed to {address} {what}.");
    Letter::new(&format!("The invitation of {name} could not be delivered"), &first)
        .paragraph(&format!(
            "If the address is wrong, delete {name}, which frees the seat, and invite the right address."
        ))
        .paragraph(
            "If it is right, ask the people who run that mailbox to let the mail in, and send the invitation once more.",
        )
        .paragraph(&format!(
            "Until then the invitation holds its seat, until {}.",
            printed(user.invitation.expires_at)
        ))
        .button("Open the users", &about.users_page())
        .because(&because_inviter(about))
}

fn because_inviter(about: &About<'_>) -> String {
    format!("You get this mail because you invite people to {}.", about.account())
}
