//! The mails, in the words that people read.

use domain::{Account, Instant, Text, User};

use crate::letter::{Letter, Mail, unlinked};

/// RULE: AC-01
pub(crate) fn confirm_sign_up(account: &Account, user: &User, link: &str) -> Mail {
    let account = unlinked(account.name.as_str());
    Letter::new(user.email.spelling(), &format!("Confirm your address for {account}"))
        .paragraph(&greeting(user))
        .paragraph(&format!("You signed up for {account}. Set your password to begin."))
        .link("Set your password", link)
        .paragraph(&format!("The link is good until {}.", printed(user.invitation.expires_at)))
        .paragraph("If you did not sign up, do nothing: nobody can use the account until a password is set.")
        .finish()
}

/// RULE: IN-19, AC-12
pub(crate) fn invitation(account: &Account, user: &User, inviter: Option<&User>, link: &str) -> Mail {
    let account = unlinked(account.name.as_str());
    let inviter = inviter.map_or_else(|| "An admin".into(), full_name);
    let letter = Letter::new(user.email.spelling(), &format!("{inviter} invited you to {account}"))
        .paragraph(&greeting(user))
        .paragraph(&format!("{inviter} invites you to join {account} as {}.", user.role.label()));
    let letter = match &user.invitation.message {
        Some(message) => letter.quote(&unlinked(message.as_str())),
        None => letter,
    };
    letter
        .link("Accept the invitation", link)
        .paragraph(&format!("The invitation expires on {}.", printed(user.invitation.expires_at)))
        .paragraph("If you do not know why you were invited, do nothing.")
        .finish()
}

/// RULE: SU-04
pub(crate) fn reactivated(account: &Account, user: &User, sign_in: &str) -> Mail {
    let account = unlinked(account.name.as_str());
    Letter::new(user.email.spelling(), &format!("Your access to {account} is back"))
        .paragraph(&greeting(user))
        .paragraph(&format!("You can sign in to {account} again. Sessions from before stay closed."))
        .link("Sign in", sign_in)
        .finish()
}

fn greeting(user: &User) -> String {
    format!("Hello {},", unlinked(user.first_name.as_str()))
}

fn full_name(user: &User) -> String {
    unlinked(&format!("{} {}", user.first_name.as_str(), user.last_name.as_str()))
}

fn printed(instant: Instant) -> String {
    instant.format("%-d %B %Y at %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Role;
    use domain::{AccountId, Email, Invitee, Message, Name, Nonce, UserId};

    fn user(first_name: &str, message: Option<&str>) -> User {
        let invitee = Invitee {
            email: Email::parse("Ann@x.com").unwrap(),
            first_name: Name::parse(first_name).unwrap(),
            last_name: Name::parse("Smith").unwrap(),
            role: Role::Monitor,
            message: message.map(|text| Message::parse(text).unwrap()),
        };
        let account = Account::new(AccountId::from_bits(1), Name::parse("Acme").unwrap(), Instant::default());
        User::invited(UserId::from_bits(2), &account, invitee, None, Nonce::new(1), Instant::default())
    }

    // RULE: IN-19
    #[test]
    fn what_people_typed_is_escaped_and_never_clickable() {
        let account =
            Account::new(AccountId::from_bits(1), Name::parse("www.evil.com").unwrap(), Instant::default());
        let bob = user("<a href=\"https://evil.com\">Bob</a>", None);
        let ann = user("Ann", Some("Hi <b>Ann</b>\nsee https://evil.com/x\n> quoted"));
        let mail = invitation(&account, &ann, Some(&bob), "https://console/accept#token");
        let hostile = user("www.evil.com", None);
        let others = [
            confirm_sign_up(&account, &hostile, "https://console"),
            reactivated(&account, &hostile, "https://console"),
        ];
        let all = others.iter().chain([&mail]);
        for part in all.flat_map(|mail| [&mail.subject, &mail.text, &mail.html]) {
            assert!(!part.contains("evil.com"), "{part}");
            assert!(!part.contains("https://evil"), "{part}");
        }
        assert!(!mail.html.contains("<b>") && !mail.html.contains("<a href=\"https://evil"), "{}", mail.html);
        assert_eq!(mail.html.matches("<a ").count(), 1);
        assert!(!mail.subject.contains(['\n', '\r']));
        insta::assert_snapshot!(
            format!("{}\n\n{}\n{}", mail.subject, mail.text, mail.html).replace('\u{2060}', "·")
        );
    }
}
