//! SES v2: mails are kept instead of sent, and reported on as if they had been.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{AwsReply, body_json, events, reports};
use crate::World;
use crate::template::DEFAULT_BUS;

/// The most recipients of a mail, as on AWS.
const RECIPIENTS_MAX: usize = 50;

/// Takes a mail.
pub(super) fn send_email(world: &World, body: &[u8]) -> AwsReply {
    let body = match body_json(body) {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let refuse = |message: &str| AwsReply::error(StatusCode::BAD_REQUEST, "BadRequestException", message);
    let to = &body["Destination"]["ToAddresses"];
    let recipients = to.as_array().map_or(0, Vec::len);
    let simple = &body["Content"]["Simple"];
    let subject = simple["Subject"]["Data"].as_str();
    if recipients == 0 || recipients > RECIPIENTS_MAX {
        return refuse("a mail has 1 to 50 addresses it goes to");
    }
    let (Some(subject), Some(from)) = (subject, body["FromEmailAddress"].as_str()) else {
        return refuse("the local stack takes mails with FromEmailAddress and simple content");
    };
    let set = body["ConfigurationSetName"].as_str();
    if let Some(set) = set.filter(|set| !world.template.configuration_sets.iter().any(|known| known == set)) {
        let message = format!("Configuration set <{set}> does not exist.");
        return AwsReply::error(StatusCode::NOT_FOUND, "NotFoundException", &message);
    }
    let text = simple["Body"]["Text"]["Data"].as_str().unwrap_or_default();
    let html = simple["Body"]["Html"]["Data"].as_str().unwrap_or_default();
    let message_id = crate::ids::uuid();
    let mail = json!({
        "message_id": message_id,
        "from": from,
        "to": to,
        "subject": subject,
        "text": text,
        "html": html,
        "links": links(text, html),
        "at": crate::instant(world.clock.now()),
    });
    let reports = set.map(|set| reports::of(world, set, &mail, &body)).unwrap_or_default();
    let queued: Vec<(String, String)> = reports
        .iter()
        .flat_map(|report| {
            let queues = events::targets(world, DEFAULT_BUS, report);
            queues.into_iter().map(|queue| (queue.to_owned(), report.to_string()))
        })
        .collect();
    match world.keep_mail(&mail, &queued) {
        Ok(()) => AwsReply::ok(&json!({ "MessageId": message_id })),
        Err(error) => AwsReply::failure(&error),
    }
}

/// The links of a mail, each once: first those of the text.
fn links(text: &str, html: &str) -> Vec<String> {
    let mut links: Vec<String> = Vec::new();
    let in_text = text
        .split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '(' | ')'))
        .filter(|word| word.starts_with("http://") || word.starts_with("https://"))
        .map(|word| word.trim_end_matches(['.', ',', ';', ':', '!', '?']).to_owned());
    let in_html = html.split("<a href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let in_html = in_html.map(|link| html_escape::decode_html_entities(link).into_owned());
    for link in in_text.chain(in_html) {
        if !links.contains(&link) {
            links.push(link);
        }
    }
    links
}

/// Mails to this address, or all, newest first.
pub(crate) fn list(world: &World, to: Option<&str>) -> rusqlite::Result<Vec<Value>> {
    let goes_to = |mail: &Value, wanted: &str| {
        let addresses = mail["to"].as_array().into_iter().flatten().filter_map(Value::as_str);
        addresses.into_iter().any(|address| address.eq_ignore_ascii_case(wanted))
    };
    let mut mails = world.state.mails()?;
    mails.retain(|mail| to.is_none_or(|wanted| goes_to(mail, wanted)));
    Ok(mails)
}

#[cfg(test)]
mod tests {
    #[test]
    fn links_are_found_in_text_and_html_and_named_once() {
        let text = "Join: http://localhost/accept#abc.\nOr (https://example.com/a?b=1&c=2).";
        let html = r#"<a href="http://localhost/accept#abc">Join</a> <a href="https://example.com/a?b=1&amp;c=2">x</a>"#;
        assert_eq!(
            super::links(text, html),
            ["http://localhost/accept#abc", "https://example.com/a?b=1&c=2"]
        );
    }
}
