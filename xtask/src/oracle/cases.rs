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

/// Our own: the cases and the fixtures of the surface, written below `place`, and the examples.
pub(super) fn own(place: &Path) -> Result<Vec<PathBuf>> {
    let root = workspace::root();
    let cases = fs::read(root.join("testdata/surface/host-cases.json"))?;
    let mut cases: Vec<Case> = serde_json::from_slice(&cases)?;
    for entry in fs::read_dir(root.join("testdata/surface"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "fixture") {
            cases.extend(fixture(&path)?);
        }
    }
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
    plugins.sort();
    Ok(plugins)
}

/// Returns a tree in one text, as the tests of the surface have it; a skill by itself and what only
/// another host reads are no question to this one.
fn fixture(path: &Path) -> Result<Option<Case>> {
    let text = fs::read_to_string(path)?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let head = text.split("\n-- ").next().unwrap_or_default();
    if head.lines().any(|line| line.starts_with("skill: ") || line.starts_with("host: ")) {
        return Ok(None);
    }
    let mut files: Vec<CaseFile> = Vec::new();
    for line in text.split_inclusive('\n') {
        let marker = line.trim_end().strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --"));
        let Some(marker) = marker else {
            if let Some(text) = files.last_mut().and_then(|file| file.text.as_mut()) {
                text.push_str(line);
            }
            continue;
        };
        let (path, symlink) = match marker.split_once(" -> ") {
            Some((path, target)) => (path, Some(target.to_owned())),
            None => (marker, None),
        };
        let (path, mode) = match path.strip_suffix(" 0755") {
            Some(path) => (path, Some("0755".to_owned())),
            None => (path, None),
        };
        let text = symlink.is_none().then(String::new);
        files.push(CaseFile { path: path.to_owned(), mode, text, symlink });
    }
    // The catalogue with its entry lies outside of the tree.
    files.retain(|file| !file.path.starts_with("../"));
    Ok(Some(Case { name: format!("fixture-{name}"), files }))
}

/// Returns all plugins in these folders, at any depth; a folder may be one itself.
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
