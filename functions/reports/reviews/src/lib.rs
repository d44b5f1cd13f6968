//! GET /v1/reports/reviews, `/v1/reports/reviews/{review_id}`: what was looked at by itself, as it was found then.
//! RULE: AU-02, AU-03

mod list;
mod one;

use runtime::{Function, Routes, http, routes};

use list::ListReviews;
use one::GetReview;

/// The function.
pub const FUNCTION: Function = routes::<Reviews>();

/// Reviews.
struct Reviews;

impl Routes for Reviews {
    const NAME: &'static str = "reviews";
    const ROUTES: &'static [(&'static str, Function)] = &[
        ("GET /v1/reports/reviews", http::<ListReviews>()),
        ("GET /v1/reports/reviews/{review_id}", http::<GetReview>()),
    ];
}
