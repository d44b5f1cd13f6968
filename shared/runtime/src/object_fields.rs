//! Objects of somebody else's making in a request.

use serde_json::Value;

use crate::fields::Problem;
use crate::{Fields, Shape};

impl Fields {
    /// An object of somebody else's making, as this reads it, which may be missing.
    pub fn optional_object<T>(
        &mut self,
        name: &str,
        shape: Shape<'_>,
        read: impl FnOnce(&Value) -> Result<T, Problem>,
    ) -> Option<Option<T>> {
        if self.is_described(name, false, shape) {
            return Some(None);
        }
        match self.take(name) {
            None | Some(Value::Null) => Some(None),
            Some(object @ Value::Object(_)) => self.keep(name, read(&object)).map(Some),
            Some(_) => self.fail(name, "wrong_type", "Must be an object."),
        }
    }

    /// The same, where it must be there.
    pub fn object<T>(
        &mut self,
        name: &str,
        shape: Shape<'_>,
        read: impl FnOnce(&Value) -> Result<T, Problem>,
    ) -> Option<T> {
        if self.is_described(name, true, shape) {
            return None;
        }
        match self.optional_object(name, shape, read)? {
            Some(object) => Some(object),
            None => self.fail(name, "required", "Is required."),
        }
    }
}
