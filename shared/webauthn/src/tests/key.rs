use ciborium::Value;

use super::authenticator::Key;
use crate::{Error, key};

const EDDSA: i32 = -8;
const ES256: i32 = -7;
const RS256: i32 = -257;

/// A COSE key of these entries, in this order.
fn cose(entries: &[(i32, Value)]) -> Vec<u8> {
    let entries = entries.iter().map(|(label, value)| (Value::from(*label), value.clone())).collect();
    let mut bytes = Vec::new();
    ciborium::into_writer(&Value::Map(entries), &mut bytes).unwrap();
    bytes
}

fn ed25519(kty: i32, crv: i32, x: [u8; 32]) -> Vec<u8> {
    cose(&[(1, kty.into()), (3, EDDSA.into()), (-1, crv.into()), (-2, x.to_vec().into())])
}

fn p256(kty: i32, crv: i32, x: &[u8], y: &[u8]) -> Vec<u8> {
    let (x, y) = (x.to_vec().into(), y.to_vec().into());
    cose(&[(1, kty.into()), (3, ES256.into()), (-1, crv.into()), (-2, x), (-3, y)])
}

fn rsa(kty: i32, bytes: usize, last: u8, exponent: &[u8]) -> Vec<u8> {
    let mut modulus = vec![0xd5; bytes];
    modulus[bytes - 1] = last;
    cose(&[(1, kty.into()), (3, RS256.into()), (-1, modulus.into()), (-2, exponent.to_vec().into())])
}

fn bytes(key: &Value, label: i32) -> Vec<u8> {
    let entries = key.as_map().unwrap();
    entries.iter().find(|(at, _)| *at == Value::from(label)).unwrap().1.as_bytes().unwrap().clone()
}

fn read(key: &Key) -> Value {
    ciborium::from_reader(&key.cose()[..]).unwrap()
}

#[test]
fn an_ed25519_key_is_a_point_by_which_only_its_owner_signs() {
    let point: [u8; 32] = bytes(&read(&Key::eddsa(12)), -2).try_into().unwrap();
    assert_eq!(key::check(EDDSA, &ed25519(1, 6, point)), Ok(()));
    let first = |byte: u8| std::array::from_fn(|n| if n == 0 { byte } else { 0 });
    // Of order 1, 4 and 2: by the first of them everything is signed with 01 00 ... 00.
    let mut minus_one = [0xff; 32];
    (minus_one[0], minus_one[31]) = (0xec, 0x7f);
    for weak in [first(1), first(0), minus_one] {
        assert_eq!(key::check(EDDSA, &ed25519(1, 6, weak)), Err(Error::Key), "{weak:?}");
    }
    assert_eq!(key::check(EDDSA, &ed25519(1, 6, first(2))), Err(Error::Key), "no point of the curve");
    assert_eq!(key::check(EDDSA, &ed25519(2, 6, point)), Err(Error::Key), "of another kind");
    assert_eq!(key::check(EDDSA, &ed25519(1, 7, point)), Err(Error::Key), "of another curve");
    assert_eq!(key::check(ES256, &ed25519(1, 6, point)), Err(Error::Key), "of another algorithm");
}

#[test]
fn a_p256_key_is_a_point_of_its_curve() {
    let of = read(&Key::es256(11));
    let (x, y) = (bytes(&of, -2), bytes(&of, -3));
    assert_eq!(key::check(ES256, &p256(2, 1, &x, &y)), Ok(()));
    assert_eq!(key::check(ES256, &p256(2, 1, &y, &x)), Err(Error::Key), "beside the curve");
    assert_eq!(key::check(ES256, &p256(2, 1, &[0; 32], &[0; 32])), Err(Error::Key), "no point");
    assert_eq!(
        key::check(ES256, &p256(2, 1, &x[..31], &[&x[31..], &y].concat())),
        Err(Error::Key),
        "shifted"
    );
    assert_eq!(key::check(ES256, &p256(1, 1, &x, &y)), Err(Error::Key), "of another kind");
    assert_eq!(key::check(ES256, &p256(2, 2, &x, &y)), Err(Error::Key), "of another curve");
    assert_eq!(key::check(EDDSA, &p256(2, 1, &x, &y)), Err(Error::Key), "of another algorithm");
}

#[test]
fn an_rsa_key_is_large_enough_and_signing_by_it_takes_more_than_padding() {
    let usual: &[u8] = &[1, 0, 1];
    assert_eq!(key::check(RS256, &rsa(3, 256, 0xd5, usual)), Ok(()));
    assert_eq!(key::check(RS256, &rsa(3, 1024, 0xd5, usual)), Ok(()));
    for (why, key) in [
        ("of 2040 bits", rsa(3, 255, 0xd5, usual)),
        ("of 8200 bits", rsa(3, 1025, 0xd5, usual)),
        ("an even modulus", rsa(3, 256, 0xd4, usual)),
        ("signed by whoever can pad", rsa(3, 256, 0xd5, &[1])),
        ("an exponent of nothing", rsa(3, 256, 0xd5, &[])),
        ("an even exponent", rsa(3, 256, 0xd5, &[1, 0, 0])),
        ("an exponent that costs time", rsa(3, 256, 0xd5, &[0xff; 32])),
        ("of another kind", rsa(2, 256, 0xd5, usual)),
    ] {
        assert_eq!(key::check(RS256, &key), Err(Error::Key), "{why}");
    }
}

#[test]
fn a_key_says_everything_once() {
    let point: [u8; 32] = bytes(&read(&Key::eddsa(12)), -2).try_into().unwrap();
    let twice = [
        (1, 1.into()),
        (3, EDDSA.into()),
        (-1, 6.into()),
        (-2, point.to_vec().into()),
        (-2, [1].to_vec().into()),
    ];
    assert_eq!(key::check(EDDSA, &cose(&twice[..4])), Ok(()));
    assert_eq!(key::check(EDDSA, &cose(&twice)), Err(Error::Key));
    for nothing in [&b""[..], b"\xa0", b"\x01", b"\xff"] {
        assert_eq!(key::check(EDDSA, nothing), Err(Error::Key), "{nothing:?}");
    }
}
