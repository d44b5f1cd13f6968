//! What the mail service reports of the mails it took. Reports come late, twice and in any order, and lead to the same
//! in each. RULE: IN-20, EV-04

use crate::{Delivery, Instant, MailProblem, User};

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailFate {
    /// The recipient's server does not take it for now.
    Delayed,
    /// The recipient's server took it.
    Delivered,
    /// It came back, for a reason that may pass, such as a full mailbox.
    Returned,
    /// The mail service did not send it, for what is in it.
    Rejected,
    /// It came back for good.
    Bounced,
    /// The recipient called it spam.
    Complained,
}

impl MailFate {
    /// What that makes of the invitation that the mail carries.
    const fn delivery(self) -> Delivery {
        match self {
            Self::Delayed => Delivery::DeliveryDelayed,
            Self::Delivered => Delivery::Delivered,
            Self::Returned | Self::Rejected | Self::Bounced | Self::Complained => Delivery::DeliveryFailed,
        }
    }

    /// What that says of the address.
    const fn problem(self) -> Option<MailProblem> {
        match self {
            Self::Delayed | Self::Delivered | Self::Returned | Self::Rejected => None,
            Self::Bounced => Some(MailProblem::Bounced),
            Self::Complained => Some(MailProblem::Complained),
        }
    }
}

/// A report of one mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailReport {
    /// What became of it.
    pub fate: MailFate,
    /// When.
    pub at: Instant,
    /// When the mail service took it.
    pub sent_at: Instant,
    /// Where the mail carries an invitation: when that was sent, which tells this sending from the others.
    pub sending: Option<Instant>,
}

impl User {
    /// Notes what is heard of a mail to them. Of the invitation only its latest sending counts. RULE: IN-20, EV-04
    pub fn heard_of_mail(mut self, report: &MailReport) -> Self {
        self.mail_problem = self.mail_problem.max(report.fate.problem());
        if report.sending.is_some_and(|sending| self.invitation.is_of(sending)) {
            let invitation = &mut self.invitation;
            invitation.delivery = invitation.delivery.max(report.fate.delivery());
            invitation.sent_at.get_or_insert(report.sent_at);
            if report.fate == MailFate::Delivered {
                invitation.delivered_at.get_or_insert(report.at);
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Account, AccountId, Email, Invitee, Nonce, Role, Text, UserId};

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn account(now: Instant) -> Account {
        Account::new(AccountId::from_bits(1), Text::parse("Acme").unwrap(), now)
    }

    fn invited(now: Instant) -> User {
        let invitee = Invitee {
            email: Email::parse("ann@x.com").unwrap(),
            first_name: Text::parse("Ann").unwrap(),
            last_name: Text::parse("Lee").unwrap(),
            role: Role::Developer,
            message: None,
        };
        User::invited(UserId::from_bits(1), &account(now), invitee, None, Nonce::new(1), now)
    }

    const FATES: [MailFate; 6] = [
        MailFate::Delayed,
        MailFate::Delivered,
        MailFate::Returned,
        MailFate::Rejected,
        MailFate::Bounced,
        MailFate::Complained,
    ];

    fn report(fate: MailFate, sending: Option<Instant>) -> MailReport {
        MailReport { fate, at: at("2026-03-01T12:00:09Z"), sent_at: at("2026-03-01T12:00:02Z"), sending }
    }

    /// Each order of these.
    fn orders(fates: &[MailFate]) -> Vec<Vec<MailFate>> {
        if fates.is_empty() {
            return vec![Vec::new()];
        }
        let first = |n: usize| {
            let mut rest = fates.to_vec();
            let first = rest.remove(n);
            orders(&rest).into_iter().map(move |rest| [vec![first], rest].concat())
        };
        (0..fates.len()).flat_map(first).collect()
    }

    // RULE: IN-20, EV-04
    #[test]
    fn reports_lead_to_the_same_in_every_order_and_as_often_as_they_come() {
        let noon = at("2026-03-01T12:00:00Z");
        let heard = |fates: &[MailFate]| {
            let note = |user: User, fate: &MailFate| user.heard_of_mail(&report(*fate, Some(noon)));
            fates.iter().fold(invited(noon), note)
        };
        for some in 0..1_u32 << FATES.len() {
            let fates: Vec<MailFate> =
                (0..FATES.len()).filter(|n| some & 1 << n != 0).map(|n| FATES[n]).collect();
            let user = heard(&fates);
            for order in orders(&fates) {
                assert_eq!(heard(&order), user, "{order:?}");
                assert_eq!(heard(&[order.clone(), order.clone()].concat()), user, "{order:?} twice");
            }
            let sent = |user: User| user.invitation_sent(at("2026-03-01T12:00:02Z"));
            if !fates.is_empty() {
                assert_eq!(sent(user.clone()), user, "{fates:?}: that it was sent is known");
            }
            let is_delivered = fates.contains(&MailFate::Delivered);
            assert_eq!(user.invitation.delivered_at.is_some(), is_delivered, "{fates:?}");
            assert_eq!(user.version, invited(noon).version, "no admin sees somebody else for it");
        }
    }

    // RULE: IN-20, EV-04
    #[test]
    fn what_is_heard_tells_of_the_invitation_and_of_the_address() {
        let noon = at("2026-03-01T12:00:00Z");
        let (delayed, delivered) = (Delivery::DeliveryDelayed, Delivery::Delivered);
        let failed = Delivery::DeliveryFailed;
        for (fate, delivery, problem) in [
            (MailFate::Delayed, delayed, None),
            (MailFate::Delivered, delivered, None),
            (MailFate::Returned, failed, None),
            (MailFate::Rejected, failed, None),
            (MailFate::Bounced, failed, Some(MailProblem::Bounced)),
            (MailFate::Complained, failed, Some(MailProblem::Complained)),
        ] {
            let user = invited(noon).heard_of_mail(&report(fate, Some(noon)));
            assert_eq!((user.invitation.delivery, user.mail_problem), (delivery, problem), "{fate:?}");
            let other = invited(noon).heard_of_mail(&report(fate, None));
            assert_eq!(other.invitation, invited(noon).invitation, "a mail that is no invitation");
            assert_eq!(other.mail_problem, problem, "{fate:?}");
        }
    }

    // RULE: IN-20, EV-04
    #[test]
    fn a_report_of_an_older_sending_tells_of_the_address_alone() {
        let (noon, later) = (at("2026-03-01T12:00:00Z"), at("2026-03-01T12:05:00Z"));
        let again = invited(noon).invite_again(Nonce::new(2), later, &account(noon)).unwrap();
        let heard = again.clone().heard_of_mail(&report(MailFate::Bounced, Some(noon)));
        assert_eq!(heard.invitation, again.invitation);
        assert_eq!(heard.mail_problem, Some(MailProblem::Bounced));
        let heard = heard.heard_of_mail(&report(MailFate::Delivered, Some(later)));
        assert_eq!(heard.invitation.delivery, Delivery::Delivered);
        // One that has expired begins a new life, with the same number of resends.
        let lapsed = invited(noon).lapse();
        let anew = lapsed.invite_again(Nonce::new(3), at("2026-03-09T12:00:00Z"), &account(noon)).unwrap();
        let heard = anew.clone().heard_of_mail(&report(MailFate::Delivered, Some(noon)));
        assert_eq!(heard.invitation, anew.invitation);
    }
}
