//! What is kept of schedules: how far each has come, and the invocations that are not done.

use rusqlite::{Result, params};
use serde_json::Value;

use super::{State, json};

/// How far a schedule has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Since when it counts, in milliseconds.
    pub(crate) began_ms: i64,
    /// Every tick up to here is done, or stands among the invocations.
    pub(crate) done_until_ms: i64,
}

/// An asynchronous invocation that is not done.
#[derive(Clone, Debug)]
pub(crate) struct Invocation {
    pub(crate) id: i64,
    pub(crate) function: String,
    pub(crate) event: Value,
}

impl State {
    /// Takes exactly these schedules, as (name, expression): who is new, or says something new, begins now.
    pub(crate) fn keep_schedules(&self, schedules: &[(&str, &str)], now_ms: i64) -> Result<Vec<Progress>> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let mut progress = Vec::with_capacity(schedules.len());
        transaction.execute("UPDATE schedule SET is_used = 0", [])?;
        for (name, spelled) in schedules {
            transaction.execute(
                "INSERT INTO schedule VALUES (?1, ?2, ?3, ?3, 1) ON CONFLICT (name) DO UPDATE SET is_used = 1,
                 began = IIF(spelled = ?2, began, ?3), done_until = IIF(spelled = ?2, done_until, ?3), spelled = ?2",
                params![name, spelled, now_ms],
            )?;
            let sql = "SELECT began, done_until FROM schedule WHERE name = ?1";
            progress.push(transaction.query_row(sql, [name], |row| {
                Ok(Progress { began_ms: row.get(0)?, done_until_ms: row.get(1)? })
            })?);
        }
        transaction.execute("DELETE FROM schedule WHERE is_used = 0", [])?;
        transaction.commit()?;
        Ok(progress)
    }

    /// A schedule ticks: it has come so far, and its function is to be invoked; both or none.
    pub(crate) fn tick(
        &self,
        schedule: &str,
        at_ms: i64,
        function: &str,
        event: &Value,
    ) -> Result<Invocation> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        transaction
            .execute("UPDATE schedule SET done_until = ?2 WHERE name = ?1", params![schedule, at_ms])?;
        let sql = "INSERT INTO invocation (function, event) VALUES (?1, ?2)";
        transaction.execute(sql, params![function, event.to_string()])?;
        let id = transaction.last_insert_rowid();
        transaction.commit()?;
        Ok(Invocation { id, function: function.to_owned(), event: event.clone() })
    }

    /// The invocations that are not done, oldest first.
    pub(crate) fn invocations(&self) -> Result<Vec<Invocation>> {
        let connection = self.lock();
        let mut statement =
            connection.prepare_cached("SELECT id, function, event FROM invocation ORDER BY id")?;
        let rows = statement.query_map([], |row| {
            let event = json(&row.get::<_, String>(2)?);
            Ok(Invocation { id: row.get(0)?, function: row.get(1)?, event })
        })?;
        rows.collect()
    }

    /// An invocation is done.
    pub(crate) fn invoked(&self, id: i64) -> Result<()> {
        self.each(&["DELETE FROM invocation WHERE id = ?1"], &[id])
    }
}
