//! The Lambda function `invite-many`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(invite_many::FUNCTION)
}
