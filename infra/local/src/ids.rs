//! Random identifiers in the shapes AWS gives them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;

/// Random bytes. Without the system's source of them nothing can go on, and it does not fail on the systems this
/// runs on; zeros would only make local identifiers collide.
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    let _ = getrandom::fill(&mut bytes);
    bytes
}

/// A random UUID (version 4).
pub(crate) fn uuid() -> String {
    let number = u128::from_be_bytes(random());
    let number = number & !(0xf << 76) | 0x4 << 76;
    let hex = format!("{:032x}", number & !(0x3 << 62) | 0x2 << 62);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// A request id as the HTTP API gives it.
pub(crate) fn request_id() -> String {
    URL_SAFE.encode(random::<11>())
}
