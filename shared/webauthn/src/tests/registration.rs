use serde_json::json;

use super::authenticator::{
    Authenticator, BACKED_UP, BACKUP_ELIGIBLE, Key, PRESENT, Scene, VERIFIED, altered,
};
use super::{CHALLENGE, create, eddsa, es256, handle, kept, new_passkey, registered, relying_party};
use crate::{Claims, Error, Transport, UserVerification};

#[test]
fn the_browser_is_told_what_to_make() {
    let handle = handle();
    let had = [registered(&es256())];
    let options = relying_party().creation_options(&CHALLENGE, &new_passkey(&handle, &had)).unwrap();
    let expected = json!({
        "rp": { "id": "roster.example", "name": "roster" },
        "user": { "id": "AwMDAwMDAwMDAwMDAwMDAw", "name": "ada@roster.example", "displayName": "Ada" },
        "challenge": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc",
        "pubKeyCredParams": [
            { "type": "public-key", "alg": -8 },
            { "type": "public-key", "alg": -7 },
            { "type": "public-key", "alg": -257 },
        ],
        "timeout": 300_000,
        "attestation": "none",
        "authenticatorSelection": { "residentKey": "required", "userVerification": "required" },
        "excludeCredentials": [
            { "type": "public-key", "id": "ZXMyNTY", "transports": ["hybrid", "internal"] },
        ],
    });
    assert_eq!(options, expected);
}

#[test]
fn a_passkey_of_either_curve_is_made_and_kept_in_little() {
    for authenticator in [es256(), eddsa()] {
        let scene =
            Scene { flags: PRESENT | VERIFIED | BACKUP_ELIGIBLE | BACKED_UP, counter: 5, ..Scene::default() };
        let registered = create(&authenticator.create(&scene)).unwrap();
        assert_eq!(registered.sign_count(), 5);
        assert!(registered.backup_eligible() && registered.backed_up());
        assert_eq!(registered.transports(), [Transport::Hybrid, Transport::Internal]);
        assert_eq!(kept(&registered), registered);
        let size = serde_json::to_string(&registered).unwrap().len();
        assert!(size < 350, "{size} bytes");
    }
}

#[test]
fn an_answer_says_where_to_look_before_it_is_believed() {
    let mut answer = es256().create(&Scene::default());
    let claims = Claims::read(&answer).unwrap();
    assert_eq!(claims.credential_id.to_string(), "ZXMyNTY");
    assert_eq!((claims.challenge, claims.user_handle), (CHALLENGE, None));
    let short = Scene { challenge: vec![7; 31], ..Scene::default() };
    assert_eq!(Claims::read(&es256().create(&short)), Err(Error::Challenge));
    answer["rawId"] = "".into();
    assert!(matches!(Claims::read(&answer), Err(Error::Malformed(_))));
    for answer in [json!(null), json!([]), json!({ "rawId": 1 }), json!({ "response": "no" })] {
        assert!(matches!(Claims::read(&answer), Err(Error::Malformed(_))), "{answer}");
    }
}

#[test]
fn what_is_not_as_asked_for_is_refused() {
    let cases = [
        (Error::Type, Scene { type_: Some("webauthn.get"), ..Scene::default() }),
        (Error::Type, Scene { type_: Some("payment.get"), ..Scene::default() }),
        (Error::Challenge, Scene { challenge: vec![8; 32], ..Scene::default() }),
        (Error::Challenge, Scene { challenge: vec![7; 31], ..Scene::default() }),
        (Error::Challenge, Scene { challenge: vec![], ..Scene::default() }),
        (Error::Origin, Scene { origin: "https://evil.example", ..Scene::default() }),
        (Error::Origin, Scene { origin: "https://sub.roster.example", ..Scene::default() }),
        (Error::Origin, Scene { origin: "http://roster.example", ..Scene::default() }),
        (Error::Origin, Scene { origin: "https://roster.example:8443", ..Scene::default() }),
        (Error::Framed, Scene { in_frame: Some("https://evil.example"), ..Scene::default() }),
        (Error::RelyingParty, Scene { rp_id: "evil.example", ..Scene::default() }),
        (Error::UserNotPresent, Scene { flags: VERIFIED, ..Scene::default() }),
        (Error::UserNotVerified, Scene { flags: PRESENT, ..Scene::default() }),
        (Error::BackupFlags, Scene { flags: PRESENT | VERIFIED | BACKED_UP, ..Scene::default() }),
    ];
    for (error, scene) in cases {
        assert_eq!(create(&es256().create(&scene)), Err(error));
    }
}

#[test]
fn a_second_factor_may_go_without_verification() {
    let answer = es256().create(&Scene { flags: PRESENT, ..Scene::default() });
    for verification in [UserVerification::Preferred, UserVerification::Discouraged] {
        relying_party().finish_creation(&CHALLENGE, &answer, verification).unwrap();
    }
}

#[test]
fn the_id_is_the_one_that_the_authenticator_says() {
    let mut answer = es256().create(&Scene::default());
    answer["rawId"] = "AAAA".into();
    assert_eq!(create(&answer), Err(Error::OtherCredential));
    let mut answer = es256().create(&Scene::default());
    answer["type"] = "password".into();
    assert_eq!(create(&answer), Err(Error::Type));
    for id in [vec![], vec![1; 1024]] {
        let answer = Authenticator::new(Key::es256(11), &id).create(&Scene::default());
        assert!(matches!(create(&answer), Err(Error::Malformed(_))));
    }
    let longest = Authenticator::new(Key::es256(11), &[1; 1023]).create(&Scene::default());
    create(&longest).unwrap();
}

// RULE: AC-04
#[test]
fn a_key_by_which_others_could_sign_is_refused_when_it_is_added() {
    // After `21 58 20`, the label of x and its 32 bytes: a point of order one.
    let weak = altered(&eddsa().create(&Scene::default()), "attestationObject", |object| {
        let at = object.windows(3).rposition(|bytes| bytes == [0x21, 0x58, 0x20]).unwrap() + 3;
        object[at..].fill(0);
        object[at] = 1;
    });
    assert_eq!(create(&weak), Err(Error::Key));
}

#[test]
fn a_key_is_of_an_offered_algorithm_and_no_larger_than_it_needs() {
    let answer = eddsa().create(&Scene::default());
    // The algorithm stands before the curve: `03 27 20 06`. A byte less is ES256 in name, a byte more nothing.
    let other = altered(&answer, "attestationObject", |object| {
        let at = object.windows(4).position(|bytes| bytes == [0x03, 0x27, 0x20, 0x06]).unwrap();
        object[at + 1] = 0x28;
    });
    assert_eq!(create(&other), Err(Error::Key));
    // One more entry in the key, `04: h'00...'`, of more than any key has.
    let fat = altered(&answer, "attestationObject", |object| {
        let at = object.windows(5).position(|bytes| bytes == [0xa4, 0x01, 0x01, 0x03, 0x27]).unwrap();
        object[at] = 0xa5;
        object.extend([0x04, 0x59, 0x08, 0x00]);
        object.extend([0; 0x800]);
        let data = object.windows(8).position(|bytes| bytes == *b"authData").unwrap() + 9;
        let size = u16::try_from(object.len() - data - 2).unwrap();
        object[data..data + 2].copy_from_slice(&size.to_be_bytes());
    });
    assert_eq!(create(&fat), Err(Error::Key));
}

#[test]
fn half_an_answer_is_refused_and_breaks_nothing() {
    let answer = es256().create(&Scene::default());
    for part in ["clientDataJSON", "attestationObject"] {
        let whole = crate::base64url::decode(answer["response"][part].as_str().unwrap()).unwrap().len();
        for length in 0..whole {
            let half = altered(&answer, part, |bytes| bytes.truncate(length));
            assert!(matches!(create(&half), Err(Error::Malformed(_))), "{part} of {length} bytes");
        }
    }
    for answer in [json!(null), json!({}), json!({ "type": "public-key" })] {
        assert!(create(&answer).is_err(), "{answer}");
    }
}
