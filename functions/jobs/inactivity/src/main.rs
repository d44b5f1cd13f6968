//! The Lambda function `inactivity`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(inactivity::FUNCTION)
}
