//! The OpenAPI document of the interface, made of what the operations say of themselves and of the template's routes.
//! Why here: this is where all functions are linked. RULE: AP-07

mod parameters;
mod problems;
mod route;
mod schemas;

use std::collections::BTreeSet;

use runtime::{Interface, SECURE_COOKIE};
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::functions;
use crate::{Options, wiring};
use problems::Problems;

const ABOUT: &str = "Teams of a SaaS: people are invited, accept, get a role, are suspended, logged out, deleted; each \
    of them is a seat. Sign in with `POST /v1/sessions` and send the token as `Authorization: Bearer <token>`. Refusals \
    are problem documents (RFC 9457) with a stable `code`; there are no other replies than those listed here. Fields \
    that are not listed are refused. Amounts are in US cents, instants in UTC (RFC 3339).";

/// The document, of OpenAPI 3.1, as it is served and kept: two spaces an indent.
pub fn openapi() -> Result<String, String> {
    serde_json::to_string_pretty(&document()?).map_err(|error| error.to_string())
}

fn document() -> Result<Value, String> {
    let wired = wiring(&Options::default()).map_err(|error| error.to_string())?;
    let mut generator = SchemaSettings::draft2020_12()
        .for_serialize()
        .with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        })
        .into_generator();
    let problems = Problems::new(&mut generator);
    let mut paths = Map::new();
    for function in wired {
        for route in &function.routes {
            let (path, method, operation) = route_of(&function.name, route, &problems, &mut generator)?;
            let item = paths.entry(path).or_insert_with(|| json!({}));
            item[method] = operation;
        }
    }
    Ok(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "roster",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": env!("CARGO_PKG_LICENSE"), "identifier": env!("CARGO_PKG_LICENSE") },
        },
        "servers": [{ "url": "/", "description": "Where this document came from" }],
        "tags": tags(&paths),
        "paths": paths,
        "components": {
            "schemas": schemas::all(generator, &problems),
            "responses": route::refusals(&problems),
            "examples": problems.examples(),
            "parameters": parameters::parameters(),
            "headers": route::headers(),
            "securitySchemes": {
                "session": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The `token` of `POST /v1/sessions`. It is good for 24 hours, unless it is ended before.",
                },
                "cookie": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": SECURE_COOKIE,
                    "description": "The same in a cookie that no script reads, for `POST /v1/sessions` with `credential` \
                                    `cookie`; without the prefix `__Host-` on localhost. An Authorization header goes \
                                    before it. A change needs an Origin that is the request's own, as browsers send it.",
                },
            },
        },
    }))
}

/// Path, method in lower case, and what the document says of them.
fn route_of(
    name: &str,
    route: &str,
    problems: &Problems,
    generator: &mut SchemaGenerator,
) -> Result<(String, String, Value), String> {
    let (method, path) = route.split_once(' ').ok_or_else(|| format!("{route} is no route"))?;
    let function = functions::ALL.iter().find(|function| function.name == name);
    let interface =
        function.map(|function| function.interface).ok_or_else(|| format!("{name} is not linked"))?;
    let operation = match interface {
        Interface::Operation(_) | Interface::Routes(_) => match interface.describe(route) {
            Some(describe) => route::operation(path, &(describe.document)(method, generator), problems),
            None => Err(format!("{name} has no operation for {route}")),
        },
        Interface::Files(files) => match files.iter().find(|file| file.route == route) {
            Some(file) => Ok(route::file(path, file)),
            None => Err(format!("{name} has no file for {route}")),
        },
        Interface::Events => Err(format!("{name} has the route {route}, and answers events only")),
    }?;
    Ok((path.to_owned(), method.to_ascii_lowercase(), operation))
}

fn tags(paths: &Map<String, Value>) -> Vec<Value> {
    let names: BTreeSet<&str> = paths.keys().map(|path| route::tag(path)).collect();
    names.into_iter().map(|name| json!({ "name": name })).collect()
}
