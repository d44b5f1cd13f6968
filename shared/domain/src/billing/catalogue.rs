//! The price list, version by version. RULE: PS-07, BI-18

use super::{Day, Terms};
use crate::{Interval, Offer, Plan};

/// The list prices from a day on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceList {
    /// What a subscription names it by.
    pub version: u32,
    /// The day on which it comes into force.
    pub from: Day,
    /// The plans on offer.
    pub offers: &'static [Offer],
}

/// All price lists there were, the oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Catalogue(&'static [PriceList]);

impl Catalogue {
    /// The price lists of this product. A new price is a new list at the end, in force from a day on that comes after its
    /// deployment; none is ever changed, since renewals of the past are made from it once more.
    pub const LISTS: Self = Self(&[PriceList { version: 1, from: Day::MIN, offers: &Plan::OFFERS }]);

    /// The catalogue of these lists, the oldest first.
    #[cfg(test)]
    pub(crate) const fn of(lists: &'static [PriceList]) -> Self {
        Self(lists)
    }

    /// What a seat of the plan costs at the list that is in force on this day; none where the plan is not on the list.
    pub fn terms(self, plan: Plan, interval: Interval, day: Day) -> Option<Terms> {
        let list = self.0.iter().rev().find(|list| list.from <= day)?;
        let offer = list.offers.iter().find(|offer| offer.plan == plan)?;
        let unit_amount = match interval {
            Interval::Monthly => offer.monthly_unit_amount,
            Interval::Annual => offer.annual_unit_amount,
        };
        Some(Terms { plan, interval, unit_amount, price_list: Some(list.version) })
    }
}

#[cfg(test)]
mod tests {
    use super::super::day;
    use super::*;

    // RULE: PS-07
    #[test]
    fn the_prices_of_the_list() {
        for (plan, interval, unit_amount) in [
            (Plan::Pro, Interval::Monthly, 1900),
            (Plan::Pro, Interval::Annual, 18_000),
            (Plan::Team, Interval::Monthly, 3900),
            (Plan::Team, Interval::Annual, 37_200),
        ] {
            let terms = Catalogue::LISTS.terms(plan, interval, day("2026-04-01")).unwrap();
            assert_eq!((terms.unit_amount, terms.price_list), (unit_amount, Some(1)));
        }
        for plan in [Plan::Free, Plan::Enterprise] {
            assert_eq!(Catalogue::LISTS.terms(plan, Interval::Monthly, day("2026-04-01")), None);
        }
    }
}
