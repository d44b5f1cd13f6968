//! The one formula by which a part of a period is charged. RULE: BI-01

/// Seats for a part of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// One seat for the whole period, in the smallest unit of the currency.
    pub unit_amount: i64,
    /// How many seats.
    pub quantity: u32,
    /// How many days of the period.
    pub days: u32,
    /// How many days the period has.
    pub days_in_period: u32,
}

/// What it costs: one division and one rounding, halves up. A period without days costs nothing.
pub fn amount(share: Share) -> i64 {
    let Share { unit_amount, quantity, days, days_in_period } = share;
    let whole = i128::from(unit_amount) * i128::from(quantity) * i128::from(days);
    half_up(whole, i128::from(days_in_period))
}

/// A part of the whole, halves up; of nothing it is nothing.
pub(super) fn half_up(whole: i128, parts: i128) -> i64 {
    if parts == 0 {
        return 0;
    }
    i64::try_from((2 * whole + parts).div_euclid(2 * parts)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(unit_amount: i64, quantity: u32, days: u32, days_in_period: u32) -> i64 {
        amount(Share { unit_amount, quantity, days, days_in_period })
    }

    // RULE: BI-01
    #[test]
    fn halves_go_up_and_not_to_the_even_one() {
        assert_eq!(of(1950, 1, 21, 28), 1463, "1462.5 to the even one were 1462");
        assert_eq!(of(1, 1, 15, 30), 1);
        assert_eq!(of(1, 1, 14, 30), 0);
    }

    // RULE: BI-01
    #[test]
    fn it_is_never_more_than_the_whole_and_never_more_on_a_later_day() {
        for (unit_amount, quantity) in [(1, 1), (1900, 3), (37_200, 5), (i64::MAX / 1000, 1000), (0, 7)] {
            for days_in_period in [28, 29, 30, 31, 365, 366] {
                let whole = unit_amount * i64::from(quantity);
                assert_eq!(of(unit_amount, quantity, days_in_period, days_in_period), whole);
                let by_day = (0..=days_in_period).map(|days| of(unit_amount, quantity, days, days_in_period));
                let by_day: Vec<_> = by_day.collect();
                assert!(by_day.is_sorted() && by_day[0] == 0);
            }
        }
        assert_eq!(of(1900, 1, 0, 0), 0);
    }
}
