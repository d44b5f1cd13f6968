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
    leave::FUNCTION,
    authorize::FUNCTION,
    invite::FUNCTION,
    list_users::FUNCTION,
    get_user::FUNCTION,
    change_role::FUNCTION,
    suspend::FUNCTION,
    reactivate::FUNCTION,
    logout::FUNCTION,
    delete::FUNCTION,
    list_user_sessions::FUNCTION,
    seats::FUNCTION,
    get_account::FUNCTION,
    update_account::FUNCTION,
    close_account::FUNCTION,
    resources::FUNCTION,
    list_events::FUNCTION,
    start_departure::FUNCTION,
    get_departure::FUNCTION,
    cancel_departure::FUNCTION,
    openapi::FUNCTION,
    publish_events::FUNCTION,
    send_mail::FUNCTION,
    deadlines::FUNCTION,
    erase_user::FUNCTION,
    mail_feedback::FUNCTION,
];
