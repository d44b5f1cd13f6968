//! The Lambda function `reviews`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(reviews::FUNCTION)
}
