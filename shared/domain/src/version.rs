//! Versions of what a caller may have seen before. RULE: AP-03

use crate::Refusal;

/// The versions of its target that a caller goes by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum IfMatch {
    /// Whichever it is.
    #[default]
    Any,
    /// One of these; none, where what was sent is no version of ours.
    OneOf(Vec<u64>),
}

impl IfMatch {
    /// Reads the header: `*`, or ETags with commas between them. A weak ETag never matches (RFC 9110, 13.1.1).
    pub fn parse(header: &str) -> Self {
        if header.trim() == "*" {
            return Self::Any;
        }
        let tags = header.split(',').map(str::trim);
        let version = |tag: &str| tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok();
        Self::OneOf(tags.filter_map(version).collect())
    }

    /// Refuses a version that the caller has not seen.
    pub fn check(&self, version: u64) -> Result<(), Refusal> {
        match self {
            Self::OneOf(seen) if !seen.contains(&version) => Err(Refusal::VersionMismatch { version }),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RULE: AP-03
    #[test]
    fn only_a_strong_tag_of_the_version_matches() {
        for header in ["*", "\"3\"", "\"1\", \"3\"", " \"3\" "] {
            assert_eq!(IfMatch::parse(header).check(3), Ok(()), "{header}");
        }
        for header in ["\"2\"", "W/\"3\"", "3", "", "\"\"", "\"3", "\"03x\"", "\"-3\""] {
            let refused = Err(Refusal::VersionMismatch { version: 3 });
            assert_eq!(IfMatch::parse(header).check(3), refused, "{header}");
        }
    }
}
