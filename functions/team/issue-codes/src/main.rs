//! The Lambda function `issue-codes`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(issue_codes::FUNCTION)
}
