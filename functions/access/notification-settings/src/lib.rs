//! `/v1/me/notifications`: which of the mails that come by themselves one gets. What is about one's own access, about
//! invoices and plans, and the yearly review of how the account is guarded is mailed whatever is chosen.

mod change;
mod get;

use runtime::{Function, Routes, http, routes};

/// The function.
pub const FUNCTION: Function = routes::<NotificationSettings>();

/// The operations on one's own settings.
struct NotificationSettings;

impl Routes for NotificationSettings {
    const NAME: &'static str = "notification-settings";
    const ROUTES: &'static [(&'static str, Function)] = &[
        ("GET /v1/me/notifications", http::<get::GetNotifications>()),
        ("PUT /v1/me/notifications", http::<change::ChangeNotifications>()),
    ];
}
