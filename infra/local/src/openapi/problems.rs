//! Problem documents: a schema and an example for each code. RULE: AP-01

use std::collections::BTreeMap;

use domain::Refusal;
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

/// What an example's request was called.
const REQUEST_ID: &str = "JKJaXmPLvHcESHA=";

/// All problems, by code.
pub(super) struct Problems {
    by_code: BTreeMap<&'static str, Problem>,
}

/// One of them.
pub(super) struct Problem {
    pub(super) status: u16,
    schema: Value,
    example: Value,
}

impl Problems {
    pub(super) fn new(generator: &mut SchemaGenerator) -> Self {
        let mut by_code: BTreeMap<&str, Problem> = Refusal::examples()
            .iter()
            .map(|refusal| (refusal.code(), Problem::of(refusal, generator)))
            .collect();
        by_code.insert("internal_error", internal_error());
        Self { by_code }
    }

    pub(super) fn get(&self, code: &str) -> Result<&Problem, String> {
        self.by_code.get(code).ok_or_else(|| format!("no refusal has the code {code}"))
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (&'static str, &Problem)> {
        self.by_code.iter().map(|(code, problem)| (*code, problem))
    }

    pub(super) fn schemas(&self) -> impl Iterator<Item = (String, Value)> {
        self.by_code.iter().map(|(code, problem)| (schema_name(code), problem.schema.clone()))
    }

    pub(super) fn examples(&self) -> Map<String, Value> {
        let example = |(code, problem): (&&str, &Problem)| {
            ((*code).to_owned(), json!({ "summary": problem.example["title"], "value": problem.example }))
        };
        self.by_code.iter().map(example).collect()
    }
}

/// A code as schemas and responses are called: `last_root` is `LastRoot`.
pub(super) fn name(code: &str) -> String {
    let capitalised = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
    };
    code.split('_').filter_map(capitalised).collect()
}

/// What the schema of a code is called.
pub(super) fn schema_name(code: &str) -> String {
    name(code) + "Problem"
}

impl Problem {
    fn of(refusal: &Refusal, generator: &mut SchemaGenerator) -> Self {
        let (status, code, title) = refusal.row();
        let mut example = json!({
            "type": format!("urn:roster:problem:{code}"),
            "title": title,
            "status": status,
            "detail": refusal.detail(),
            "code": code,
            "request_id": REQUEST_ID,
        });
        let mut members: Vec<(&str, Value)> = refusal
            .member_schemas(generator)
            .into_iter()
            .map(|(name, schema)| (name, described(schema.into(), "What this code is about.")))
            .collect();
        if let Some(hint) = refusal.hint() {
            example["hint"] = hint.into();
            members.push(("hint", text("Who can do it, or what to do instead.")));
        }
        for (name, value) in refusal.members() {
            example[name] = value;
        }
        Self { status, schema: schema(status, code, title, members), example }
    }
}

/// The answer where something failed that the caller cannot mend.
fn internal_error() -> Problem {
    let (status, code, title) = (500, "internal_error", "Internal error");
    let example = json!({
        "type": "urn:roster:problem:internal_error",
        "title": title,
        "status": status,
        "detail": "Something went wrong on our side. It was recorded under the request_id.",
        "code": code,
        "request_id": REQUEST_ID,
    });
    Problem { status, schema: schema(status, code, title, Vec::new()), example }
}

fn schema(status: u16, code: &str, title: &str, members: Vec<(&str, Value)>) -> Value {
    let mut properties = json!({
        "type": constant(&format!("urn:roster:problem:{code}"), "Names the kind of problem."),
        "title": constant(title, "The kind of problem in words."),
        "status": { "type": "integer", "const": status, "description": "The status of the reply." },
        "detail": text("What it is this time."),
        "code": constant(code, "Stable: what programs go by."),
        "request_id": text("What the log has this request under."),
    });
    for (name, member) in members {
        properties[name] = member;
    }
    let required: Vec<&String> = properties.as_object().into_iter().flat_map(Map::keys).collect();
    json!({
        "description": format!("{title}."),
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": false,
    })
}

fn constant(value: &str, about: &str) -> Value {
    json!({ "type": "string", "const": value, "description": about })
}

fn text(about: &str) -> Value {
    json!({ "type": "string", "description": about })
}

fn described(mut schema: Value, about: &str) -> Value {
    if schema.get("description").is_none() {
        schema["description"] = about.into();
    }
    schema
}
