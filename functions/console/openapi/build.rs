//! Takes out of the vendored Swagger UI the two files that the page needs.

use std::error::Error;
use std::fs::File;
use std::io::{Cursor, copy};
use std::path::Path;

/// What it is called in the archive, below a folder that names the version.
const FILES: [&str; 2] = ["swagger-ui-bundle.js", "swagger-ui.css"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let folder = std::env::var_os("OUT_DIR").ok_or("cargo says where to write")?;
    let mut archive = zip::ZipArchive::new(Cursor::new(utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED))?;
    for name in FILES {
        let is_it = |path: &String| path.ends_with(&format!("/dist/{name}"));
        let inside = archive.file_names().flatten().map(String::from).find(is_it);
        let inside = inside.ok_or_else(|| format!("Swagger UI has no {name}"))?;
        copy(&mut archive.by_name(&inside)?, &mut File::create(Path::new(&folder).join(name))?)?;
    }
    Ok(())
}
