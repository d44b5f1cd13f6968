//! Where a webhook may lead: nowhere but into the public internet. RULE: EV-05

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::text::Problem;

/// IPv4 networks that are not reachable from everywhere, or lead somewhere else (IANA's special-purpose registry).
const SPECIAL_V4: [(Ipv4Addr, u32); 16] = [
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 31, 196, 0), 24),
    (Ipv4Addr::new(192, 52, 193, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    // Multicast, reserved, and broadcast.
    (Ipv4Addr::new(224, 0, 0, 0), 3),
];
/// Of IPv6 only this is handed out for use everywhere: loopback, private, link-local, multicast, mapped and translated
/// addresses all lie outside.
const GLOBAL_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
/// And of that not these: protocols (Teredo among them), documentation, and 6to4, which carry or mean others.
const SPECIAL_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Whether an address is reachable from everywhere, and is what it looks like.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !SPECIAL_V4
            .iter()
            .any(|(network, length)| (address.to_bits() ^ network.to_bits()).leading_zeros() >= *length),
        IpAddr::V6(address) => {
            let lies_in = |(network, length): &(Ipv6Addr, u32)| {
                (address.to_bits() ^ network.to_bits()).leading_zeros() >= *length
            };
            lies_in(&GLOBAL_V6) && !SPECIAL_V6.iter().any(lies_in)
        }
    }
}

/// The address of a receiver, as a browser would write it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct WebhookUrl(String);

impl WebhookUrl {
    /// The most characters it may have.
    pub const CHARS_MAX: usize = 2048;

    /// Reads an address. Odd spellings of numbers, such as `0x7f.1`, become what they stand for.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let wrong =
            || ("invalid_url", "Must be an address such as https://hooks.example.com/roster.".to_owned());
        if text.chars().count() > Self::CHARS_MAX {
            return Err(("too_long", format!("Must have at most {} characters.", Self::CHARS_MAX)));
        }
        let url = Url::parse(text).map_err(|_| wrong())?;
        // Of a host's name no more than resolvers take: what else a browser would take is taken by nobody behind it.
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let has_host = match url.host() {
            Some(Host::Domain(name)) => name.chars().all(is_name),
            host => host.is_some(),
        };
        let is_known = matches!(url.scheme(), "https" | "http") && has_host;
        if !is_known || url.as_str().len() > Self::CHARS_MAX {
            return Err(wrong());
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            let problem = "Must name neither a user nor a password, and have no part behind a #.";
            return Err(("invalid_url", problem.into()));
        }
        Ok(Self(url.into()))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address without what stands behind a `?`, where receivers may expect a secret.
    pub fn without_query(&self) -> &str {
        self.0.split('?').next().unwrap_or_default()
    }

    /// Whether it may be called at all, as far as it says so itself: a name is judged by what it resolves to, when it is
    /// called. One receiver on this machine may be admitted.
    pub fn check(&self, admitted: Option<SocketAddr>) -> Result<(), Problem> {
        // What was stored was read.
        let Ok(url) = Url::parse(&self.0) else { return Err(("invalid_url", "Is no address.".into())) };
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            _ => None,
        };
        let named = literal.zip(url.port_or_known_default());
        if admitted.is_some() && named.map(SocketAddr::from) == admitted {
            return Ok(());
        }
        if url.scheme() != "https" {
            return Err(("not_https", "Must begin with https://.".into()));
        }
        if literal.is_some_and(|address| !is_public(address)) {
            return Err(("not_public", "Must not lead to an address that is not public.".into()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RULE: EV-05
    #[test]
    fn only_addresses_of_the_public_internet_are_public() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:10::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "11.0.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "198.17.255.255",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450::1",
            "2001:4860:4860::8888",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    fn code_of(text: &str, admitted: Option<SocketAddr>) -> &'static str {
        let checked = WebhookUrl::parse(text).and_then(|url| url.check(admitted));
        checked.map_or_else(|(code, _)| code, |()| "ok")
    }

    // RULE: EV-05
    #[test]
    fn an_address_is_judged_by_what_it_stands_for_however_it_is_spelt() {
        for (text, code) in [
            ("https://hooks.example.com/roster?x=1", "ok"),
            ("https://1.1.1.1/", "ok"),
            ("https://hooks.example.com:8443", "ok"),
            ("http://hooks.example.com/", "not_https"),
            ("ftp://hooks.example.com/", "invalid_url"),
            ("file:///etc/passwd", "invalid_url"),
            ("hooks.example.com", "invalid_url"),
            ("https://", "invalid_url"),
            ("https://a{b.example.com/", "invalid_url"),
            ("https://a`b.example.com/", "invalid_url"),
            ("https://bücher.example.com/", "ok"),
            ("https://ann@hooks.example.com/", "invalid_url"),
            ("https://ann:pw@hooks.example.com/", "invalid_url"),
            ("https://hooks.example.com/#there", "invalid_url"),
            ("https://127.0.0.1/", "not_public"),
            ("https://127.1/", "not_public"),
            ("https://0x7f.1/", "not_public"),
            ("https://0177.0.0.1/", "not_public"),
            ("https://2130706433/", "not_public"),
            ("https://127。0。0。1/", "not_public"),
            ("https://169.254.169.254/latest/meta-data", "not_public"),
            ("https://[::1]/", "not_public"),
            ("https://[::ffff:10.0.0.1]/", "not_public"),
            ("https://[fd00:ec2::254]/", "not_public"),
        ] {
            assert_eq!(code_of(text, None), code, "{text}");
        }
        let long = format!("https://hooks.example.com/{}", "a".repeat(WebhookUrl::CHARS_MAX));
        assert_eq!(code_of(&long, None), "too_long");
    }

    // RULE: EV-05
    #[test]
    fn what_is_admitted_is_one_address_and_port_and_no_other() {
        let admitted = Some("127.0.0.1:9999".parse().unwrap());
        assert_eq!(code_of("http://127.0.0.1:9999/hook", admitted), "ok");
        assert_eq!(code_of("http://127.0.0.1:9999/hook", None), "not_https");
        for other in ["http://127.0.0.1:9998/", "http://127.0.0.2:9999/", "http://localhost:9999/"] {
            assert_eq!(code_of(other, admitted), "not_https", "{other}");
        }
        assert_eq!(code_of("https://127.0.0.1:9998/", admitted), "not_public");
    }
}
