//! What operators rest on: an alarm for everything that waits for them, and the metrics by name.

use std::collections::BTreeSet;

use runtime::{METRICS, NAMESPACE};

use crate::read;

/// The resources of the template, each a name and its block.
fn blocks(template: &str) -> Vec<(String, String)> {
    let (_, resources) = template.split_once("\nResources:\n").expect("resources");
    let (resources, _) = resources.split_once("\nOutputs:\n").expect("outputs behind them");
    let mut blocks: Vec<(String, String)> = Vec::new();
    for line in resources.lines().filter(|line| !line.trim_start().starts_with('#')) {
        match line.strip_prefix("  ").and_then(|line| line.strip_suffix(':')) {
            Some(name) if !name.starts_with(' ') => blocks.push((name.to_owned(), String::new())),
            _ => blocks.last_mut().into_iter().for_each(|(_, block)| *block += &format!("{line}\n")),
        }
    }
    blocks
}

fn alarms(blocks: &[(String, String)]) -> Vec<&(String, String)> {
    blocks.iter().filter(|(_, block)| block.contains("Type: AWS::CloudWatch::Alarm\n")).collect()
}

/// Where messages go that nobody could work on: the targets of redrive policies and of failures, and where functions put them.
fn dead_letter_queues(template: &str) -> BTreeSet<String> {
    let named = |line: &str, of: &str| {
        let arn = line.trim().strip_prefix(of)?.trim().strip_prefix("!GetAtt ")?;
        Some(arn.strip_suffix(".Arn").expect("the ARN of a queue").to_owned())
    };
    let lines = template.lines();
    lines
        .filter_map(|line| {
            let put = || Some(line.trim().strip_prefix("DEAD_LETTERS_URL: !Ref ")?.to_owned());
            named(line, "deadLetterTargetArn:").or_else(|| named(line, "Destination:")).or_else(put)
        })
        .collect()
}

// RULE: EV-05
#[test]
fn every_dead_letter_queue_has_an_alarm_that_tells_somebody() {
    let template = read("template.yaml");
    let blocks = blocks(&template);
    let queues = dead_letter_queues(&template);
    assert!(queues.len() >= 2, "{queues:?}");
    for queue in &queues {
        let dimension = format!("Value: !GetAtt {queue}.QueueName }}");
        let alarm = alarms(&blocks).into_iter().find(|(_, block)| {
            block.contains(&dimension) && block.contains("MetricName: ApproximateNumberOfMessagesVisible\n")
        });
        let (name, block) = alarm.unwrap_or_else(|| panic!("{queue} needs an alarm in template.yaml"));
        for line in ["Threshold: 0\n", "ComparisonOperator: GreaterThanThreshold\n", "Namespace: AWS/SQS\n"] {
            assert!(block.contains(line), "{name} needs {line}");
        }
        assert!(block.contains(queue.as_str()), "{name} says what to do about {queue}");
    }
    for (name, block) in alarms(&blocks) {
        assert!(block.contains("AlarmActions: [!Ref AlarmTopic]\n"), "{name} tells nobody");
    }
}

// RULE: EV-05
#[test]
fn every_function_that_a_stream_feeds_has_an_alarm_for_what_waits() {
    let template = read("template.yaml");
    let blocks = blocks(&template);
    let fed = blocks.iter().filter(|(_, block)| block.contains("            Stream: !GetAtt "));
    let fed: Vec<&String> = fed.map(|(name, _)| name).collect();
    assert!(!fed.is_empty());
    for function in fed {
        let dimension = format!("{{ Name: FunctionName, Value: !Ref {function} }}");
        let is_its = |block: &str| block.contains(&dimension) && block.contains("MetricName: IteratorAge\n");
        let has_one = alarms(&blocks).iter().any(|(_, block)| is_its(block));
        assert!(has_one, "{function} needs an alarm on IteratorAge in template.yaml");
    }
}

#[test]
fn the_readme_lists_the_metrics_that_functions_leave() {
    let readme = read("README.md");
    let table =
        readme.split_once("<!-- metrics -->").and_then(|(_, rest)| rest.split_once("<!-- /metrics -->"));
    let (table, _) = table.expect("README.md has a table between <!-- metrics --> and <!-- /metrics -->");
    let cells = |line: &str| {
        let cells: Vec<String> =
            line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
        (cells[0].replace('`', ""), cells[1].clone())
    };
    let listed: Vec<(String, String)> =
        table.lines().filter(|line| line.starts_with('|')).skip(2).map(cells).collect();
    let left: Vec<(String, String)> =
        METRICS.iter().map(|metric| (metric.name.to_owned(), metric.unit.to_owned())).collect();
    assert_eq!(listed, left, "README.md and shared/runtime/src/metrics.rs");
    assert!(readme.contains(&format!("namespace `{NAMESPACE}`")), "README.md names the namespace");
}
