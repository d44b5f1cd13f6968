//! The Lambda function `set-enterprise-price`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(set_enterprise_price::FUNCTION)
}
