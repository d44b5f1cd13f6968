//! Instants in a request.

use chrono::{DateTime, Utc};

use crate::fields::Problem;
use crate::{Fields, Shape};

impl Fields {
    /// An instant that must be there.
    pub fn instant(&mut self, name: &str, about: &str) -> Option<DateTime<Utc>> {
        self.required(name, Shape::instant(about), instant)
    }

    /// An instant that may be missing.
    pub fn optional_instant(&mut self, name: &str, about: &str) -> Option<Option<DateTime<Utc>>> {
        self.optional(name, Shape::instant(about), instant)
    }
}

fn instant(text: &str) -> Result<DateTime<Utc>, Problem> {
    DateTime::parse_from_rfc3339(text)
        .map(|instant| instant.to_utc())
        .map_err(|_| ("invalid_instant", "Must be an RFC 3339 instant, such as 2026-01-31T00:00:00Z.".into()))
}
