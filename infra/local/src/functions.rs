//! The code of the template's functions: one line each, in the order of the template.

use runtime::Function;

/// Every function of `template.yaml`.
pub const ALL: &[Function] = &[
    // sign_up::FUNCTION,
];
