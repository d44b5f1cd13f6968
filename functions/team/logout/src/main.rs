//! The Lambda function `logout`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(logout::FUNCTION)
}
