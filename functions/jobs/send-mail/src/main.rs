//! The Lambda function `send-mail`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(send_mail::FUNCTION)
}
