//! Getting in: sign-up, invitations' tokens, passwords, sign-in, lock-out, sessions, and what is kept secret.

mod authorize;
mod codes;
mod cookie;
mod credentials;
mod forge;
mod leaving;
mod lockout;
mod memberships;
mod mfa;
mod passwords;
mod restricted_calls;
mod rotation;
mod secrets;
mod sessions;
mod sign_in;
mod sign_up;
mod step_up_calls;
mod tokens;
