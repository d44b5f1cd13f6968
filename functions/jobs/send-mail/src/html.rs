//! The one layout of all mails as HTML: one column, one heading, a real link for a button; no image, nothing that is
//! fetched from elsewhere, nothing that tells who read it. Tables are for looks and say so, since some mail readers
//! know no other way to set a column; one that holds figures has heads to its columns. Colours come in pairs, for readers that follow the system's dark mode.

use html_escape::{encode_double_quoted_attribute, encode_text};

use crate::letter::{Block, CHOICE, Letter};

const FONT: &str =
    "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

/// What is painted with what, by light and by dark.
#[derive(Clone, Copy)]
pub(crate) struct Paint {
    class: &'static str,
    pub(crate) light: [&'static str; 2],
    pub(crate) dark: [&'static str; 2],
}

/// Text and ground of each part. The tests hold each pair to a contrast of 4.5 to 1.
pub(crate) const PAINTS: [Paint; 5] = [PAGE, CARD, QUIET, QUOTE, BUTTON];
const PAGE: Paint = Paint { class: "page", light: ["#1c2430", "#eef1f5"], dark: ["#e6e9ee", "#12161c"] };
const CARD: Paint = Paint { class: "card", light: ["#1c2430", "#ffffff"], dark: ["#e6e9ee", "#1c222b"] };
const QUIET: Paint = Paint { class: "quiet", light: ["#55606f", "#eef1f5"], dark: ["#a9b3c0", "#12161c"] };
const QUOTE: Paint = Paint { class: "quote", light: ["#364152", "#f5f7fa"], dark: ["#cfd5de", "#252c37"] };
const BUTTON: Paint = Paint { class: "button", light: ["#ffffff", "#1f5bb5"], dark: ["#ffffff", "#2b66bf"] };

impl Paint {
    fn style(self) -> String {
        let [text, ground] = self.light;
        format!("color:{text};background-color:{ground}")
    }

    fn dark_rule(self) -> String {
        let (class, [text, ground]) = (self.class, self.dark);
        format!(".{class} {{ color: {text} !important; background-color: {ground} !important; }}\n")
    }
}

/// The whole document.
pub(crate) fn page(letter: &Letter, greeting: &str) -> String {
    let subject = encode_text(&letter.subject);
    let dark: String = PAINTS.map(Paint::dark_rule).concat();
    let blocks: String = letter.blocks.iter().map(block).collect();
    format!(
        "<!doctype html>
<html lang=\"en\" dir=\"ltr\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<meta name=\"color-scheme\" content=\"light dark\">
<meta name=\"supported-color-schemes\" content=\"light dark\">
<title>{subject}</title>
<style>
:root {{ color-scheme: light dark; supported-color-schemes: light dark; }}
@media (prefers-color-scheme: dark) {{
{dark}}}
</style>
</head>
<body class=\"page\" style=\"margin:0;padding:0;{page}\">
<div style=\"display:none;max-height:0;overflow:hidden\">{preview}</div>
<table role=\"presentation\" class=\"page\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" style=\"{page}\">
<tr><td align=\"center\" style=\"padding:32px 12px\">
<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" style=\"max-width:560px\">
<tr><td class=\"card\" align=\"left\" style=\"padding:32px 32px 16px;border-radius:8px;word-break:break-word;overflow-wrap:anywhere;{FONT};font-size:16px;line-height:1.5;{card}\">
<h1 style=\"margin:0 0 24px;font-size:22px;line-height:1.3\">{subject}</h1>
<p style=\"margin:0 0 16px\">{greeting}</p>
{blocks}</td></tr>
<tr><td class=\"quiet\" align=\"left\" style=\"padding:16px 32px;{FONT};font-size:13px;line-height:1.5;{quiet}\">
<p style=\"margin:0\">{because}{choice}</p>
</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
",
        page = PAGE.style(),
        card = CARD.style(),
        quiet = QUIET.style(),
        preview = encode_text(&letter.preview),
        greeting = encode_text(greeting),
        because = encode_text(&letter.because),
        choice = letter.choice_url.as_deref().map(choice).unwrap_or_default(),
    )
}

fn choice(url: &str) -> String {
    let (url, style) = (encode_double_quoted_attribute(url), QUIET.style());
    format!(" <a class=\"quiet\" href=\"{url}\" style=\"{style}\">{CHOICE}</a>")
}

fn block(block: &Block) -> String {
    match block {
        Block::Paragraph(words) => format!("<p style=\"margin:0 0 16px\">{}</p>\n", encode_text(words)),
        Block::Quote(lines) => {
            let lines: Vec<_> = lines.iter().map(|line| encode_text(line)).collect();
            let (style, lines) = (QUOTE.style(), lines.join("<br>"));
            format!(
                "<blockquote class=\"quote\" style=\"margin:0 0 16px;padding:12px 16px;border-left:4px solid #8a97a8;{style}\">{lines}</blockquote>\n"
            )
        }
        Block::List(rows) => {
            let row = |(name, value): &(String, String)| {
                format!("<li><strong>{}</strong>: {}</li>\n", encode_text(name), encode_text(value))
            };
            let rows: String = rows.iter().map(row).collect();
            format!("<ul style=\"margin:0 0 16px;padding-left:20px\">\n{rows}</ul>\n")
        }
        Block::Table { columns, rows } => table(columns, rows),
        Block::Button { label, url } => {
            let (url, label) = (encode_double_quoted_attribute(url), encode_text(label));
            let style = BUTTON.style();
            format!(
                "<p style=\"margin:24px 0\"><a class=\"button\" href=\"{url}\" style=\"display:inline-block;padding:12px 24px;border:1px solid #8fb4ea;border-radius:6px;font-weight:600;text-decoration:none;{style}\">{label}</a></p>\n"
            )
        }
    }
}

fn table(columns: &[String], rows: &[Vec<String>]) -> String {
    let cells = |tag: &str, cells: &[String]| -> String {
        let name = tag.split(' ').next().unwrap_or(tag);
        let cell = |words: &String| {
            let words = encode_text(words);
            format!(
                "<{tag} align=\"left\" style=\"padding:6px 12px 6px 0;border-bottom:1px solid #8a97a8\">{words}</{name}>"
            )
        };
        cells.iter().map(cell).collect()
    };
    let heads = cells("th scope=\"col\"", columns);
    let row = |row: &Vec<String>| format!("<tr>{}</tr>\n", cells("td", row));
    let rows: String = rows.iter().map(row).collect();
    format!(
        "<table class=\"figures\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" style=\"margin:0 0 16px;border-collapse:collapse;font-size:14px\">\n<tr>{heads}</tr>\n{rows}</table>\n"
    )
}
