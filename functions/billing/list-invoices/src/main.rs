//! The Lambda function `list-invoices`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(list_invoices::FUNCTION)
}
