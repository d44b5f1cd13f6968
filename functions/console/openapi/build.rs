//! Takes out of the vendored Swagger UI the two files that the page needs.

use std::error::Error;
use std::fs::File;
use std::io::copy;
use std::path::{Path, PathBuf};

use miniz_oxide::inflate::decompress_to_vec_with_limit;
use rawzip::ZipArchive;
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;

/// What they are called in the archive, below a folder that names the version.
const FILES: [&str; 2] = ["swagger-ui-bundle.js", "swagger-ui.css"];
/// Far more than they have.
const FILE_BYTES_MAX: usize = 16 * 1024 * 1024;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let folder = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo says where to write")?);
    for name in FILES {
        take_out(name, &folder.join(name))?;
    }
    Ok(())
}

fn take_out(name: &str, to: &Path) -> Result<(), Box<dyn Error>> {
    let archive = ZipArchive::from_slice(SWAGGER_UI_VENDORED)?;
    let mut entries = archive.entries();
    while let Some(entry) = entries.next_entry()? {
        if entry.file_path().as_ref().ends_with(format!("/dist/{name}").as_bytes()) {
            let packed = archive.get_entry(entry.wayfinder())?;
            let content = decompress_to_vec_with_limit(packed.data(), FILE_BYTES_MAX)
                .map_err(|error| format!("{name}: {error}"))?;
            copy(&mut packed.verifying_reader(content.as_slice()), &mut File::create(to)?)?;
            return Ok(());
        }
    }
    Err(format!("Swagger UI has no {name}").into())
}
