//! The Lambda function `accept-invite`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(accept_invite::FUNCTION)
}
