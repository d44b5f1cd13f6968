//! A page of an export, whatever it is of.

use std::marker::PhantomData;

use domain::{
    Account, AccountId, Actor, Change, Decision, Fact, FactKind, Format, Instant, Permission, Rendered, Reply,
};
use runtime::{Call, Collection, Failure, Fields, Loaded, Loads, Moment, Operation, Page, Wants, cursor};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sheets::{Form, Row, sheet};

/// Rows of a page; a spreadsheet takes many of them.
const ROWS_MAX: u32 = 1000;
/// A place is an identifier or a number.
const PLACE_BYTES: usize = size_of::<u128>();

/// Something that can be exported.
pub(crate) trait Kind: Send + Sync + 'static {
    /// The name of the operation.
    const NAME: &'static str;
    /// What it does, in a line.
    const ABOUT: &'static str;
    /// What is exported, and where.
    const WHAT: &'static str;
    /// What reading the list itself takes.
    const NEEDS: Permission;
    /// What stands in the table.
    type Item: DeserializeOwned + Send;
    /// What of it stands in a row.
    type Row: Row;

    /// What stands behind this place; at most so many.
    fn collection(account_id: AccountId, after: Option<u128>, limit: i32) -> Collection;
    /// Its place.
    fn place(item: &Self::Item) -> u128;
    /// Its rows, as far as the caller may read them.
    fn rows(item: &Self::Item, account: &Account, by: &Actor, now: Instant) -> Vec<Self::Row>;
}

/// What the caller asks for.
pub(crate) struct Export<K> {
    page: Page<PLACE_BYTES>,
    form: Option<Form>,
    kind: PhantomData<fn() -> K>,
}

/// A page of rows.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "{R}s")]
pub(crate) struct Exported<R> {
    /// The rows.
    data: Vec<R>,
    /// The `cursor` of the page behind this one; null where this is the last.
    next_cursor: Option<String>,
    /// Where that page is.
    #[serde(skip)]
    next: Option<String>,
}

impl<R: Row> Reply for Exported<R> {
    const FORMATS: &'static [Format] = &[Format::Csv];
    const HAS_NEXT: bool = true;

    fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }

    fn render(&self, _: Format) -> Option<Rendered> {
        sheet(&self.data).ok().map(Rendered::Text)
    }
}

/// What was read, in order, and whether there is more behind it.
pub(crate) struct Read<T> {
    items: Vec<T>,
    has_more: bool,
}

impl<K: Kind> Operation for Export<K> {
    const NAME: &str = K::NAME;
    const ABOUT: &str = K::ABOUT;
    const NEEDS: Option<Permission> = Some(K::NEEDS);
    type Caller = Actor;
    type Loads = (Account, Read<K::Item>);
    type Reply = Exported<K::Row>;

    fn read(fields: &mut Fields) -> Option<Self> {
        let form = Form::read(fields);
        let page = Page::read_up_to(fields, Some(&K::WHAT), ROWS_MAX);
        Some(Self { page: page?, form: form?, kind: PhantomData })
    }

    fn format(&self, preferred: Option<Format>) -> Option<Format> {
        Form::or(self.form, preferred)
    }

    // RULE: AU-06, EV-01
    fn decide(
        &self,
        by: &Actor,
        (account, read): (Account, Read<K::Item>),
        at: &Moment,
    ) -> Decision<Exported<K::Row>> {
        let (mut data, mut last, mut has_more) = (Vec::new(), None, read.has_more);
        for item in &read.items {
            let rows = K::rows(item, &account, by, at.now);
            // What belongs together stays together.
            if last.is_some() && data.len() + rows.len() > self.page.limit {
                has_more = true;
                break;
            }
            data.extend(rows);
            last = Some(K::place(item));
        }
        let next_cursor = last.filter(|_| has_more).map(|place| cursor(place.to_be_bytes(), &K::WHAT));
        let form = self.format(at.format).map_or("json", |_| "csv");
        let next = next_cursor.as_ref().map(|cursor| {
            format!("/v1/exports/{}?format={form}&limit={}&cursor={cursor}", K::WHAT, self.page.limit)
        });
        let exported = Fact::bare(FactKind::DataExported)
            .after("what", K::WHAT)
            .after("format", form)
            .after("rows", data.len());
        Ok(Change::reply(Exported { data, next_cursor, next }).fact(exported))
    }
}

impl<K: Kind> Export<K> {
    /// One more than fits, to know whether there is more.
    fn collection(&self, call: &Call<'_>) -> Collection {
        let limit = i32::try_from(self.page.limit + 1).unwrap_or(i32::MAX);
        K::collection(call.account_id, self.page.after.map(u128::from_be_bytes), limit)
    }
}

impl<K: Kind> Loads<Export<K>> for Read<K::Item> {
    fn wants(export: &Export<K>, call: &Call<'_>, wants: &mut Wants) {
        wants.collection(export.collection(call));
    }

    async fn take(export: &Export<K>, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let collection = export.collection(call);
        Ok(Self { items: loaded.all(&collection)?, has_more: loaded.has_more(&collection) })
    }
}
