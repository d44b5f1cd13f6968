//! GET /v1/reports/reviews: the newest first, a page at a time. RULE: AP-04, AU-03

use domain::{Actor, Change, Decision, Instant, Permission, Reply, Review, ReviewId, ReviewKind, Saving};
use runtime::{
    Call, Collection, FILTERED_READ_MAX, Failure, Fields, Loaded, Loads, Moment, Operation, Page, Wants,
    cursor,
};
use schemars::JsonSchema;
use serde::Serialize;

/// What the caller sends.
pub(crate) struct ListReviews {
    page: Page<16>,
    kind: Option<ReviewKind>,
}

/// How many users a review found.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Finding {
    /// What was found, as the review calls it.
    finding: &'static str,
    /// How many.
    count: u32,
}

/// A review in a list.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ReviewLine {
    /// The review.
    id: ReviewId,
    /// What was looked at.
    kind: ReviewKind,
    /// When it was scheduled.
    scheduled_at: Instant,
    /// When it was made.
    made_at: Instant,
    /// How many users were looked at, invited ones too.
    users: u32,
    /// What was found.
    findings: Vec<Finding>,
    /// What could be saved then; null where the review is not about that.
    saving: Option<Saving>,
}

/// A page of reviews.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ReviewsPage {
    /// The reviews, the newest first.
    data: Vec<ReviewLine>,
    /// The `cursor` of the page behind this one; null where this is the last. A page that leaves some out may be short, or
    /// empty, and have one.
    next_cursor: Option<String>,
}

impl Reply for ReviewsPage {}

/// What was read, in order, and whether there is more behind it.
pub(crate) struct Read {
    reviews: Vec<Review>,
    has_more: bool,
}

impl Operation for ListReviews {
    const NAME: &str = "list-reviews";
    const ABOUT: &str = "Lists the reviews that were made by themselves, the newest first";
    const NEEDS: Option<Permission> = Some(Permission::ReadUsers);
    type Caller = Actor;
    type Loads = Read;
    type Reply = ReviewsPage;

    fn read(fields: &mut Fields) -> Option<Self> {
        let names = ReviewKind::ALL.map(ReviewKind::name);
        let kind = fields.optional_choice("kind", "Of this kind alone.", ReviewKind::parse, &names);
        let page = Page::read(fields, kind.as_ref());
        Some(Self { page: page?, kind: kind? })
    }

    /// Whoever may not read of people is told of costs alone.
    fn decide(&self, by: &Actor, read: Read, _: &Moment) -> Decision<ReviewsPage> {
        let matches = |review: &Review| {
            self.kind.is_none_or(|kind| kind == review.kind) && by.require(review.kind.needs()).is_ok()
        };
        let (page, last) = self.page.cut(&read.reviews, read.has_more, matches);
        let next_cursor = last.map(|last| cursor(last.id.bits().to_be_bytes(), &self.kind));
        Ok(Change::reply(ReviewsPage { data: page.into_iter().map(line).collect(), next_cursor }))
    }
}

fn line(review: &Review) -> ReviewLine {
    let finding =
        |(finding, group): (&'static str, &domain::UserGroup)| Finding { finding, count: group.count };
    ReviewLine {
        id: review.id,
        kind: review.kind,
        scheduled_at: review.scheduled_at,
        made_at: review.findings.savings.at,
        users: review.findings.users,
        findings: review.groups().into_iter().map(finding).collect(),
        saving: (review.kind == ReviewKind::Inactivity).then(|| review.findings.savings.saving.clone()),
    }
}

impl ListReviews {
    /// One more than fits, to know whether there is more.
    fn collection(&self, call: &Call<'_>) -> Collection {
        let limit = if self.kind.is_none() { self.page.limit + 1 } else { FILTERED_READ_MAX };
        Collection::Reviews {
            account_id: call.account_id,
            before: self.page.after.map(|bits| ReviewId::from_bits(u128::from_be_bytes(bits))),
            limit: i32::try_from(limit).unwrap_or(i32::MAX),
        }
    }
}

impl Loads<ListReviews> for Read {
    fn wants(list: &ListReviews, call: &Call<'_>, wants: &mut Wants) {
        wants.collection(list.collection(call));
    }

    async fn take(list: &ListReviews, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let collection = list.collection(call);
        Ok(Self { reviews: loaded.all(&collection)?, has_more: loaded.has_more(&collection) })
    }
}
