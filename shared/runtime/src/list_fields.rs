//! Lists in a request.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::RangeInclusive;

use domain::Identifier;
use serde_json::Value;

use crate::fields::{identifier, one_of};
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
        let mut ids = Vec::new();
        for (n, value) in listed.iter().enumerate() {
            let named = format!("{name}[{n}]");
            ids.push(match value {
                Value::String(text) => self.keep(&named, identifier::<T>(text)),
                _ => self.fail(&named, "wrong_type", "Must be a string."),
            });
        }
        self.name_repeats(name, "", ids.iter().copied());
        ids.into_iter().collect()
    }

    /// Some of these names, none of them twice. Every wrong one is named, such as `event_types[3]`.
    pub fn choices(&mut self, name: &str, about: &str, names: &[&'static str]) -> Option<Vec<&'static str>> {
        if self.is_described(name, true, Shape::choices(about, names)) {
            return None;
        }
        let listed = self.listed(name, &(1..=names.len()))?;
        let mut choices = Vec::new();
        for (n, value) in listed.iter().enumerate() {
            let entry = format!("{name}[{n}]");
            let of = |text: &str| names.iter().copied().find(|known| *known == text);
            choices.push(match value {
                Value::String(text) => self.keep(&entry, one_of(text, of, names)),
                _ => self.fail(&entry, "wrong_type", "Must be a string."),
            });
        }
        self.name_repeats(name, "", choices.iter().copied());
        choices.into_iter().collect()
    }

    /// The same, where the list may be missing.
    pub fn optional_choices(
        &mut self,
        name: &str,
        about: &str,
        names: &[&'static str],
    ) -> Option<Option<Vec<&'static str>>> {
        if self.is_described(name, false, Shape::choices(about, names)) {
            return Some(None);
        }
        if self.is_absent(name) { Some(None) } else { self.choices(name, about, names).map(Some) }
    }

    /// Names every entry of a list that stands in it before, by this member.
    pub fn name_repeats<T: Eq + Hash>(
        &mut self,
        list: &str,
        member: &str,
        entries: impl Iterator<Item = Option<T>>,
    ) {
        let mut first = HashMap::new();
        for (n, entry) in entries.enumerate().filter_map(|(n, entry)| Some((n, entry?))) {
            let before = *first.entry(entry).or_insert(n);
            if before != n {
                let detail = format!("Stands in {list}[{before}] already.");
                self.fail::<()>(&format!("{list}[{n}]{member}"), "duplicate", &detail);
            }
        }
    }

    /// A list of so many, whatever they are.
    pub(crate) fn listed(&mut self, name: &str, range: &RangeInclusive<usize>) -> Option<Vec<Value>> {
        match self.take(name) {
            Some(Value::Array(rows)) if range.contains(&rows.len()) => Some(rows),
            Some(Value::Array(_)) => {
                let (min, max) = (range.start(), range.end());
                self.fail(name, "out_of_range", &format!("Must have {min} to {max} entries."))
            }
            None | Some(Value::Null) => self.fail(name, "required", "Is required."),
            Some(_) => self.fail(name, "wrong_type", "Must be a list."),
        }
    }
}
