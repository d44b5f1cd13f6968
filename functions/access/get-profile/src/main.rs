//! The Lambda function `get-profile`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(get_profile::FUNCTION)
}
