//! A mail as text and as HTML from the same words. What people typed is escaped, and nothing in it that
//! looks like a URL is one a mail reader would make clickable. RULE: IN-19

use html_escape::{encode_double_quoted_attribute, encode_text};

/// A mail to one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

/// A mail in the making.
pub(crate) struct Letter {
    to: String,
    subject: String,
    text: String,
    html: String,
}

impl Letter {
    /// The subject holds no line break, whatever was put into it.
    pub(crate) fn new(to: &str, subject: &str) -> Self {
        let subject = subject.chars().filter(|c| !c.is_control()).collect();
        Self { to: to.into(), subject, text: String::new(), html: String::new() }
    }

    pub(crate) fn paragraph(mut self, words: &str) -> Self {
        self.text += &format!("{words}\n\n");
        self.html += &format!("<p>{}</p>\n", encode_text(words));
        self
    }

    /// Somebody's own words, set apart, line by line.
    pub(crate) fn quote(mut self, words: &str) -> Self {
        for line in words.lines() {
            self.text += &format!("> {line}\n");
        }
        self.text.push('\n');
        let lines: Vec<String> = words.lines().map(|line| encode_text(line).into_owned()).collect();
        self.html += &format!("<blockquote>{}</blockquote>\n", lines.join("<br>"));
        self
    }

    pub(crate) fn link(mut self, label: &str, url: &str) -> Self {
        self.text += &format!("{label}:\n{url}\n\n");
        let (url, label) = (encode_double_quoted_attribute(url), encode_text(label));
        self.html += &format!("<p><a href=\"{url}\">{label}</a></p>\n");
        self
    }

    pub(crate) fn finish(self) -> Mail {
        let html = format!("<!doctype html>\n<html lang=\"en\"><body>\n{}</body></html>\n", self.html);
        Mail { to: self.to, subject: self.subject, text: self.text.trim_end().to_owned() + "\n", html }
    }
}

/// Puts an invisible word joiner behind whatever a mail reader takes a URL or an address by.
pub(crate) fn unlinked(words: &str) -> String {
    let mut unlinked = String::with_capacity(words.len());
    for c in words.chars() {
        unlinked.push(c);
        if matches!(c, '.' | ':' | '/' | '@' | '\u{2024}' | '\u{3002}' | '\u{FF0E}' | '\u{FF61}') {
            unlinked.push('\u{2060}');
        }
    }
    unlinked
}
