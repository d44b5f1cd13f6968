//! Credentials and tokens put together by somebody who knows their form.

/// 128 bits in base62.
pub(crate) const WORD: usize = 22;

/// The words of a session's token: account, user, session, and the two halves of its secret.
pub(crate) fn session_words(token: &str) -> Vec<String> {
    words(&token["ros_ses_".len()..])
}

/// The words of an invitation's token: account, user, nonce, and the two halves of its MAC.
pub(crate) fn invitation_words(token: &str) -> Vec<String> {
    words(&token[1..])
}

fn words(text: &str) -> Vec<String> {
    (0..5).map(|word| text[word * WORD..(word + 1) * WORD].to_owned()).collect()
}

/// A session's token of these words, with the checksum that belongs to them.
pub(crate) fn session_token(words: &[String]) -> String {
    let body = words.concat();
    let checksum = base62::encode(crc32fast::hash(body.as_bytes()));
    format!("ros_ses_{body}{checksum:0>6}")
}

/// An invitation's token of these words.
pub(crate) fn invitation_token(words: &[String]) -> String {
    format!("1{}", words.concat())
}

/// The bytes of a word.
pub(crate) fn bytes(word: &str) -> [u8; 16] {
    base62::decode(word).expect("base62").to_be_bytes()
}
