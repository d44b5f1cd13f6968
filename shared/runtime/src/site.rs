//! The site that a request came to, as a browser knows it: its session's cookie, and the origin of its own pages.

use std::net::Ipv4Addr;

use domain::SessionCookie;

/// Where the cookie is sent over TLS alone. The prefix holds a browser to that, and to this host.
pub const SECURE_COOKIE: &str = "__Host-roster_session";
/// On the machine itself, where there is no TLS.
const LOOPBACK_COOKIE: &str = "roster_session";

const HTTPS: (&str, u16) = ("https", 443);
const HTTP: (&str, u16) = ("http", 80);

/// Host and port, by the request's own word.
pub(crate) struct Site {
    /// None where there is no word, or none that can be one: no origin is its own then.
    authority: Option<(String, Option<u16>)>,
}

impl Site {
    /// The site of a `Host` header.
    pub(crate) fn read(host: Option<&str>) -> Self {
        Self { authority: host.and_then(authority) }
    }

    /// Whether it is on the machine itself.
    fn is_loopback(&self) -> bool {
        let Some((host, _)) = &self.authority else { return false };
        host == "localhost" || host == "[::1]" || host.parse().is_ok_and(|host: Ipv4Addr| host.is_loopback())
    }

    /// Whether an `Origin` header names a page of this site.
    pub(crate) fn is_origin(&self, origin: &str) -> bool {
        let Some((host, port)) = &self.authority else { return false };
        let Some((scheme, stated)) = origin.split_once("://") else { return false };
        let default = match scheme {
            _ if scheme.eq_ignore_ascii_case(HTTPS.0) => HTTPS.1,
            _ if scheme.eq_ignore_ascii_case(HTTP.0) && self.is_loopback() => HTTP.1,
            _ => return false,
        };
        authority(stated).is_some_and(|(other, other_port)| {
            other == *host && other_port.unwrap_or(default) == port.unwrap_or(default)
        })
    }

    /// What the session's cookie is called here. Under the other name it counts for nothing.
    pub(crate) fn cookie_name(&self) -> &'static str {
        if self.is_loopback() { LOOPBACK_COOKIE } else { SECURE_COOKIE }
    }

    /// The `Set-Cookie` that does this.
    pub(crate) fn set_cookie(&self, cookie: &SessionCookie) -> String {
        let (value, seconds) = match cookie {
            SessionCookie::Set { credential, lives } => (credential.as_str(), lives.num_seconds().max(0)),
            SessionCookie::Cleared => ("", 0),
        };
        let name = self.cookie_name();
        let secure = if self.is_loopback() { "" } else { "; Secure" };
        format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
    }
}

/// Host in lower case, and port where one is named.
fn authority(text: &str) -> Option<(String, Option<u16>)> {
    // The colons within brackets are an address's.
    let port_at = text.find(']').map_or(0, |end| end + 1);
    let (host, port) = match text.get(port_at..)?.split_once(':') {
        Some((rest, port)) => (text.get(..port_at + rest.len())?, Some(number(port)?)),
        None => (text, None),
    };
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-._[:]".contains(&byte);
    let is_named = !host.is_empty() && host.bytes().all(is_host);
    is_named.then(|| (host.to_ascii_lowercase(), port))
}

fn number(digits: &str) -> Option<u16> {
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    const LOOPBACK: [&str; 6] =
        ["localhost", "LocalHost:8700", "127.0.0.1", "127.9.8.7:1", "[::1]", "[::1]:8700"];
    const OTHERS: [&str; 10] = [
        "api.roster.example",
        "localhost.roster.example:8700",
        "127.0.0.1.roster.example",
        "128.0.0.1",
        "127.1",
        "[::2]:8700",
        "localhost:port",
        "localhost:8700:1",
        "user@localhost",
        "",
    ];

    #[test]
    fn the_cookie_is_for_tls_and_this_host_alone_but_on_the_machine_itself() {
        let set = SessionCookie::Set { credential: "c".into(), lives: TimeDelta::milliseconds(2500) };
        for host in LOOPBACK {
            let site = Site::read(Some(host));
            assert_eq!(site.cookie_name(), "roster_session", "{host}");
            let expected = "roster_session=c; Path=/; Max-Age=2; HttpOnly; SameSite=Strict";
            assert_eq!(site.set_cookie(&set), expected, "{host}");
        }
        for host in OTHERS.map(Some).into_iter().chain([None]) {
            let site = Site::read(host);
            assert_eq!(site.cookie_name(), "__Host-roster_session", "{host:?}");
            let expected = "__Host-roster_session=c; Path=/; Max-Age=2; HttpOnly; SameSite=Strict; Secure";
            assert_eq!(site.set_cookie(&set), expected, "{host:?}");
        }
        let cleared = Site::read(Some("a.example")).set_cookie(&SessionCookie::Cleared);
        assert_eq!(cleared, "__Host-roster_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure");
    }

    #[test]
    fn an_origin_is_its_own_by_scheme_host_and_port() {
        for (host, origin) in [
            ("a.example", "https://a.example"),
            ("A.example", "https://a.EXAMPLE"),
            ("a.example:443", "https://a.example"),
            ("a.example", "https://a.example:443"),
            ("a.example:8443", "https://a.example:8443"),
            ("localhost:8700", "http://localhost:8700"),
            ("localhost:8700", "https://localhost:8700"),
            ("localhost", "http://localhost"),
            ("localhost:80", "http://localhost"),
            ("127.0.0.1:1", "http://127.0.0.1:1"),
            ("[::1]:8700", "http://[::1]:8700"),
            ("[::1]", "http://[::1]"),
        ] {
            assert!(Site::read(Some(host)).is_origin(origin), "{host} {origin}");
        }
        for (host, origin) in [
            ("a.example", "http://a.example"),
            ("a.example:80", "http://a.example"),
            ("a.example", "https://a.example:8443"),
            ("a.example:8443", "https://a.example"),
            ("a.example", "https://b.example"),
            ("a.example", "https://a.example.b.example"),
            ("a.example", "https://b.a.example"),
            ("a.example", "https://a.example/"),
            ("a.example", "https://a.example, https://a.example"),
            ("a.example", "https://user@a.example"),
            ("a.example", "null"),
            ("a.example", ""),
            ("a.example", "a.example"),
            ("a.example", "https://"),
            ("localhost:8700", "http://localhost:8701"),
            ("localhost:8700", "http://127.0.0.1:8700"),
            ("localhost", "https://localhost:80"),
            ("localhost:8700", "ftp://localhost:8700"),
            ("localhost:port", "http://localhost:port"),
            ("", "https://"),
        ] {
            assert!(!Site::read(Some(host)).is_origin(origin), "{host} {origin}");
        }
        assert!(!Site::read(None).is_origin("https://a.example"));
    }
}
