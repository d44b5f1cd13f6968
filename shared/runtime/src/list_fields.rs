//! Lists in a request.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::RangeInclusive;

use domain::Identifier;
use serde_json::Value;

use crate::fields::identifier;
use crate::{Fields, Shape};

impl Fields {
    /// Identifiers, none of them twice. Every wrong one is named, such as `user_ids[3]`.
    pub fn ids<T: Identifier + Copy + Eq + Hash>(
        &mut self,
        name: &str,
        about: &str,
        range: &RangeInclusive<usize>,
    ) -> Option<Vec<T>> {
        if self.is_described(name, true, Shape::identifiers::<T>(about, range)) {
            return None;
        }
        let listed = self.listed(name, range)?;
        let mut first: HashMap<T, usize> = HashMap::new();
        let mut ids = Vec::new();
        for (n, value) in listed.iter().enumerate() {
            let named = format!("{name}[{n}]");
            let id = match value {
                Value::String(text) => self.keep(&named, identifier::<T>(text)),
                _ => self.fail(&named, "wrong_type", "Must be a text."),
            };
            if let Some(id) = id {
                let before = *first.entry(id).or_insert(n);
                if before != n {
                    self.fail::<()>(&named, "duplicate", &format!("Stands in {name}[{before}] already."));
                }
            }
            ids.push(id);
        }
        ids.into_iter().collect()
    }

    /// A list of so many, whatever they are.
    pub(crate) fn listed(&mut self, name: &str, range: &RangeInclusive<usize>) -> Option<Vec<Value>> {
        match self.take(name) {
            Some(Value::Array(rows)) if range.contains(&rows.len()) => Some(rows),
            Some(Value::Array(_)) => {
                let (min, max) = (range.start(), range.end());
                self.fail(name, "out_of_range", &format!("Must have {min} to {max} rows."))
            }
            None | Some(Value::Null) => self.fail(name, "required", "Is required."),
            Some(_) => self.fail(name, "wrong_type", "Must be a list."),
        }
    }
}
