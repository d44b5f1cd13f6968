//! GET /v1/exports/users, /v1/exports/events, /v1/exports/invoices, /v1/exports/reviews: all there is, as CSV or JSON, a page at a time, to whoever may
//! read the list itself. That it was exported is audited. RULE: AU-06

mod events;
mod invoices;
mod page;
mod reviews;
#[cfg(test)]
mod tests;
mod users;

use runtime::{Function, Routes, http, routes};

use events::Events;
use invoices::Invoices;
use page::Export;
use reviews::Reviews;
use users::Users;

/// The function.
pub const FUNCTION: Function = routes::<Exports>();

/// What can be exported.
struct Exports;

impl Routes for Exports {
    const NAME: &'static str = "export";
    const ROUTES: &'static [(&'static str, Function)] = &[
        ("GET /v1/exports/users", http::<Export<Users>>()),
        ("GET /v1/exports/events", http::<Export<Events>>()),
        ("GET /v1/exports/invoices", http::<Export<Invoices>>()),
        ("GET /v1/exports/reviews", http::<Export<Reviews>>()),
    ];
}
