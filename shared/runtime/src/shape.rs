//! What a field takes, said once: the reader is handed it with the field, and the document shows it. RULE: AP-07

use std::ops::RangeInclusive;

use domain::{Email, Identifier, Text};
use serde_json::{Map, Value, json};

/// What a field is for, and what it takes.
#[derive(Clone, Copy)]
pub struct Shape<'a> {
    about: &'a str,
    form: Form<'a>,
}

#[derive(Clone, Copy)]
enum Form<'a> {
    Text {
        min: usize,
        max: usize,
        format: Option<&'static str>,
    },
    /// A text that is looked up or parsed as it is.
    Opaque(Option<&'static str>),
    Choice(&'a [&'a str]),
    /// Some of these names.
    Choices(&'a [&'a str]),
    /// `true` or `false`.
    Switch,
    Identifier(&'static str),
    Identifiers {
        prefix: &'static str,
        min: usize,
        max: usize,
    },
    Number {
        min: u32,
        max: u32,
    },
    /// `true`, and nothing else.
    Confirmation,
    /// An object of somebody else's making, with at least these members.
    Object(&'a [&'a str]),
}

impl<'a> Shape<'a> {
    const fn of(about: &'a str, form: Form<'a>) -> Self {
        Self { about, form }
    }

    /// A text of so many characters.
    pub const fn text(about: &'a str, chars: &RangeInclusive<usize>) -> Self {
        Self::of(about, Form::Text { min: *chars.start(), max: *chars.end(), format: None })
    }

    /// A bounded text of the domain.
    pub const fn bounded<T: Text>(about: &'a str) -> Self {
        Self::text(about, &(1..=T::CHARS_MAX))
    }

    /// An e-mail address.
    pub const fn email(about: &'a str) -> Self {
        Self::of(about, Form::Text { min: 1, max: Email::CHARS_MAX, format: Some("idn-email") })
    }

    /// An instant.
    pub const fn instant(about: &'a str) -> Self {
        Self::of(about, Form::Opaque(Some("date-time")))
    }

    /// Any text, which means something to this service alone.
    pub const fn opaque(about: &'a str) -> Self {
        Self::of(about, Form::Opaque(None))
    }

    /// One of these names.
    pub const fn choice(about: &'a str, names: &'a [&'a str]) -> Self {
        Self::of(about, Form::Choice(names))
    }

    /// Some of these names, none of them twice.
    pub const fn choices(about: &'a str, names: &'a [&'a str]) -> Self {
        Self::of(about, Form::Choices(names))
    }

    /// `true` or `false`.
    pub const fn switch(about: &'a str) -> Self {
        Self::of(about, Form::Switch)
    }

    /// An identifier.
    pub const fn identifier<T: Identifier>(about: &'a str) -> Self {
        Self::of(about, Form::Identifier(T::PREFIX))
    }

    /// So many identifiers, none of them twice.
    pub const fn identifiers<T: Identifier>(about: &'a str, range: &RangeInclusive<usize>) -> Self {
        let (min, max) = (*range.start(), *range.end());
        Self::of(about, Form::Identifiers { prefix: T::PREFIX, min, max })
    }

    /// A whole number.
    pub const fn number(about: &'a str, range: &RangeInclusive<u32>) -> Self {
        Self::of(about, Form::Number { min: *range.start(), max: *range.end() })
    }

    /// A `true` that has to be said.
    pub const fn confirmation(about: &'a str) -> Self {
        Self::of(about, Form::Confirmation)
    }

    /// An object of somebody else's making, with at least these members.
    pub const fn object(about: &'a str, members: &'a [&'a str]) -> Self {
        Self::of(about, Form::Object(members))
    }

    /// As JSON Schema says it; what may be missing from a body may be null.
    pub(crate) fn schema(self, is_nullable: bool) -> Value {
        let mut schema = match self.form {
            Form::Text { min, max, format: None } => {
                json!({ "type": "string", "minLength": min, "maxLength": max })
            }
            Form::Text { min, max, format: Some(format) } => {
                json!({ "type": "string", "minLength": min, "maxLength": max, "format": format })
            }
            Form::Opaque(None) => json!({ "type": "string" }),
            Form::Opaque(Some(format)) => json!({ "type": "string", "format": format }),
            Form::Choice(names) => json!({ "type": "string", "enum": names }),
            Form::Choices(names) => json!({
                "type": "array",
                "minItems": 1,
                "maxItems": names.len(),
                "uniqueItems": true,
                "items": { "type": "string", "enum": names },
            }),
            Form::Switch => json!({ "type": "boolean" }),
            Form::Identifier(prefix) => identifier(prefix),
            Form::Identifiers { prefix, min, max } => json!({
                "type": "array",
                "minItems": min,
                "maxItems": max,
                "uniqueItems": true,
                "items": identifier(prefix),
            }),
            Form::Number { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
            Form::Confirmation => json!({ "type": "boolean", "enum": [true] }),
            Form::Object(members) => json!({ "type": "object", "required": members }),
        };
        if is_nullable {
            schema["type"] = json!([schema["type"], "null"]);
            if let Some(names) = schema.get_mut("enum").and_then(Value::as_array_mut) {
                names.push(Value::Null);
            }
        }
        schema["description"] = self.about.into();
        schema
    }
}

fn identifier(prefix: &str) -> Value {
    json!({ "type": "string", "pattern": format!("^{prefix}[0-7][0-9A-HJKMNP-TV-Z]{{25}}$") })
}

/// A field as the document shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Whether it must be there.
    pub is_required: bool,
    /// What it takes.
    pub schema: Value,
}

impl Field {
    /// What an object with these fields, and no others, is.
    pub fn object(fields: &[Self]) -> Value {
        let required: Vec<&str> =
            fields.iter().filter(|field| field.is_required).map(|field| field.name.as_str()).collect();
        let properties: Map<String, Value> =
            fields.iter().map(|field| (field.name.clone(), field.schema.clone())).collect();
        json!({
            "type": "object",
            "required": required,
            "properties": properties,
            "additionalProperties": false,
        })
    }

    /// What a list of so many objects with these fields is.
    pub(crate) fn list(about: &str, range: &RangeInclusive<usize>, fields: &[Self]) -> Value {
        json!({
            "type": "array",
            "minItems": range.start(),
            "maxItems": range.end(),
            "items": Self::object(fields),
            "description": about,
        })
    }
}
