//! The Lambda function `mail-feedback`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(mail_feedback::FUNCTION)
}
