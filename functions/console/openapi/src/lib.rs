//! GET /v1/openapi.json: the interface as an OpenAPI document, which `cargo xtask openapi` writes from the operations'
//! code. GET /v1/docs: a page to read and try it, with a viewer that comes from here as well. RULE: AP-07

use runtime::{File, Files};

/// The function.
pub const FUNCTION: runtime::Function = runtime::files::<OpenApi>();

/// All of it comes from here, and nothing goes elsewhere.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                                       img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                                       frame-ancestors 'none'";

/// The document and the page.
pub struct OpenApi;

impl Files for OpenApi {
    const NAME: &str = "openapi";
    const FILES: &'static [File] = &[
        file("GET /v1/openapi.json", "This document.", "application/json", include_str!("../openapi.json")),
        File {
            content_security_policy: Some(CONTENT_SECURITY_POLICY),
            ..file(
                "GET /v1/docs",
                "A page to read and try the interface.",
                "text/html; charset=utf-8",
                include_str!("page.html"),
            )
        },
        file(
            "GET /v1/docs/page.js",
            "What the page begins with.",
            "text/javascript; charset=utf-8",
            include_str!("page.js"),
        ),
        file(
            "GET /v1/docs/swagger-ui-bundle.js",
            "The page's viewer, Swagger UI.",
            "text/javascript; charset=utf-8",
            include_str!(concat!(env!("OUT_DIR"), "/swagger-ui-bundle.js")),
        ),
        file(
            "GET /v1/docs/swagger-ui.css",
            "The viewer's looks.",
            "text/css; charset=utf-8",
            include_str!(concat!(env!("OUT_DIR"), "/swagger-ui.css")),
        ),
    ];
}

const fn file(
    route: &'static str,
    about: &'static str,
    media_type: &'static str,
    content: &'static str,
) -> File {
    File { route, about, media_type, content, content_security_policy: None }
}
