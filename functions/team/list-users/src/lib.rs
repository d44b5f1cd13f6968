//! GET /v1/users: users in the order of their identifiers, filtered, a page at a time. RULE: AP-04, PS-12

mod cursor;
mod filter;

use domain::{
    Account, Actor, Change, Decision, EntityKey, Membership, Permission, Seats, User, UserId, UserView,
};
use runtime::{Call, Collection, Failure, Fields, Loaded, Loads, Moment, Operation, Wants};
use serde::Serialize;

use filter::Filter;

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<ListUsers>();

const PAGE_DEFAULT: usize = 50;
const PAGE_MAX: usize = 200;
/// Users that a filtered page looks through: it may be short and still have a cursor.
const FILTERED_READ_MAX: usize = 500;

/// What the caller sends.
pub struct ListUsers {
    limit: usize,
    after: Option<UserId>,
    filter: Filter,
}

/// A page of users; the first carries the seats.
#[derive(Serialize)]
pub struct UsersPage {
    data: Vec<UserView>,
    next_cursor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seats: Option<Seats>,
}

/// The users read, in order, and whether there are more behind them.
pub struct Read {
    users: Vec<User>,
    has_more: bool,
}

impl Operation for ListUsers {
    const NAME: &str = "list-users";
    const NEEDS: Option<Permission> = Some(Permission::ReadUsers);
    type Caller = Actor;
    type Loads = (Account, Read);
    type Reply = UsersPage;

    fn read(fields: &mut Fields) -> Option<Self> {
        let limit = fields.optional("limit", |text| match text.parse() {
            Ok(limit @ 1..=PAGE_MAX) => Ok(limit),
            _ => Err(("out_of_range", format!("Must be a whole number from 1 to {PAGE_MAX}."))),
        });
        let cursor = fields.optional("cursor", |text| Ok(text.to_owned()));
        let filter = Filter::read(fields)?;
        let after = match cursor? {
            None => None,
            Some(text) => match cursor::read(&text, &filter) {
                Some(after) => Some(after),
                None => fields.fail(
                    "cursor",
                    "invalid_cursor",
                    "Is not a cursor of this list with these filters.",
                )?,
            },
        };
        Some(Self { limit: limit?.unwrap_or(PAGE_DEFAULT), after, filter })
    }

    fn decide(&self, _: &Actor, (account, read): (Account, Read), at: &Moment) -> Decision<UsersPage> {
        let looked_at = read.users.len();
        let mut matching =
            read.users.iter().enumerate().filter(|(_, user)| self.filter.matches(user, at.now));
        let page: Vec<(usize, &User)> = matching.by_ref().take(self.limit).collect();
        let is_full = page.len() == self.limit;
        let last = if is_full { page.last().map(|(at, _)| *at) } else { looked_at.checked_sub(1) };
        let has_more = if is_full { matching.next().is_some() || read.has_more } else { read.has_more };
        let next_cursor = last.filter(|_| has_more).map(|at| cursor::write(read.users[at].id, &self.filter));
        let seats = self.after.is_none().then(|| account.seats());
        let data = page.into_iter().map(|(_, user)| UserView::of(user, at.now)).collect();
        Ok(Change::reply(UsersPage { data, next_cursor, seats }))
    }
}

impl ListUsers {
    /// One more than fits, to know whether there is more.
    fn collection(&self, call: &Call<'_>) -> Collection {
        let limit = if self.filter.is_empty() { self.limit + 1 } else { FILTERED_READ_MAX };
        let limit = i32::try_from(limit).unwrap_or(i32::MAX);
        Collection::Users { account_id: call.account_id, after: self.after, limit }
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
