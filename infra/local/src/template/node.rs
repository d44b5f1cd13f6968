//! YAML as a tree in which every value knows its line, and the three intrinsics of the closed list are values.

use saphyr::{LoadableYamlNode, MarkedYaml, Scalar, YamlData};

use super::{TemplateError, fault};

/// A value and the line it begins on.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) line: usize,
    pub(super) kind: Kind,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    Integer(i64),
    Text(String),
    Seq(Vec<Node>),
    Map(Vec<Entry>),
    Ref(String),
    GetAtt(String, String),
    Sub(String),
}

/// One key of a mapping, with the line of the key.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) line: usize,
    pub(super) value: Node,
}

/// Reads a template's text into its tree.
pub(super) fn read(text: &str) -> Result<Node, TemplateError> {
    let documents = MarkedYaml::load_from_str(text)
        .map_err(|error| fault(error.marker().line(), format!("not YAML: {}", error.info())))?;
    match documents.as_slice() {
        [document] => node(document),
        _ => Err(fault(1, "a template is exactly one YAML document".to_owned())),
    }
}

fn node(yaml: &MarkedYaml<'_>) -> Result<Node, TemplateError> {
    let line = yaml.span.start.line();
    let kind = match &yaml.data {
        YamlData::Value(Scalar::Null) => Kind::Null,
        YamlData::Value(Scalar::Boolean(value)) => Kind::Bool(*value),
        YamlData::Value(Scalar::Integer(value)) => Kind::Integer(*value),
        YamlData::Value(Scalar::String(value)) => Kind::Text(value.to_string()),
        YamlData::Value(Scalar::FloatingPoint(value)) => Kind::Text(value.to_string()),
        YamlData::Sequence(items) => Kind::Seq(items.iter().map(node).collect::<Result<_, _>>()?),
        YamlData::Mapping(entries) => Kind::Map(
            entries.iter().map(|(key, value)| entry(key, value)).collect::<Result<_, TemplateError>>()?,
        ),
        YamlData::Tagged(tag, value) => intrinsic(&tag.suffix, node(value)?)?,
        YamlData::Alias(_) | YamlData::BadValue | YamlData::Representation(..) => {
            return Err(fault(line, "this YAML value is not understood".to_owned()));
        }
    };
    Ok(Node { line, kind })
}

fn entry(key: &MarkedYaml<'_>, value: &MarkedYaml<'_>) -> Result<Entry, TemplateError> {
    let line = key.span.start.line();
    let key = match &key.data {
        YamlData::Value(Scalar::String(text)) => text.to_string(),
        YamlData::Value(Scalar::Integer(number)) => number.to_string(),
        _ => return Err(fault(line, "a key is text".to_owned())),
    };
    if key == "Ref"
        || key == "Condition" && !matches!(value.data, YamlData::Mapping(_))
        || key.starts_with("Fn::")
    {
        return Err(fault(line, format!("`{key}` is not understood; write !Ref, !GetAtt or !Sub")));
    }
    Ok(Entry { key, line, value: node(value)? })
}

fn intrinsic(tag: &str, value: Node) -> Result<Kind, TemplateError> {
    let Kind::Text(text) = value.kind else {
        return Err(fault(value.line, format!("!{tag} is understood with plain text only")));
    };
    match (tag, text.split_once('.')) {
        ("Ref", _) => Ok(Kind::Ref(text)),
        ("Sub", _) => Ok(Kind::Sub(text)),
        ("GetAtt", Some((resource, attribute))) => {
            Ok(Kind::GetAtt(resource.to_owned(), attribute.to_owned()))
        }
        _ => Err(fault(value.line, format!("the intrinsic !{tag} is not understood"))),
    }
}

impl Node {
    /// The entries of a mapping.
    pub(super) fn entries(&self) -> Result<&[Entry], TemplateError> {
        match &self.kind {
            Kind::Map(entries) => Ok(entries),
            _ => Err(fault(self.line, "a mapping is expected here".to_owned())),
        }
    }

    /// The items of a sequence.
    pub(super) fn items(&self) -> Result<&[Node], TemplateError> {
        match &self.kind {
            Kind::Seq(items) => Ok(items),
            _ => Err(fault(self.line, "a list is expected here".to_owned())),
        }
    }

    /// A scalar as text.
    pub(super) fn text(&self) -> Result<String, TemplateError> {
        match &self.kind {
            Kind::Text(text) => Ok(text.clone()),
            Kind::Integer(number) => Ok(number.to_string()),
            Kind::Bool(flag) => Ok(flag.to_string()),
            _ => Err(fault(self.line, "a text is expected here".to_owned())),
        }
    }

    /// A whole number that is not negative.
    pub(super) fn number(&self) -> Result<u32, TemplateError> {
        self.text()?.parse().map_err(|_| fault(self.line, "a whole number is expected here".to_owned()))
    }

    /// A truth value.
    pub(super) fn flag(&self) -> Result<bool, TemplateError> {
        match &self.kind {
            Kind::Bool(flag) => Ok(*flag),
            _ => Err(fault(self.line, "true or false is expected here".to_owned())),
        }
    }

    /// The value under `key`.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.entries().ok()?.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The value under `key`, which has to be there.
    pub(super) fn need(&self, key: &str) -> Result<&Node, TemplateError> {
        self.get(key).ok_or_else(|| fault(self.line, format!("`{key}` is missing")))
    }

    /// Refuses a mapping with a key outside `known`.
    pub(super) fn only(&self, known: &[&str], of: &str) -> Result<(), TemplateError> {
        match self.entries()?.iter().find(|entry| !known.contains(&entry.key.as_str())) {
            None => Ok(()),
            Some(entry) => Err(fault(entry.line, format!("`{}` of {of} is not understood", entry.key))),
        }
    }

    /// The value as JSON, for patterns. Intrinsics have been resolved before.
    pub(super) fn json(&self) -> serde_json::Value {
        use serde_json::Value;
        match &self.kind {
            Kind::Bool(flag) => Value::Bool(*flag),
            Kind::Integer(number) => Value::from(*number),
            Kind::Text(text) => Value::from(text.clone()),
            Kind::Seq(items) => items.iter().map(Node::json).collect(),
            Kind::Map(entries) => {
                entries.iter().map(|entry| (entry.key.clone(), entry.value.json())).collect()
            }
            Kind::Null | Kind::Ref(_) | Kind::GetAtt(..) | Kind::Sub(_) => Value::Null,
        }
    }
}
