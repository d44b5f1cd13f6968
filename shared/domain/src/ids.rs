//! Identifiers: a prefix that tells the kind, and a ULID.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ulid::Ulid;

use crate::Instant;

/// An identifier of some kind.
pub trait Identifier: Sized {
    /// What every identifier of this kind begins with.
    const PREFIX: &'static str;

    /// Reads the printed form.
    fn read(text: &str) -> Option<Self>;
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Ulid);

        impl $name {
            /// What every identifier of this kind begins with.
            pub const PREFIX: &str = $prefix;

            /// The identifier made from 128 bits: 48 of milliseconds, 80 of randomness.
            pub const fn new(ulid: Ulid) -> Self {
                Self(ulid)
            }

            /// Reads the printed form; anything else, a lower-case one included, is none.
            pub fn parse(text: &str) -> Option<Self> {
                let body = text.strip_prefix(Self::PREFIX)?;
                let ulid = Ulid::from_string(body).ok()?;
                (ulid.to_string() == body).then_some(Self(ulid))
            }

            /// The 128 bits, as credentials and tokens carry them.
            pub const fn bits(self) -> u128 {
                u128::from_be_bytes(self.0.to_bytes())
            }

            /// The identifier with these 128 bits.
            pub const fn from_bits(bits: u128) -> Self {
                Self(Ulid::from_bytes(bits.to_be_bytes()))
            }
        }

        impl Identifier for $name {
            const PREFIX: &'static str = $prefix;

            fn read(text: &str) -> Option<Self> {
                Self::parse(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{}", Self::PREFIX, self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "description": concat!("An identifier of this kind: `", $prefix, "` and a ULID."),
                    "type": "string",
                    "pattern": concat!("^", $prefix, "[0-7][0-9A-HJKMNP-TV-Z]{25}$"),
                })
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).ok_or_else(|| D::Error::custom(concat!("not an identifier ", $prefix)))
            }
        }
    };
}

id!(
    /// An account: one customer, its team and its bill.
    AccountId, "acc_"
);
id!(
    /// A user of one account. The same person in two accounts is two users.
    UserId, "usr_"
);
id!(
    /// A signed-in session.
    SessionId, "ses_"
);
id!(
    /// An API key.
    KeyId, "key_"
);
id!(
    /// A passkey of a user.
    PasskeyId, "psk_"
);
id!(
    /// A webhook.
    WebhookId, "whk_"
);
id!(
    /// An invoice.
    InvoiceId, "inv_"
);
id!(
    /// The departure of a user.
    DepartureId, "dep_"
);
id!(
    /// A review that was made by itself.
    ReviewId, "rev_"
);
id!(
    /// An entry of the audit log, which is the outbox record as well.
    EventId, "evt_"
);

impl UserId {
    /// When it was made, in milliseconds since 1970.
    pub const fn milliseconds(self) -> u64 {
        self.0.timestamp_ms()
    }

    /// Whether both were made of the same 80 random bits, at whatever instant.
    pub const fn is_drawn_as(self, other: Self) -> bool {
        const RANDOM: u128 = (1 << 80) - 1;
        (self.bits() ^ other.bits()) & RANDOM == 0
    }
}

impl EventId {
    /// The first that an event of this instant may have.
    pub fn first_of(instant: Instant) -> Self {
        // Instants before 1970 have no events, and 48 bits of milliseconds go beyond all instants.
        Self(Ulid::from_parts(u64::try_from(instant.timestamp_millis()).unwrap_or_default(), 0))
    }

    /// The last that an event before this instant may have.
    pub fn before(instant: Instant) -> Self {
        Self::from_bits(Self::first_of(instant).bits().saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_reads_back_what_it_prints_and_nothing_else() {
        let id = UserId::from_bits(0x0193_0000_0000_0000_0000_0000_0000_0001);
        assert_eq!(UserId::parse(&id.to_string()), Some(id));
        assert_eq!(UserId::parse(&id.to_string().to_lowercase()), None);
        assert_eq!(UserId::parse(&id.to_string().replace("usr_", "acc_")), None);
        assert_eq!(UserId::parse("usr_"), None);
        assert_eq!(UserId::parse("usr_ZZZZZZZZZZZZZZZZZZZZZZZZZZ"), None, "more than 128 bits");
    }
}
