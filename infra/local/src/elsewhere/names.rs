//! The names of what is made elsewhere, which do not change while there is data.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::StackError;
use crate::state::State;

/// The setting under which a stack keeps what it made elsewhere.
const SETTING: &str = "elsewhere";

/// What is put before the names of all that is made there, and the keys that were made.
pub(crate) struct Names {
    pub(crate) prefix: String,
    pub(super) keys: BTreeMap<String, String>,
}

impl Names {
    /// Those of an earlier run on this data, or new ones. Data does not move from one place to another.
    pub(crate) fn of(state: &State, endpoint: Option<&str>, first_start: bool) -> Result<Self, StackError> {
        let kept: Option<Value> = state.setting(SETTING)?.and_then(|text| serde_json::from_str(&text).ok());
        let begun_at = kept.as_ref().and_then(|kept| kept["endpoint"].as_str());
        if !first_start && begun_at != endpoint {
            return Err(StackError::Data(format!(
                "it was begun with its table {}, and cannot go on with it {}",
                place(begun_at),
                place(endpoint)
            )));
        }
        let names = match (kept, endpoint) {
            (Some(kept), _) => Self {
                prefix: kept["prefix"].as_str().unwrap_or_default().to_owned(),
                keys: serde_json::from_value(kept["keys"].clone()).unwrap_or_default(),
            },
            (None, Some(_)) => {
                Self { prefix: format!("roster-{}-", &crate::ids::uuid()[..8]), keys: BTreeMap::new() }
            }
            (None, None) => Self { prefix: String::new(), keys: BTreeMap::new() },
        };
        if let Some(endpoint) = endpoint {
            names.keep(state, endpoint)?;
        }
        Ok(names)
    }

    /// Writes them down.
    pub(super) fn keep(&self, state: &State, endpoint: &str) -> rusqlite::Result<()> {
        let kept = json!({ "endpoint": endpoint, "prefix": self.prefix, "keys": self.keys });
        state.keep(SETTING, &kept.to_string())
    }
}

fn place(endpoint: Option<&str>) -> String {
    endpoint.map_or("here".to_owned(), |endpoint| format!("at {endpoint}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_stays_where_it_was_begun() {
        let state = State::open(None).unwrap();
        let there = Names::of(&state, Some("http://a"), true).unwrap();
        assert!(there.prefix.starts_with("roster-"), "{}", there.prefix);
        let again = Names::of(&state, Some("http://a"), false).unwrap();
        assert_eq!(again.prefix, there.prefix);
        for other in [None, Some("http://b")] {
            assert!(matches!(Names::of(&state, other, false), Err(StackError::Data(_))));
        }
        let here = State::open(None).unwrap();
        assert_eq!(Names::of(&here, None, true).unwrap().prefix, "");
        assert!(Names::of(&here, Some("http://a"), false).is_err());
    }
}
