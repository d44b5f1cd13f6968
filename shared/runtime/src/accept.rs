//! Which form of a reply a caller would rather have, by the `Accept` header (RFC 9110, 12.5.1). RULE: RC-06, BI-15

use domain::Format;

/// Quality in thousandths.
const WHOLE: u16 = 1000;
const JSON: &str = "application/json";

/// The form that the caller would rather have than JSON, which is what everybody gets who does not say so. Of forms that
/// are as good to them it is the first.
pub(crate) fn preferred(accept: Option<&str>, formats: &[Format]) -> Option<Format> {
    let accept = accept?;
    let (mut best, mut highest) = (None, quality(accept, JSON));
    for format in formats {
        let quality = quality(accept, format.media_type());
        if quality > highest {
            (best, highest) = (Some(*format), quality);
        }
    }
    best
}

/// The quality of a media type: what the range that fits it closest says.
fn quality(accept: &str, media_type: &str) -> u16 {
    let wanted = media_type.split(';').next().and_then(|names| names.split_once('/')).unwrap_or_default();
    let ranges = split(accept, ',').filter_map(|range| fit(range, wanted));
    ranges.max().map_or(0, |(_, quality)| quality)
}

/// How closely a range fits a media type, and the quality it gives it; none where it does not fit or cannot be read.
fn fit(range: &str, (kind, subtype): (&str, &str)) -> Option<(u8, u16)> {
    let mut parts = split(range, ';').map(str::trim);
    let (range_kind, range_subtype) = parts.next()?.split_once('/')?;
    let mut closeness = match (range_kind, range_subtype) {
        ("*", "*") => 0,
        (range_kind, "*") if range_kind.eq_ignore_ascii_case(kind) => 1,
        _ if range_kind.eq_ignore_ascii_case(kind) && range_subtype.eq_ignore_ascii_case(subtype) => 2,
        _ => return None,
    };
    let mut quality = WHOLE;
    for parameter in parts.filter(|parameter| !parameter.is_empty()) {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"');
        if name.trim().eq_ignore_ascii_case("q") {
            quality = thousandths(value)?;
        } else if name.trim().eq_ignore_ascii_case("charset") && value.eq_ignore_ascii_case("utf-8") {
            closeness = 3;
        } else {
            return None;
        }
    }
    Some((closeness, quality))
}

/// `0` to `1` with at most three digits behind the point.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    if !["0", "1"].contains(&whole) || rest.len() > 3 || !rest.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let quality = format!("{whole}{rest:0<3}").parse().ok()?;
    (quality <= WHOLE).then_some(quality)
}

/// The parts between separators that do not stand within quotation marks.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    text.split(move |letter: char| {
        let was_escaped = is_escaped;
        is_escaped = is_quoted && !was_escaped && letter == '\\';
        is_quoted ^= letter == '"' && !was_escaped;
        letter == separator && !is_quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefers_text(accept: Option<&str>) -> bool {
        preferred(accept, &[Format::Text]).is_some()
    }

    // RULE: BI-15
    #[test]
    fn of_several_forms_the_best_is_had_json_where_it_is_as_good_and_else_the_first() {
        let (html, pdf) = (Some(Format::Html), Some(Format::Pdf));
        for (accept, form) in [
            ("text/html", html),
            ("application/pdf", pdf),
            ("application/json", None),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", html),
            ("text/html;q=0.8, application/pdf;q=0.9", pdf),
            ("text/html;q=0.9, application/pdf;q=0.8, application/json;q=0.7", html),
            ("application/pdf, text/html", html),
            ("application/pdf;q=0.3, text/html;q=0.3, application/json;q=0.2", html),
            ("application/pdf, application/json", None),
            ("application/pdf;q=0.5, text/html;q=0.5, application/json;q=0.5", None),
            ("application/*", None),
            ("application/*, application/json;q=0.9", pdf),
            ("text/*", html),
            ("text/*;q=0.5, application/pdf;q=0.501", pdf),
            ("*/*", None),
            ("*/*, application/json;q=0", html),
            ("*/*, application/json;q=0, text/html;q=0", pdf),
            ("application/pdf;q=0", None),
            ("text/plain", None),
            ("image/png, application/x-pdf", None),
            ("application/pdf;version=2", None),
            ("", None),
        ] {
            assert_eq!(preferred(Some(accept), &[Format::Html, Format::Pdf]), form, "{accept}");
            assert_eq!(preferred(Some(accept), &[]), None, "{accept}");
        }
        assert_eq!(preferred(None, &[Format::Html, Format::Pdf]), None);
    }

    // RULE: RC-06
    #[test]
    fn a_text_is_for_whoever_would_rather_have_it() {
        for accept in [
            "text/plain",
            "Text/PLAIN",
            "text/*",
            "text/plain, application/json;q=0.9",
            "application/json;q=0.998,text/plain ; Q=0.999",
            "application/*;q=0.1, text/plain;q=0.2",
            "text/plain, */*;q=0.1",
            "*/*, application/json;q=0.5",
            "*/*;q=1, application/json;q=0",
            "text/plain;charset=UTF-8",
            "text/plain;charset=\"utf-8\"",
            "text/html, text/plain;q=0.001",
            "text/html;x=\"a, application/json\", text/plain",
            "text/html;x=\"\\\", application/json\", text/plain",
            "application/json;q=2, text/plain",
            ", text/plain,",
        ] {
            assert!(prefers_text(Some(accept)), "{accept}");
        }
        for accept in [
            "",
            "*/*",
            "application/json",
            "text/plain, application/json",
            "text/plain;q=0.5, application/json;q=0.5",
            "text/plain;q=0.5, application/json",
            "text/plain;q=0.5, */*",
            "text/plain;q=0",
            "text/*, text/plain;q=0",
            "text/html, application/xhtml+xml, */*;q=0.8",
            "text/html",
            "text/plain;charset=utf-16",
            "text/plain;format=flowed",
            "text/plain;q=high",
            "text/plain;q=1.001",
            "text/plain;q=0.0001",
            "text/plain;q",
            "*/plain",
            "text",
            "text/html;x=\"a, text/plain\"",
        ] {
            assert!(!prefers_text(Some(accept)), "{accept}");
        }
        assert!(!prefers_text(None));
    }
}
