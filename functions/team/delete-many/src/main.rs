//! The Lambda function `delete-many`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(delete_many::FUNCTION)
}
