//! Sheets that are read again.

use std::collections::BTreeSet;

use domain::{Instant, Role, Status, UserId};
use schemars::SchemaGenerator;
use serde_json::Value;
use sheets::{Row, sheet};

use crate::events::EventRow;
use crate::invoices::LineRow;
use crate::reviews::FindingRow;
use crate::users::UserRow;

fn user(first_name: &str, last_name: &str) -> UserRow {
    UserRow {
        id: UserId::from_bits(1),
        email: "ann@acme.test".into(),
        first_name: first_name.into(),
        last_name: last_name.into(),
        role: Role::Monitor,
        status: Status::Active,
        mfa_enabled: true,
        invited_at: Instant::default(),
        accepted_at: None,
        last_login_at: None,
        suspended_at: None,
        access_asked_at: None,
        access_is_needed: None,
    }
}

fn read(sheet: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(sheet.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

// RULE: AU-06
#[test]
fn what_would_be_worked_out_is_a_text_and_everything_else_is_read_as_it_was() {
    let hostile = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "－1", "＋1", "＠1"];
    for name in hostile {
        let lines = read(&sheet(&[user(name, "Lee")]).unwrap());
        assert_eq!(lines[1][2], format!("'{name}"));
    }
    for name in
        ["Ann", "O'Neil", "a;=1+1", "a,=1+1", "say \"=1\"", "two\r\nlines", "Größe 東京", " =1", "1-1", ""]
    {
        let lines = read(&sheet(&[user("Ann", name)]).unwrap());
        assert_eq!(lines[1][3], name);
    }
}

// RULE: AU-06
#[test]
fn lines_end_and_texts_are_quoted_as_the_standard_says() {
    let sheet = sheet(&[user("Ann", "a;\"b")]).unwrap();
    let lines: Vec<&str> = sheet.split("\r\n").collect();
    assert_eq!((lines.len(), lines[2]), (3, ""), "each line ends, the last one too");
    assert!(lines[0].starts_with("\"id\",\"email\","), "{sheet}");
    assert!(lines[1].contains(",\"a;\"\"b\",\"monitor\",\"active\",\"true\","), "{sheet}");
}

fn columns_are_members<R: Row>() {
    let schema = SchemaGenerator::default().into_root_schema_for::<R>();
    let members = schema.get("properties").and_then(Value::as_object).unwrap();
    let columns: BTreeSet<&str> = R::COLUMNS.iter().copied().collect();
    assert_eq!(columns, members.keys().map(String::as_str).collect());
    assert_eq!(columns.len(), R::COLUMNS.len());
}

// RULE: AU-06
#[test]
fn a_sheet_has_a_column_for_each_member() {
    columns_are_members::<UserRow>();
    columns_are_members::<EventRow>();
    columns_are_members::<LineRow>();
    columns_are_members::<FindingRow>();
}
