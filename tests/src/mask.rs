//! Replies made comparable: what differs from run to run is named instead of shown.

use std::collections::BTreeMap;

use serde_json::Value;

/// Replaces identifiers by `<usr 1>`, `<acc 1>` in the order they appear, instants, tokens and ports by words.
pub fn masked(value: &Value) -> Value {
    let mut names = BTreeMap::new();
    walk(value, &mut names)
}

fn walk(value: &Value, names: &mut BTreeMap<String, String>) -> Value {
    match value {
        Value::Object(object) => Value::Object(
            object.iter().map(|(key, value)| (key.clone(), walk_member(key, value, names))).collect(),
        ),
        Value::Array(values) => Value::Array(values.iter().map(|value| walk(value, names)).collect()),
        Value::String(text) => Value::String(text_masked(text, names)),
        other => other.clone(),
    }
}

fn walk_member(key: &str, value: &Value, names: &mut BTreeMap<String, String>) -> Value {
    match (key, value) {
        ("request_id" | "token" | "next_cursor", Value::String(_)) => Value::String(format!("<{key}>")),
        _ => walk(value, names),
    }
}

fn text_masked(text: &str, names: &mut BTreeMap<String, String>) -> String {
    if chrono::DateTime::parse_from_rfc3339(text).is_ok() {
        return "<instant>".into();
    }
    if text.parse::<chrono::NaiveDate>().is_ok() {
        return "<day>".into();
    }
    let text = mask_tokens(text);
    let mut masked = String::new();
    let mut rest = text.as_str();
    while let Some((at, prefix)) = next_identifier(rest) {
        let (before, identifier) = rest.split_at(at);
        let (identifier, behind) = identifier.split_at(ID_CHARS);
        masked += before;
        let count = names.values().filter(|name| name.starts_with(&format!("<{prefix} "))).count();
        masked += names.entry(identifier.to_owned()).or_insert_with(|| format!("<{prefix} {}>", count + 1));
        rest = behind;
    }
    mask_days(&mask_dates(&(masked + rest)))
}

/// Prefix, underscore and ULID.
const ID_CHARS: usize = 4 + 26;

fn next_identifier(text: &str) -> Option<(usize, &str)> {
    let prefixes = ["acc_", "usr_", "ses_", "evt_", "dep_", "key_", "inv_"];
    let is_ulid = |c: char| c.is_ascii_digit() || c.is_ascii_uppercase();
    let is_identifier = |at: &usize| {
        let identifier = text.get(*at..*at + ID_CHARS);
        identifier.is_some_and(|identifier| identifier[4..].chars().all(is_ulid))
    };
    let starts = prefixes.iter().flat_map(|prefix| text.match_indices(prefix).map(|(at, _)| at));
    let at = starts.filter(is_identifier).min()?;
    Some((at, &text[at..at + 3]))
}

/// Where the token of a link begins.
const LINKS: [&str; 2] = ["/accept#", "/reset#"];

fn mask_tokens(text: &str) -> String {
    let links = LINKS.iter().filter_map(|link| Some((text.find(link)?, *link)));
    let Some((at, link)) = links.min() else { return mask_host(text) };
    let (before, token) = (&text[..at], &text[at + link.len()..]);
    let end = token.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(token.len());
    format!("{}{link}<token>{}", mask_host(before), mask_tokens(&token[end..]))
}

fn mask_host(text: &str) -> String {
    let Some((before, behind)) = text.split_once("http://localhost:") else { return text.to_owned() };
    let end = behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len());
    format!("{before}<console>{}", mask_host(&behind[end..]))
}

/// "23 November 2026 at 19:00 UTC" in a mail.
fn mask_dates(text: &str) -> String {
    let Some(at) = text.find(" UTC") else { return text.to_owned() };
    let (before, behind) = text.split_at(at + 4);
    let words: Vec<&str> = before.split(' ').collect();
    let date_words = 6;
    let masked = match words.len().checked_sub(date_words) {
        Some(start) if words[start].chars().all(|c| c.is_ascii_digit()) => {
            [&words[..start], &["<date>"]].concat().join(" ")
        }
        _ => before.to_owned(),
    };
    masked + &mask_dates(behind)
}

/// "23 November 2026" in a mail.
fn mask_days(text: &str) -> String {
    let months = (1..=12_u32).filter_map(|month| chrono::Month::try_from(u8::try_from(month).ok()?).ok());
    let mut masked = text.to_owned();
    for month in months {
        let name = format!(" {} ", month.name());
        while let Some(at) = masked.find(&name) {
            let (before, behind) = (&masked[..at], &masked[at + name.len()..]);
            let day = before.trim_end_matches(|c: char| c.is_ascii_digit());
            let year = behind.trim_start_matches(|c: char| c.is_ascii_digit());
            if day.len() == before.len() || year.len() == behind.len() {
                break;
            }
            masked = format!("{day}<day>{year}");
        }
    }
    masked
}
