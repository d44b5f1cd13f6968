//! `cargo xtask stacks`: the template as two, so that what keeps data has a stack of its own.
//!
//! `template.yaml` stays the one that is read by people, tests and the local stack. What is written here is made from it,
//! line by line: tables and keys go into the one, everything else into the other, which takes them by their exports.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const TEMPLATE: &str = "template.yaml";
const FOLDER: &str = "target/stacks";
/// What keeps data.
const DATA: &[&str] = &["AWS::DynamoDB::Table", "AWS::KMS::Key"];
/// Where the binaries are, seen from the template and from the folder of what is written.
const CODE: [&str; 2] = ["CodeUri: target/lambda/", "CodeUri: ../lambda/"];

/// The two templates.
struct Stacks {
    data: String,
    functions: String,
}

/// Writes both, and answers where.
pub(crate) fn write(root: &Path) -> Result<[PathBuf; 2], String> {
    let read = std::fs::read_to_string(root.join(TEMPLATE));
    let stacks = split(&read.map_err(|error| format!("{TEMPLATE}: {error}"))?)?;
    let folder = root.join(FOLDER);
    std::fs::create_dir_all(&folder).map_err(|error| format!("{FOLDER}: {error}"))?;
    let files = [("data.yaml", stacks.data), ("functions.yaml", stacks.functions)];
    let mut written = Vec::new();
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        written.push(path);
    }
    written.try_into().map_err(|_| "two files".to_owned())
}

fn split(template: &str) -> Result<Stacks, String> {
    let section = |name: &str| format!("\n{name}:\n");
    let part = |text: &str, name: &str| {
        let found = text.split_once(section(name).as_str());
        found
            .map(|(before, after)| (before.to_owned(), after.to_owned()))
            .ok_or(format!("{TEMPLATE} has no {name}"))
    };
    let (head, rest) = part(template, "Resources")?;
    let (resources, outputs) = part(&rest, "Outputs")?;
    let (front, parameters) = part(&head, "Parameters")?;
    let (data, others): (Vec<Block>, Vec<Block>) =
        blocks(&resources).into_iter().partition(Block::keeps_data);
    if data.is_empty() {
        return Err(format!("nothing in {TEMPLATE} keeps data"));
    }
    let names: Vec<&str> = data.iter().map(|block| block.name.as_str()).collect();
    let text = |blocks: &[Block]| blocks.iter().map(|block| block.text.as_str()).collect::<String>();

    let mut exports = BTreeSet::new();
    // What it would only pass on from the other stack is an output there.
    let mut own = blocks(&outputs);
    own.retain(|output| names.iter().all(|name| reference_in(&output.text, name).is_none()));
    let functions = [
        front,
        section("Parameters"),
        "  DataStack:\n    Type: String\n    Description: The stack that has table and keys\n".to_owned(),
        imported(&parameters, &names, &mut exports)?,
        section("Resources"),
        imported(&text(&others), &names, &mut exports)?.replace(CODE[0], CODE[1]),
        section("Outputs"),
        text(&own),
    ];
    let mut data = format!(
        "AWSTemplateFormatVersion: \"2010-09-09\"\nDescription: what roster keeps\n{}{}{}",
        section("Resources"),
        text(&data),
        section("Outputs")
    );
    for (name, reference) in exports {
        let export = format!("    Export:\n      Name: !Sub ${{AWS::StackName}}-{name}\n");
        // A string takes whatever is written into it.
        let _ = write!(data, "  {name}:\n    Value: {reference}\n{export}");
    }
    Ok(Stacks { data, functions: functions.concat() })
}

/// One resource, with what is said before it.
struct Block {
    name: String,
    text: String,
}

impl Block {
    fn keeps_data(&self) -> bool {
        let kind = self.text.lines().find_map(|line| line.strip_prefix("    Type: "));
        kind.is_some_and(|kind| DATA.contains(&kind))
    }
}

fn blocks(resources: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut before = String::new();
    for line in resources.split_inclusive('\n') {
        let name = line.strip_prefix("  ").and_then(|line| line.trim_end().strip_suffix(':'));
        match (name, blocks.last_mut()) {
            (Some(name), _) if !name.starts_with([' ', '#']) => {
                blocks.push(Block { name: name.to_owned(), text: std::mem::take(&mut before) + line });
            }
            // Whether these belong to the block before or the one behind is known when that begins.
            _ if line.trim().is_empty() || line.starts_with("  #") => before += line,
            (_, Some(block)) => block.text += &(std::mem::take(&mut before) + line),
            (_, None) => before += line,
        }
    }
    if let Some(block) = blocks.last_mut() {
        block.text += &before;
    }
    blocks
}

/// The text with every reference to these resources taken from the other stack; notes what has to be exported there.
fn imported(text: &str, names: &[&str], exports: &mut BTreeSet<(String, String)>) -> Result<String, String> {
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        let mut line = line.to_owned();
        if let Some((whole, taken)) = identifiers(&line, names, exports) {
            line = line.replacen(&whole, &taken, 1);
        }
        for name in names {
            if let Some((whole, export, rest)) = prefix(&line, name) {
                let import = import(&export);
                line = line.replacen(&whole, &format!("!Sub [\"${{Kept}}{rest}\", {{ Kept: {import} }}]"), 1);
                let attribute = export.trim_start_matches(name).to_owned();
                exports.insert((export, format!("!GetAtt {name}.{attribute}")));
            }
            if line.contains(&format!("${{{name}}}")) || line.contains(&format!("${{{name}.")) {
                return Err(format!("{TEMPLATE} writes {name} into a text, which two stacks cannot: {line}"));
            }
            while let Some((reference, export)) = reference(&line, name) {
                let import = import(&export);
                line = line.replacen(&reference, &import, 1);
                exports.insert((export, reference));
            }
        }
        out += &line;
    }
    Ok(out)
}

/// A quoted text with identifiers of resources in it, as a list of keys is one: the whole of it, and the same with the
/// identifiers taken from the other stack.
fn identifiers(
    line: &str,
    names: &[&str],
    exports: &mut BTreeSet<(String, String)>,
) -> Option<(String, String)> {
    let (_, behind) = line.split_once("!Sub \"")?;
    let (text, _) = behind.split_once('"').filter(|(text, _)| !text.contains('\\'))?;
    let (mut taken, mut imports) = (text.to_owned(), Vec::new());
    for name in names {
        let written = format!("${{{name}}}");
        if text.contains(&written) {
            let kept = format!("Kept{}", imports.len() + 1);
            taken = taken.replace(&written, &format!("${{{kept}}}"));
            imports.push(format!("{kept}: {}", import(name)));
            exports.insert(((*name).to_owned(), format!("!Ref {name}")));
        }
    }
    let sub = format!("!Sub [\"{taken}\", {{ {} }}]", imports.join(", "));
    (!imports.is_empty()).then(|| (format!("!Sub \"{text}\""), sub))
}

/// What the other stack exports under this name.
fn import(export: &str) -> String {
    format!("{{ \"Fn::ImportValue\": !Sub \"${{DataStack}}-{export}\" }}")
}

/// A text that begins with an attribute of a resource and goes on with plain words, as the ARN of an index does: the whole
/// of it, what is exported, and what follows.
fn prefix(line: &str, name: &str) -> Option<(String, String, String)> {
    let (_, behind) = line.split_once(&format!("!Sub ${{{name}."))?;
    let (attribute, rest) = behind.trim_end().split_once('}')?;
    let is_plain = attribute.chars().all(|c| c.is_ascii_alphanumeric()) && !rest.contains(['$', '"']);
    let whole = format!("!Sub ${{{name}.{attribute}}}{rest}");
    is_plain.then(|| (whole, format!("{name}{attribute}"), rest.to_owned()))
}

fn reference_in(text: &str, name: &str) -> Option<(String, String)> {
    text.lines().find_map(|line| reference(line, name))
}

/// The first reference to a resource in a line, and what it is exported as.
fn reference(line: &str, name: &str) -> Option<(String, String)> {
    for word in ["!Ref ", "!GetAtt "] {
        let Some(at) = line.find(&format!("{word}{name}")) else { continue };
        let rest = &line[at + word.len() + name.len()..];
        let attribute: String = match rest.strip_prefix('.') {
            Some(rest) => rest.chars().take_while(char::is_ascii_alphanumeric).collect(),
            None if rest.starts_with(|c: char| c.is_ascii_alphanumeric()) => continue,
            None => String::new(),
        };
        let dot = if attribute.is_empty() { "" } else { "." };
        return Some((format!("{word}{name}{dot}{attribute}"), format!("{name}{attribute}")));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = r#"AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31

Parameters:
  Size:
    Type: Number

Resources:
  # What works.
  Work:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: target/lambda/work
      Environment:
        Variables: { TABLE_NAME: !Ref Table, TABLES: !Ref Tables }
      Keys: !Sub "2:${Key2},1:${Key} in ${AWS::Region}"
      Role: !GetAtt Table.Arn
      Index: !Sub ${Table.Arn}/index/due

  # What is kept.
  Table:
    Type: AWS::DynamoDB::Table

  Key:
    Type: AWS::KMS::Key

  Key2:
    Type: AWS::KMS::Key

  Tables:
    Type: AWS::SQS::Queue

Outputs:
  TableName:
    Value: !Ref Table
  Other:
    Value: x
"#;

    #[test]
    fn what_keeps_data_goes_into_a_stack_of_its_own_and_the_other_takes_it_from_there() {
        let stacks = split(ONE).unwrap();
        assert!(stacks.data.contains("Resources:\n\n  # What is kept.\n  Table:\n"), "{}", stacks.data);
        assert!(!stacks.data.contains("Work") && !stacks.data.contains("Tables"), "{}", stacks.data);
        for (name, value) in [
            ("Table", "!Ref Table"),
            ("TableArn", "!GetAtt Table.Arn"),
            ("Key", "!Ref Key"),
            ("Key2", "!Ref Key2"),
        ] {
            let export = format!(
                "  {name}:\n    Value: {value}\n    Export:\n      Name: !Sub ${{AWS::StackName}}-{name}\n"
            );
            assert!(stacks.data.contains(&export), "{}", stacks.data);
        }
        let functions = &stacks.functions;
        assert!(!functions.contains("TableName:"), "{functions}");
        assert!(
            !functions.contains("AWS::DynamoDB::Table") && !functions.contains("What is kept"),
            "{functions}"
        );
        for line in [
            "  # What works.\n  Work:\n",
            "  DataStack:\n    Type: String\n",
            "      CodeUri: ../lambda/work\n",
            r#"{ TABLE_NAME: { "Fn::ImportValue": !Sub "${DataStack}-Table" }, TABLES: !Ref Tables }"#,
            r#"Keys: !Sub ["2:${Kept2},1:${Kept1} in ${AWS::Region}", { Kept1: { "Fn::ImportValue": !Sub "${DataStack}-Key" }, Kept2: { "Fn::ImportValue": !Sub "${DataStack}-Key2" } }]"#,
            r#"Role: { "Fn::ImportValue": !Sub "${DataStack}-TableArn" }"#,
            r#"Index: !Sub ["${Kept}/index/due", { Kept: { "Fn::ImportValue": !Sub "${DataStack}-TableArn" } }]"#,
            "  Other:\n    Value: x\n",
        ] {
            assert!(functions.contains(line), "{line}\n{functions}");
        }
    }

    #[test]
    fn what_cannot_be_split_is_named() {
        let sub = ONE.replace("!GetAtt Table.Arn", "!Sub x${Table.Arn}");
        assert!(split(&sub).is_err_and(|problem| problem.contains("writes Table into a text")));
        let sub = ONE.replace("\"2:${Key2}", "\"x\\\"${Key2}");
        assert!(split(&sub).is_err_and(|problem| problem.contains("writes Key into a text")));
        assert!(
            split(
                &ONE.replace("AWS::DynamoDB::Table", "AWS::S3::Bucket")
                    .replace("AWS::KMS::Key", "AWS::S3::Bucket")
            )
            .is_err()
        );
    }
}
