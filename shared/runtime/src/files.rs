//! Functions that answer with files as they are: public, the same for everybody, nothing read and nothing written.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Instant as Stopwatch;

use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};

use crate::gateway::Request;
use crate::record::Record;
use crate::{Fault, Function, Handler, Host, Interface, StartError};

/// How long a file may be kept without asking for it again, in seconds.
const MAX_AGE: u32 = 300;
const FOUND: u16 = 200;

/// The headers of every file beside `content-type` and `x-request-id`: nobody guesses what it is, and nobody is told
/// where a reader came from.
pub const FILE_HEADERS: [(&str, &str); 2] =
    [("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer")];

/// A file and the route that it answers.
#[derive(Clone, Copy, Debug)]
pub struct File {
    /// Such as `GET /v1/docs`.
    pub route: &'static str,
    /// What it is, in a line.
    pub about: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// Its content, a text.
    pub content: &'static str,
    /// Where it is a page: what the page may load and do.
    pub content_security_policy: Option<&'static str>,
}

/// Files that belong together.
pub trait Files: Send + Sync + 'static {
    /// The name of their function.
    const NAME: &'static str;
    /// Each of them.
    const FILES: &'static [File];
}

/// The function of some files.
pub const fn files<F: Files>() -> Function {
    Function { name: F::NAME, start: start::<F>, interface: Interface::Files(F::FILES) }
}

struct FilesHandler<F> {
    host: Host,
    files: PhantomData<fn() -> F>,
}

#[expect(clippy::unnecessary_wraps, reason = "every function is started like this")]
fn start<F: Files>(host: &Host) -> Result<Arc<dyn Handler>, StartError> {
    Ok(Arc::new(FilesHandler::<F> { host: host.clone(), files: PhantomData }))
}

impl<F: Files> Handler for FilesHandler<F> {
    fn call(&self, event: Value) -> BoxFuture<'_, Result<Value, Fault>> {
        Box::pin(async move {
            let stopwatch = Stopwatch::now();
            let request = Request::read(event)?;
            let file = F::FILES.iter().find(|file| file.route == request.route);
            let file = file.ok_or_else(|| format!("no file answers {}", request.route))?;
            let mut record = Record::new(request.id.clone(), request.route);
            record.status = FOUND;
            record.duration_ms = stopwatch.elapsed().as_millis();
            (self.host.output)(&record.line(F::NAME, self.host.clock.now()));
            Ok(answer(file, &request.id))
        })
    }
}

fn answer(file: &File, request_id: &str) -> Value {
    let mut headers: Map<String, Value> =
        FILE_HEADERS.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    headers.insert("cache-control".into(), format!("public, max-age={MAX_AGE}").into());
    headers.insert("content-type".into(), file.media_type.into());
    headers.insert("x-request-id".into(), request_id.into());
    if let Some(policy) = file.content_security_policy {
        headers.insert("content-security-policy".into(), policy.into());
    }
    json!({
        "statusCode": FOUND,
        "headers": headers,
        "body": file.content,
        "isBase64Encoded": false,
        "cookies": [],
    })
}
