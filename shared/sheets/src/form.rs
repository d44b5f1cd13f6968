//! The field that asks for a sheet by name, as a link in a page does, which sends no header.

use domain::Format;
use runtime::Fields;

/// A form that was asked for by its name.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// A sheet.
    Csv,
    /// JSON.
    Json,
}

impl Form {
    const NAMES: [&'static str; 2] = ["csv", "json"];

    fn parse(name: &str) -> Option<Self> {
        match name {
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    /// Reads the field `format`.
    pub fn read(fields: &mut Fields) -> Option<Option<Self>> {
        let about = "CSV or JSON; where it is left out, what `Accept` says, else JSON.";
        fields.optional_choice("format", about, Self::parse, &Self::NAMES)
    }

    /// What was asked for, by name or as the header has it.
    pub const fn or(form: Option<Self>, preferred: Option<Format>) -> Option<Format> {
        match form {
            Some(Self::Csv) => Some(Format::Csv),
            Some(Self::Json) => None,
            None => preferred,
        }
    }
}
