//! An operation: what it takes, what it loads, what it decides.

use std::sync::Arc;

use domain::{Decision, Format, Permission, Reply};
use futures_util::future::BoxFuture;
use serde_json::Value;

use crate::describe::{Describe, describe};
use crate::{
    Caller, Env, Fault, Fields, Function, Handler, Host, Interface, Loads, Moment, StartError, gateway, shell,
};

/// One operation of the HTTP interface.
pub trait Operation: Sized + Send + Sync + 'static {
    /// The name of its function, its folder and its row in the interface.
    const NAME: &'static str;
    /// What it does, in a line.
    const ABOUT: &'static str;
    /// The status of its reply; a 204 has no body.
    const SUCCESS: u16 = 200;
    /// Whether what it changes is the session that it is called with. RULE: AP-02
    const IS_OF_SESSION: bool = false;
    /// Whether it is for people who are signed in alone, and not for programs. RULE: AC-07
    const SESSION_ALONE: bool = false;
    /// Whether it is open to an Admin or a Root who has no second factor yet. RULE: RO-08
    const WHILE_ENROLLING: bool = false;
    /// Whether what it loads is of no use to find that something is missing, and costs enough that the role is judged before.
    const ROLE_FIRST: bool = false;
    /// Whether the requests that API keys make of it are counted. RULE: AP-08
    const COUNTS_KEYS: bool = true;
    /// Whether its reply holds a secret, which is shown this once: none of it is kept for a repeat. RULE: AP-02
    const SHOWS_SECRET: bool = false;
    /// What the caller's role must allow.
    const NEEDS: Option<Permission> = None;
    /// The codes that its decision may be refused with, beside those of its caller, its loads and the shell.
    const REFUSES: &'static [&'static [&'static str]] = &[];
    /// The settings that it cannot start without, beside the table's name.
    const SETTINGS: &'static [&'static str] = &[];
    /// [`domain::Actor`] or [`crate::Anyone`].
    type Caller: Caller;
    /// What it decides on.
    type Loads: Loads<Self>;
    /// What it answers.
    type Reply: Reply;

    /// Reads the request; none where a field is wrong, which the reader has noted.
    fn read(fields: &mut Fields) -> Option<Self>;

    /// The form of its reply: the one that the caller would rather have, unless the request names one.
    fn format(&self, preferred: Option<Format>) -> Option<Format> {
        preferred
    }

    /// How many parts it has. One of many is done round by round: each deals with those behind [`Moment::done`], as far
    /// as one transaction goes.
    fn parts(&self) -> usize {
        1
    }

    /// How many parts a reply is about.
    fn dealt_with(_reply: &Self::Reply) -> usize {
        1
    }

    /// What the rounds before have answered, with what this one does.
    fn join(_before: &Self::Reply, this: Self::Reply) -> Self::Reply {
        this
    }

    /// Decides. No await, no clock, no random number: what it needs is handed in.
    fn decide(&self, by: &Self::Caller, loads: Self::Loads, at: &Moment) -> Decision<Self::Reply>;
}

/// The function of an operation.
pub const fn http<O: Operation>() -> Function {
    Function {
        name: O::NAME,
        start: start::<O>,
        interface: Interface::Operation(Describe { document: describe::<O>, read: shell::try_read::<O> }),
    }
}

struct HttpHandler<O> {
    env: Env,
    operation: std::marker::PhantomData<fn() -> O>,
}

fn start<O: Operation>(host: &Host) -> Result<Arc<dyn Handler>, StartError> {
    let env = Env::new(O::NAME, host, O::SETTINGS)?;
    Ok(Arc::new(HttpHandler::<O> { env, operation: std::marker::PhantomData }))
}

impl<O: Operation> Handler for HttpHandler<O> {
    fn call(&self, event: Value) -> BoxFuture<'_, Result<Value, Fault>> {
        Box::pin(async move {
            let request = gateway::Request::read(event)?;
            let request_id = request.id.clone();
            let response = crate::REQUEST_ID.scope(request_id, shell::answer::<O>(&self.env, request)).await;
            Ok(response.into_event())
        })
    }
}

#[cfg(test)]
mod tests {
    use domain::{Change, Format, Rendered};
    use schemars::{JsonSchema, SchemaGenerator};
    use serde::Serialize;
    use serde_json::json;

    use super::*;
    use crate::{Anyone, PAGE_HEADERS};

    #[derive(Serialize, JsonSchema)]
    struct Greeting {
        words: &'static str,
    }

    impl Reply for Greeting {
        const FORMATS: &'static [Format] = &[Format::Text, Format::Html, Format::Pdf];

        fn render(&self, format: Format) -> Option<Rendered> {
            Some(match format {
                Format::Text => Rendered::Text(format!("{}\n", self.words)),
                Format::Html => Rendered::Text(format!("<p>{}", self.words)),
                Format::Csv => return None,
                Format::Pdf => Rendered::Binary(vec![0xFF, 0xFE]),
            })
        }
    }

    struct Greet;

    impl Operation for Greet {
        const NAME: &str = "greet";
        const ABOUT: &str = "Greets";
        type Caller = Anyone;
        type Loads = ();
        type Reply = Greeting;

        fn read(_: &mut Fields) -> Option<Self> {
            Some(Self)
        }

        fn decide(&self, _: &Anyone, (): (), _: &Moment) -> Decision<Greeting> {
            Ok(Change::reply(Greeting { words: "Grüß Gott" }))
        }
    }

    async fn greet(accept: &str, query: &Value) -> Value {
        let settings = ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "TABLE_NAME"];
        let environment = settings.map(|name| (name.to_owned(), "none".to_owned())).into();
        let host = Host { environment, clock: crate::Clock::default(), output: Arc::new(|_| ()) };
        let event = json!({
            "headers": { "accept": accept },
            "queryStringParameters": query,
            "requestContext": { "requestId": "r", "http": { "method": "GET", "sourceIp": "127.0.0.1" } },
        });
        (http::<Greet>().start)(&host).unwrap().call(event).await.unwrap()
    }

    // RULE: RC-06
    #[tokio::test]
    async fn a_reply_that_can_be_had_as_a_text_is_had_so_by_whoever_would_rather() {
        for (accept, media_type, body) in [
            ("text/plain", Format::Text.media_type(), "Grüß Gott\n"),
            ("text/plain, application/json;q=0.5", Format::Text.media_type(), "Grüß Gott\n"),
            ("*/*", "application/json", r#"{"words":"Grüß Gott"}"#),
            ("text/plain;q=0.5, application/json", "application/json", r#"{"words":"Grüß Gott"}"#),
        ] {
            let reply = greet(accept, &json!({})).await;
            assert_eq!((&reply["statusCode"], &reply["body"]), (&json!(200), &json!(body)), "{accept}");
            assert_eq!(reply["headers"]["content-type"], media_type, "{accept}");
            assert_eq!(reply["headers"]["cache-control"], "no-store", "{accept}");
        }
    }

    // RULE: RC-06, AP-01
    #[tokio::test]
    async fn a_problem_is_a_problem_document_whatever_would_rather_be_had() {
        let reply = greet("text/plain", &json!({ "x": "1" })).await;
        assert_eq!(reply["statusCode"], 422);
        assert_eq!(reply["headers"]["content-type"], "application/problem+json");
    }

    // RULE: BI-15
    #[tokio::test]
    async fn a_page_comes_with_what_it_may_do_and_bytes_come_as_base64() {
        let page = greet("text/html", &json!({})).await;
        assert_eq!((&page["body"], &page["isBase64Encoded"]), (&json!("<p>Grüß Gott"), &json!(false)));
        let pdf = greet("application/pdf", &json!({})).await;
        assert_eq!((&pdf["body"], &pdf["isBase64Encoded"]), (&json!("//4="), &json!(true)));
        assert_eq!(pdf["headers"]["content-type"], "application/pdf");
        for (name, value) in PAGE_HEADERS {
            assert_eq!(page["headers"][name], value);
            // What is no page is not guessed to be one, and does nothing that a policy would be for.
            assert_eq!(pdf["headers"][name] == value, name != "content-security-policy");
        }
    }

    // RULE: RC-06, BI-15, AP-07
    #[test]
    fn the_document_is_told_of_the_forms() {
        let described = describe::<Greet>("GET", &mut SchemaGenerator::default());
        assert_eq!(described.formats, Greeting::FORMATS);
        assert_eq!(described.headers, PAGE_HEADERS.map(|(name, _)| name));
    }
}
