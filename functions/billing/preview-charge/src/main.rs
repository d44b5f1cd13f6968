//! The Lambda function `preview-charge`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(preview_charge::FUNCTION)
}
