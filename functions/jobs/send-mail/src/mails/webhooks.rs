//! Of webhooks, to those who manage the account.

use domain::{SwitchOffReason, SwitchedOff, Webhook};

use super::{About, printed, unlinked};
use crate::letter::Letter;

/// It was switched off by itself, and nobody has switched it on since. RULE: EV-05
pub(crate) fn switched_off(about: &About<'_>, webhook: &Webhook, off: SwitchedOff) -> Letter {
    let account = about.account();
    let first = match off.reason {
        SwitchOffReason::LastingFailure => format!(
            "A webhook of {account} took nothing for 24 hours, so it was switched off on {}. Nothing is sent to it any more.",
            printed(off.at)
        ),
        SwitchOffReason::Gone => format!(
            "A webhook of {account} answered that it is gone (410), so it was switched off on {}. Nothing is sent to it any more.",
            printed(off.at)
        ),
    };
    let mut rows = vec![
        ("Webhook".to_owned(), webhook.id.to_string()),
        ("It leads to".to_owned(), unlinked(webhook.url.without_query())),
    ];
    if let Some(failing) = &webhook.failing {
        rows.push(("Since".to_owned(), printed(failing.since)));
        rows.push(("Latest failure".to_owned(), failing.reason.clone()));
    }
    Letter::new(&format!("A webhook of {account} was switched off"), &first)
        .list(rows)
        .paragraph(
            "Once its receiver works again, switch it on (PATCH, with \"enabled\" true), and have what happened in between \
             sent again (replay), as far as that is not longer ago than seven days. If nobody needs it, delete it.",
        )
        .button("Open the webhooks", &format!("{}/webhooks", about.console))
        .because(&format!("You get this mail because you manage {account}."))
}
