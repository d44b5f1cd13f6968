//! SES → default event bus → queue: what became of a mail is noted at the user it went to, and at the invitation that
//! it carried, once, in whatever order reports come. RULE: IN-20, EV-04

mod report;

use domain::{Account, Change, EntityKey, Fact, FactKind, User};
use runtime::{BatchReply, Env, Fault, Job, Message, StartError, Wants, settle};

use report::Reported;

/// The function.
pub const FUNCTION: runtime::Function = runtime::job::<MailFeedback>();

/// Nothing but the table.
pub struct MailFeedback;

impl Job for MailFeedback {
    const NAME: &str = "mail-feedback";

    fn start(_: &Env) -> Result<Self, StartError> {
        Ok(Self)
    }

    async fn work(&self, env: &Env, batch: Vec<Message>) -> BatchReply {
        Self::each(batch, |message| note(env, message)).await
    }
}

async fn note(env: &Env, message: Message) -> Result<(), Fault> {
    let detail = message.body.get("detail").cloned().unwrap_or_default();
    let Some(reported) = report::read(&detail)? else { return Ok(()) };
    let account_key = EntityKey::Account(reported.account_id);
    let user_key = EntityKey::User(reported.account_id, reported.user_id);
    let mut wants = Wants::default();
    wants.key(account_key.clone());
    wants.key(user_key.clone());
    settle(env, &wants, |loaded, _| {
        let is_open = loaded.get::<Account>(&account_key)?.is_some_and(|account| account.is_open());
        let user = loaded.get::<User>(&user_key)?.filter(|_| is_open);
        Ok(user.and_then(|user| decide(&user, &reported)))
    })
    .await?;
    Ok(())
}

/// What a report changes; nothing where the user has heard of it already.
fn decide(user: &User, reported: &Reported) -> Option<Change<()>> {
    let heard = user.clone().heard_of_mail(&reported.report);
    if heard == *user {
        return None;
    }
    let mut change = Change::reply(()).performed_by_nobody(user.account_id);
    let (before, after) = (user.invitation.delivery, heard.invitation.delivery);
    if before != after {
        let fact = Fact::of(FactKind::InvitationDelivery, &heard);
        change = change.fact(fact.before("delivery", before.name()).after("delivery", after.name()));
    }
    if let Some(problem) = heard.mail_problem.filter(|_| user.mail_problem != heard.mail_problem) {
        let fact = Fact::of(FactKind::MailProblemNoted, &heard);
        change = change.fact(fact.after("mail_problem", problem.name()));
    }
    Some(change.put(heard))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        AccountId, Delivery, Email, Instant, Invitee, MailFate, MailProblem, MailReport, Nonce, Role, Text,
        UserId,
    };

    fn noon() -> Instant {
        "2026-03-01T12:00:00Z".parse().unwrap()
    }

    fn invited() -> User {
        let account = Account::new(AccountId::from_bits(1), Text::parse("Acme").unwrap(), noon());
        let invitee = Invitee {
            email: Email::parse("ann@x.com").unwrap(),
            first_name: Text::parse("Ann").unwrap(),
            last_name: Text::parse("Lee").unwrap(),
            role: Role::Developer,
            message: None,
        };
        User::invited(UserId::from_bits(1), &account, invitee, None, Nonce::new(1), noon())
    }

    fn reported(fate: MailFate) -> Reported {
        let user = invited();
        let report = MailReport { fate, at: noon(), sent_at: noon(), sending: Some(noon()) };
        Reported { account_id: user.account_id, user_id: user.id, report }
    }

    // RULE: EV-04, IN-20
    #[test]
    fn a_bounce_is_told_of_the_invitation_and_of_the_address_once() {
        let change = decide(&invited(), &reported(MailFate::Bounced)).unwrap();
        let facts: Vec<&str> = change.facts.iter().map(|fact| fact.kind.name()).collect();
        assert_eq!(facts, ["invitation.delivery_changed", "user.mail_problem_noted"]);
        assert_eq!(change.facts[0].before["delivery"], "queued");
        assert_eq!(change.facts[0].after["delivery"], "delivery_failed");
        assert_eq!(change.facts[1].after["mail_problem"], "bounced");
        let heard = invited().heard_of_mail(&reported(MailFate::Bounced).report);
        assert_eq!(heard.mail_problem, Some(MailProblem::Bounced));
        assert!(decide(&heard, &reported(MailFate::Bounced)).is_none(), "a second time");
    }

    // RULE: EV-04, IN-20
    #[test]
    fn a_delivery_that_is_heard_of_after_the_bounce_is_noted_and_no_news() {
        let heard = invited().heard_of_mail(&reported(MailFate::Bounced).report);
        let change = decide(&heard, &reported(MailFate::Delivered)).unwrap();
        assert!(change.facts.is_empty());
        let domain::Entity::User(user) = &change.puts[0] else { panic!("a user") };
        assert_eq!(user.invitation.delivery, Delivery::DeliveryFailed);
        assert_eq!(user.invitation.delivered_at, Some(noon()));
    }
}
