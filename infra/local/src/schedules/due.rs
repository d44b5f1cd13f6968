//! What of the table is due, and when: the stack asks the index `due`, where there is one.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::template::{Index, Table, Template};
use crate::{World, aws};

/// The index that holds every timer of the product, sorted by instant.
const INDEX: &str = "due";
/// Pages of the index that are read at most.
const PAGES_MAX: usize = 1000;

/// What the index held when it was last read.
#[derive(Default)]
pub(crate) struct Due {
    /// The writes to the table counted before it was read.
    read_at: Option<u64>,
    instants: Option<Vec<DateTime<Utc>>>,
}

impl Due {
    /// Every instant at which something is due. None where that cannot be known: there is no such index, it could
    /// not be read, or it holds something else than instants.
    pub(crate) async fn instants(&mut self, world: &World) -> Option<&[DateTime<Utc>]> {
        let writes = world.table_writes();
        if self.read_at != Some(writes) {
            self.instants = read(world).await;
            self.read_at = Some(writes);
        }
        self.instants.as_deref()
    }
}

/// The first index of that name, and its table.
fn index(template: &Template) -> Option<(&Table, &Index)> {
    template.tables.iter().find_map(|table| {
        let index = table.indexes.iter().find(|index| index.name == INDEX)?;
        Some((table, index))
    })
}

async fn read(world: &World) -> Option<Vec<DateTime<Utc>>> {
    let (table, index) = index(&world.template)?;
    let attribute = index.sort_name.as_deref()?;
    let mut scan = json!({ "TableName": table.name, "IndexName": INDEX });
    let mut instants = Vec::new();
    for _ in 0..PAGES_MAX {
        let page = aws::ask(world, "Scan", &scan).await.ok()?;
        for item in page["Items"].as_array()? {
            instants.push(instant(&item[attribute])?);
        }
        match page.get("LastEvaluatedKey") {
            None | Some(Value::Null) => return Some(instants),
            Some(key) => scan["ExclusiveStartKey"] = key.clone(),
        }
    }
    None
}

fn instant(value: &Value) -> Option<DateTime<Utc>> {
    value["S"].as_str()?.parse().ok()
}
