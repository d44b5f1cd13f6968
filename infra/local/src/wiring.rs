//! The template's functions and routes, for tools and tests that hold other places to them.

use crate::template::Template;
use crate::{Grant, Options, TemplateError};

/// One function of the template.
#[derive(Debug)]
pub struct Wired {
    /// The name of folder, package and binary.
    pub name: String,
    /// Its routes, as `METHOD /path`, in the order of the template.
    pub routes: Vec<String>,
    /// What its policies allow, each with the line it stands on.
    pub grants: Vec<(Grant, usize)>,
}

/// Reads these options' template, with everything the stack holds a template to.
pub fn wiring(options: &Options) -> Result<Vec<Wired>, TemplateError> {
    let mut parameters = options.parameters.clone();
    parameters.entry("ConsoleUrl".to_owned()).or_default();
    let template = Template::read(&options.template, &parameters)?;
    let wired = template.functions.into_iter().map(|function| Wired {
        routes: function.routes.iter().map(|route| format!("{} {}", route.method, route.path)).collect(),
        grants: function
            .grants
            .into_iter()
            .map(|grant| (Grant::of(&function.name, &grant), grant.line))
            .collect(),
        name: function.name,
    });
    Ok(wired.collect())
}
