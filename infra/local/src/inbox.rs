//! The inbox: a page with the mails that were kept instead of sent.

use std::fmt::Write;

use html_escape::{encode_double_quoted_attribute, encode_text};
use serde_json::Value;

const HEAD: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Inbox</title>
<meta name=\"viewport\" content=\"width=device-width\"><style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem }
article { border: 1px solid #ccc; border-radius: 6px; padding: 1rem; margin: 1rem 0 }
h2 { font-size: 1.1rem; margin: 0 } p { margin: .25rem 0; color: #555 } pre { white-space: pre-wrap }
iframe { width: 100%; height: 24rem; border: 1px solid #eee; background: #fff }
</style><h1>Inbox</h1>";

/// The page. Mails are foreign text: escaped, and their HTML without scripts in a frame of its own.
pub(crate) fn page(mails: &[Value]) -> String {
    let mut page = HEAD.to_owned();
    if mails.is_empty() {
        page.push_str("<p>No mail yet.</p>");
    }
    for mail in mails {
        let text = |name: &str| mail[name].as_str().unwrap_or_default();
        let to: Vec<&str> = mail["to"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        // Writing to a string cannot fail.
        let _ = write!(
            page,
            "<article><h2>{}</h2><p>to {} at {}</p>",
            encode_text(text("subject")),
            encode_text(&to.join(", ")),
            encode_text(text("at")),
        );
        for link in mail["links"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if link.starts_with("http://") || link.starts_with("https://") {
                let (target, shown) = (encode_double_quoted_attribute(link), encode_text(link));
                let _ = write!(page, "<p><a href=\"{target}\" rel=\"noreferrer\">{shown}</a></p>");
            }
        }
        let _ = write!(page, "<pre>{}</pre>", encode_text(text("text")));
        if !text("html").is_empty() {
            let html = encode_double_quoted_attribute(text("html"));
            let _ = write!(
                page,
                "<details><summary>HTML</summary><iframe sandbox srcdoc=\"{html}\"></iframe></details>"
            );
        }
        page.push_str("</article>");
    }
    page
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn a_mail_cannot_break_out_of_the_page() {
        let page = super::page(&[json!({
            "to": ["a@example.com"], "subject": "<script>1</script>", "text": "</pre><b>",
            "html": "\"><script>2</script>", "links": ["javascript:alert(1)"], "at": "now",
        })]);
        assert!(!page.contains("<script>1") && !page.contains("</pre><b>"));
        assert!(!page.contains("\"><script>2") && !page.contains("javascript:"));
        assert!(
            page.contains("iframe sandbox srcdoc=\"&quot;&gt;")
                || page.contains("iframe sandbox srcdoc=\"&quot;>")
        );
    }
}
