//! GET /v1/users: users in the order of their identifiers, filtered, a page at a time. RULE: AP-04, PS-12

mod filter;

use domain::{
    Account, Actor, Catalogue, Change, Decision, EntityKey, Membership, Permission, Reply, Seats, User,
    UserId, UserView,
};
use runtime::{
    Call, Collection, FILTERED_READ_MAX, Failure, Fields, Loaded, Loads, Moment, Operation, Page, Wants,
    cursor,
};
use schemars::JsonSchema;
use serde::Serialize;

use filter::Filter;

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<ListUsers>();

/// The bytes of a place in the list: a user's identifier.
const PLACE_BYTES: usize = size_of::<u128>();

/// What the caller sends.
pub struct ListUsers {
    page: Page<PLACE_BYTES>,
    filter: Filter,
}

/// A page of users; the first carries the seats.
#[derive(Serialize, JsonSchema)]
pub struct UsersPage {
    /// The users, in the order of their identifiers.
    data: Vec<UserView>,
    /// The `cursor` of the page behind this one; null where this is the last.
    next_cursor: Option<String>,
    /// The seats, on the first page.
    #[serde(skip_serializing_if = "Option::is_none")]
    seats: Option<Seats>,
}

impl Reply for UsersPage {}

/// The users read, in order, and whether there are more behind them.
pub struct Read {
    users: Vec<User>,
    has_more: bool,
}

impl Operation for ListUsers {
    const NAME: &str = "list-users";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const NEEDS: Option<Permission> = Some(Permission::ReadUsers);
    type Caller = Actor;
    type Loads = (Account, Read);
    type Reply = UsersPage;

    fn read(fields: &mut Fields) -> Option<Self> {
        let filter = Filter::read(fields);
        let page = Page::read(fields, filter.as_ref());
        Some(Self { page: page?, filter: filter? })
    }

    fn decide(&self, by: &Actor, (account, read): (Account, Read), at: &Moment) -> Decision<UsersPage> {
        let (page, last) =
            self.page.cut(&read.users, read.has_more, |user| self.filter.matches(user, at.now));
        let next_cursor = last.map(|user| cursor(user.id.bits().to_be_bytes(), &self.filter));
        let is_first = self.page.after.is_none();
        let seats = is_first.then(|| account.close_all(Catalogue::LISTS, at.now).seats());
        let data = page.into_iter().map(|user| by.view(user, at.now)).collect();
        Ok(Change::reply(UsersPage { data, next_cursor, seats }))
    }
}

impl ListUsers {
    /// One more than fits, to know whether there is more.
    fn collection(&self, call: &Call<'_>) -> Collection {
        let limit = if self.filter.is_empty() { self.page.limit + 1 } else { FILTERED_READ_MAX };
        let limit = i32::try_from(limit).unwrap_or(i32::MAX);
        let after = self.page.after.map(|id| UserId::from_bits(u128::from_be_bytes(id)));
        Collection::Users { account_id: call.account_id, after, limit }
    }
}

impl Loads<ListUsers> for Read {
    fn wants(list: &ListUsers, call: &Call<'_>, wants: &mut Wants) {
        match &list.filter.email {
            Some(email) => wants.key(EntityKey::Membership(email.key(), call.account_id)),
            None => wants.collection(list.collection(call)),
        }
    }

    /// By address it is one user at most, found by a second step.
    async fn take(list: &ListUsers, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let Some(email) = &list.filter.email else {
            let collection = list.collection(call);
            let has_more = loaded.has_more(&collection);
            return Ok(Self { users: loaded.all(&collection)?, has_more });
        };
        let membership: Option<Membership> =
            loaded.get(&EntityKey::Membership(email.key(), call.account_id))?;
        let Some(membership) = membership else { return Ok(Self { users: Vec::new(), has_more: false }) };
        let key = EntityKey::User(membership.account_id, membership.user_id);
        let mut wants = Wants::default();
        wants.key(key.clone());
        call.env.table.load(&wants, loaded).await?;
        Ok(Self { users: loaded.get(&key)?.into_iter().collect(), has_more: false })
    }
}
