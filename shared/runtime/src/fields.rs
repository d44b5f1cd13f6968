//! The collecting reader: it goes through every field, names every one that is wrong, and does not stop at
//! the first. RULE: IN-01, AP-09

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use domain::{Email, FieldError, Identifier, Refusal, Role, Text};
use serde_json::{Map, Value};

use crate::{Field, Shape};

pub(crate) type Problem = (&'static str, String);

/// Names of a choice that a refusal lists.
const CHOICES_NAMED_MAX: usize = 12;
/// Unknown fields that are named one by one.
const UNKNOWN_NAMED_MAX: usize = 20;
/// Characters of an unknown field's name that are told.
const FIELD_CHARS_MAX: usize = 80;

/// The fields of a request: a body's members, or a query's parameters.
pub struct Fields {
    left: Map<String, Value>,
    /// The parameters of the path.
    path: BTreeMap<String, String>,
    /// The parameters of a query where the fields are a body's: nothing reads them.
    beside: Vec<String>,
    errors: Vec<FieldError>,
    /// How many of the errors are about unknown fields.
    unknown: usize,
    is_query: bool,
    /// Whether a session is asked for in a cookie.
    pub(crate) asks_cookie: bool,
    /// What was asked for, where nothing is read and the fields are only to be named.
    asked: Option<Vec<Field>>,
}

impl Fields {
    pub(crate) fn of_body(body: Map<String, Value>) -> Self {
        Self {
            left: body,
            path: BTreeMap::new(),
            beside: Vec::new(),
            errors: Vec::new(),
            unknown: 0,
            is_query: false,
            asks_cookie: false,
            asked: None,
        }
    }

    /// With the parameters of the path.
    pub(crate) fn on_path(self, path: &BTreeMap<String, String>) -> Self {
        Self { path: path.clone(), ..self }
    }

    /// A parameter of the path, as it is: what cannot be one is not found, and no wrong field.
    pub fn path(&self, name: &str) -> Option<&str> {
        self.path.get(name).map(String::as_str)
    }

    /// With the parameters of the query that stood beside the body.
    pub(crate) fn beside(self, query: &BTreeMap<String, String>) -> Self {
        Self { beside: query.keys().cloned().collect(), ..self }
    }

    pub(crate) fn of_query(query: BTreeMap<String, String>) -> Self {
        let left = query.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
        Self { is_query: true, ..Self::of_body(left) }
    }

    /// The fields that a reader asks for. Nothing is there, so it has to ask for all of them before it gives up.
    pub(crate) fn described(is_query: bool, read: impl FnOnce(&mut Self)) -> Vec<Field> {
        let mut fields = Self { is_query, asked: Some(Vec::new()), ..Self::of_body(Map::new()) };
        read(&mut fields);
        fields.asked.unwrap_or_default()
    }

    /// Notes a field that is only to be named; whether it was.
    pub(crate) fn is_described(&mut self, name: &str, is_required: bool, shape: Shape<'_>) -> bool {
        let is_nullable = !is_required && !self.is_query;
        let Some(asked) = &mut self.asked else { return false };
        asked.push(Field { name: name.into(), is_required, schema: shape.schema(is_nullable) });
        true
    }

    /// A text that must be there, as this reads it.
    pub fn required<T>(
        &mut self,
        name: &str,
        shape: Shape<'_>,
        read: impl FnOnce(&str) -> Result<T, Problem>,
    ) -> Option<T> {
        if self.is_described(name, true, shape) {
            return None;
        }
        match self.left.remove(name) {
            Some(Value::String(text)) => self.keep(name, read(&text)),
            None | Some(Value::Null) => self.fail(name, "required", "Is required."),
            Some(_) => self.fail(name, "wrong_type", "Must be a string."),
        }
    }

    /// A text that may be missing, or null.
    pub fn optional<T>(
        &mut self,
        name: &str,
        shape: Shape<'_>,
        read: impl FnOnce(&str) -> Result<T, Problem>,
    ) -> Option<Option<T>> {
        if self.is_described(name, false, shape) {
            return Some(None);
        }
        match self.left.remove(name) {
            None | Some(Value::Null) => Some(None),
            Some(Value::String(text)) => self.keep(name, read(&text)).map(Some),
            Some(_) => self.fail(name, "wrong_type", "Must be a string."),
        }
    }

    /// A bounded text that must be there.
    pub fn text<T: Text>(&mut self, name: &str, about: &str) -> Option<T> {
        self.required(name, Shape::bounded::<T>(about), T::parse)
    }

    /// A bounded text that may be missing.
    pub fn optional_text<T: Text>(&mut self, name: &str, about: &str) -> Option<Option<T>> {
        self.optional(name, Shape::bounded::<T>(about), T::parse)
    }

    /// The address in `email`.
    pub fn email(&mut self, about: &str) -> Option<Email> {
        self.required("email", Shape::email(about), Email::parse)
    }

    /// The role in `role`.
    pub fn role(&mut self, about: &str) -> Option<Role> {
        let names = Role::ALL.map(Role::name);
        self.required("role", Shape::choice(about, &names), |text| one_of(text, Role::parse, &names))
    }

    /// One of these names, which must be there.
    pub fn choice<T>(
        &mut self,
        name: &str,
        about: &str,
        parse: impl FnOnce(&str) -> Option<T>,
        names: &[&str],
    ) -> Option<T> {
        self.required(name, Shape::choice(about, names), |text| one_of(text, parse, names))
    }

    /// One of these names.
    pub fn optional_choice<T>(
        &mut self,
        name: &str,
        about: &str,
        parse: impl FnOnce(&str) -> Option<T>,
        names: &[&str],
    ) -> Option<Option<T>> {
        self.optional(name, Shape::choice(about, names), |text| one_of(text, parse, names))
    }

    /// An identifier that may be missing.
    pub fn optional_id<T: Identifier>(&mut self, name: &str, about: &str) -> Option<Option<T>> {
        self.optional(name, Shape::identifier::<T>(about), identifier)
    }

    /// A whole number that may be missing; in a query it is a text.
    pub fn optional_number(
        &mut self,
        name: &str,
        about: &str,
        range: &RangeInclusive<u32>,
    ) -> Option<Option<u32>> {
        if self.is_described(name, false, Shape::number(about, range)) {
            return Some(None);
        }
        let number = match self.left.remove(name) {
            None | Some(Value::Null) => return Some(None),
            Some(Value::String(text)) if self.is_query => text.parse().ok(),
            Some(Value::Number(number)) => number.as_u64().and_then(|number| u32::try_from(number).ok()),
            Some(_) => return self.fail(name, "wrong_type", "Must be a number."),
        };
        if let Some(number) = number.filter(|number| range.contains(number)) {
            return Some(Some(number));
        }
        let detail = format!("Must be a whole number from {} to {}.", range.start(), range.end());
        self.fail(name, "out_of_range", &detail)
    }

    /// `confirm` must be true: `true` in a body, `confirm=true` in a query. RULE: DE-01, SU-03, SE-01
    pub fn confirmed(&mut self) -> Option<()> {
        let shape = Shape::confirmation("Must be true: somebody loses access or codes by this.");
        if self.is_described("confirm", true, shape) {
            return None;
        }
        match self.left.remove("confirm") {
            Some(Value::Bool(true)) => Some(()),
            Some(Value::String(text)) if self.is_query && text == "true" => Some(()),
            _ if self.is_query => {
                self.fail("confirm", "required", "Somebody loses access or codes by this: add ?confirm=true.")
            }
            _ => self.fail("confirm", "required", "Somebody loses access or codes by this: must be true."),
        }
    }

    /// A list of objects, each read by this. Every wrong field of every one is named, such as `users[3].email`; one that has
    /// any may be none. RULE: IN-21
    pub fn rows<T>(
        &mut self,
        name: &str,
        about: &str,
        range: &RangeInclusive<usize>,
        read: impl Fn(&mut Self) -> Option<T>,
    ) -> Option<Vec<Option<T>>> {
        if let Some(asked) = &mut self.asked {
            let row = Self::described(false, |fields| drop(read(fields)));
            let schema = Field::list(about, range, &row);
            asked.push(Field { name: name.into(), is_required: true, schema });
            return None;
        }
        let rows = self.listed(name, range)?.into_iter().enumerate();
        Some(rows.map(|(n, row)| self.row(&format!("{name}[{n}]"), row, &read)).collect())
    }

    fn row<T>(&mut self, name: &str, row: Value, read: impl Fn(&mut Self) -> Option<T>) -> Option<T> {
        let Value::Object(row) = row else { return self.fail(name, "wrong_type", "Must be an object.") };
        let mut fields = Self { unknown: self.unknown, ..Self::of_body(row) };
        let read = read(&mut fields);
        fields.name_unknown();
        self.unknown = fields.unknown;
        self.errors.extend(fields.errors.into_iter().map(|error| {
            let field = format!("{name}.{}", error.field);
            FieldError { field, ..error }
        }));
        read
    }

    /// Whether it was not sent, or is null.
    pub(crate) fn is_absent(&self, name: &str) -> bool {
        self.left.get(name).is_none_or(Value::is_null)
    }

    /// What was sent, whatever it is.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.left.remove(name)
    }

    /// A text that is still to be read, as it is.
    pub fn peek(&self, name: &str) -> Option<&str> {
        self.left.get(name).and_then(Value::as_str)
    }

    /// Notes what only several fields together show to be wrong.
    pub fn fail<T>(&mut self, name: &str, code: &'static str, detail: &str) -> Option<T> {
        self.errors.push(FieldError { field: name.into(), code, detail: detail.into() });
        None
    }

    /// What was sent and not read yet.
    pub(crate) const fn members(&self) -> &Map<String, Value> {
        &self.left
    }

    /// All that was wrong, unknown fields included; or nothing.
    pub(crate) fn finish(mut self) -> Result<(), Refusal> {
        self.name_unknown();
        self.errors.sort_by_cached_key(|error| in_order(&error.field));
        if self.errors.is_empty() { Ok(()) } else { Err(Refusal::Validation(self.errors)) }
    }

    fn name_unknown(&mut self) {
        const UNKNOWN: &str = "Is not a field of this request.";
        const BESIDE: &str = "Is not read from the query: this request has its fields in the body.";
        let unknown = self.left.keys().map(|name| (name, UNKNOWN));
        let beside = self.beside.iter().map(|name| (name, BESIDE));
        for (name, detail) in unknown.chain(beside).take(UNKNOWN_NAMED_MAX.saturating_sub(self.unknown)) {
            let field = name.chars().take(FIELD_CHARS_MAX).collect();
            self.errors.push(FieldError { field, code: "unknown_field", detail: detail.into() });
            self.unknown += 1;
        }
    }

    pub(crate) fn keep<T>(&mut self, name: &str, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|(code, detail)| self.fail::<()>(name, code, &detail)).ok()
    }
}

/// By name, and the rows of a list by their number.
fn in_order(field: &str) -> (String, usize, String) {
    let row = field.split_once('[').and_then(|(list, rest)| {
        let (number, member) = rest.split_once(']')?;
        Some((list.to_owned(), number.parse().ok()?, member.to_owned()))
    });
    row.unwrap_or_else(|| (field.to_owned(), 0, String::new()))
}

pub(crate) fn identifier<T: Identifier>(text: &str) -> Result<T, Problem> {
    T::read(text).ok_or_else(|| ("invalid_id", format!("Must be an identifier, such as {}...", T::PREFIX)))
}

pub(crate) fn one_of<T>(
    text: &str,
    parse: impl FnOnce(&str) -> Option<T>,
    names: &[&str],
) -> Result<T, Problem> {
    parse(text).ok_or_else(|| {
        let detail = if names.len() > CHOICES_NAMED_MAX {
            format!("Must be one of the {} names in the document at /v1/openapi.json.", names.len())
        } else {
            format!("Must be one of {}.", names.join(", "))
        };
        ("not_one_of", detail)
    })
}
