// SPDX-License-Identifier: Apache-2.0
//! `KIND init [PATH]`: the first files of a plugin or a skill, which validates as it is.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use oci_artifact::{Error, ErrorKind, Result};
use serde::Serialize;

use super::build::absolute;
use crate::args::Init;
use crate::context::Context;
use crate::kind::Kind;
use crate::output::{Outcome, harmless};

/// The most characters of a name.
const LONGEST: usize = 64;

#[derive(Serialize)]
struct Report<'a> {
    path: String,
    name: &'a str,
    files: Vec<&'static str>,
}

pub(super) fn run<K: Kind>(args: &Init, context: &Context) -> Result<Outcome> {
    let name = name(args)?;
    let sentence = "Says what it does and when it helps; replace this sentence with your own";
    let description = args.description.as_deref().unwrap_or(sentence);
    let files = K::template(&name, description);
    // Nothing is begun where something is there already.
    for (file, _) in &files {
        let path = args.path.join(file);
        if fs::symlink_metadata(&path).is_ok() {
            return Err(Error::new(ErrorKind::AlreadyExists, "this is there already")
                .at_path(path)
                .with_help(format!("choose a directory without it: {} begin in one", K::PLURAL)));
        }
    }
    for (file, text) in &files {
        write(&args.path.join(file), text)?;
    }
    let path = args.path.display().to_string();
    let files = files.iter().map(|(file, _)| *file).collect();
    let report = Report { path, name: &name, files };
    context.output.result(&report, |output| {
        for file in &report.files {
            let path = args.path.join(file).display().to_string();
            output.note(&format!("Wrote {}", harmless(&path)));
        }
        let (kind, path) = (K::NAME, harmless(&report.path));
        output.note(&format!(
            "Next: edit it, then `toolhive-oci {kind} validate {path}` and `toolhive-oci {kind} build {path}`"
        ));
        output.print(&path);
    });
    Ok(Outcome::Done)
}

/// The name that was given, or the directory's, if it is one.
fn name(args: &Init) -> Result<String> {
    let (name, is_given) = match &args.name {
        Some(name) => (name.clone(), true),
        None => {
            let path = absolute(&args.path)?;
            let path = path.canonicalize().unwrap_or(path);
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            (name.unwrap_or_default(), false)
        }
    };
    if is_name(&name) {
        return Ok(name);
    }
    let message = match is_given {
        true => format!("{name:?} cannot be its name"),
        false => format!("the directory's name {name:?} cannot be its name"),
    };
    Err(Error::new(ErrorKind::InvalidOption, message).with_help(format!(
        "give one with --name: lower-case letters and digits, with single hyphens between them, at most \
         {LONGEST} characters"
    )))
}

/// Whether hosts and registries all take a name: lower-case letters and digits, with single hyphens
/// between them.
pub(super) fn is_name(name: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    name.len() <= LONGEST && name.split('-').all(is_part)
}

fn write(path: &Path, text: &str) -> Result<()> {
    let failed = |error| Error::io("cannot write", path, error);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}
