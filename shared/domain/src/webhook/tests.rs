//! A webhook's life.

use super::*;

pub(crate) fn webhook(now: Instant) -> Webhook {
    let url = WebhookUrl::parse("https://hooks.example.com/").unwrap();
    let types = EventTypes::of(["user.invited"]).unwrap();
    let secret = (Nonce::new(1), KeyVersion::try_from(1).unwrap());
    let whose = (AccountId::from_bits(1), UserId::from_bits(1));
    Webhook::new(WebhookId::from_bits(1), whose, url, types, secret, now)
}

fn delivery(of: &Webhook, at: Instant) -> WebhookDelivery {
    let fact_id = FactId::parse(&format!("{}.0", EventId::from_bits(1))).unwrap();
    WebhookDelivery::new((of.account_id, of.id), fact_id, "{}".into(), at)
}

// RULE: EV-05
#[test]
fn what_is_sent_again_is_not_begun_anew_while_it_is_under_way() {
    let (noon, hour) = (Instant::default(), TimeDelta::hours(1));
    let asked = webhook(noon).replaying(noon + hour, noon + hour * 2).unwrap();
    let begun = Webhook {
        replay: asked.replay.map(|it| WebhookReplay { not_after: Some(EventId::from_bits(9)), ..it }),
        ..asked
    };
    let again = begun.clone().replaying(noon, noon + hour * 3).unwrap().replay.unwrap();
    let before = begun.replay.unwrap();
    assert_eq!((again.from, again.to, again.not_after), (noon, before.to, before.not_after));
}

// RULE: EV-05
#[test]
fn what_waits_is_dropped_once_nobody_is_told_of_such_things_and_an_answer_is_of_whom_was_called() {
    let noon = Instant::default();
    let hook = webhook(noon);
    let waiting =
        |kind: &str| WebhookDelivery { body: format!("{{\"type\":\"{kind}\"}}"), ..delivery(&hook, noon) };
    assert!(hook.awaits(&waiting("user.invited")));
    assert!(!hook.awaits(&waiting("user.deleted")));
    let failing = hook.clone().failed("status_500".into(), noon);
    let moved = failing.clone().leading_to(WebhookUrl::parse("https://other.example.com/").unwrap());
    assert_eq!(moved.failing, None);
    assert!(failing.is_still(&hook) && !moved.is_still(&hook));
    let off_and_on = hook.clone().switched(false, noon).switched(true, noon + TimeDelta::hours(1));
    assert!(!off_and_on.is_still(&hook));
}

// RULE: EV-05
#[test]
fn a_failure_lasts_where_nothing_was_taken_since_what_is_given_up_was_first_tried() {
    let (noon, hour) = (Instant::default(), TimeDelta::hours(1));
    let hook = webhook(noon).failed("status_500".into(), noon);
    let off = hook.clone().gave_up(&delivery(&hook, noon), noon + hour * 24);
    assert_eq!(off.switched_off.map(|off| off.reason), Some(SwitchOffReason::LastingFailure));
    assert_eq!(off.enabled_at, None);
    // It waited on the wheel before it was first tried, as what is sent again does.
    let late = delivery(&hook, noon - hour).tried(noon);
    assert!(hook.clone().gave_up(&late, noon + hour * 24).switched_off.is_some());
    // Nothing was heard of its first try, so that the next one was the first to fail.
    let cut_off = delivery(&hook, noon).tried(noon - TimeDelta::minutes(1));
    assert!(hook.clone().gave_up(&cut_off, noon + hour * 24).switched_off.is_some());
    let taken = hook.delivered(noon + hour).failed("status_500".into(), noon + hour * 2);
    let on = taken.clone().gave_up(&delivery(&taken, noon), noon + hour * 24);
    assert_eq!((on.switched_off, on.enabled_at), (None, Some(noon)));
    assert!(on.last_given_up.is_some());
}

// RULE: EV-05
#[test]
fn what_waited_is_dropped_once_it_was_off_and_what_happened_before_is_not_sent() {
    let (noon, hour) = (Instant::default(), TimeDelta::hours(1));
    let hook = webhook(noon);
    let waiting = delivery(&hook, noon);
    assert!(hook.awaits(&waiting));
    let off = hook.switched(false, noon + hour);
    assert!(!off.awaits(&waiting) && !off.hears(FactKind::UserInvited, noon + hour));
    let again = off.switched(true, noon + hour * 2);
    assert!(!again.awaits(&waiting));
    assert!(!again.hears(FactKind::UserInvited, noon + hour));
    assert!(again.hears(FactKind::UserInvited, noon + hour * 2));
    assert!(!again.hears(FactKind::UserDeleted, noon + hour * 2));
}

// RULE: EV-05
#[test]
fn an_account_has_so_many_webhooks_and_no_more() {
    let name = crate::Text::parse("Acme").unwrap();
    let mut account = Account::new(AccountId::from_bits(1), name, Instant::default());
    for _ in 0..WEBHOOKS_MAX {
        account = account.with_webhook().unwrap();
    }
    assert_eq!(account.clone().with_webhook(), Err(Refusal::TooManyWebhooks));
    assert!(account.without_webhook().with_webhook().is_ok());
}
