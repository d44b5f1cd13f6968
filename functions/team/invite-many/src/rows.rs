//! The rows of a round: who holds their addresses, and whether there is room for all that need it.

use domain::{
    Account, EntityKey, Instant, Membership, REPLAY_RETENTION, Refusal, Room, Status, User, UserId,
};
use runtime::{Call, Failure, Loaded, Loads, Wants, find_room};

use crate::InviteMany;
use crate::reply::Outcome;

/// Rows that a round after the first looks at: as many as one transaction may change.
const ROWS_A_ROUND_MAX: usize = domain::FACTS_MAX;

/// What a round is decided on.
pub struct Rows {
    pub(crate) room: Room,
    pub(crate) rows: Vec<Row>,
}

/// A row, by its number, and where its address stands.
pub(crate) struct Row {
    pub(crate) number: usize,
    pub(crate) standing: Standing,
}

/// Where an address stands in the account.
pub(crate) enum Standing {
    /// Nobody has it.
    Free,
    /// An expired invitation has it, and makes way.
    Expired(Box<User>),
    /// A user has it, who stays as they are, and may accept an invitation of this call or not.
    Taken(Outcome, UserId, bool),
}

impl Standing {
    /// A user of the identifier that this call draws for the row is of its own making: the call was made before, and
    /// was cut off. What such a call made is not older than what is kept of it. RULE: IN-21, AP-02
    fn of(holder: Option<User>, account: &Account, drawn: UserId, now: Instant) -> Self {
        let Some(holder) = holder else { return Self::Free };
        if holder.id.is_drawn_as(drawn) && now < holder.invited_at + REPLAY_RETENTION {
            let is_to_come = account.status_of(&holder, now) == Status::Pending;
            return Self::Taken(Outcome::Invited, holder.id, is_to_come);
        }
        match account.status_of(&holder, now) {
            Status::Pending => Self::Taken(Outcome::InvitationPending, holder.id, false),
            Status::Active | Status::Suspended => Self::Taken(Outcome::UserExists, holder.id, false),
            Status::Expired => Self::Expired(Box::new(holder)),
        }
    }
}

/// The first round looks at all rows, since all of them are judged before anything is done.
fn addresses(many: &InviteMany, call: &Call<'_>) -> impl Iterator<Item = EntityKey> {
    let count = if call.moment.done == 0 { many.users.len() } else { ROWS_A_ROUND_MAX };
    let account_id = call.account_id;
    let rows = many.users.iter().skip(call.moment.done).take(count);
    rows.map(move |row| EntityKey::Membership(row.invitee.email.key(), account_id))
}

impl Loads<InviteMany> for Rows {
    fn wants(many: &InviteMany, call: &Call<'_>, wants: &mut Wants) {
        Account::wants(many, call, wants);
        for address in addresses(many, call) {
            wants.key(address);
        }
    }

    /// A second step is made only where an address is known, or where not so many seats are left.
    async fn take(many: &InviteMany, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let account = Account::take(many, call, loaded).await?;
        let mut holders = Vec::new();
        let mut wants = Wants::default();
        for address in addresses(many, call) {
            let membership: Option<Membership> = loaded.get(&address)?;
            let holder = membership.map(|membership| EntityKey::User(call.account_id, membership.user_id));
            if let Some(holder) = &holder {
                wants.key(holder.clone());
            }
            holders.push(holder);
        }
        let room = find_room(account, count(holders.len()), wants, call, loaded).await?;
        let (mut rows, mut known) = (Vec::new(), Vec::new());
        for (number, holder) in (call.moment.done..).zip(holders) {
            let holder: Option<User> = holder.map(|key| loaded.get(&key)).transpose()?.flatten();
            known.extend(holder.as_ref().map(|holder| holder.id));
            let (drawn, _) = call.moment.fresh.nth_user(number);
            rows.push(Row { number, standing: Standing::of(holder, &room.account, drawn, call.moment.now) });
        }
        Ok(Self { room: room.without(&known), rows })
    }
}

/// Whether all of the rows that need a seat get one, and are within the hour's limit. RULE: IN-21, IN-22
pub(crate) fn fit(rows: &[Row], room: &Room, now: Instant) -> Result<(), Refusal> {
    let needed = rows.iter().filter(|row| !matches!(row.standing, Standing::Taken(..))).count();
    let (mut account, _) = room.clone().give_back(usize::MAX);
    for row in rows {
        if let Standing::Expired(holder) = &row.standing {
            account = account.revoke(holder);
        }
    }
    if needed > 0 && account.lacks(count(needed)) {
        return Err(Refusal::MaximumUsers { seats: account.seats(), requested: count(needed) });
    }
    account.count_invitations(count(needed), now).map(drop)
}

fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}
