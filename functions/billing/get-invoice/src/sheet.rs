//! What an invoice shows to people, in words, for the page and for the document. RULE: BI-15

use domain::{Interval, Invoice, Line, LineKind, Period, dollars, printed_day};

/// Who sells.
pub(crate) const SELLER: &str = "roster";
/// The columns of the lines; all but the first hold numbers.
pub(crate) const COLUMNS: [&str; 5] = ["What", "Seats", "One seat", "Days", "Amount"];
/// The currency is always the same. RULE: BI-16
pub(crate) const TOTAL: &str = "Total in US dollars";
/// Above the names of those who were added.
pub(crate) const ADDED: &str = "Seats were added for";
/// Above the names of all who were billable.
pub(crate) const HELD: &str = "Seats of";

/// An invoice in words.
pub(crate) struct Sheet {
    /// Such as `Invoice 2`.
    pub(crate) title: String,
    /// Whom it is for.
    pub(crate) account_name: String,
    /// Names and what they stand for.
    pub(crate) facts: [(&'static str, String); 5],
    /// What stands in each of the columns, line by line.
    pub(crate) rows: Vec<[String; 5]>,
    pub(crate) total: String,
    /// What stands above the names.
    pub(crate) whose: &'static str,
    /// Whose seats they are.
    pub(crate) users: Vec<String>,
    /// That there are more of them, where there are.
    pub(crate) more: Option<String>,
}

impl Sheet {
    /// Of an invoice about the seats of so many, with the names of the first of them.
    pub(crate) fn of(invoice: &Invoice, account_name: &str, users: Vec<String>, count: usize) -> Self {
        let more = count.saturating_sub(users.len());
        let is_added = invoice.lines.iter().any(|line| line.kind == LineKind::Addition);
        Self {
            title: format!("Invoice {}", invoice.number),
            account_name: account_name.to_owned(),
            facts: [
                ("From", SELLER.to_owned()),
                ("For", account_name.to_owned()),
                ("Date", printed_day(invoice.date)),
                ("Plan", format!("{}, {}", invoice.plan.label(), interval(invoice.interval))),
                ("Period", days(invoice.period)),
            ],
            rows: invoice.lines.iter().map(row).collect(),
            total: dollars(invoice.total),
            whose: if is_added { ADDED } else { HELD },
            users,
            more: (more > 0).then(|| format!("and {more} more")),
        }
    }
}

fn row(line: &Line) -> [String; 5] {
    let plan = line.plan_in_words();
    let what = match line.kind {
        LineKind::Renewal => "Seats for the whole period".to_owned(),
        LineKind::Addition => "Seats that were added".to_owned(),
        LineKind::PlanCredit => format!("Unused time on {plan}"),
        LineKind::PlanCharge => format!("Seats on {plan}"),
    };
    [
        what,
        line.quantity.to_string(),
        dollars(line.unit_amount),
        format!("{} of {}", line.days, line.days_in_period),
        dollars(line.amount),
    ]
}

const fn interval(interval: Interval) -> &'static str {
    match interval {
        Interval::Monthly => "paid by the month",
        Interval::Annual => "paid by the year",
    }
}

/// The first day to the last.
fn days(Period { start, end }: Period) -> String {
    format!("{} to {}", printed_day(start), printed_day(end.pred_opt().unwrap_or(end)))
}
