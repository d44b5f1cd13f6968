//! POST /v1/users
