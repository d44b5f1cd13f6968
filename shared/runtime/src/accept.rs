//! Which of the two forms of a reply a caller would rather have, by the `Accept` header (RFC 9110, 12.5.1). RULE: RC-06

/// Quality in thousandths.
const WHOLE: u16 = 1000;
const TEXT: (&str, &str) = ("text", "plain");
const JSON: (&str, &str) = ("application", "json");

/// Whether a text is what the caller would rather have. JSON is what everybody gets who does not say so.
pub(crate) fn prefers_text(accept: Option<&str>) -> bool {
    accept.is_some_and(|accept| quality(accept, TEXT) > quality(accept, JSON))
}

/// The quality of a media type: what the range that fits it closest says.
fn quality(accept: &str, wanted: (&str, &str)) -> u16 {
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
