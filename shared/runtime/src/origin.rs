//! Where a request comes from, cut down to what an audit needs. RULE: EV-01

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The address cut to /24 or /48.
pub(crate) fn truncate_ip(ip: &str) -> String {
    match ip.parse::<IpAddr>() {
        Ok(IpAddr::V4(v4)) => {
            let [a, b, c, _] = v4.octets();
            format!("{}/24", Ipv4Addr::new(a, b, c, 0))
        }
        Ok(IpAddr::V6(v6)) => {
            let [a, b, c, ..] = v6.segments();
            format!("{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
        Err(_) => "unknown".into(),
    }
}

/// The first that a header names is taken; order matters, since browsers claim to be one another.
const BROWSERS: [(&str, &str); 8] = [
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("python-requests/", "Python"),
    ("okhttp/", "OkHttp"),
];
const SYSTEMS: [(&str, &str); 6] = [
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Mac OS X", "macOS"),
    ("Windows", "Windows"),
    ("Linux", "Linux"),
];

/// Browser and system in words: "Firefox on Linux". What a header says beside them is dropped.
pub(crate) fn device(user_agent: &str) -> String {
    let named = |table: &[(&str, &'static str)]| {
        table.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    match (named(&BROWSERS), named(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.into(),
        (None, Some(system)) => format!("Unknown on {system}"),
        (None, None) => "Unknown".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RULE: EV-01, AC-10
    #[test]
    fn an_origin_is_cut_down() {
        assert_eq!(truncate_ip("203.0.113.77"), "203.0.113.0/24");
        assert_eq!(truncate_ip("2001:db8:1:2::9"), "2001:db8:1::/48");
        assert_eq!(truncate_ip("ann@x.com"), "unknown");
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        assert_eq!(device(firefox), "Firefox on Linux");
        assert_eq!(device("curl/8.5.0"), "curl");
        assert_eq!(device("ann@x.com"), "Unknown");
    }
}
