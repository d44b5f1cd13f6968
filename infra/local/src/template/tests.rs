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
fn the_projects_own_template_is_understood() {
    let parameters = crate::Options::default().parameters;
    let mut parameters: BTreeMap<_, _> = parameters;
    parameters.insert("ConsoleUrl".to_owned(), "http://localhost:1".to_owned());
    let template = Template::read(crate::TEMPLATE, &parameters).unwrap();
    let mail = template.functions.iter().find(|function| function.name == "send-mail").unwrap();
    assert_eq!(mail.environment["CONSOLE_URL"], "http://localhost:1");
    assert_eq!(mail.environment["INVITATIONS_KEY_ID"], "InvitationsKey");
    assert_eq!(mail.queues[0].concurrency_max, 5);
    assert_eq!(template.queues[0].redrive.as_ref().unwrap().1, 8);
    assert_eq!(template.functions.iter().flat_map(|function| &function.routes).count(), 16);
}
