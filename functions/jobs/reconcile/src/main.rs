//! The Lambda function `reconcile`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(reconcile::FUNCTION)
}
