//! The Lambda function `create-key`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(create_key::FUNCTION)
}
