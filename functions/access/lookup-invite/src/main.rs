//! The Lambda function `lookup-invite`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(lookup_invite::FUNCTION)
}
