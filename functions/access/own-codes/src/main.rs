//! The Lambda function `own-codes`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(own_codes::FUNCTION)
}
