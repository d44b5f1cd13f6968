//! What people see of an invoice.

use std::fmt::Write as _;

use domain::{AccountId, Interval, Invoice, Line, LineKind, Plan};
use serde_json::json;

use crate::layout::{Mark, pages};
use crate::sheet::Sheet;
use crate::{NAMES_MAX, html, pdf};

fn line(kind: LineKind, quantity: u32, unit_amount: i64, days: u32, amount: i64) -> Line {
    Line {
        kind,
        plan: if kind == LineKind::PlanCharge { Plan::Team } else { Plan::Pro },
        interval: Interval::Monthly,
        quantity,
        unit_amount,
        days,
        days_in_period: 31,
        amount,
    }
}

fn invoice(number: u32, lines: &[Line]) -> Invoice {
    let id = domain::InvoiceId::of(AccountId::from_bits(1 << 80), number);
    let stored = json!({
        "id": id, "account_id": AccountId::from_bits(1 << 80), "number": number, "date": "2026-03-15",
        "plan": Plan::Team, "interval": Interval::Monthly, "lines": lines, "entries": 0,
        "period": { "start": "2026-03-01", "end": "2026-04-01" },
        "total": lines.iter().map(|line| line.amount).sum::<i64>(),
    });
    serde_json::from_value(stored).expect("an invoice")
}

/// An invoice of so many additions.
fn additions(quantity: u32, account_name: &str) -> Sheet {
    let amount = i64::from(quantity) * 3900 * 17 / 31;
    let invoice = invoice(7, &[line(LineKind::Addition, quantity, 3900, 17, amount)]);
    let added = usize::try_from(quantity).expect("so many");
    let names = (1..=quantity.min(100)).map(|n| format!("Ann{n} O'Hara-M\u{fc}ller")).collect();
    Sheet::of(&invoice, account_name, names, added)
}

/// What stands on the pages, and where.
fn printed(sheet: &Sheet) -> String {
    let mut printed = String::new();
    for (n, page) in pages(sheet).iter().enumerate() {
        writeln!(printed, "page {}", n + 1).expect("a text");
        for mark in page {
            match mark {
                Mark::Text { x, y, size, is_bold, letters } => {
                    let words: String = letters.iter().map(|byte| char::from(*byte)).collect();
                    let weight = if *is_bold { " bold" } else { "" };
                    writeln!(printed, "{x:5.1} {y:5.1} {size:2}{weight} {words}").expect("a text");
                }
                Mark::Rule { y } => writeln!(printed, "      {y:5.1} ----").expect("a text"),
            }
        }
    }
    printed
}

/// How many objects a file has, each of which stands where the file's table says.
fn objects(file: &[u8]) -> usize {
    let behind = |offset: usize| String::from_utf8_lossy(&file[offset..]);
    assert!(file.starts_with(b"%PDF-1.") && file.ends_with(b"%%EOF"));
    let whole = behind(0);
    let (_, end) = whole.rsplit_once("startxref\n").expect("a trailer");
    let table = behind(end.lines().next().and_then(|line| line.parse().ok()).expect("an offset"));
    let mut rows = table.lines();
    assert_eq!(rows.next(), Some("xref"));
    let (_, count) = rows.next().and_then(|line| line.split_once(' ')).expect("the size of the table");
    let count: usize = count.parse().expect("a number");
    for (n, row) in rows.take(count).enumerate().skip(1) {
        let offset = row[..10].parse().expect("an offset");
        assert!(behind(offset).starts_with(&format!("{n} 0 obj\n")), "object {n}");
    }
    count - 1
}

// RULE: BI-15
#[test]
fn an_invoice_is_a_page_and_a_document() {
    let sheet = additions(2, "Acme");
    insta::assert_snapshot!("page", html::page(&sheet));
    insta::assert_snapshot!("document", printed(&sheet));
    let lines = [
        line(LineKind::PlanCredit, 100, 3900, 17, -213_871),
        line(LineKind::PlanCharge, 100, 120_000, 31, 12_000_000),
    ];
    let changed = Sheet::of(&invoice(8, &lines), "Acme", Vec::new(), 0);
    insta::assert_snapshot!("document_of_a_change", printed(&changed));
    assert!(!html::page(&changed).contains(crate::sheet::ADDED));
}

// RULE: BI-15
#[test]
fn what_people_typed_is_words_and_nothing_else() {
    let hostile = "<script>alert(1)</script> \") Tj ET \\ & 'x'";
    let mut sheet = additions(1, hostile);
    sheet.users =
        vec!["</li><img src=x onerror=y>".to_owned(), "\u{141}ukasz \u{674e}\u{5c0f}\u{9f99}".to_owned()];
    let page = html::page(&sheet);
    for tag in ["<script", "<img", "</li><img"] {
        assert!(!page.contains(tag), "{tag}");
    }
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && page.contains("\u{141}ukasz \u{674e}"));
    insta::assert_snapshot!("hostile_document", printed(&sheet));
    assert_eq!(objects(&pdf::file(&sheet)), 7);
}

// RULE: BI-15
#[test]
fn many_users_take_more_pages_and_more_than_a_hundred_are_counted() {
    for (quantity, pages_expected) in [(1, 1), (100, 3), (5000, 3)] {
        let sheet = additions(quantity, "Acme");
        let pages = pages(&sheet);
        assert_eq!(pages.len(), pages_expected);
        let file = pdf::file(&sheet);
        assert_eq!(objects(&file), 5 + 2 * pages_expected);
        assert_eq!(file, pdf::file(&sheet), "the same bytes");
        assert_eq!(sheet.users.len(), NAMES_MAX.min(quantity as usize));
        let more = (quantity == 5000).then(|| "and 4900 more".to_owned());
        assert_eq!(sheet.more, more);
        assert_eq!(html::page(&sheet).contains("and 4900 more"), more.is_some());
        for mark in pages.iter().flatten() {
            let (Mark::Text { y, .. } | Mark::Rule { y }) = mark;
            assert!((40.0..802.0).contains(y), "{mark:?}");
        }
    }
}

// RULE: BI-15
#[test]
fn the_longest_names_stay_within_the_page() {
    let mut sheet = additions(100, &"W".repeat(100));
    sheet.users.fill(format!("{} {}", "W".repeat(100), "M ".repeat(50)));
    for mark in pages(&sheet).iter().flatten() {
        if let Mark::Text { x, y, size, letters, .. } = mark {
            let end = x + crate::letters::width(letters, *size);
            assert!(*x >= 56.0 && end <= 539.1 && *y >= 40.0, "{mark:?}");
        }
    }
    assert!(objects(&pdf::file(&sheet)) > 20);
}
