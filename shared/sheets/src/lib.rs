//! Rows as CSV (RFC 4180) that a spreadsheet opens without running anything that somebody has written into it. RULE: AU-06

mod form;

use csv::{QuoteStyle, Terminator, WriterBuilder};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

pub use form::Form;

/// What a spreadsheet takes for the beginning of something to work out, also in full width (OWASP, "CSV Injection").
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A row of a sheet: an object, with a member for each column.
pub trait Row: Serialize + JsonSchema + Send + Sync + 'static {
    /// The columns, as the members are called.
    const COLUMNS: &'static [&'static str];
}

/// The sheet of these rows, under the names of their columns. Texts stand in quotes, so that no separator of anybody's
/// spreadsheet ends them.
pub fn sheet<R: Row>(rows: &[R]) -> Result<String, Box<dyn std::error::Error>> {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .quote_style(QuoteStyle::NonNumeric)
        .from_writer(Vec::new());
    writer.write_record(R::COLUMNS)?;
    for row in rows {
        let row = serde_json::to_value(row)?;
        writer.write_record(R::COLUMNS.iter().map(|column| cell(&row[column])))?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// A number is less than nothing without being a formula; a text gets an apostrophe before what would make it one.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Object(members) if members.is_empty() => String::new(),
        Value::String(text) if text.starts_with(FORMULA) => format!("'{text}"),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
