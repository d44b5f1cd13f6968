//! A mail as text and as HTML from the same words. What people typed is escaped, and nothing in it that
//! looks like a URL is one a mail reader would make clickable. RULE: IN-19

use domain::{Text, User};

use crate::html;

/// What leads to where mails are chosen.
pub(crate) const CHOICE: &str = "Choose which of these mails you get";

/// A mail to one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

/// What is to be said, to whomever.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub(crate) subject: String,
    /// What a list of mails shows beside the subject.
    pub(crate) preview: String,
    pub(crate) blocks: Vec<Block>,
    /// Why the recipient gets it.
    pub(crate) because: String,
    /// Where they choose not to, if they can.
    pub(crate) choice_url: Option<String>,
}

/// A part of a letter.
#[derive(Clone, Debug)]
pub(crate) enum Block {
    Paragraph(String),
    /// Somebody's own words, line by line.
    Quote(Vec<String>),
    /// Names and what they stand for.
    List(Vec<(String, String)>),
    /// Columns, and a row for each of some.
    Table {
        columns: Vec<String>,
        rows: Vec<Vec<String>>,
    },
    Button {
        label: String,
        url: String,
    },
}

impl Letter {
    /// The subject, which is the heading as well, holds no line break, whatever was put into it. The first paragraph is
    /// what a list of mails shows.
    pub(crate) fn new(subject: &str, first: &str) -> Self {
        let subject = subject.chars().filter(|c| !c.is_control()).collect();
        let blocks = vec![Block::Paragraph(first.into())];
        Self { subject, preview: first.into(), blocks, because: String::new(), choice_url: None }
    }

    pub(crate) fn paragraph(self, words: &str) -> Self {
        self.with(Block::Paragraph(words.into()))
    }

    /// Somebody's own words, if there are any.
    pub(crate) fn quote(self, words: Option<&str>) -> Self {
        match words {
            Some(words) => self.with(Block::Quote(words.lines().map(unlinked).collect())),
            None => self,
        }
    }

    pub(crate) fn list(self, rows: Vec<(String, String)>) -> Self {
        if rows.is_empty() { self } else { self.with(Block::List(rows)) }
    }

    pub(crate) fn table(self, columns: &[&str], rows: Vec<Vec<String>>) -> Self {
        let columns = columns.iter().map(|column| (*column).to_owned()).collect();
        if rows.is_empty() { self } else { self.with(Block::Table { columns, rows }) }
    }

    pub(crate) fn button(self, label: &str, url: &str) -> Self {
        self.with(Block::Button { label: label.into(), url: url.into() })
    }

    pub(crate) fn because(mut self, words: &str) -> Self {
        self.because = words.into();
        self
    }

    pub(crate) fn choice(self, url: String) -> Self {
        Self { choice_url: Some(url), ..self }
    }

    fn with(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }

    /// The mail to this person.
    pub(crate) fn to(&self, user: &User) -> Mail {
        let greeting = format!("Hello {},", unlinked(user.first_name.as_str()));
        Mail {
            to: user.email.spelling().into(),
            subject: self.subject.clone(),
            text: self.text(&greeting),
            html: html::page(self, &greeting),
        }
    }

    fn text(&self, greeting: &str) -> String {
        let mut text = format!("{greeting}\n\n");
        for block in &self.blocks {
            match block {
                Block::Paragraph(words) => text += &format!("{words}\n"),
                Block::Quote(lines) => {
                    for line in lines {
                        text += &format!("> {line}\n");
                    }
                }
                Block::List(rows) => {
                    for (name, value) in rows {
                        text += &format!("- {name}: {value}\n");
                    }
                }
                Block::Table { columns, rows } => {
                    for row in std::iter::once(columns).chain(rows) {
                        text += &format!("{}\n", row.join(" | "));
                    }
                }
                Block::Button { label, url } => text += &format!("{label}:\n{url}\n"),
            }
            text.push('\n');
        }
        // What mail readers take for the beginning of a signature.
        text += &format!("-- \n{}\n", self.because);
        match &self.choice_url {
            Some(url) => text + &format!("{CHOICE}:\n{url}\n"),
            None => text,
        }
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
