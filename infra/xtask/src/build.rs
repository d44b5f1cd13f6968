//! `cargo xtask build`: the functions as AWS Lambda takes them, where template.yaml looks for them. What is shipped,
//! and why so: `infra/decisions/0011`.

use std::fs;
use std::path::Path;

use crate::steps::{Steps, output, succeed};
use crate::watch::CARGO_LAMBDA;

const TEMPLATE: &str = "template.yaml";
const CODE: &str = "target/lambda";
/// What Lambda starts.
const PROGRAM: &str = "bootstrap";
/// As much of a program as says what it was built for.
const HEADER_BYTES: usize = 20;
/// The function that the build server builds: one like most.
const SAMPLE: &str = "suspend";
const STEP: &str = "a function as Lambda takes it";

/// What a function runs on, as AWS names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Architecture {
    X86,
    Arm,
}

impl Architecture {
    const ALL: [Self; 2] = [Self::X86, Self::Arm];

    const fn name(self) -> &'static str {
        match self {
            Self::X86 => "x86_64",
            Self::Arm => "arm64",
        }
    }

    const fn target(self) -> &'static str {
        match self {
            Self::X86 => "x86_64-unknown-linux-gnu",
            Self::Arm => "aarch64-unknown-linux-gnu",
        }
    }

    /// `e_machine` of the ELF header.
    const fn machine(self) -> u16 {
        match self {
            Self::X86 => 62,
            Self::Arm => 183,
        }
    }

    /// What a program was built for, by its first bytes; none where it is no 64-bit ELF program of these.
    fn of_program(header: &[u8]) -> Option<Self> {
        let [0x7f, b'E', b'L', b'F', 2, 1, .., low, high] = header.get(..HEADER_BYTES)? else { return None };
        Self::ALL.into_iter().find(|known| known.machine() == u16::from_le_bytes([*low, *high]))
    }

    /// The default of the parameter in the template.
    fn of_template(template: &str) -> Result<Self, String> {
        let (_, value, _) = parameter(template)?;
        let known = Self::ALL.into_iter().find(|known| known.name() == value);
        known.ok_or_else(|| format!("{TEMPLATE}: Architecture is by default `{value}`"))
    }

    /// The template with this as the default.
    fn write(self, template: &str) -> Result<String, String> {
        let (before, _, after) = parameter(template)?;
        Ok([before, self.name(), after].concat())
    }
}

/// The default of the parameter `Architecture`, and what stands before and behind it.
fn parameter(template: &str) -> Result<(&str, &str, &str), String> {
    const BLOCK: &str = "\n  Architecture:\n";
    const DEFAULT: &str = "    Default: ";
    let missing = || format!("{TEMPLATE} has no parameter Architecture with a default");
    let block = template.find(BLOCK).ok_or_else(missing)? + BLOCK.len();
    let length = block_length(&template[block..]);
    let default = template[block..block + length].find(DEFAULT).ok_or_else(missing)?;
    let begin = block + default + DEFAULT.len();
    let end = template[begin..].find('\n').map_or(template.len(), |end| begin + end);
    Ok((&template[..begin], &template[begin..end], &template[end..]))
}

/// How much belongs to a parameter: the lines that stand further in than its name.
fn block_length(text: &str) -> usize {
    text.split_inclusive('\n').take_while(|line| line.starts_with("    ")).map(str::len).sum()
}

/// Builds these functions, or all of them, and notes in the template what for.
pub(crate) fn run(steps: &Steps, arguments: &[&str]) -> Result<(), String> {
    let architecture = if arguments.contains(&"--arm64") { Architecture::Arm } else { Architecture::X86 };
    let named: Vec<&str> = arguments.iter().copied().filter(|argument| *argument != "--arm64").collect();
    let template = read(steps.root())?;
    let all = functions(&template);
    if let Some(unknown) = named.iter().find(|name| !all.contains(name)) {
        return Err(format!("{TEMPLATE} has no function `{unknown}`; it has {}", all.join(", ")));
    }
    let wanted = if named.is_empty() { all } else { named };
    package(steps, architecture, &wanted)?;
    if Architecture::of_template(&template)? != architecture {
        let changed = architecture.write(&template)?;
        fs::write(steps.root().join(TEMPLATE), changed).map_err(|error| format!("{TEMPLATE}: {error}"))?;
        println!("{TEMPLATE}: Architecture is {} now", architecture.name());
    }
    check(steps)
}

/// One function is built as all are shipped; the build server has no time for all of them.
pub(crate) fn sample(steps: &mut Steps) -> Result<(), String> {
    match CARGO_LAMBDA.program(steps.root()) {
        Ok(_) => steps.step(STEP, |steps| {
            let architecture = Architecture::of_template(&read(steps.root())?)?;
            package(steps, architecture, &[SAMPLE])?;
            check(steps)
        }),
        Err(why) => steps.leave_out(STEP, &why),
    }
}

fn package(steps: &Steps, architecture: Architecture, functions: &[&str]) -> Result<(), String> {
    let program = CARGO_LAMBDA.program(steps.root())?;
    needs_standard_library(steps, architecture)?;
    let mut build = steps.as_cargo(&program);
    build.args(["lambda", "build", "--release"]);
    if architecture == Architecture::Arm {
        build.arg("--arm64");
    }
    for function in functions {
        build.args(["--package", function]);
    }
    // The linker that it brings along stands beside it.
    let mut path = vec![program.parent().unwrap_or(Path::new(".")).to_owned()];
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    build.env("PATH", std::env::join_paths(path).map_err(|error| error.to_string())?);
    succeed(build)
}

/// Said in time and in plain words, where the compiler would say it hundreds of times.
fn needs_standard_library(steps: &Steps, architecture: Architecture) -> Result<(), String> {
    let target = architecture.target();
    let mut rustc = steps.as_cargo(Path::new("rustc"));
    rustc.args(["--print", "target-libdir", "--target", target]);
    let folder = output(rustc)?;
    if Path::new(folder.trim()).exists() {
        return Ok(());
    }
    Err(format!("the standard library for {target} is not installed; `rustup target add {target}` does it"))
}

/// What is built is for what the template says.
pub(crate) fn check(steps: &Steps) -> Result<(), String> {
    let template = read(steps.root())?;
    let expected = Architecture::of_template(&template)?;
    let mut wrong = Vec::new();
    for name in functions(&template) {
        let path = steps.root().join(CODE).join(name).join(PROGRAM);
        let Ok(program) = fs::read(&path) else { continue };
        match Architecture::of_program(&program) {
            Some(found) if found == expected => {
                println!("{name}: {}, {:.1} MB", found.name(), megabytes(program.len()));
            }
            Some(found) => wrong.push(format!("{name} is built for {}", found.name())),
            None => wrong.push(format!("{name} is no program that Lambda runs")),
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    let (wrong, expected) = (wrong.join("\n"), expected.name());
    Err(format!("{wrong}\n{TEMPLATE} says {expected}; `cargo xtask build` builds all, and notes what for"))
}

#[allow(clippy::cast_precision_loss)] // to be shown
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

fn read(root: &Path) -> Result<String, String> {
    fs::read_to_string(root.join(TEMPLATE)).map_err(|error| format!("{TEMPLATE}: {error}"))
}

/// The names of all functions, in the order of the template.
fn functions(template: &str) -> Vec<&str> {
    let code = |line| str::trim(line).strip_prefix("CodeUri: ")?.strip_prefix(CODE)?.strip_prefix('/');
    template.lines().filter_map(code).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(machine: u16) -> Vec<u8> {
        let mut header = vec![0x7f, b'E', b'L', b'F', 2, 1];
        header.resize(18, 0);
        header.extend(machine.to_le_bytes());
        header.extend([1, 0, 0, 0]);
        header
    }

    #[test]
    fn a_program_says_what_it_was_built_for() {
        assert_eq!(Architecture::of_program(&header(62)), Some(Architecture::X86));
        assert_eq!(Architecture::of_program(&header(183)), Some(Architecture::Arm));
        assert_eq!(Architecture::of_program(&header(40)), None, "32-bit ARM");
        assert_eq!(Architecture::of_program(&header(62)[..19]), None, "cut off");
        assert_eq!(Architecture::of_program(b"#!/bin/sh\nexec something else"), None);
        let mut small = header(62);
        small[4] = 1;
        assert_eq!(Architecture::of_program(&small), None, "32 bits");
    }

    #[test]
    fn the_parameter_of_the_template_is_read_and_written() {
        let template = include_str!("../../../template.yaml");
        for architecture in Architecture::ALL {
            let changed = architecture.write(template).unwrap();
            assert_eq!(Architecture::of_template(&changed), Ok(architecture));
            let differing = template.lines().zip(changed.lines()).filter(|(old, new)| old != new);
            assert!(differing.count() <= 1);
        }
        let other = "Parameters:\n  Architecture:\n    Type: String\n  Days:\n    Default: 3\n";
        assert!(Architecture::of_template(other).unwrap_err().contains("no parameter Architecture"));
        let unknown = "Parameters:\n  Architecture:\n    Default: sparc\n";
        assert!(Architecture::of_template(unknown).unwrap_err().contains("`sparc`"));
    }

    #[test]
    fn every_function_of_the_template_is_built() {
        let functions = functions(include_str!("../../../template.yaml"));
        assert!(functions.contains(&SAMPLE) && functions.contains(&"send-mail"));
    }
}
