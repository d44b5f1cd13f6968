//! Amounts and days as people read them.

use super::Day;

/// An amount of US cents, such as `$1,234.50`; of a credit with a sign before it. RULE: BI-16
pub fn dollars(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let whole = (cents.unsigned_abs() / 100).to_string();
    let mut grouped = String::new();
    for (n, digit) in whole.chars().enumerate() {
        if n > 0 && (whole.len() - n).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}${grouped}.{:02}", cents.unsigned_abs() % 100)
}

/// A day, such as `1 April 2026`.
pub fn printed_day(day: Day) -> String {
    day.format("%-d %B %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    // RULE: BI-16
    #[test]
    fn amounts_have_two_digits_of_cents_and_thousands_set_apart() {
        for (cents, words) in [
            (0, "$0.00"),
            (5, "$0.05"),
            (1900, "$19.00"),
            (-9500, "-$95.00"),
            (123_456, "$1,234.56"),
            (111_600_000, "$1,116,000.00"),
            (i64::MIN, "-$92,233,720,368,547,758.08"),
        ] {
            assert_eq!(dollars(cents), words);
        }
    }
}
