use std::collections::BTreeMap;

use serde_json::json;

use super::{Pattern, Template};

fn refusal(text: &str) -> String {
    Template::read(text, &BTreeMap::new()).unwrap_err().to_string()
}

#[test]
fn whatever_is_not_understood_names_its_line() {
    let cases = [
        (
            "Resources:\n  A:\n    Type: AWS::S3::Bucket\n",
            "template.yaml:3: the resource type AWS::S3::Bucket",
        ),
        ("Resources: {}\nMappings: {}\n", "template.yaml:2: `Mappings` of a template"),
        (
            "Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    Properties:\n      FifoQueue: true\n",
            "template.yaml:5: `FifoQueue`",
        ),
        (
            "Resources:\n  B:\n    Type: AWS::Events::EventBus\n    Properties:\n      Name: !Ref Nothing\n",
            "template.yaml:5: `Nothing`",
        ),
        (
            "Resources:\n  B:\n    Type: AWS::Events::EventBus\n    Properties:\n      Name: !Join [a, b]\n",
            "template.yaml:5: !Join",
        ),
        (
            "Resources:\n  B:\n    Type: AWS::Events::EventBus\n    Properties:\n      Name:\n        Fn::Sub: x\n",
            "template.yaml:6: `Fn::Sub`",
        ),
        (
            "Resources:\n  A:\n    Type: AWS::CloudWatch::Alarm\n    Properties:\n      Metrics: []\n",
            "template.yaml:5: `Metrics`",
        ),
        (
            "Parameters:\n  P:\n    Type: String\nResources: {}\n",
            "template.yaml:2: parameter P has no default",
        ),
        (
            "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: a/f\n      Events:\n        E:\n          Type: S3\n          Properties: {}\n",
            "template.yaml:8: the event type S3",
        ),
        (
            "Resources:\n  R:\n    Type: AWS::Events::Rule\n    Properties:\n      EventBusName: b\n      Targets: []\n      EventPattern:\n        source: [{suffix: x}]\n",
            "template.yaml:8: the pattern operator suffix",
        ),
    ];
    for (text, expected) in cases {
        let refusal = refusal(text);
        assert!(refusal.starts_with(expected), "{refusal}\nexpected {expected}");
    }
}

#[test]
fn a_schedule_outside_the_list_names_its_line() {
    let refusal = |properties: &str| {
        let event = format!("E: {{ Type: ScheduleV2, Properties: {{\n          {properties} }} }}");
        let function = "Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: a/f";
        refusal(&format!("Resources:\n  F:\n    {function}\n      Events:\n        {event}\n"))
    };
    let daily = "ScheduleExpression: rate(1 day)";
    let cases = [
        ("State: ENABLED".to_owned(), "`ScheduleExpression` is missing"),
        (
            "ScheduleExpression: \"at(2027-01-01T00:00:00)\"".to_owned(),
            "`at(2027-01-01T00:00:00)` is not understood",
        ),
        ("ScheduleExpression: rate(1 days)".to_owned(), "`rate(1 days)` is not understood"),
        ("ScheduleExpression: cron(0 0 30 2 ? *)".to_owned(), "there is no such day"),
        ("ScheduleExpression: cron(0 25 * * ? *)".to_owned(), "`25` of hours is not understood"),
        (
            format!("{daily}, ScheduleExpressionTimezone: Europe/Berlin"),
            "the only time zone understood is UTC",
        ),
        (format!("{daily}, State: OFF_AND_ON"), "the state OFF_AND_ON is not understood"),
        (format!("{daily}, StartDate: x"), "`StartDate` of a ScheduleV2 event is not understood"),
        (format!("{daily}, GroupName: x"), "`GroupName` of a ScheduleV2 event is not understood"),
        (format!("{daily}, Input: '{{'"), "the input is not JSON"),
        (
            format!("{daily}, Input: '\"<aws.scheduler.x>\"'"),
            "the input may hold <aws.scheduler.scheduled-time>",
        ),
        (format!("{daily}, FlexibleTimeWindow: {{ Mode: ON }}"), "OFF, or FLEXIBLE with a window"),
        (format!("{daily}, RetryPolicy: {{ MaximumRetryAttempts: 186 }}"), "a number from 0 to 185"),
        (
            format!("{daily}, DeadLetterConfig: {{ Type: SQS }}"),
            "`Type` of DeadLetterConfig is not understood",
        ),
    ];
    for (properties, expected) in cases {
        let line = if expected.contains("is missing") { 7 } else { 8 };
        let refusal = refusal(&properties);
        assert!(
            refusal.starts_with(&format!("template.yaml:{line}: {expected}")),
            "{refusal}\nexpected {expected}"
        );
    }
    let queue = format!("{daily}, DeadLetterConfig: {{ Arn: \"arn:aws:sqs:us-east-1:000000000000:None\" }}");
    assert!(refusal(&queue).ends_with("is no queue of this template"));
}

#[test]
fn two_schedules_do_not_share_a_name() {
    let event = |name: &str| {
        format!(
            "        {name}: {{ Type: ScheduleV2, Properties: {{ Name: x, ScheduleExpression: rate(1 day) }} }}\n"
        )
    };
    let function = "Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: a/f\n      Events:\n";
    let text = format!("Resources:\n  F:\n    {function}{}{}", event("A"), event("B"));
    assert_eq!(refusal(&text), "template.yaml:8: there are two schedules x");
}

#[test]
fn what_becomes_of_invocations_and_indexes_outside_the_list_name_their_line() {
    let function = "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: a/f\n      EventInvokeConfig:\n";
    let table = "Resources:\n  T:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      KeySchema: []\n      GlobalSecondaryIndexes:\n";
    let keys = "IndexName: i, KeySchema: [{ AttributeName: a, KeyType: HASH }]";
    let cases = [
        (function, "        MaximumRetryAttempts: 3".to_owned(), "a number from 0 to 2"),
        (function, "        Qualifier: x".to_owned(), "`Qualifier` of EventInvokeConfig"),
        (
            function,
            "        DestinationConfig: { OnSuccess: {} }".to_owned(),
            "`OnSuccess` of DestinationConfig",
        ),
        (
            function,
            "        DestinationConfig: { OnFailure: { Type: SNS } }".to_owned(),
            "the only destination understood is SQS",
        ),
        (
            table,
            format!("        - {{ {keys}, Projection: {{ ProjectionType: SOME }} }}"),
            "ALL, KEYS_ONLY or INCLUDE",
        ),
        (table, format!("        - {{ {keys} }}"), "`Projection` is missing"),
        (
            table,
            format!("        - {{ {keys}, ContributorInsightsSpecification: x }}"),
            "`ContributorInsightsSpecification` of a secondary index",
        ),
    ];
    for (before, line, expected) in cases {
        let refusal = refusal(&format!("{before}{line}\n"));
        assert!(
            refusal.starts_with(&format!("template.yaml:7: {expected}")),
            "{refusal}\nexpected {expected}"
        );
    }
}

#[test]
fn a_policy_names_each_action_and_each_resource() {
    let refusal = |statement: &str| {
        let policy = format!("- {{ Version: \"2012-10-17\", Statement: [{statement}] }}");
        let function = "Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: a/f";
        refusal(&format!("Resources:\n  F:\n    {function}\n      Policies:\n        {policy}\n"))
    };
    let cases = [
        ("{ Effect: Deny, Action: a:B, Resource: arn:x }", "the only effect understood"),
        ("{ Effect: Allow, Action: \"a:*\", Resource: arn:x }", "the action a:* is not understood"),
        ("{ Effect: Allow, Action: \"*\", Resource: arn:x }", "the action * is not understood"),
        ("{ Effect: Allow, Action: a:B, Resource: \"*\" }", "the resource * is not understood"),
        ("{ Effect: Allow, Action: a:B, Resource: \"arn:*/x\" }", "the resource arn:*/x is not understood"),
        ("{ Effect: Allow, NotAction: a:B, Resource: arn:x }", "`NotAction` of a statement"),
        ("{ Effect: Allow, Action: a:B, Resource: arn:x, Condition: {} }", "`Condition` of a statement"),
    ];
    for (statement, expected) in cases {
        let refusal = refusal(statement);
        assert!(refusal.starts_with(&format!("template.yaml:7: {expected}")), "{refusal}");
    }
    let managed = "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: a/f\n      Policies:\n        - AmazonDynamoDBFullAccess\n";
    assert_eq!(self::refusal(managed), "template.yaml:7: a mapping is expected here");
}

#[test]
fn patterns_match_as_the_bus_does() {
    let event = json!({ "source": "roster", "detail-type": "user.invited",
        "detail": { "n": 1, "tags": ["a", "b"], "inner": { "x": null } } });
    let cases = [
        (json!({ "detail-type": ["user.invited", "other"] }), true),
        (json!({ "detail-type": ["other"] }), false),
        (json!({ "detail-type": [{ "prefix": "user." }], "source": ["roster"] }), true),
        (json!({ "detail-type": [{ "prefix": "user." }], "source": ["else"] }), false),
        (json!({ "detail": { "n": [1] } }), true),
        (json!({ "detail": { "tags": ["b"] } }), true),
        (json!({ "detail": { "missing": [{ "exists": false }] } }), true),
        (json!({ "detail": { "n": [{ "exists": true }] } }), true),
        (json!({ "detail": { "n": [{ "exists": false }] } }), false),
        (json!({ "source": [{ "anything-but": "roster" }] }), false),
        (json!({ "source": [{ "anything-but": ["x", "y"] }] }), true),
        (json!({ "detail": { "inner": { "x": [null] } } }), true),
    ];
    for (pattern, expected) in cases {
        assert_eq!(Pattern::read(&pattern, 1).unwrap().matches(&event), expected, "{pattern}");
    }
}

#[test]
fn a_destination_of_reports_outside_the_list_names_its_line() {
    let destination = |bus: &str, event: &str| {
        format!(
            "Resources:
  R:
    Type: AWS::SES::ConfigurationSetEventDestination
    Properties:
      ConfigurationSetName: s
      EventDestination:
        MatchingEventTypes: [{event}]
        EventBridgeDestination:
          EventBusArn: arn:aws:events:us-east-1:000000000000:event-bus/{bus}
"
        )
    };
    let cases = [
        (destination("mine", "delivery"), "template.yaml:9: SES reports to the default event bus only"),
        (destination("default", "click"), "template.yaml:7: the event type click of mails is not understood"),
    ];
    for (text, expected) in cases {
        assert_eq!(refusal(&text), expected);
    }
    let text = destination("default", "bounce");
    let template = Template::read(&text, &BTreeMap::new()).unwrap();
    assert_eq!(template.mail_destinations[0].event_types, ["Bounce"]);
    let off = text.replace("        Matching", "        Enabled: false\n        Matching");
    let template = Template::read(&off, &BTreeMap::new()).unwrap();
    assert!(template.mail_destinations[0].event_types.is_empty());
}

#[test]
fn the_projects_own_template_is_understood() {
    let parameters = crate::Options::default().parameters;
    let mut parameters: BTreeMap<_, _> = parameters;
    parameters.insert("ConsoleUrl".to_owned(), "http://localhost:1".to_owned());
    let template = Template::read(crate::TEMPLATE, &parameters).unwrap();
    let mail = template.functions.iter().find(|function| function.name == "send-mail").unwrap();
    assert_eq!(mail.environment["CONSOLE_URL"], "http://localhost:1");
    assert_eq!(mail.environment["TOKENS_KEYS"], "1:TokensKey");
    assert_eq!(mail.queues[0].concurrency_max, 5);
    assert_eq!(template.queues[0].redrive.as_ref().unwrap().1, 8);
    assert_eq!(mail.environment["CONFIGURATION_SET"], "roster-mails");
    let destination = &template.mail_destinations[0];
    assert_eq!(destination.configuration_set, template.configuration_sets[0]);
    assert_eq!(destination.event_types, ["Delivery", "Bounce", "Complaint", "Reject", "DeliveryDelay"]);
    let default: Vec<&str> = template.rules.iter().map(|rule| rule.bus.as_str()).collect();
    assert!(default.contains(&"default") && default.contains(&"roster-events"), "{default:?}");
    let routes = crate::TEMPLATE.lines().filter(|line| line.trim() == "Type: HttpApi").count();
    assert!(routes > 20, "{routes}");
    assert_eq!(template.functions.iter().flat_map(|function| &function.routes).count(), routes);
}
