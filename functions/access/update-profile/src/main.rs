//! The Lambda function `update-profile`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(update_profile::FUNCTION)
}
