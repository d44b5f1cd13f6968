//! What the stack itself has to remember over a restart: the outbox, the queues, the schedules, the mails, the
//! clock's offset.
//!
//! One `SQLite` file beside the table's. With a write-ahead log and `synchronous = NORMAL`, whatever was committed
//! outlives the end of the process at any point; only a power cut may lose the last moments.

mod schedules;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, Result, params};
pub(crate) use schedules::Invocation;
use serde_json::Value;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS outbox (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, table_name TEXT NOT NULL,
        keys TEXT NOT NULL, image TEXT NOT NULL, ready INTEGER NOT NULL, written_at INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS message (
        id INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT NOT NULL, queue TEXT NOT NULL, body TEXT NOT NULL,
        sent_at INTEGER NOT NULL, first_received_at INTEGER, receive_count INTEGER NOT NULL DEFAULT 0);
    CREATE INDEX IF NOT EXISTS message_by_queue ON message (queue, id);
    CREATE TABLE IF NOT EXISTS attributes (message INTEGER PRIMARY KEY, attributes TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS hold (message INTEGER PRIMARY KEY, until INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS schedule (
        name TEXT PRIMARY KEY, spelled TEXT NOT NULL, began INTEGER NOT NULL, done_until INTEGER NOT NULL,
        is_used INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS invocation (
        id INTEGER PRIMARY KEY AUTOINCREMENT, function TEXT NOT NULL, event TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS mail (id INTEGER PRIMARY KEY AUTOINCREMENT, mail TEXT NOT NULL);";

/// The most messages of one queue that are looked at together.
const MESSAGES_MAX: usize = 1000;
/// The most mails a list holds.
const MAILS_MAX: usize = 1000;

/// The stack's own memory.
pub(crate) struct State {
    connection: Mutex<Connection>,
}

/// A change of the table that is to be delivered, or may be.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) sequence: i64,
    pub(crate) source: String,
    pub(crate) table: String,
    pub(crate) keys: Value,
    pub(crate) image: Value,
    pub(crate) written_at_ms: i64,
}

/// A message in a queue.
#[allow(clippy::struct_field_names)] // as SQS names it
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) id: i64,
    pub(crate) message_id: String,
    pub(crate) body: String,
    pub(crate) sent_at_ms: i64,
    pub(crate) first_received_at_ms: Option<i64>,
    pub(crate) receive_count: u32,
}

impl State {
    /// Opens the file, or a memory of the same shape.
    pub(crate) fn open(file: Option<&Path>) -> Result<Self> {
        let connection = match file {
            Some(path) => Connection::open(path)?,
            None => Connection::open_in_memory()?,
        };
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self { connection: Mutex::new(connection) })
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A setting that was kept.
    pub(crate) fn setting(&self, name: &str) -> Result<Option<String>> {
        self.lock()
            .query_row("SELECT value FROM setting WHERE name = ?1", [name], |row| row.get(0))
            .optional()
    }

    /// Keeps a setting.
    pub(crate) fn keep(&self, name: &str, value: &str) -> Result<()> {
        let sql = "INSERT INTO setting VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2";
        self.lock().execute(sql, [name, value]).map(drop)
    }

    /// Notes changes that are about to be written, and answers their sequence numbers.
    pub(crate) fn intend(&self, changes: &[Change]) -> Result<Vec<i64>> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let mut sequences = Vec::with_capacity(changes.len());
        for change in changes {
            transaction.execute(
                "INSERT INTO outbox (source, table_name, keys, image, ready, written_at) VALUES (?1, ?2, ?3, ?4, 0, ?5)",
                params![
                    change.source,
                    change.table,
                    change.keys.to_string(),
                    change.image.to_string(),
                    change.written_at_ms
                ],
            )?;
            sequences.push(transaction.last_insert_rowid());
        }
        transaction.commit()?;
        Ok(sequences)
    }

    /// The changes were written: they are to be delivered.
    pub(crate) fn release(&self, sequences: &[i64]) -> Result<()> {
        self.each(&["UPDATE outbox SET ready = 1 WHERE sequence = ?1"], sequences)
    }

    /// The changes were delivered, or never written.
    pub(crate) fn forget(&self, sequences: &[i64]) -> Result<()> {
        self.each(&["DELETE FROM outbox WHERE sequence = ?1"], sequences)
    }

    /// Changes of which it is not known whether they were written.
    pub(crate) fn unresolved(&self) -> Result<Vec<Change>> {
        self.changes(
            "SELECT * FROM outbox WHERE ready = 0 AND source <> ?1 ORDER BY sequence LIMIT ?2",
            "",
            1 << 31,
        )
    }

    /// The first changes to be delivered to `source`.
    pub(crate) fn ready(&self, source: &str, limit: usize) -> Result<Vec<Change>> {
        let sql = "SELECT * FROM outbox WHERE ready = 1 AND source = ?1 ORDER BY sequence LIMIT ?2";
        self.changes(sql, source, limit)
    }

    fn changes(&self, sql: &str, source: &str, limit: usize) -> Result<Vec<Change>> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![source, limit], |row| {
            Ok(Change {
                sequence: row.get("sequence")?,
                source: row.get("source")?,
                table: row.get("table_name")?,
                keys: json(&row.get::<_, String>("keys")?),
                image: json(&row.get::<_, String>("image")?),
                written_at_ms: row.get("written_at")?,
            })
        })?;
        rows.collect()
    }

    /// How many changes, invocations and messages of these queues are still to be delivered.
    pub(crate) fn outstanding(&self, queues: &[&str]) -> Result<usize> {
        let connection = self.lock();
        let sql = "SELECT (SELECT COUNT(*) FROM outbox) + (SELECT COUNT(*) FROM invocation)";
        let mut count: usize = connection.query_row(sql, [], |row| row.get(0))?;
        for queue in queues {
            let sql = "SELECT COUNT(*) FROM message WHERE queue = ?1";
            count += connection.query_row(sql, [queue], |row| row.get::<_, usize>(0))?;
        }
        Ok(count)
    }

    /// Puts all these messages, as (queue, body), into their queues and keeps the mail, if any; all or nothing.
    pub(crate) fn send(
        &self,
        messages: &[(String, String)],
        mail: Option<&Value>,
        sent_at_ms: i64,
    ) -> Result<()> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        if let Some(mail) = mail {
            transaction.execute("INSERT INTO mail (mail) VALUES (?1)", [mail.to_string()])?;
        }
        for (queue, body) in messages {
            transaction.execute(
                "INSERT INTO message (message_id, queue, body, sent_at) VALUES (?1, ?2, ?3, ?4)",
                params![crate::ids::uuid(), queue, body, sent_at_ms],
            )?;
        }
        transaction.commit()
    }

    /// Puts one message with attributes into a queue, and answers its identifier.
    pub(crate) fn send_one(
        &self,
        queue: &str,
        body: &str,
        attributes: &Value,
        sent_at_ms: i64,
    ) -> Result<String> {
        let message_id = crate::ids::uuid();
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        transaction.execute(
            "INSERT INTO message (message_id, queue, body, sent_at) VALUES (?1, ?2, ?3, ?4)",
            params![message_id, queue, body, sent_at_ms],
        )?;
        let id = transaction.last_insert_rowid();
        let sql = "INSERT OR REPLACE INTO attributes VALUES (?1, ?2)";
        transaction.execute(sql, params![id, attributes.to_string()])?;
        transaction.commit()?;
        Ok(message_id)
    }

    /// The attributes of a message; null where it has none.
    pub(crate) fn attributes(&self, message: i64) -> Result<Value> {
        let sql = "SELECT attributes FROM attributes WHERE message = ?1";
        let found = self.lock().query_row(sql, [message], |row| row.get::<_, String>(0)).optional()?;
        Ok(found.map_or(Value::Null, |text| json(&text)))
    }

    /// The first messages of a queue, by their numbers here.
    pub(crate) fn queued(&self, queue: &str) -> Result<Vec<i64>> {
        let connection = self.lock();
        let mut statement =
            connection.prepare_cached("SELECT id FROM message WHERE queue = ?1 ORDER BY id LIMIT ?2")?;
        let rows = statement.query_map(params![queue, MESSAGES_MAX], |row| row.get("id"))?;
        rows.collect()
    }

    /// These messages, in this order, as far as they are still there.
    pub(crate) fn messages(&self, ids: &[i64]) -> Result<Vec<Message>> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached("SELECT * FROM message WHERE id = ?1")?;
        let message = |id: &i64| {
            let read = statement.query_row([id], |row| {
                Ok(Message {
                    id: row.get("id")?,
                    message_id: row.get("message_id")?,
                    body: row.get("body")?,
                    sent_at_ms: row.get("sent_at")?,
                    first_received_at_ms: row.get("first_received_at")?,
                    receive_count: row.get("receive_count")?,
                })
            });
            read.optional().transpose()
        };
        ids.iter().filter_map(message).collect()
    }

    /// Counts one more receipt of each, and holds them until then, should the stack end meanwhile.
    pub(crate) fn receive(&self, ids: &[i64], now_ms: i64, held_until_ms: i64) -> Result<()> {
        let received = format!(
            "UPDATE message SET receive_count = receive_count + 1,
             first_received_at = COALESCE(first_received_at, {now_ms}) WHERE id = ?1"
        );
        let held = format!("INSERT OR REPLACE INTO hold VALUES (?1, {held_until_ms})");
        self.each(&[&received, &held], ids)
    }

    /// Messages that were with a function when the stack ended, and until when that holds them back.
    pub(crate) fn holds(&self) -> Result<Vec<(i64, i64)>> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached("SELECT message, until FROM hold")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect()
    }

    /// The messages are done with.
    pub(crate) fn delete(&self, ids: &[i64]) -> Result<()> {
        const EVERYWHERE: [&str; 3] = [
            "DELETE FROM message WHERE id = ?1",
            "DELETE FROM hold WHERE message = ?1",
            "DELETE FROM attributes WHERE message = ?1",
        ];
        self.each(&EVERYWHERE, ids)
    }

    /// Moves a message to another queue.
    pub(crate) fn redrive(&self, id: i64, queue: &str) -> Result<()> {
        self.lock().execute("UPDATE message SET queue = ?2 WHERE id = ?1", params![id, queue]).map(drop)
    }

    /// The latest mails, newest first.
    pub(crate) fn mails(&self) -> Result<Vec<Value>> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached("SELECT mail FROM mail ORDER BY id DESC LIMIT ?1")?;
        let rows = statement.query_map([MAILS_MAX], |row| Ok(json(&row.get::<_, String>(0)?)))?;
        rows.collect()
    }

    fn each(&self, statements: &[&str], ids: &[i64]) -> Result<()> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        for id in ids {
            for sql in statements {
                transaction.execute(sql, [id])?;
            }
        }
        transaction.commit()
    }
}

/// JSON that this file wrote itself.
fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}
