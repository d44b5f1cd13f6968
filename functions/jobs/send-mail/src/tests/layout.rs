//! What every mail looks like, to eyes, ears and mail readers.

use super::kinds::KINDS;
use super::scene::{CONSOLE, Scene};
use crate::html::PAINTS;

/// The contrast that WCAG 2.2 asks of text (1.4.3).
const CONTRAST_MIN: f64 = 4.5;

/// <https://www.w3.org/TR/WCAG22/#dfn-relative-luminance>
fn luminance(colour: &str) -> f64 {
    let part = |n: usize| {
        let value = f64::from(u8::from_str_radix(&colour[n..n + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
}

fn contrast([one, other]: [&str; 2]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn text_can_be_read_by_light_and_by_dark() {
    for paint in PAINTS {
        for pair in [paint.light, paint.dark] {
            assert!(contrast(pair) >= CONTRAST_MIN, "{pair:?}: {:.2}", contrast(pair));
        }
    }
    let [_, card, ..] = PAINTS;
    let inverted =
        |colour: &str| format!("#{:06x}", 0xff_ffff - u32::from_str_radix(&colour[1..], 16).unwrap());
    let light = card.light.map(inverted);
    assert!(contrast([&light[0], &light[1]]) >= CONTRAST_MIN, "where a mail reader inverts by itself");
}

#[test]
fn every_mail_is_a_document_that_ears_can_follow_and_nobody_watches() {
    for kind in KINDS {
        let mail = Scene::usual().mail(kind).unwrap();
        let html = &mail.html;
        assert!(html.starts_with("<!doctype html>\n<html lang=\"en\""), "{kind}");
        for once in ["<title>", "<h1", "<body", "name=\"color-scheme\"", "name=\"supported-color-schemes\""] {
            assert_eq!(html.matches(once).count(), 1, "{kind}: {once}");
        }
        assert!(html.contains("@media (prefers-color-scheme: dark)"), "{kind}");
        let figures = html.matches("<table class=\"figures\"").count();
        assert_eq!(
            html.matches("<table").count(),
            html.matches("<table role=\"presentation\"").count() + figures,
            "{kind}"
        );
        assert_eq!(html.matches("<th scope=\"col\"").count(), 3 * figures, "{kind}: what a column is of");
        for foreign in ["<img", "<script", "<link", "<iframe", "src=", "url(", "@import", "<form", "<input"] {
            assert!(!html.contains(foreign), "{kind}: {foreign}");
        }
        let links: Vec<&str> =
            html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(links.iter().all(|link| link.starts_with(CONSOLE)), "{kind}: {links:?}");
        assert_eq!(html.matches("://").count(), links.len(), "{kind}: nothing is fetched");
    }
}

#[test]
fn text_and_html_say_the_same() {
    for kind in KINDS {
        let mail = Scene::usual().mail(kind).unwrap();
        let html = html_escape::decode_html_entities(&mail.html).into_owned();
        for line in mail.text.lines().filter(|line| !line.is_empty() && *line != "-- ") {
            let words = line.trim_start_matches(['>', '-', ' ']);
            let (words, rest) = match line.strip_prefix("- ").and_then(|row| row.split_once(": ")) {
                Some((name, value)) => (name, value),
                None => (words.trim_end_matches(':'), ""),
            };
            let cells_are_there = words.split(" | ").all(|cell| html.contains(cell));
            assert!(cells_are_there && html.contains(rest), "{kind}: {line}");
        }
    }
}
