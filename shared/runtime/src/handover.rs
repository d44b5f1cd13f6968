//! How a new session is handed over, and what a request that comes by the cookie has to say of where it comes from. A browser
//! sends the cookie of its own accord, so that a page of another site could ask in the name of whoever looks at it.

use domain::{Handover, Refusal};

use crate::gateway::Request;
use crate::{Credential, CredentialId, Fields};

const AUTHORIZATION: &str = "authorization";

impl Fields {
    /// How the session that the call begins is handed over. Whoever asks for a cookie is held to the request's own origin.
    pub fn handover(&mut self) -> Option<Handover> {
        let about = "Where the session's credential goes: `token`, the default, into the reply; `cookie` into a cookie that \
                     no script reads.";
        let names = Handover::ALL.map(Handover::name);
        let handover =
            self.optional_choice("credential", about, Handover::parse, &names)?.unwrap_or_default();
        self.asks_cookie = handover == Handover::Cookie;
        Some(handover)
    }
}

impl Request {
    /// The credential that it comes with; an Authorization header alone decides where there is one. None where there is none,
    /// or what is there cannot be one.
    pub(crate) fn credential(&self) -> Option<Credential> {
        let Some(header) = self.header(AUTHORIZATION) else {
            let cookie = self.cookie(self.site().cookie_name()).and_then(Credential::parse);
            // A key is for programs, which have no cookies.
            return cookie.filter(|credential| matches!(credential.id, CredentialId::Session(_)));
        };
        let (scheme, credential) = header.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| Credential::parse(credential.trim()))?
    }

    /// Whether it would be the cookie that says who calls.
    pub(crate) fn is_by_cookie(&self) -> bool {
        self.header(AUTHORIZATION).is_none()
    }

    /// Whoever changes something by the cookie alone says that it is a page of this site that asks.
    pub(crate) fn check_origin(&self) -> Result<(), Refusal> {
        let is_own = || self.header("origin").is_some_and(|origin| self.site().is_origin(origin));
        if !self.is_by_cookie() || !self.is_mutation() || is_own() {
            Ok(())
        } else {
            Err(Refusal::CrossOrigin)
        }
    }

    /// Nobody is signed in by another site's page. A program that asks for a cookie has no origin.
    pub(crate) fn check_asker(&self) -> Result<(), Refusal> {
        match self.header("origin") {
            Some(origin) if !self.site().is_origin(origin) => Err(Refusal::CrossOrigin),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{AccountId, RateTag, SessionId, UserId};
    use serde_json::{Value, json};

    use super::*;

    fn credential(user: u128) -> Credential {
        let (account_id, user_id) = (AccountId::from_bits(1), UserId::from_bits(user));
        Credential::issue(account_id, user_id, SessionId::from_bits(3), RateTag::new(4), [0; 32])
    }

    fn request(headers: &Value, cookies: &Value) -> Request {
        Request::read(json!({
            "headers": headers,
            "cookies": cookies,
            "requestContext": {
                "domainName": "a.example", "requestId": "r", "http": { "method": "POST", "sourceIp": "127.0.0.1" },
            },
        }))
        .unwrap()
    }

    fn user(request: &Request) -> Option<UserId> {
        request.credential().map(|credential| credential.user_id)
    }

    #[test]
    fn a_cookie_is_read_wherever_the_host_puts_it_and_under_the_name_of_its_host_alone() {
        let secure = format!("__Host-roster_session={}", credential(7).expose());
        let plain = format!("roster_session={}", credential(8).expose());
        let both = format!("theme=dark; {plain}; {secure}");
        let (at_home, away) = (json!({ "host": "localhost:1" }), json!({ "host": "a.example" }));
        let (seven, eight) = (Some(UserId::from_bits(7)), Some(UserId::from_bits(8)));
        let list = json!(["theme=dark", plain, secure]);
        assert_eq!(user(&request(&away, &list)), seven);
        assert_eq!(user(&request(&json!({}), &list)), seven, "the gateway's own name stands for the host");
        assert_eq!(user(&request(&at_home, &list)), eight);
        assert_eq!(user(&request(&json!({ "host": "a.example", "cookie": both }), &Value::Null)), seven);
        assert_eq!(user(&request(&json!({ "host": "localhost:1", "cookie": both }), &json!([]))), eight);
        assert_eq!(user(&request(&at_home, &json!([secure]))), None);
        assert_eq!(user(&request(&away, &json!([plain]))), None);
        assert_eq!(user(&request(&away, &json!([format!("x{secure}"), "__host-roster_session=1"]))), None);
    }

    #[test]
    fn an_authorization_header_alone_decides() {
        let cookies = json!([format!("__Host-roster_session={}", credential(7).expose())]);
        let bearer = format!("Bearer {}", credential(8).expose());
        let by_bearer = request(&json!({ "authorization": bearer }), &cookies);
        assert_eq!(user(&by_bearer), Some(UserId::from_bits(8)));
        assert!(!by_bearer.is_by_cookie());
        for header in ["", "Bearer", "Bearer none", "Basic YTpi"] {
            assert_eq!(user(&request(&json!({ "authorization": header }), &cookies)), None, "{header}");
        }
    }
}
