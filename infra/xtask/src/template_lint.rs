//! cfn-lint and SAM's own judgement on the template, and cfn-lint on the two that are made of it and on the example for
//! other services.

use std::ffi::OsStr;
use std::process::Command;

use crate::stacks;
use crate::steps::Steps;
use crate::tools::Tool;

const TEMPLATE: &str = "template.yaml";
/// Another service's API that asks ours.
const EXAMPLE: &str = "functions/access/authorize/example.yaml";
const CFN_LINT: Tool = Tool::of("cfn-lint", "1.58.0");
const SAM: Tool = Tool { program: "sam", ..Tool::of("aws-sam-cli", "1.170.0") };
/// Both judge by region.
const REGION: &str = "us-east-1";

/// Lints the templates; sets up what does it before, where that was not done yet.
pub(crate) fn check(steps: &mut Steps) -> Result<(), String> {
    let [data, functions] = stacks::write(steps.root())?;
    let templates = [TEMPLATE.as_ref(), data.as_ref(), functions.as_ref(), EXAMPLE.as_ref()];
    judge(steps, "template", &CFN_LINT, &templates)?;
    let validate = ["validate", "--lint", "--template-file", TEMPLATE];
    judge(steps, "template by SAM", &SAM, &validate.map(OsStr::new))
}

fn judge(steps: &mut Steps, step: &str, tool: &Tool, arguments: &[&OsStr]) -> Result<(), String> {
    let program = match tool.program(steps.root()) {
        Ok(program) => program,
        Err(why) => return steps.leave_out(step, &why),
    };
    let mut lint = Command::new(program);
    lint.current_dir(steps.root()).args(arguments);
    lint.env("AWS_DEFAULT_REGION", REGION).env("SAM_CLI_TELEMETRY", "0");
    steps.run(step, lint)
}
