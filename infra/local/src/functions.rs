//! The code of the template's functions: one line each, in the order of the template.

use runtime::Function;

/// Every function of `template.yaml`.
pub const ALL: &[Function] = &[
    sign_up::FUNCTION,
    lookup_invite::FUNCTION,
    accept_invite::FUNCTION,
    sign_in::FUNCTION,
    sign_out::FUNCTION,
    get_profile::FUNCTION,
    invite::FUNCTION,
    invite_many::FUNCTION,
    list_users::FUNCTION,
    get_user::FUNCTION,
    resend_invite::FUNCTION,
    revoke_invite::FUNCTION,
    change_role::FUNCTION,
    suspend::FUNCTION,
    reactivate::FUNCTION,
    logout::FUNCTION,
    delete::FUNCTION,
    seats::FUNCTION,
    list_events::FUNCTION,
    openapi::FUNCTION,
    publish_events::FUNCTION,
    send_mail::FUNCTION,
];
