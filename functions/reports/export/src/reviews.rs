//! Reviews, a row for each finding, the newest first.

use domain::{Account, AccountId, Actor, CURRENCY, Instant, Permission, Review, ReviewId, ReviewKind};
use runtime::Collection;
use schemars::JsonSchema;
use serde::Serialize;
use sheets::Row;

use crate::page::Kind;

/// Reviews.
pub(crate) struct Reviews;

/// What a review found of one kind.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ExportedFinding")]
pub(crate) struct FindingRow {
    /// The review.
    review_id: ReviewId,
    /// What was looked at.
    kind: ReviewKind,
    /// When it was scheduled.
    scheduled_at: Instant,
    /// What was found.
    finding: &'static str,
    /// How many users were found.
    users: u32,
    /// How many were looked at.
    users_looked_at: u32,
    /// Always `usd`.
    currency: &'static str,
    /// What their seats cost a month; null where it is not about seats that cost.
    monthly_total: Option<i64>,
    /// What they cost a year.
    annual_total: Option<i64>,
}

impl Kind for Reviews {
    const NAME: &'static str = "export-reviews";
    const ABOUT: &'static str = "Exports what reviews found, a page at a time";
    const WHAT: &'static str = "reviews";
    const NEEDS: Permission = Permission::ReadUsers;
    type Item = Review;
    type Row = FindingRow;

    fn collection(account_id: AccountId, after: Option<u128>, limit: i32) -> Collection {
        Collection::Reviews { account_id, before: after.map(ReviewId::from_bits), limit }
    }

    fn place(review: &Review) -> u128 {
        review.id.bits()
    }

    fn rows(review: &Review, _: &Account, by: &Actor, _: Instant) -> Vec<FindingRow> {
        if by.require(review.kind.needs()).is_err() {
            return Vec::new();
        }
        let savings = &review.findings.savings;
        let cost = |finding: &str| match finding {
            "inactive" => Some(&savings.inactive),
            "suspended" => Some(&savings.suspended),
            _ => None,
        };
        let row = |(finding, group): (&'static str, &domain::UserGroup)| FindingRow {
            review_id: review.id,
            kind: review.kind,
            scheduled_at: review.scheduled_at,
            finding,
            users: group.count,
            users_looked_at: review.findings.users,
            currency: CURRENCY,
            monthly_total: cost(finding).map(|group| group.monthly_total),
            annual_total: cost(finding).map(|group| group.annual_total),
        };
        review.groups().into_iter().map(row).collect()
    }
}

impl Row for FindingRow {
    const COLUMNS: &'static [&'static str] = &[
        "review_id",
        "kind",
        "scheduled_at",
        "finding",
        "users",
        "users_looked_at",
        "currency",
        "monthly_total",
        "annual_total",
    ];
}
