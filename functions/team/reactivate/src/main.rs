//! The Lambda function `reactivate`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(reactivate::FUNCTION)
}
