//! Switches in a request.

use serde_json::Value;

use crate::{Fields, Shape};

impl Fields {
    /// `true` or `false` in a body, which may be missing.
    pub fn optional_switch(&mut self, name: &str, about: &str) -> Option<Option<bool>> {
        if self.is_described(name, false, Shape::switch(about)) {
            return Some(None);
        }
        match self.take(name) {
            None | Some(Value::Null) => Some(None),
            Some(Value::Bool(on)) => Some(Some(on)),
            Some(_) => self.fail(name, "wrong_type", "Must be true or false."),
        }
    }
}
