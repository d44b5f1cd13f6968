//! Tells webhooks.
