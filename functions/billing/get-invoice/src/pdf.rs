//! An invoice as a document. The same invoice is the same bytes: it names no instant and nothing is drawn by lot. Its font is
//! one that every reader has, so none is in it. RULE: BI-15

use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

use crate::layout::{HEIGHT, LEFT, Mark, RIGHT, WIDTH, pages};
use crate::sheet::{SELLER, Sheet};

const CATALOG: Ref = Ref::new(1);
const INFO: Ref = Ref::new(2);
const PAGES: Ref = Ref::new(3);
const FONTS: [(Ref, &[u8], &[u8]); 2] =
    [(Ref::new(4), b"Regular", b"Helvetica"), (Ref::new(5), b"Bold", b"Helvetica-Bold")];
/// Behind those above, a page and its content by turns.
const FIRST_PAGE: i32 = 6;
const GRAY: f32 = 0.6;

/// The whole file.
pub(crate) fn file(sheet: &Sheet) -> Vec<u8> {
    let mut pdf = Pdf::new();
    let mut catalog = pdf.catalog(CATALOG);
    catalog.pages(PAGES).lang(TextStr("en"));
    catalog.viewer_preferences().display_doc_title(true);
    catalog.finish();
    let title = format!("{} - {}", sheet.title, sheet.account_name);
    pdf.document_info(INFO).title(TextStr(&title)).author(TextStr(SELLER));
    for (font, _, family) in FONTS {
        pdf.type1_font(font).base_font(Name(family)).encoding_predefined(Name(b"WinAnsiEncoding"));
    }
    let mut kids = Vec::new();
    for (page_id, marks) in (FIRST_PAGE..).step_by(2).zip(pages(sheet)) {
        let (page_id, content_id) = (Ref::new(page_id), Ref::new(page_id + 1));
        let mut page = pdf.page(page_id);
        page.media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT)).parent(PAGES).contents(content_id);
        let mut resources = page.resources();
        let mut fonts = resources.fonts();
        for (font, name, _) in FONTS {
            fonts.pair(Name(name), font);
        }
        fonts.finish();
        resources.finish();
        page.finish();
        pdf.stream(content_id, &content(&marks));
        kids.push(page_id);
    }
    let count = i32::try_from(kids.len()).unwrap_or(i32::MAX);
    pdf.pages(PAGES).kids(kids).count(count);
    pdf.finish()
}

fn content(marks: &[Mark]) -> Vec<u8> {
    let mut content = Content::new();
    content.set_stroke_gray(GRAY).set_line_width(0.5);
    for mark in marks {
        match mark {
            Mark::Text { x, y, size, is_bold, letters } => {
                let [(_, regular, _), (_, bold, _)] = FONTS;
                content.begin_text().set_font(Name(if *is_bold { bold } else { regular }), *size);
                content.next_line(*x, *y).show(Str(letters)).end_text();
            }
            Mark::Rule { y } => {
                content.move_to(LEFT, *y).line_to(RIGHT, *y).stroke();
            }
        }
    }
    content.finish().into_vec()
}
