//! cfn-lint on the template, and on the two that are made of it.

use std::process::Command;

use crate::stacks;
use crate::steps::Steps;
use crate::tools::Tool;

const CFN_LINT: Tool = Tool::of("cfn-lint", "1.58.0");
const STEP: &str = "template";
/// cfn-lint judges by region.
const REGION: &str = "us-east-1";

/// Lints the templates; sets cfn-lint up before, where that was not done yet.
pub(crate) fn check(steps: &mut Steps) -> Result<(), String> {
    let program = match CFN_LINT.program(steps.root()) {
        Ok(program) => program,
        Err(why) => return steps.leave_out(STEP, &why),
    };
    let mut lint = Command::new(program);
    lint.current_dir(steps.root())
        .env("AWS_DEFAULT_REGION", REGION)
        .arg("template.yaml")
        .args(stacks::write(steps.root())?);
    steps.run(STEP, lint)
}
