//! `cargo xtask openapi`: the document that is served, written anew. Why it is kept: `infra/decisions/0009`.

use crate::steps::{Steps, output};

const DOCUMENT: &str = "functions/console/openapi/openapi.json";

/// Writes what the code says. A test of the house says when this is due.
pub(crate) fn write(steps: &mut Steps) -> Result<(), String> {
    steps.step("OpenAPI document", |steps| {
        let document = output(steps.cargo(&["run", "--quiet", "--package", "local", "--", "--openapi"]))?;
        let path = steps.root().join(DOCUMENT);
        std::fs::write(&path, document).map_err(|error| format!("{}: {error}", path.display()))
    })
}
