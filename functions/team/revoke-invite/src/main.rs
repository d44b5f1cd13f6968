//! The Lambda function `revoke-invite`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(revoke_invite::FUNCTION)
}
