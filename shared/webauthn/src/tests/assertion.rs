use serde_json::json;

use super::authenticator::{
    Authenticator, BACKED_UP, BACKUP_ELIGIBLE, Key, PRESENT, Scene, VERIFIED, altered,
};
use super::{CHALLENGE, create, eddsa, es256, handle, kept, registered, relying_party, use_};
use crate::base64url::decode;
use crate::{Claims, Error, UserVerification, Verified};

#[test]
fn the_browser_is_told_what_to_find() {
    let allow = [registered(&es256())];
    let options = relying_party().request_options(&CHALLENGE, &allow, UserVerification::Discouraged).unwrap();
    let expected = json!({
        "challenge": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc",
        "timeout": 300_000,
        "rpId": "roster.example",
        "allowCredentials": [
            { "type": "public-key", "id": "ZXMyNTY", "transports": ["hybrid", "internal"] },
        ],
        "userVerification": "discouraged",
    });
    assert_eq!(options, expected);
    let anybody = relying_party().request_options(&CHALLENGE, &[], UserVerification::Required).unwrap();
    assert_eq!(
        (&anybody["allowCredentials"], &anybody["userVerification"]),
        (&json!([]), &json!("required"))
    );
}

#[test]
fn a_passkey_of_either_curve_signs_in() {
    for authenticator in [es256(), eddsa()] {
        let scene =
            Scene { flags: PRESENT | VERIFIED | BACKUP_ELIGIBLE | BACKED_UP, counter: 1, ..Scene::default() };
        let registered = create(&authenticator.create(&scene)).unwrap();
        let scene = Scene { flags: PRESENT | VERIFIED | BACKUP_ELIGIBLE, counter: 2, ..scene };
        let answer = authenticator.use_(&scene);
        let claims = Claims::read(&answer).unwrap();
        assert_eq!(&claims.credential_id, registered.credential_id());
        assert_eq!((claims.challenge, claims.user_handle), (CHALLENGE, Some(handle())));
        let verified = use_(&answer, &kept(&registered)).unwrap();
        let expected =
            Verified { user_handle: Some(handle()), sign_count: 2, user_verified: true, backed_up: false };
        assert_eq!(verified, expected);
        let after = registered.after(&verified);
        assert_eq!((after.sign_count(), after.backed_up()), (2, false));
    }
}

#[test]
fn what_is_not_as_asked_for_is_refused() {
    let cases = [
        (Error::Type, Scene { type_: Some("webauthn.create"), ..Scene::default() }),
        (Error::Challenge, Scene { challenge: vec![8; 32], ..Scene::default() }),
        (Error::Challenge, Scene { challenge: vec![7; 31], ..Scene::default() }),
        (Error::Origin, Scene { origin: "https://evil.example", ..Scene::default() }),
        (Error::Origin, Scene { origin: "https://sub.roster.example", ..Scene::default() }),
        (Error::Origin, Scene { origin: "http://roster.example", ..Scene::default() }),
        (Error::Framed, Scene { in_frame: Some("https://evil.example"), ..Scene::default() }),
        (Error::RelyingParty, Scene { rp_id: "evil.example", ..Scene::default() }),
        (Error::UserNotPresent, Scene { flags: VERIFIED, ..Scene::default() }),
        (Error::UserNotVerified, Scene { flags: PRESENT, ..Scene::default() }),
        (Error::BackupFlags, Scene { flags: PRESENT | VERIFIED | BACKED_UP, ..Scene::default() }),
        (Error::BackupFlags, Scene { flags: PRESENT | VERIFIED | BACKUP_ELIGIBLE, ..Scene::default() }),
    ];
    let registered = registered(&es256());
    for (error, scene) in cases {
        assert_eq!(use_(&es256().use_(&scene), &registered), Err(error));
    }
    let mut answer = es256().use_(&Scene::default());
    answer["type"] = "password".into();
    assert_eq!(use_(&answer, &registered), Err(Error::Type));
}

#[test]
fn a_second_factor_may_go_without_verification_and_that_is_told() {
    let registered = registered(&es256());
    for (flags, user_verified) in [(PRESENT, false), (PRESENT | VERIFIED, true)] {
        let answer = es256().use_(&Scene { flags, ..Scene::default() });
        for verification in [UserVerification::Preferred, UserVerification::Discouraged] {
            let verified =
                relying_party().finish_request(&CHALLENGE, &answer, &registered, verification).unwrap();
            assert_eq!(verified.user_verified, user_verified);
        }
    }
}

#[test]
fn the_passkey_of_another_is_refused() {
    let (mine, other) = (registered(&es256()), registered(&eddsa()));
    let answer = es256().use_(&Scene::default());
    assert_eq!(use_(&answer, &other), Err(Error::OtherCredential));
    // Under my id, by a key of their own.
    let forged = Authenticator::new(Key::es256(13), b"es256").use_(&Scene::default());
    assert_eq!(use_(&forged, &mine), Err(Error::Signature));
    // Their answer, with my id written on it.
    let mut relabelled = eddsa().use_(&Scene::default());
    relabelled["rawId"] = answer["rawId"].clone();
    assert_eq!(use_(&relabelled, &mine), Err(Error::Signature));
}

#[test]
fn a_flag_set_afterwards_is_no_verification() {
    for authenticator in [es256(), eddsa()] {
        let registered = registered(&authenticator);
        let answer = authenticator.use_(&Scene { flags: PRESENT, ..Scene::default() });
        let raised = altered(&answer, "authenticatorData", |data| data[32] |= VERIFIED);
        assert_eq!(use_(&raised, &registered), Err(Error::Signature));
    }
}

#[test]
fn no_bit_of_what_is_signed_can_be_changed() {
    for authenticator in [es256(), eddsa()] {
        let registered = registered(&authenticator);
        let answer = authenticator.use_(&Scene::default());
        for part in ["clientDataJSON", "authenticatorData", "signature"] {
            let whole = decode(answer["response"][part].as_str().unwrap()).unwrap().len();
            for at in 0..whole {
                let changed = altered(&answer, part, |bytes| bytes[at] ^= 1);
                assert!(use_(&changed, &registered).is_err(), "{part}, byte {at}");
                let half = altered(&answer, part, |bytes| bytes.truncate(at));
                assert!(use_(&half, &registered).is_err(), "{part} of {at} bytes");
            }
        }
    }
}

#[test]
fn a_counter_goes_on_or_stands_at_nothing() {
    let authenticator = es256();
    let at = |counter| Scene { counter, ..Scene::default() };
    let registered = |counter| create(&authenticator.create(&at(counter))).unwrap();
    for (stored, counter) in [(0, 0), (0, 1), (5, 6), (5, u32::MAX)] {
        assert_eq!(use_(&authenticator.use_(&at(counter)), &registered(stored)).unwrap().sign_count, counter);
    }
    for (stored, counter) in [(5, 5), (5, 4), (5, 0), (u32::MAX, 0)] {
        let answer = authenticator.use_(&at(counter));
        assert_eq!(use_(&answer, &registered(stored)), Err(Error::Counter { stored }));
        // Nobody but the holder of the key can say that there are two of it.
        let forged = Authenticator::new(Key::es256(13), b"es256").use_(&at(counter));
        assert_eq!(use_(&forged, &registered(stored)), Err(Error::Signature));
    }
}

#[test]
fn authenticators_that_keep_no_user_say_so_in_three_ways() {
    let registered = registered(&es256());
    for nothing in [Some(json!(null)), Some(json!("")), None] {
        let mut answer = es256().use_(&Scene::default());
        let response = answer["response"].as_object_mut().unwrap();
        response.remove("userHandle");
        response.extend(nothing.map(|nothing| ("userHandle".to_owned(), nothing)));
        assert_eq!(Claims::read(&answer).unwrap().user_handle, None);
        assert_eq!(use_(&answer, &registered).unwrap().user_handle, None);
    }
}

#[test]
fn whether_the_holder_was_verified_at_the_making_is_kept_and_no_use_makes_up_for_it() {
    let unverified = es256().create(&Scene { flags: PRESENT, ..Scene::default() });
    let made = relying_party().finish_creation(&CHALLENGE, &unverified, UserVerification::Preferred);
    let made = kept(&made.unwrap());
    assert!(!made.user_verified());
    // By a PIN that was set since then.
    let use_ = use_(&es256().use_(&Scene::default()), &made).unwrap();
    assert!(use_.user_verified);
    assert!(!made.after(&use_).user_verified());
    assert!(kept(&registered(&es256())).user_verified());
}
