//! Getting in: sign-up, invitations' tokens, passwords, sign-in, lock-out, sessions, and what is kept secret.

mod authorize;
mod change_password;
mod codes;
mod cookie;
mod credentials;
mod forge;
mod key_rates;
mod keys;
mod leaving;
mod lockout;
mod memberships;
mod mfa;
mod own_sessions;
mod passwords;
mod profile;
mod resets;
mod rotation;
mod secrets;
mod security_mails;
mod sessions;
mod sign_in;
mod sign_up;
mod tokens;
