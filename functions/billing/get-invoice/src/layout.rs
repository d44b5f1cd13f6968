//! An invoice on pages of paper: what stands where, in points from the lower left corner. RULE: BI-15

use crate::letters::{encode, is_known, width, wrap};
use crate::sheet::{COLUMNS, Sheet, TOTAL};

/// A4.
pub(crate) const WIDTH: f32 = 595.0;
pub(crate) const HEIGHT: f32 = 842.0;
pub(crate) const LEFT: f32 = 56.0;
pub(crate) const RIGHT: f32 = WIDTH - LEFT;
const TOP: f32 = HEIGHT - 64.0;
const BOTTOM: f32 = 72.0;
const FOOT: f32 = 40.0;
/// Where a fact's value begins.
const VALUE: f32 = LEFT + 72.0;
/// Where names begin, and the numbers before them end.
const NAME: f32 = LEFT + 28.0;
/// Where the columns end that hold numbers.
const ENDS: [f32; 4] = [LEFT + 250.0, LEFT + 330.0, LEFT + 400.0, RIGHT];

const TITLE: f32 = 20.0;
const TEXT: f32 = 10.0;
const SMALL: f32 = 8.0;
/// From one line to the next.
const LEADING: f32 = 15.0;

const UNKNOWN_LETTERS: &str =
    "A question mark may stand for a letter that this document cannot show; the page and the data show all.";

/// Something on a page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Mark {
    Text { x: f32, y: f32, size: f32, is_bold: bool, letters: Vec<u8> },
    Rule { y: f32 },
}

/// The pages of an invoice.
pub(crate) fn pages(sheet: &Sheet) -> Vec<Vec<Mark>> {
    let mut paper = Paper { pages: vec![Vec::new()], y: TOP };
    paper.put(LEFT, TITLE, true, encode(&sheet.title));
    paper.y -= 2.0 * LEADING;
    for (name, value) in &sheet.facts {
        paper.put(LEFT, TEXT, false, encode(name));
        paper.lines(VALUE, RIGHT, &encode(value));
    }
    paper.y -= LEADING;
    paper.lines_of(sheet);
    paper.users(sheet);
    let mut words = sheet.users.iter().chain([&sheet.account_name]);
    if !words.all(|words| is_known(words)) {
        paper.y -= LEADING;
        paper.lines(LEFT, RIGHT, &encode(UNKNOWN_LETTERS));
    }
    paper.finish(&sheet.title)
}

/// What is written on, from the top of the first page on.
struct Paper {
    pages: Vec<Vec<Mark>>,
    y: f32,
}

impl Paper {
    fn mark(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    /// A new page, where this much does not fit on this one.
    fn room(&mut self, height: f32) {
        if self.y - height < BOTTOM {
            self.pages.push(Vec::new());
            self.y = TOP;
        }
    }

    fn put(&mut self, x: f32, size: f32, is_bold: bool, letters: Vec<u8>) {
        self.mark(Mark::Text { x, y: self.y, size, is_bold, letters });
    }

    fn put_ending(&mut self, end: f32, is_bold: bool, letters: Vec<u8>) {
        self.put(end - width(&letters, TEXT), TEXT, is_bold, letters);
    }

    /// Line by line, and on to what comes below.
    fn lines(&mut self, from: f32, to: f32, letters: &[u8]) {
        for line in wrap(letters, TEXT, to - from) {
            self.room(0.0);
            self.put(from, TEXT, false, line);
            self.y -= LEADING;
        }
    }

    fn rule(&mut self) {
        self.mark(Mark::Rule { y: self.y + LEADING - 4.0 });
        self.y -= 4.0;
    }

    fn row(&mut self, cells: &[impl AsRef<str>; 5]) {
        let [what, numbers @ ..] = cells;
        self.room(LEADING);
        self.put(LEFT, TEXT, false, encode(what.as_ref()));
        for (end, number) in ENDS.into_iter().zip(numbers) {
            self.put_ending(end, false, encode(number.as_ref()));
        }
        self.y -= LEADING;
    }

    fn lines_of(&mut self, sheet: &Sheet) {
        self.row(&COLUMNS);
        self.rule();
        for cells in &sheet.rows {
            self.row(cells);
        }
        self.rule();
        self.room(LEADING);
        self.put(LEFT, TEXT, true, encode(TOTAL));
        self.put_ending(RIGHT, true, encode(&sheet.total));
        self.y -= LEADING;
    }

    /// A heading is never the last on a page.
    fn users(&mut self, sheet: &Sheet) {
        if sheet.users.is_empty() {
            return;
        }
        self.y -= LEADING;
        self.room(2.0 * LEADING);
        self.put(LEFT, TEXT, true, encode(sheet.whose));
        self.y -= LEADING + 3.0;
        for (n, name) in sheet.users.iter().enumerate() {
            self.room(0.0);
            self.put_ending(NAME - 8.0, false, encode(&format!("{}.", n + 1)));
            self.lines(NAME, RIGHT, &encode(name));
        }
        if let Some(more) = &sheet.more {
            self.lines(NAME, RIGHT, &encode(more));
        }
    }

    /// At the foot of each page stands which it is.
    fn finish(mut self, title: &str) -> Vec<Vec<Mark>> {
        let count = self.pages.len();
        for (n, page) in self.pages.iter_mut().enumerate() {
            let letters = encode(&format!("{title}, page {} of {count}", n + 1));
            page.push(Mark::Text { x: LEFT, y: FOOT, size: SMALL, is_bold: false, letters });
        }
        self.pages
    }
}
