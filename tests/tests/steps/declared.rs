//! What is declared of operations, each with its reason.

/// Operations that take more, and why. Whatever is not here takes one step to read and two to write.
pub(crate) const EXCEPTIONS: [(&str, usize, &str); 19] = [
    ("list-users by address", 2, "the address leads to the user"),
    ("sign-in", 3, "the address leads to the users, and no account is named before"),
    ("sign-in to an account", 3, "the address leads to the user"),
    ("sign-in with a challenge", 3, "the address leads to the users, and no account is named before"),
    (
        "step-up by password",
        3,
        "what was guessed is counted by the address, which is known only with the caller",
    ),
    ("change-password", 3, "what was guessed is counted by the address, which is known only with the caller"),
    ("request-reset", 3, "the address leads to the users, and no account is named before"),
    ("create-key", 3, "keys are read once their owner is, else two made at once would not count each other"),
    (
        "first use in five minutes",
        2,
        "that it was used is noted beside whatever comes next; a read has nothing next",
    ),
    (
        "invite over a lapsed seat",
        3,
        "every seat is taken: the users are looked through for one that has lapsed",
    ),
    ("resend-invite without a seat", 3, "every seat is taken: one that has lapsed is looked for"),
    ("invite-many of 20", 6, "two steps a round, and a round for eight rows"),
    ("invite-many of known addresses", 2, "the addresses are known: they lead to the users"),
    ("invite again after expiry", 3, "the address is known: it leads to the user who makes way"),
    (
        "refused under a key",
        2,
        "a twin may have done it meanwhile: then its answer is told, so the key is looked up once more",
    ),
    ("invite a known address", 2, "the address is known: it leads to the user who is in the way"),
    ("get another's resource", 2, "the resource leads to its maker, who may be gone"),
    ("list resources of others", 2, "the resources lead to their makers, who may be gone"),
    ("change another's resource", 3, "the resource leads to its maker, who may be gone"),
];

/// What asks the key service, how often where it succeeds, and for what. Whatever is not here does not ask.
pub(crate) const MACS: [(&str, usize, &str); 26] = [
    ("lookup-invite", 1, "the token"),
    ("accept-invite", 1, "the token"),
    ("sign-in to an account", 1, "the challenge's token"),
    ("sign-in with a challenge", 1, "the challenge's token"),
    ("verify-mfa", 2, "the challenge's token, and the app's secret"),
    ("verify-mfa by recovery code", 2, "the challenge's token, and what the codes are hashed under"),
    ("step-up by code", 1, "the app's secret"),
    ("verify-mfa by passkey", 1, "the challenge's token"),
    ("begin-passkey", 1, "the ceremony's token"),
    ("add-passkey", 1, "the ceremony's token"),
    ("begin-passkey-sign-in", 1, "the ceremony's token"),
    ("sign-in-with-passkey", 1, "the ceremony's token"),
    ("begin-step-up", 1, "the ceremony's token"),
    ("step-up by passkey", 1, "the ceremony's token"),
    ("reset-password", 1, "the link's token"),
    ("enroll-mfa", 1, "the app's secret"),
    ("confirm-mfa", 3, "the app's secret, what the codes are made from and what they are hashed under"),
    ("confirm-mfa of a Root", 2, "as others, but that a Root's codes are made from nothing that is kept"),
    ("issue-own-codes", 2, "what the codes are made from and what they are hashed under"),
    (
        "issue-own-codes of a Root",
        1,
        "what the codes are hashed under: a Root's are made from nothing that is kept",
    ),
    ("issue-codes", 2, "what the codes are made from and what they are hashed under"),
    ("view-own-codes", 1, "what the codes are made from"),
    ("view-codes", 1, "what the codes are made from"),
    ("verify-mfa, a wrong code", 2, "the challenge's token, and the app's secret"),
    ("step-up by a wrong code", 1, "the app's secret"),
    ("confirm-mfa by a wrong code", 1, "the app's secret"),
];
