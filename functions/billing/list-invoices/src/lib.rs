//! GET /v1/invoices: the newest first, a page at a time. RULE: BI-15, AP-04

use domain::{Actor, Change, Decision, Invoice, InvoiceView, Permission, Reply};
use runtime::{Call, Collection, Failure, Fields, Loaded, Loads, Moment, Operation, Page, Wants, cursor};
use schemars::JsonSchema;
use serde::Serialize;

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<ListInvoices>();

/// What the caller sends. A place in the list is an invoice's number.
pub struct ListInvoices {
    page: Page<4>,
}

/// A page of invoices.
#[derive(Serialize, JsonSchema)]
pub struct InvoicesPage {
    /// The invoices, the newest first.
    data: Vec<InvoiceView>,
    /// The `cursor` of the page behind this one; null where this is the last.
    next_cursor: Option<String>,
}

impl Reply for InvoicesPage {}

/// One more than the page has, where there are so many.
pub struct Read(Vec<Invoice>);

impl Operation for ListInvoices {
    const NAME: &str = "list-invoices";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const NEEDS: Option<Permission> = Some(Permission::ManageBilling);
    type Caller = Actor;
    type Loads = Read;
    type Reply = InvoicesPage;

    fn read(fields: &mut Fields) -> Option<Self> {
        Page::read(fields, Some(&())).map(|page| Self { page })
    }

    fn decide(&self, _: &Actor, Read(invoices): Read, _: &Moment) -> Decision<InvoicesPage> {
        let (page, last) = self.page.cut(&invoices, false, |_| true);
        let next_cursor = last.map(|last| cursor(last.number.to_be_bytes(), &()));
        let data = page.into_iter().map(|invoice| InvoiceView::of(invoice, None)).collect();
        Ok(Change::reply(InvoicesPage { data, next_cursor }))
    }
}

impl ListInvoices {
    fn collection(&self, call: &Call<'_>) -> Collection {
        Collection::Invoices {
            account_id: call.account_id,
            before: self.page.after.map(u32::from_be_bytes),
            limit: i32::try_from(self.page.limit + 1).unwrap_or(i32::MAX),
        }
    }
}

impl Loads<ListInvoices> for Read {
    fn wants(list: &ListInvoices, call: &Call<'_>, wants: &mut Wants) {
        wants.collection(list.collection(call));
    }

    async fn take(list: &ListInvoices, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        Ok(Self(loaded.all(&list.collection(call))?))
    }
}
