//! Words in the letters of Helvetica, which every reader of documents has: what is none of them, and how wide they are.

/// What stands for a letter that there is not.
const UNKNOWN: u8 = b'?';
const FIRST: u8 = b' ';

/// Letters of `WinAnsiEncoding` (ISO 32000-1, annex D.2) that do not stand where Unicode has them.
const MOVED: [(char, u8); 27] = [
    ('\u{20AC}', 0x80),
    ('\u{201A}', 0x82),
    ('\u{192}', 0x83),
    ('\u{201E}', 0x84),
    ('\u{2026}', 0x85),
    ('\u{2020}', 0x86),
    ('\u{2021}', 0x87),
    ('\u{2C6}', 0x88),
    ('\u{2030}', 0x89),
    ('\u{160}', 0x8A),
    ('\u{2039}', 0x8B),
    ('\u{152}', 0x8C),
    ('\u{17D}', 0x8E),
    ('\u{2018}', 0x91),
    ('\u{2019}', 0x92),
    ('\u{201C}', 0x93),
    ('\u{201D}', 0x94),
    ('\u{2022}', 0x95),
    ('\u{2013}', 0x96),
    ('\u{2014}', 0x97),
    ('\u{2DC}', 0x98),
    ('\u{2122}', 0x99),
    ('\u{161}', 0x9A),
    ('\u{203A}', 0x9B),
    ('\u{153}', 0x9C),
    ('\u{17E}', 0x9E),
    ('\u{178}', 0x9F),
];

/// How wide each letter of that encoding is from the space on, in thousandths of the font's size: Adobe's metrics of Helvetica.
/// Digits, and what else is part of an amount, are as wide when bold.
const WIDTHS: [u16; 224] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
    500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
    556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
    278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584, 350, 556, 350, 222, 556, 333, 1000, 556, 556, 333,
    1000, 667, 333, 1000, 350, 611, 350, 350, 222, 222, 333, 333, 350, 556, 1000, 333, 1000, 500, 333, 944,
    350, 500, 667, 278, 333, 556, 556, 556, 556, 260, 556, 333, 737, 370, 556, 584, 333, 737, 333, 400, 584,
    333, 333, 333, 556, 537, 278, 333, 333, 365, 556, 834, 834, 834, 611, 667, 667, 667, 667, 667, 667, 1000,
    722, 667, 667, 667, 667, 278, 278, 278, 278, 722, 722, 778, 778, 778, 778, 778, 584, 778, 722, 722, 722,
    722, 667, 667, 611, 556, 556, 556, 556, 556, 556, 889, 500, 556, 556, 556, 556, 278, 278, 278, 278, 556,
    556, 556, 556, 556, 556, 556, 584, 611, 556, 556, 556, 556, 500, 556, 500,
];

/// Words as the document has them, a byte a letter.
pub(crate) fn encode(words: &str) -> Vec<u8> {
    words.chars().map(|letter| known(letter).unwrap_or(UNKNOWN)).collect()
}

/// Whether there is a letter for each.
pub(crate) fn is_known(words: &str) -> bool {
    words.chars().all(|letter| known(letter).is_some())
}

fn known(letter: char) -> Option<u8> {
    match letter {
        ' '..='~' | '\u{A0}'..='\u{FF}' => u8::try_from(u32::from(letter)).ok(),
        _ => MOVED.iter().find(|(moved, _)| *moved == letter).map(|(_, byte)| *byte),
    }
}

/// How wide it is at this size.
pub(crate) fn width(text: &[u8], size: f32) -> f32 {
    text.iter().map(|byte| letter_width(*byte)).sum::<f32>() * size / 1000.0
}

fn letter_width(byte: u8) -> f32 {
    byte.checked_sub(FIRST).and_then(|at| WIDTHS.get(usize::from(at))).map_or(0.0, |width| f32::from(*width))
}

/// Lines that are no wider than this: broken at spaces, and within a word that is wider than a line.
pub(crate) fn wrap(text: &[u8], size: f32, width_max: f32) -> Vec<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = vec![Vec::new()];
    for word in text.split(|byte| *byte == b' ') {
        let mut rest = word;
        while let Some(line) = lines.last_mut() {
            let begun = line.len();
            if begun > 0 {
                line.push(b' ');
            }
            line.extend_from_slice(rest);
            if width(line, size) <= width_max {
                break;
            }
            line.truncate(begun);
            if begun > 0 {
                lines.push(Vec::new());
                continue;
            }
            let fits = (1..rest.len()).take_while(|end| width(&rest[..*end], size) <= width_max).last();
            let (head, tail) = rest.split_at(fits.unwrap_or(1).min(rest.len()));
            *line = head.to_vec();
            if tail.is_empty() {
                break;
            }
            lines.push(Vec::new());
            rest = tail;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    // RULE: BI-15
    #[test]
    fn a_letter_that_there_is_not_is_a_question_mark() {
        assert_eq!(encode("Zo\u{eb} \u{20ac}5 \u{201c}a\u{201d}"), b"Zo\xEB \x805 \x93a\x94");
        assert_eq!(encode("\u{141}ukasz \u{674e}\u{1F600} a\u{200d}\n\u{81}"), b"?ukasz ?? a???");
        assert!(is_known("Zo\u{eb} \u{2122}") && !is_known("\u{141}ukasz"));
    }

    // RULE: BI-15
    #[test]
    fn lines_are_broken_at_spaces_and_within_what_is_too_long() {
        let wrapped = |text: &str, width_max| {
            let lines = wrap(text.as_bytes(), 10.0, width_max).into_iter();
            lines.map(|line| String::from_utf8(line).unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(wrapped("aaaa bbbb cc", 40.0), ["aaaa", "bbbb cc"]);
        assert_eq!(wrapped("x aaaaaaaaaaa y", 25.0), ["x", "aaaa", "aaaa", "aaa y"]);
        assert_eq!(wrapped("", 40.0), [""]);
        assert_eq!(wrapped("ab", 0.0), ["a", "b"]);
        for line in wrap("W i ".repeat(100).as_bytes(), 10.0, 99.0) {
            assert!(width(&line, 10.0) <= 99.0);
        }
    }
}
