// SPDX-License-Identifier: Apache-2.0
//! The plugins that are asked about.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::{Result, workspace};

#[derive(Deserialize)]
struct Case {
    name: String,
    files: Vec<CaseFile>,
}

#[derive(Deserialize)]
struct CaseFile {
    path: String,
    mode: Option<String>,
    text: Option<String>,
    symlink: Option<String>,
}

/// Our own: the cases, written below `place`, and the examples.
pub(super) fn own(place: &Path) -> Result<Vec<PathBuf>> {
    let root = workspace::root();
    let cases = fs::read(root.join("testdata/surface/host-cases.json"))?;
    let cases: Vec<Case> = serde_json::from_slice(&cases)?;
    let mut plugins = Vec::new();
    for case in cases {
        let directory = place.join(&case.name);
        for file in case.files {
            let path = directory.join(&file.path);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            match file.symlink {
                Some(target) => symlink(target, path)?,
                None => {
                    fs::write(&path, file.text.unwrap_or_default())?;
                    let mode = if file.mode.as_deref() == Some("0755") { 0o755 } else { 0o644 };
                    fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
                }
            }
        }
        plugins.push(directory);
    }
    plugins.extend(below(&[root.join("examples/plugins")])?);
    Ok(plugins)
}

/// All plugins in these folders, at any depth; a folder may be one itself.
pub(super) fn below(folders: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut plugins = Vec::new();
    let mut todo: Vec<PathBuf> = folders.to_vec();
    while let Some(folder) = todo.pop() {
        let folder = folder.canonicalize()?;
        if folder.join(".claude-plugin/plugin.json").is_file() {
            plugins.push(folder);
            continue;
        }
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() && entry.file_name() != ".git" {
                todo.push(entry.path());
            }
        }
    }
    plugins.sort();
    Ok(plugins)
}
