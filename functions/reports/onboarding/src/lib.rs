//! GET /v1/reports/onboarding: who has just come, step by step, a page at a time. RULE: CK-03, AP-04

use domain::{Account, Actor, Change, Decision, OnboardingView, Permission, Reply, User, UserId};
use runtime::{
    Call, Collection, FILTERED_READ_MAX, Failure, Fields, Loaded, Loads, Moment, Operation, Page, Wants,
    cursor,
};
use schemars::JsonSchema;
use serde::Serialize;

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<Onboarding>();

/// The bytes of a place in the list: a user's identifier.
const PLACE_BYTES: usize = size_of::<u128>();

/// What the caller sends.
pub struct Onboarding {
    page: Page<PLACE_BYTES>,
}

/// A page of users who have just come.
#[derive(Serialize, JsonSchema)]
pub struct OnboardingPage {
    /// The users, in the order of their identifiers.
    data: Vec<OnboardingView>,
    /// The `cursor` of the page behind this one; null where this is the last. A page may be short and still have one.
    next_cursor: Option<String>,
}

impl Reply for OnboardingPage {}

/// The users read, in order, and whether there are more behind them.
pub struct Read {
    users: Vec<User>,
    has_more: bool,
}

impl Operation for Onboarding {
    const NAME: &str = "onboarding";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const NEEDS: Option<Permission> = Some(Permission::ReadReports);
    type Caller = Actor;
    type Loads = (Account, Read);
    type Reply = OnboardingPage;

    fn read(fields: &mut Fields) -> Option<Self> {
        Page::read(fields, Some(&())).map(|page| Self { page })
    }

    fn decide(&self, _: &Actor, (account, read): (Account, Read), at: &Moment) -> Decision<OnboardingPage> {
        let (page, last) = self.page.cut(&read.users, read.has_more, |user| user.is_new(at.now));
        let next_cursor = last.map(|user| cursor(user.id.bits().to_be_bytes(), &()));
        let data = page.into_iter().map(|user| OnboardingView::of(user, &account, at.now)).collect();
        Ok(Change::reply(OnboardingPage { data, next_cursor }))
    }
}

impl Onboarding {
    fn collection(&self, call: &Call<'_>) -> Collection {
        let limit = i32::try_from(FILTERED_READ_MAX).unwrap_or(i32::MAX);
        let after = self.page.after.map(|id| UserId::from_bits(u128::from_be_bytes(id)));
        Collection::Users { account_id: call.account_id, after, limit }
    }
}

impl Loads<Onboarding> for Read {
    fn wants(onboarding: &Onboarding, call: &Call<'_>, wants: &mut Wants) {
        wants.collection(onboarding.collection(call));
    }

    async fn take(onboarding: &Onboarding, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let collection = onboarding.collection(call);
        Ok(Self { users: loaded.all(&collection)?, has_more: loaded.has_more(&collection) })
    }
}
