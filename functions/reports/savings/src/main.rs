//! The Lambda function `savings`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(savings::FUNCTION)
}
