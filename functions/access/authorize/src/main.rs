//! The Lambda function `authorize`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(authorize::FUNCTION)
}
