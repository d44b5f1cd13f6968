//! The clock that all functions share, as `/_local/clock` moves it.

use std::sync::PoisonError;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::World;
use crate::stack::OFFSET;

/// The last second of the year 9999: beyond it the dates of the product have no meaning.
const SECONDS_MAX: i64 = 253_402_300_799;

/// Moves the clock for everyone, kept first: a restart must not go back. It stays where it is if that is later.
pub(crate) fn set(world: &World, to: DateTime<Utc>) -> rusqlite::Result<()> {
    let mut offset_ms = world.offset_ms.lock().unwrap_or_else(PoisonError::into_inner);
    let by = to - world.clock.now();
    if by <= TimeDelta::zero() {
        return Ok(());
    }
    let moved = offset_ms.saturating_add(by.num_milliseconds());
    world.state.keep(OFFSET, &moved.to_string())?;
    *offset_ms = moved;
    world.clock.advance(by);
    world.clock_moved();
    Ok(())
}

/// Where a request moves the clock to.
pub(crate) fn target(body: &Value, now: DateTime<Utc>) -> Result<DateTime<Utc>, &'static str> {
    const SHAPE: &str = r#"send {"advance": "31d"} in s, m, h or d, or {"to": an instant}"#;
    let by = match (body["advance"].as_str(), body["to"].as_str()) {
        (Some(text), None) => {
            let unit = text.chars().last().ok_or(SHAPE)?;
            let number: i64 = text[..text.len() - unit.len_utf8()].parse().map_err(|_| SHAPE)?;
            match unit {
                's' => TimeDelta::try_seconds(number),
                'm' => TimeDelta::try_minutes(number),
                'h' => TimeDelta::try_hours(number),
                'd' => TimeDelta::try_days(number),
                _ => None,
            }
            .ok_or(SHAPE)?
        }
        (None, Some(text)) => DateTime::parse_from_rfc3339(text).map_err(|_| SHAPE)?.to_utc() - now,
        _ => return Err(SHAPE),
    };
    if by < TimeDelta::zero() {
        return Err("time does not go back");
    }
    let target = now.checked_add_signed(by).filter(|then| then.timestamp() <= SECONDS_MAX);
    target.ok_or("time ends with the year 9999")
}
