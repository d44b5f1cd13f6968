//! GET `/v1/reports/reviews/{review_id}`: a review as it was made, with the names of those who still are there; as JSON, or the
//! users that it points out as CSV. RULE: AU-03, AU-06

use domain::{
    AccessReport, Actor, CURRENCY, Change, Decision, EntityKey, Format, Instant, Permission, Refusal,
    Rendered, Reply, Review, ReviewId, ReviewKind, Role, SavingsReport, Status, Text, UserGroup, UserId,
};
use runtime::{Call, Failure, Fields, Loaded, Loads, Moment, Operation, Wants, want_names, with_names};
use schemars::JsonSchema;
use serde::Serialize;
use sheets::{Form, Row, sheet};

/// Which, and in which form.
pub(crate) struct GetReview {
    review_id: Option<ReviewId>,
    form: Option<Form>,
}

/// A review as it was made.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Review")]
pub(crate) struct ReviewView {
    /// Its identifier.
    id: ReviewId,
    /// What was looked at.
    kind: ReviewKind,
    /// When it was scheduled; when it was made is `savings.at`.
    scheduled_at: Instant,
    /// How many users were looked at, invited ones too.
    users: u32,
    /// How many had been suspended for two weeks or longer.
    overdue: u32,
    /// What seats cost, and who hardly used them.
    savings: SavingsReport,
    /// Who could do what; null where the review is about what seats cost.
    access: Option<AccessReport>,
    /// The users who are pointed out.
    #[serde(skip)]
    rows: Vec<ListedRow>,
}

/// A user whom a review points out, and why.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ListedRow {
    finding: &'static str,
    user_id: UserId,
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    role: Role,
    status: Status,
    since: Instant,
    has_signed_in: bool,
    deletion_proposed: bool,
    access_is_needed: Option<bool>,
    currency: &'static str,
    monthly_amount: Option<i64>,
    users_found: u32,
}

impl Row for ListedRow {
    const COLUMNS: &'static [&'static str] = &[
        "finding",
        "user_id",
        "first_name",
        "last_name",
        "email",
        "role",
        "status",
        "since",
        "has_signed_in",
        "deletion_proposed",
        "access_is_needed",
        "currency",
        "monthly_amount",
        "users_found",
    ];
}

impl Reply for ReviewView {
    const FORMATS: &'static [Format] = &[Format::Csv];

    fn render(&self, _: Format) -> Option<Rendered> {
        sheet(&self.rows).ok().map(Rendered::Text)
    }
}

impl Operation for GetReview {
    const NAME: &str = "get-review";
    const ABOUT: &str = "Shows a review as it was made";
    const ROLE_FIRST: bool = true;
    const NEEDS: Option<Permission> = Some(Permission::ReadUsers);
    type Caller = Actor;
    type Loads = Named;
    type Reply = ReviewView;

    fn read(fields: &mut Fields) -> Option<Self> {
        let form = Form::read(fields);
        Some(Self { review_id: fields.path("review_id").and_then(ReviewId::parse), form: form? })
    }

    fn format(&self, preferred: Option<Format>) -> Option<Format> {
        Form::or(self.form, preferred)
    }

    fn decide(&self, by: &Actor, Named(review): Named, _: &Moment) -> Decision<ReviewView> {
        by.require(review.kind.needs())?;
        let amount = review.findings.savings.monthly_unit_amount;
        let rows = review.groups().into_iter().flat_map(|group| rows(group, amount)).collect();
        let is_of_people = review.kind.needs() == Permission::ReadReports;
        Ok(Change::reply(ReviewView {
            id: review.id,
            kind: review.kind,
            scheduled_at: review.scheduled_at,
            users: review.findings.users,
            overdue: review.findings.overdue,
            savings: review.findings.savings,
            access: is_of_people.then_some(review.findings.access),
            rows,
        }))
    }
}

/// What a seat costs stands once: nobody is both inactive and suspended. The first hundred of a finding are named.
fn rows((finding, group): (&'static str, &UserGroup), amount: i64) -> Vec<ListedRow> {
    let costs = matches!(finding, "inactive" | "suspended");
    let text = |name: &Option<domain::Name>| name.as_ref().map(|name| name.as_str().to_owned());
    let row = |user: &domain::ListedUser| ListedRow {
        finding,
        user_id: user.id,
        first_name: text(&user.first_name),
        last_name: text(&user.last_name),
        email: user.email.clone(),
        role: user.role,
        status: user.status,
        since: user.since,
        has_signed_in: user.has_signed_in,
        deletion_proposed: user.deletion_proposed,
        access_is_needed: user.access_is_needed,
        currency: CURRENCY,
        monthly_amount: costs.then_some(amount),
        users_found: group.count,
    };
    group.users.iter().map(row).collect()
}

/// A review with the names of those who still are there.
pub(crate) struct Named(Review);

impl GetReview {
    fn key(&self, call: &Call<'_>) -> Option<EntityKey> {
        Some(EntityKey::Review(call.account_id, self.review_id?))
    }
}

impl Loads<GetReview> for Named {
    fn refuses() -> Vec<&'static str> {
        vec!["not_found"]
    }

    fn wants(get: &GetReview, call: &Call<'_>, wants: &mut Wants) {
        get.key(call).into_iter().for_each(|key| wants.key(key));
    }

    /// A second step is made for the names, which a review does not keep. RULE: DE-02
    async fn take(get: &GetReview, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let key = get.key(call).ok_or(Refusal::NotFound)?;
        let review: Review = loaded.get(&key)?.ok_or(Refusal::NotFound)?;
        let users: Vec<UserId> = review.findings.listed().collect();
        let mut wants = Wants::default();
        want_names(&review, &users, &mut wants);
        call.env.table.load(&wants, loaded).await?;
        Ok(Self(with_names(review, &users, loaded)?))
    }
}
