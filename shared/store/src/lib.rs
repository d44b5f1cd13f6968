//! One table. Keys and items are known here only; whoever loads or commits speaks of [`domain::EntityKey`]
//! and [`domain::Entity`].

mod collection;
mod commit;
mod condition;
mod count;
mod due;
mod erase;
mod error;
mod item;
mod key;
mod load;
mod seen;

use std::ops::AddAssign;

pub use collection::{Collection, Part};
pub use commit::{Outcome, Writes};
pub use due::DueItem;
pub use error::StoreError;
pub use item::event_of_image;
pub use load::{Loaded, Wants};

/// The table, by a client of whoever calls.
#[derive(Clone, Debug)]
pub struct Table {
    client: aws_sdk_dynamodb::Client,
    name: String,
}

impl Table {
    /// The table of this name.
    pub const fn new(client: aws_sdk_dynamodb::Client, name: String) -> Self {
        Self { client, name }
    }
}

/// Capacity units that calls consumed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Capacity {
    /// Read capacity units.
    pub read: f64,
    /// Write capacity units.
    pub write: f64,
}

impl AddAssign for Capacity {
    fn add_assign(&mut self, other: Self) {
        self.read += other.read;
        self.write += other.write;
    }
}
