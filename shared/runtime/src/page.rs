//! Pages of a list: `limit` and an opaque `cursor`. A cursor is the place of the last entry looked at, and a digest of
//! the filters it belongs to. The account is not in it; that always comes from the credential. RULE: AP-04

use std::fmt::Debug;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::{Fields, Shape};

const LIMIT_DEFAULT: u32 = 50;
const LIMIT_MAX: u32 = 200;
const DIGEST_BYTES: usize = 8;

/// Entries that a filtered page looks through: it may be short and still have a cursor.
pub const FILTERED_READ_MAX: usize = 500;

/// Which page of a list whose places have `N` bytes.
pub struct Page<const N: usize> {
    /// At most so many entries.
    pub limit: usize,
    /// Those behind this place.
    pub after: Option<[u8; N]>,
}

impl<const N: usize> Page<N> {
    /// Reads `limit` and `cursor`; the cursor has to be one of the list with these filters.
    pub fn read(fields: &mut Fields, filter: Option<&impl Debug>) -> Option<Self> {
        Self::read_with(fields, filter, (LIMIT_DEFAULT, LIMIT_MAX))
    }

    /// The same for pages of so many entries, which is also the most.
    pub fn read_up_to(fields: &mut Fields, filter: Option<&impl Debug>, limit_max: u32) -> Option<Self> {
        Self::read_with(fields, filter, (limit_max, limit_max))
    }

    fn read_with(
        fields: &mut Fields,
        filter: Option<&impl Debug>,
        (default, max): (u32, u32),
    ) -> Option<Self> {
        let about = format!("At most so many entries; {default} where it is left out.");
        let limit = fields.optional_number("limit", &about, &(1..=max));
        let cursor = fields.optional(
            "cursor",
            Shape::opaque("The `next_cursor` of the page before, of a list with the same filters."),
            |text| Ok(text.to_owned()),
        );
        let filter = filter?;
        let after = match cursor? {
            None => None,
            Some(text) => match place(&text, filter) {
                Some(place) => Some(place),
                None => fields.fail(
                    "cursor",
                    "invalid_cursor",
                    "Is not a cursor of this list with these filters.",
                )?,
            },
        };
        let limit = usize::try_from(limit?.unwrap_or(default)).unwrap_or(usize::MAX);
        Some(Self { limit, after })
    }

    /// The entries of this page among those that were looked at, in order, and the last one that it goes as far as, where
    /// there is more behind that. Filtered, a page may be short and still have more behind it.
    pub fn cut<'a, T>(
        &self,
        looked_at: &'a [T],
        has_more: bool,
        matches: impl Fn(&T) -> bool,
    ) -> (Vec<&'a T>, Option<&'a T>) {
        let mut matching = looked_at.iter().filter(|entry| matches(entry));
        let page: Vec<&T> = matching.by_ref().take(self.limit).collect();
        let is_full = page.len() == self.limit;
        let last = if is_full { page.last().copied() } else { looked_at.last() };
        let has_more = has_more || is_full && matching.next().is_some();
        (page, last.filter(|_| has_more))
    }
}

/// The cursor of what lies behind this place, in the list with these filters.
pub fn cursor<const N: usize>(place: [u8; N], filter: &impl Debug) -> String {
    URL_SAFE_NO_PAD.encode([&place[..], &digest(filter)].concat())
}

fn place<const N: usize>(cursor: &str, filter: &impl Debug) -> Option<[u8; N]> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (place, found) = bytes.split_at_checked(N)?;
    (found == digest(filter)).then(|| place.try_into().ok())?
}

fn digest(filter: &impl Debug) -> [u8; DIGEST_BYTES] {
    let whole = Sha256::digest(format!("{filter:?}").as_bytes());
    let mut short = [0; DIGEST_BYTES];
    short.copy_from_slice(&whole[..DIGEST_BYTES]);
    short
}
