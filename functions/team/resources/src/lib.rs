//! `/v1/resources`: a light registry of what people made, so that a departure can list it. What is in it belongs to the
//! account: the role alone decides who reads and who changes it, whoever made it. RULE: RS-01, RS-03, RS-04

mod delete;
mod get;
mod list;
mod makers;
mod named;
mod put;
mod view;

use runtime::{Function, Routes, http, routes};

/// The function.
pub const FUNCTION: Function = routes::<Resources>();

/// The operations on resources.
struct Resources;

impl Routes for Resources {
    const NAME: &'static str = "resources";
    const ROUTES: &'static [(&'static str, Function)] = &[
        ("GET /v1/resources/{kind}/{id}", http::<get::GetResource>()),
        ("PUT /v1/resources/{kind}/{id}", http::<put::PutResource>()),
        ("DELETE /v1/resources/{kind}/{id}", http::<delete::DeleteResource>()),
        ("GET /v1/resources", http::<list::ListResources>()),
    ];
}
