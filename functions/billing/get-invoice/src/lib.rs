//! GET `/v1/invoices/{invoice_id}`: an invoice, and whose seats it is about; as JSON with their identifiers, as a page or a
//! document with their names. RULE: BI-15

mod html;
mod layout;
mod letters;
mod pdf;
mod sheet;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use domain::{
    Account, Actor, Change, Decision, EntityKey, Format, HistoryEntry, Invoice, InvoiceId, InvoiceView,
    LineKind, Moved, Permission, Refusal, Rendered, Reply, Text, Tombstone, User, UserId,
};
use runtime::{Call, Collection, Failure, Fields, Loaded, Loads, Moment, Operation, Wants};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

use sheet::Sheet;

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<GetInvoice>();

/// Names that are looked up; of whom else the seats are it is told how many they are.
const NAMES_MAX: usize = 100;

/// Which.
pub struct GetInvoice {
    invoice_id: Option<InvoiceId>,
}

/// An invoice, and whose seats it is about, where they are somebody's: what a change of the plan gives back and charges is
/// for seats that are paid for, whoever has them.
pub struct Found {
    account: Account,
    invoice: Invoice,
    users: Option<Vec<UserId>>,
    /// Of the first of them, where people are to read it.
    names: Vec<String>,
}

/// An invoice as JSON, or in words where people are to read it.
#[derive(Serialize)]
#[serde(transparent)]
pub struct Shown {
    view: InvoiceView,
    #[serde(skip)]
    sheet: Option<Sheet>,
}

impl JsonSchema for Shown {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        InvoiceView::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<InvoiceView>()
    }
}

impl Reply for Shown {
    const FORMATS: &'static [Format] = &[Format::Html, Format::Pdf];

    fn render(&self, format: Format) -> Option<Rendered> {
        let sheet = self.sheet.as_ref()?;
        match format {
            Format::Text | Format::Csv => None,
            Format::Html => Some(Rendered::Text(html::page(sheet))),
            Format::Pdf => Some(Rendered::Binary(pdf::file(sheet))),
        }
    }
}

impl Operation for GetInvoice {
    const NAME: &str = "get-invoice";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const NEEDS: Option<Permission> = Some(Permission::ManageBilling);
    type Caller = Actor;
    type Loads = Found;
    type Reply = Shown;

    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { invoice_id: fields.path("invoice_id").and_then(InvoiceId::parse) })
    }

    fn decide(&self, _: &Actor, found: Found, at: &Moment) -> Decision<Shown> {
        let Found { account, invoice, users, names } = found;
        let count = users.as_ref().map_or(0, Vec::len);
        let sheet = at.format.map(|_| Sheet::of(&invoice, account.name.as_str(), names, count));
        Ok(Change::reply(Shown { view: InvoiceView::of(&invoice, users.as_deref()), sheet }))
    }
}

impl GetInvoice {
    /// Where it stands; of another account's the number is none. RULE: AP-05
    fn key(&self, call: &Call<'_>) -> Option<EntityKey> {
        let number = self.invoice_id?.number_in(call.account_id)?;
        Some(EntityKey::Invoice(call.account_id, number))
    }
}

impl Loads<GetInvoice> for Found {
    fn refuses() -> Vec<&'static str> {
        vec!["not_found"]
    }

    fn wants(get: &GetInvoice, call: &Call<'_>, wants: &mut Wants) {
        if let Some(key) = get.key(call) {
            wants.key(EntityKey::Account(call.account_id));
            wants.key(key);
        }
    }

    /// A second step is made only where the seats are somebody's, and a third only for people, who read names.
    async fn take(get: &GetInvoice, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let key = get.key(call).ok_or(Refusal::NotFound)?;
        let invoice = loaded.get::<Invoice>(&key)?.filter(|invoice| Some(invoice.id) == get.invoice_id);
        let invoice = invoice.ok_or(Refusal::NotFound)?;
        let account = loaded.get(&EntityKey::Account(call.account_id))?.ok_or(Refusal::NotFound)?;
        let users = match About::of(&invoice) {
            Some(about) => Some(users(&invoice, about, call, loaded).await?),
            None => None,
        };
        let names = match &users {
            Some(users) if call.moment.format.is_some() => {
                names(users.get(..NAMES_MAX).unwrap_or(users), call, loaded).await?
            }
            _ => Vec::new(),
        };
        Ok(Self { account, invoice, users, names })
    }
}

/// Whose seats an invoice is about.
#[derive(Clone, Copy)]
enum About {
    /// Those who were added on its day, the first of whom has this entry.
    Added(u64),
    /// All who were billable.
    All,
}

impl About {
    fn of(invoice: &Invoice) -> Option<Self> {
        let is_whole = || invoice.lines.iter().any(|line| line.kind == LineKind::Renewal);
        invoice.first_entry.map(Self::Added).or_else(|| is_whole().then_some(Self::All))
    }

    /// The first entry of the history that says anything of them.
    const fn first_entry(self) -> u64 {
        match self {
            Self::Added(first) => first,
            Self::All => 1,
        }
    }

    fn enter(self, entry: &HistoryEntry, invoice: &Invoice, users: &mut Vec<UserId>) {
        match (self, entry.moved) {
            (Self::Added(_), Moved::Joined { user_id, is_added: true }) if entry.date == invoice.date => {
                users.push(user_id);
            }
            (Self::All, Moved::Joined { user_id, .. }) => users.push(user_id),
            (Self::All, Moved::Left { user_id }) => users.retain(|user| *user != user_id),
            _ => {}
        }
    }
}

/// Whose seats they are, in the order in which they came, as the history of seats had it when the invoice was issued.
async fn users(
    invoice: &Invoice,
    about: About,
    call: &Call<'_>,
    loaded: &mut Loaded,
) -> Result<Vec<UserId>, Failure> {
    let page = |last: Option<&HistoryEntry>| Collection::History {
        account_id: call.account_id,
        first: last.map_or(about.first_entry(), |entry| entry.number + 1),
        last: invoice.entries,
    };
    let mut users = Vec::new();
    for entry in &call.env.table.load_all(page, loaded).await? {
        about.enter(entry, invoice, &mut users);
    }
    Ok(users)
}

/// Their names; whoever is gone has the label that stands in their place. RULE: DE-02
async fn names(users: &[UserId], call: &Call<'_>, loaded: &mut Loaded) -> Result<Vec<String>, Failure> {
    let mut wants = Wants::default();
    for user_id in users {
        wants.key(EntityKey::User(call.account_id, *user_id));
        wants.key(EntityKey::Tombstone(call.account_id, *user_id));
    }
    call.env.table.load(&wants, loaded).await?;
    let mut names = Vec::new();
    for user_id in users {
        names.push(match loaded.get::<User>(&EntityKey::User(call.account_id, *user_id))? {
            Some(user) => user.full_name(),
            None => match loaded.get::<Tombstone>(&EntityKey::Tombstone(call.account_id, *user_id))? {
                Some(tombstone) => tombstone.label,
                None => Tombstone::LABEL.to_owned(),
            },
        });
    }
    Ok(names)
}
