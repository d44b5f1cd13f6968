//! The Lambda function `resend-invite`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(resend_invite::FUNCTION)
}
