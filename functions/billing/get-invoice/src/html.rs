//! An invoice as a page: one column, nothing that is fetched from elsewhere, nothing that runs. On a narrow screen each
//! line of the table is a block of its own; on paper there are no grounds and no shadows. RULE: BI-15

use html_escape::{encode_double_quoted_attribute, encode_text};

use crate::sheet::{COLUMNS, Sheet, TOTAL};

const STYLE: &str = "\
:root { color-scheme: light dark; --text: #1c2430; --quiet: #55606f; --page: #eef1f5; --card: #ffffff; --rule: #c9d0d9; }
@media (prefers-color-scheme: dark) {
:root { --text: #e6e9ee; --quiet: #a9b3c0; --page: #12161c; --card: #1c222b; --rule: #3c4654; }
}
body { margin: 0; padding: 2rem 0.75rem; color: var(--text); background: var(--page); line-height: 1.5;
  font-family: -apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif; overflow-wrap: anywhere; }
main { max-width: 44rem; margin: 0 auto; padding: 2rem; border-radius: 8px; background: var(--card); box-sizing: border-box; }
h1 { margin: 0 0 1.5rem; font-size: 1.6rem; line-height: 1.3; }
h2 { margin: 2rem 0 0.5rem; font-size: 1.1rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 1.5rem; margin: 0 0 2rem; }
dt, th, .more { color: var(--quiet); }
dd { margin: 0; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.5rem 0 0.5rem 1rem; text-align: right; border-bottom: 1px solid var(--rule); white-space: nowrap; }
th { font-weight: 600; }
th:first-child, td:first-child { padding-left: 0; text-align: left; white-space: normal; }
tfoot th, tfoot td { color: var(--text); font-weight: 700; border-bottom: 0; }
ol { margin: 0; padding-left: 2.5rem; }
.more { margin: 0.5rem 0 0; }
@media screen and (max-width: 36rem) {
body { padding: 0; }
main { padding: 1.25rem; border-radius: 0; }
thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
table, tbody, tfoot { display: block; }
tbody tr { display: block; padding: 0.5rem 0; border-bottom: 1px solid var(--rule); }
tbody td, tfoot tr { display: flex; justify-content: space-between; gap: 1rem; }
tbody td { padding: 0.1rem 0; border: 0; }
tbody td:not(:first-child)::before { content: attr(data-column); color: var(--quiet); }
tbody td:first-child { font-weight: 600; }
}
@media print {
:root { color-scheme: light; --text: #000000; --quiet: #444444; --page: #ffffff; --card: #ffffff; --rule: #999999; }
body, main { padding: 0; max-width: none; }
tr, li { break-inside: avoid; }
h2 { break-after: avoid; }
}
";

/// The whole page.
pub(crate) fn page(sheet: &Sheet) -> String {
    let facts: String = sheet.facts.iter().map(fact).collect();
    let head = COLUMNS.map(|column| format!("<th scope=\"col\">{column}</th>")).concat();
    let rows: String = sheet.rows.iter().map(row).collect();
    format!(
        "<!doctype html>
<html lang=\"en\" dir=\"ltr\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<meta name=\"color-scheme\" content=\"light dark\">
<title>{title} - {account}</title>
<style>
{STYLE}</style>
</head>
<body>
<main>
<h1>{title}</h1>
<dl>
{facts}</dl>
<table>
<thead>
<tr>{head}</tr>
</thead>
<tbody>
{rows}</tbody>
<tfoot>
<tr><th scope=\"row\" colspan=\"4\">{TOTAL}</th><td>{total}</td></tr>
</tfoot>
</table>
{users}</main>
</body>
</html>
",
        title = encode_text(&sheet.title),
        account = encode_text(&sheet.account_name),
        total = encode_text(&sheet.total),
        users = users(sheet),
    )
}

fn fact((name, value): &(&str, String)) -> String {
    format!("<dt>{}</dt><dd dir=\"auto\">{}</dd>\n", encode_text(name), encode_text(value))
}

fn row(cells: &[String; 5]) -> String {
    let cell = |(column, text): (&&str, &String)| {
        format!("<td data-column=\"{}\">{}</td>", encode_double_quoted_attribute(column), encode_text(text))
    };
    let cells: String = COLUMNS.iter().zip(cells).map(cell).collect();
    format!("<tr>{cells}</tr>\n")
}

fn users(sheet: &Sheet) -> String {
    if sheet.users.is_empty() {
        return String::new();
    }
    let name = |name: &String| format!("<li dir=\"auto\">{}</li>\n", encode_text(name));
    let names: String = sheet.users.iter().map(name).collect();
    let more = sheet.more.iter().map(|more| format!("<p class=\"more\">{}</p>\n", encode_text(more)));
    format!("<h2>{}</h2>\n<ol>\n{names}</ol>\n{}", sheet.whose, more.collect::<String>())
}
