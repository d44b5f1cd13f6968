//! Enterprise: a price that the operator and the customer have agreed on. RULE: PS-07, BI-12, BI-18

use super::{Billed, Moved, Subscription, Terms};
use crate::{Account, Fact, FactKind, Instant, Interval, Plan, Refusal};

impl Terms {
    /// The most that a seat may be agreed to cost, so that whatever is charged for all of them is a number: a million
    /// dollars.
    pub const UNIT_AMOUNT_MAX: i64 = 100_000_000;

    /// Enterprise at this price.
    pub const fn agreed(interval: Interval, unit_amount: i64) -> Self {
        Self { plan: Plan::Enterprise, interval, unit_amount, price_list: None }
    }
}

impl Account {
    /// Enterprise at an agreed price: now, where it is a higher plan at no lower price, or a year instead of a month; else
    /// from the next renewal on, since what is paid for keeps its price and is not given back.
    pub fn agree(self, agreed: Terms, reason: &str, now: Instant) -> Result<Billed, Refusal> {
        self.is_closed_up_to(now)?;
        let billed = match self.billing.subscription.clone() {
            None => self.begin(agreed, now),
            Some(paid) if paid.agreed.unwrap_or(paid.terms) == agreed => Billed::of(self),
            Some(paid) if paid.terms.waits_for_its_end(agreed) => self.agree_on_next(agreed, paid, now),
            Some(paid) => self.change_now(paid, agreed, now),
        };
        Ok(billed.because(reason))
    }

    /// What was agreed on for the next renewal is not any more.
    pub fn withdraw_agreement(self, reason: &str, now: Instant) -> Result<Billed, Refusal> {
        self.is_closed_up_to(now)?;
        let billed = match self.billing.subscription.clone().filter(|paid| paid.agreed.is_some()) {
            Some(paid) => self.agree_on_next(paid.terms, paid, now),
            None => Billed::of(self),
        };
        Ok(billed.because(reason))
    }

    /// What the next renewal is by; the terms that are in force are nothing that is agreed on.
    pub(super) fn agree_on_next(self, agreed: Terms, paid: Subscription, now: Instant) -> Billed {
        let (on, before) = (paid.period.end.to_string(), paid.agreed);
        let next = (agreed != paid.terms).then_some(agreed);
        let fact = match (next, before) {
            (Some(next), _) => next.words(Fact::bare(FactKind::PlanChangeScheduled)),
            (None, before) => before.unwrap_or(agreed).words(Fact::bare(FactKind::PlanChangeTakenBack)),
        };
        let billed =
            self.enter_on_the_day(paid, Moved::Agreed { terms: agreed }, now).fact(fact.after("on", on));
        let goes_on = |paid: Subscription| Subscription { agreed: next, ..paid };
        let paid = billed.account.billing.subscription.clone().map(goes_on);
        billed.subscribed(paid)
    }
}

impl Terms {
    /// Whether these hold to the end of their period, whatever is agreed on for Enterprise.
    fn waits_for_its_end(self, agreed: Self) -> bool {
        let is_longer = matches!((self.interval, agreed.interval), (Interval::Monthly, Interval::Annual));
        let is_higher = self.plan != Plan::Enterprise && !self.waits_for(agreed.plan, agreed.interval);
        // A year must cost at least what is given back of a month. That it costs less than twelve is what years are for.
        agreed.unit_amount < self.unit_amount || !is_longer && !is_higher
    }
}

impl Billed {
    /// Why, but for the invoices, which say it themselves.
    fn because(mut self, reason: &str) -> Self {
        let because = |fact: Fact| match fact.kind {
            FactKind::InvoiceIssued => fact,
            _ => fact.because(Some(reason)),
        };
        self.facts = self.facts.into_iter().map(because).collect();
        self
    }
}

#[cfg(test)]
mod tests {
    use Interval::{Annual, Monthly};

    use super::super::books::{Books, noon};
    use super::super::{Scheduled, day};
    use super::*;

    /// What a month and a year of Enterprise are agreed to cost.
    const fn agreed(interval: Interval) -> i64 {
        match interval {
            Monthly => 4500,
            Annual => 40_000,
        }
    }

    fn of_ten(plan: Plan, interval: Interval) -> Books {
        let mut books = Books::open();
        for _ in 0..10 {
            books.join(noon(day("2026-04-01")));
        }
        match plan {
            Plan::Free => {}
            Plan::Enterprise => books.agree(interval, agreed(interval), noon(day("2026-04-01"))),
            plan => books.change(plan, interval, noon(day("2026-04-01"))),
        }
        books
    }

    fn subscription(books: &Books) -> Subscription {
        books.account.billing.subscription.clone().unwrap()
    }

    fn price(books: &Books) -> (Plan, i64) {
        let terms = subscription(books).terms;
        (terms.plan, terms.unit_amount)
    }

    // RULE: PS-07, BI-04, BI-12
    #[test]
    fn enterprise_begins_now_unless_a_year_would_end_early_or_something_be_given_back() {
        use Plan::{Enterprise, Free, Pro, Team};
        let (now, half) = (noon(day("2026-04-16")), 10 * (4500 - 1900) / 2);
        for (plan, before, after, price, charged) in [
            (Free, Monthly, Monthly, 4500, Some(45_000)),
            (Pro, Monthly, Monthly, 4500, Some(half)),
            (Pro, Monthly, Annual, 40_000, Some(400_000 - 19_000 / 2)),
            (Enterprise, Monthly, Annual, 40_000, Some(400_000 - 45_000 / 2)),
            // 350 of 365 days.
            (Team, Annual, Annual, 40_000, Some(383_562 - 356_712)),
            // A year, at less than twelve months.
            (Team, Monthly, Annual, 21_600, Some(216_000 - 39_000 / 2)),
            (Team, Monthly, Monthly, 3500, None),
            (Team, Annual, Annual, 30_000, None),
            (Team, Monthly, Annual, 3000, None),
            (Team, Annual, Monthly, 40_000, None),
            (Enterprise, Monthly, Monthly, 5000, None),
            (Enterprise, Annual, Monthly, 45_000, None),
        ] {
            let what = format!("{plan:?} {before:?} {after:?} {price}");
            let mut books = of_ten(plan, before);
            let issued = books.invoices.len();
            books.agree(after, price, now);
            let came: Vec<i64> = books.invoices[issued..].iter().map(|invoice| invoice.total).collect();
            assert_eq!(came, Vec::from_iter(charged), "{what}");
            let ends = subscription(&books).period.end;
            books.close(noon(ends));
            assert_eq!(self::price(&books), (Enterprise, price), "{what}");
            assert_eq!(books.invoices.last().unwrap().total, 10 * price, "{what}");
            books.agrees_with_its_history(noon(ends));
        }
    }

    // RULE: BI-18, BI-12
    #[test]
    fn another_price_of_enterprise_waits_for_the_renewal_whatever_else_is_asked_for_and_taken_back() {
        let mut books = of_ten(Plan::Free, Monthly);
        books.agree(Monthly, 3000, noon(day("2026-04-01")));
        books.agree(Monthly, 2500, noon(day("2026-04-10")));
        assert_eq!(price(&books).1, 3000);
        books.join(noon(day("2026-04-16")));
        books.change(Plan::Pro, Monthly, noon(day("2026-04-17")));
        let mut back = books.clone();
        back.keep(back.account.clone().take_back(noon(day("2026-04-18"))));
        back.close(noon(day("2026-05-02")));
        assert_eq!(back.totals().last().unwrap().1, 11 * 2500, "the price comes all the same");
        back.agrees_with_its_history(noon(day("2026-05-02")));
        books.agree(Monthly, 2500, noon(day("2026-04-19")));
        books.close(noon(day("2026-05-02")));
        assert_eq!(
            books.totals().iter().map(|(_, total)| *total).collect::<Vec<_>>(),
            [30_000, 1500, 20_900]
        );
        books.agrees_with_its_history(noon(day("2026-05-02")));
    }

    // RULE: BI-18
    #[test]
    fn a_price_that_was_agreed_on_holds_until_another_is() {
        let mut books = of_ten(Plan::Free, Monthly);
        books.agree(Monthly, 3000, noon(day("2026-04-01")));
        books.agree(Monthly, 2500, noon(day("2026-04-10")));
        let entries = books.entries.len();
        books.agree(Monthly, 2500, noon(day("2026-04-11")));
        assert_eq!(books.entries.len(), entries, "once");
        books.close(noon(day("2026-07-01")));
        let totals: Vec<i64> = books.totals().into_iter().map(|(_, total)| total).collect();
        assert_eq!(totals, [30_000, 25_000, 25_000, 25_000]);
        books.agree(Monthly, 9900, noon(day("2026-07-02")));
        books.agree(Monthly, 2500, noon(day("2026-07-03")));
        assert_eq!(books.account.scheduled_change(), None);
        books.agrees_with_its_history(noon(day("2026-07-03")));
    }

    // RULE: BI-18, BI-12
    #[test]
    fn what_is_agreed_on_for_the_end_of_a_year_outlives_a_higher_plan_and_a_downgrade_that_fails() {
        let mut books = of_ten(Plan::Pro, Annual);
        books.agree(Monthly, 4500, noon(day("2026-05-01")));
        books.change(Plan::Team, Annual, noon(day("2026-06-01")));
        assert_eq!(price(&books).0, Plan::Team);
        let mut later = books.clone();
        later.agree(Annual, 40_000, noon(day("2026-07-01")));
        later.close(noon(day("2027-04-01")));
        assert_eq!(price(&later), (Plan::Enterprise, 40_000), "the newer one");
        later.agrees_with_its_history(noon(day("2027-04-01")));
        let fits = books.account.clone().schedule(
            Scheduled::Downgrade,
            subscription(&books),
            noon(day("2026-07-01")),
        );
        books.keep(fits);
        books.close(noon(day("2027-04-01")));
        assert_eq!(price(&books), (Plan::Enterprise, 4500));
        assert_eq!(books.invoices.last().unwrap().total, 45_000);
        books.agrees_with_its_history(noon(day("2027-04-01")));
    }

    // RULE: BI-18, BI-12
    #[test]
    fn what_is_agreed_on_comes_at_the_end_of_a_year_that_is_begun_before() {
        let mut books = of_ten(Plan::Pro, Monthly);
        books.agree(Monthly, 1800, noon(day("2026-04-10")));
        books.change(Plan::Pro, Annual, noon(day("2026-04-20")));
        let (agreed, on) = books.account.agreed_on_next().unwrap();
        assert_eq!((agreed.unit_amount, on), (1800, day("2027-04-20")));
        books.close(noon(on));
        assert_eq!(price(&books), (Plan::Enterprise, 1800));
        books.agrees_with_its_history(noon(on));
    }

    // RULE: BI-18
    #[test]
    fn an_agreement_that_is_withdrawn_does_not_come() {
        let mut books = of_ten(Plan::Team, Annual);
        books.agree(Monthly, 4500, noon(day("2026-05-01")));
        for _ in 0..2 {
            let entries = books.entries.len();
            let withdrawn =
                books.account.clone().withdraw_agreement("Typed wrong", noon(day("2026-05-02"))).unwrap();
            let kinds: Vec<FactKind> = withdrawn.facts.iter().map(|fact| fact.kind).collect();
            books.keep(withdrawn);
            let is_first = books.entries.len() > entries;
            assert_eq!(kinds, if is_first { vec![FactKind::PlanChangeTakenBack] } else { vec![] });
        }
        assert_eq!((books.entries.len(), books.account.scheduled_change()), (13, None), "once");
        books.close(noon(day("2027-04-01")));
        assert_eq!(price(&books), (Plan::Team, 37_200));
        books.agrees_with_its_history(noon(day("2027-04-01")));
    }
}
