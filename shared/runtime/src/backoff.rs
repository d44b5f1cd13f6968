//! The wait between two attempts.

use std::time::Duration;

use crate::Fault;

/// The first wait lies between nothing and this; each further one may be twice as long.
const FIRST: Duration = Duration::from_millis(8);
const LONGEST: Duration = Duration::from_millis(500);

/// Full jitter: anything between nothing and the attempt's longest wait.
pub(crate) async fn back_off(attempt: usize) -> Result<(), Fault> {
    let doublings = u32::try_from(attempt).unwrap_or(u32::MAX);
    let longest = LONGEST.min(FIRST.saturating_mul(2_u32.saturating_pow(doublings)));
    let random = getrandom::u32()?;
    tokio::time::sleep(longest.mul_f64(f64::from(random) / f64::from(u32::MAX))).await;
    Ok(())
}
