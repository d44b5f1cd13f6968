//! An operation as the document of the interface shows it, by its own code. RULE: AP-07

use domain::{Format, Permission, Reply};
use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

use crate::{Caller, Failure, Field, Fields, Loads, Operation, gateway, idempotency};

/// What can be asked of an operation without its being run.
#[derive(Clone, Copy)]
pub struct Describe {
    /// What it is, when it is called by this method.
    pub document: fn(method: &str, generator: &mut SchemaGenerator) -> Described,
    /// Reads a request, an API Gateway payload of version 2.0, and does nothing about it.
    pub read: fn(event: Value) -> Result<(), Failure>,
}

/// What the shell refuses of any operation's requests.
const ANY_REFUSES: &[&str] = &["validation_failed", "busy"];
const BODY_REFUSES: &[&str] = &["malformed", "payload_too_large", "unsupported_media_type"];
const CREDENTIAL_REFUSES: &[&str] = &["unauthenticated", "rate_limited"];
const KEY_REFUSES: &[&str] = &["idempotency_mismatch"];

/// What an operation takes, answers and refuses.
pub struct Described {
    /// Its name.
    pub name: &'static str,
    /// What it does, in a line.
    pub about: &'static str,
    /// Whether a credential must come with the request.
    pub has_credential: bool,
    /// What the caller's role must allow.
    pub needs: Option<Permission>,
    /// Whether its fields stand in a body, else in the query.
    pub has_body: bool,
    /// Its fields.
    pub fields: Vec<Field>,
    /// The status of its reply.
    pub success: u16,
    /// The reply; none where it has no body.
    pub reply: Option<Schema>,
    /// The status and the shape of a reply that asks for one step more.
    pub half_way: Option<(u16, Schema)>,
    /// The headers of the reply, beside those of every reply.
    pub headers: Vec<&'static str>,
    /// The forms that the reply can be had in beside JSON. RULE: RC-06, BI-15
    pub formats: &'static [Format],
    /// The codes that it may refuse with.
    pub refuses: Vec<&'static str>,
}

impl Described {
    /// Whether it takes a key under which it is done once.
    pub fn takes_key(&self) -> bool {
        KEY_REFUSES.iter().all(|code| self.refuses.contains(code))
    }
}

pub(crate) fn describe<O: Operation>(method: &str, generator: &mut SchemaGenerator) -> Described {
    let has_body = gateway::has_body(method);
    let takes_key = O::Caller::HAS_CREDENTIAL && gateway::is_mutation(method);
    let mut refuses = [ANY_REFUSES, &O::REFUSES.concat(), &O::Loads::refuses()].concat();
    for (codes, applies) in [
        (BODY_REFUSES, has_body),
        (CREDENTIAL_REFUSES, O::Caller::HAS_CREDENTIAL),
        (&["cross_origin"], takes_key || O::Reply::HAS_COOKIE),
        (KEY_REFUSES, takes_key),
        (&["secret_already_shown"], takes_key && O::SHOWS_SECRET),
        (&["insufficient_role"], O::Caller::HAS_CREDENTIAL),
        (&["session_required"], O::SESSION_ALONE),
        (&["mfa_enrollment_required"], O::Caller::HAS_CREDENTIAL && !O::WHILE_ENROLLING),
    ] {
        refuses.extend(codes.iter().filter(|_| applies));
    }
    refuses.sort_unstable();
    refuses.dedup();
    let headers = [
        ("ETag", O::Reply::HAS_VERSION),
        ("Idempotent-Replayed", takes_key),
        ("Link", O::Reply::HAS_NEXT),
        ("Set-Cookie", O::Reply::HAS_COOKIE),
    ];
    let is_of_a_form =
        |header| O::Reply::FORMATS.iter().any(|format| gateway::headers_of(*format).contains(&header));
    let of_forms = gateway::PAGE_HEADERS.map(|header| (header.0, is_of_a_form(header)));
    let headers = headers.into_iter().chain(of_forms).filter(|(_, applies)| *applies);
    let headers = headers.map(|(name, _)| name).collect();
    let has_reply = O::SUCCESS != gateway::NO_CONTENT;
    Described {
        name: O::NAME,
        about: O::ABOUT,
        has_credential: O::Caller::HAS_CREDENTIAL,
        needs: O::NEEDS,
        has_body,
        fields: Fields::described(!has_body, |fields| drop(O::read(fields))),
        success: O::SUCCESS,
        reply: has_reply.then(|| generator.subschema_for::<O::Reply>()),
        half_way: O::Reply::half_way(generator),
        headers,
        formats: O::Reply::FORMATS,
        refuses,
    }
}

/// The header that a key comes in, and the most characters it has.
pub const IDEMPOTENCY_KEY: (&str, usize) = (idempotency::HEADER, idempotency::KEY_CHARS_MAX);
