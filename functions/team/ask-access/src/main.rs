//! The Lambda function `ask-access`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(ask_access::FUNCTION)
}
