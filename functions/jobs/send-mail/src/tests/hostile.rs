//! Names, accounts, messages and notes by people who mean harm, in every mail.

use domain::{Message, Text};

use super::kinds::KINDS;
use super::scene::{LINK, Scene};
use crate::letter::Mail;

/// What somebody may type that mail readers could take for more than words.
const TYPED: [&str; 19] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "</td></tr></table><h1>Pay here</h1>",
    "</title><style>*{display:none}</style>",
    "<!-- --><a href=\"https://evil.com\">Bob</a>",
    "' onmouseover='x",
    "&lt;b&gt; &amp; &#x3c;i&#x3e;",
    "https://evil.com/login?next=/accept#1token",
    "http:evil.com",
    "www.evil.com",
    "evil.com/path",
    "me@evil.com",
    "mailto:me@evil.com",
    "javascript:alert(1)",
    "evil\u{3002}com evil\u{ff0e}com evil\u{2024}com",
    "{{7*7}} ${x} %s {0} =cmd|' /C calc'!A0",
    "Subject: x Bcc: eve@evil.com",
    "\u{5d0}\u{5d1} \u{1f4a9} e\u{301} \u{200d}x",
    "\u{2014}\u{2014} -- Regards, the Acme team",
];

/// What a mail reader would make a link of.
fn clickable(text: &str) -> Vec<&str> {
    let words = text.split(|c: char| c.is_whitespace() || "<>\"'()=".contains(c));
    words
        .filter(|word| {
            let is_host =
                word.split_once("www.").is_some_and(|(_, rest)| rest.starts_with(char::is_alphanumeric));
            let is_url =
                ["://", ".com", "http:e", "mailto:m", "javascript:a"].iter().any(|sign| word.contains(sign));
            is_host || is_url || word.contains("@evil")
        })
        .collect()
}

/// The tags alone.
fn tags(html: &str) -> Vec<&str> {
    html.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(tag, _)| tag).collect()
}

fn assert_harmless(typed: &str, kind: &str, mail: &Mail) {
    let usual = Scene::usual().mail(kind).unwrap();
    let [mut own, mut others] = [tags(&usual.html), tags(&mail.html)];
    // Messages of one line and of two differ by a line break.
    own.retain(|tag| *tag != "br");
    others.retain(|tag| *tag != "br");
    assert_eq!(others, own, "{kind}: {typed} is nothing but words");
    let links = |text: &str| clickable(text).into_iter().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(links(&mail.text), links(&usual.text), "{kind}: {typed}");
    assert_eq!(links(&mail.html), links(&usual.html), "{kind}: {typed}");
    assert!(clickable(&mail.subject).is_empty(), "{kind}: {}", mail.subject);
    assert!(!mail.subject.contains(char::is_control), "{kind}: {}", mail.subject);
    // A question has a link for each of its answers, and what can be done without a link to where that is chosen.
    let links_max = if kind.starts_with("user.access_asked") { 2 } else { 1 };
    let choices = usual.html.matches("/notifications\"").count();
    assert!(mail.html.matches("<a ").count() <= links_max + choices, "{kind}");
}

// RULE: IN-19
#[test]
fn whatever_people_type_is_words_in_every_mail() {
    for kind in KINDS {
        for typed in TYPED {
            let mail = Scene::typed(typed).mail(kind).unwrap();
            assert_harmless(typed, kind, &mail);
        }
    }
}

// RULE: IN-19
#[test]
fn a_line_of_a_message_stays_a_line_of_the_quotation() {
    let mut scene = Scene::usual();
    let words = "one\n-- \nThe Acme team\nhttps://evil.com";
    scene.target.invitation.message = Some(Message::parse(words).unwrap());
    let mail = scene.mail("user.invited").unwrap();
    let quoted: Vec<&str> = mail.text.lines().filter(|line| line.starts_with('>')).collect();
    assert_eq!(quoted.len(), 4, "{}", mail.text);
    assert_eq!(mail.text.lines().filter(|line| *line == "-- ").count(), 1, "one signature");
    assert_eq!(clickable(&mail.text), [LINK]);
}
