// SPDX-License-Identifier: Apache-2.0
//! A directory that is checked, and what stands in the way of packaging it (PW-1 to PW-7, SW-1 to
//! SW-7): all of it, where the packaging itself stops at the first.

use std::path::Path;

use crate::finding::Findings;
use crate::{Files, Limits};
use oci_artifact::directory::{Directory, Found, FoundKind, Hidden, Survey};
use oci_artifact::kind::ArtifactKind;
use oci_artifact::{Diagnostic, Result, limits, packager};

/// A directory that was read: every directory in it and every file once.
#[derive(Debug)]
pub struct Tree {
    directory: Directory,
    survey: Survey,
    files: Files,
    name: Option<String>,
}

impl Tree {
    /// Reads the directory at `path`; `hidden` is what the packaging takes of hidden entries.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDir`](oci_artifact::ErrorKind::InvalidDir) if there is none;
    /// [`ErrorKind::Io`](oci_artifact::ErrorKind::Io) if a file in it cannot be read to its end.
    pub fn open(path: &Path, hidden: &Hidden) -> Result<Self> {
        let directory = Directory::open(path)?;
        let (files, survey) = Files::surveyed(&directory, hidden, Limits::default())?;
        // The name of `.` is that of the directory it stands for.
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let name = real.file_name().map(|name| name.to_string_lossy().into_owned());
        Ok(Self { directory, survey, files, name })
    }

    /// Returns the directory's own name; the root of a file system has none.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns the files of the tree.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// Returns the content of a file; `None` if there is none, or it is too large to be looked at.
    pub fn content(&self, path: &str) -> Option<&[u8]> {
        self.files.bytes(path)
    }

    /// Returns the entry at that path, if it is no directory.
    pub fn get(&self, path: &str) -> Option<&Found> {
        let entries = &self.survey.entries;
        let at = entries.binary_search_by(|found| found.path.as_slice().cmp(path.as_bytes()));
        entries.get(at.ok()?)
    }

    /// Whether something lies below that path (empty: the root).
    pub fn is_directory(&self, path: &str) -> bool {
        path.is_empty() || self.below(path).next().is_some()
    }

    /// Returns the paths of all files and links below that path, in byte order; those that are
    /// UTF-8.
    pub fn below<'t>(&'t self, path: &str) -> impl Iterator<Item = &'t str> + use<'t> {
        let prefix = crate::path::child(path, "");
        let entries = &self.survey.entries;
        let from = entries.partition_point(|found| found.path.as_slice() < prefix.as_bytes());
        let rest = entries.get(from..).unwrap_or_default();
        let paths = rest.iter().map(|found| found.path.as_slice());
        let own = paths.take_while(move |path| path.starts_with(prefix.as_bytes()));
        own.filter_map(|path| std::str::from_utf8(path).ok())
    }

    /// The paths of what would be packaged, or refused, in byte order; those that are UTF-8.
    pub fn packaged(&self) -> impl Iterator<Item = &str> {
        let counted = self.survey.entries.iter().filter(|found| found.counts);
        counted.filter_map(|found| std::str::from_utf8(&found.path).ok())
    }

    /// Reports everything that cannot be packaged. The file at `manifest` is not counted with the
    /// others (CNT-1).
    pub fn check(&self, manifest: &str, findings: &mut Findings) {
        if !self.survey.is_complete {
            findings.truncate();
        }
        for refusal in &self.survey.refusals {
            findings.add_refusal(refusal, "not-packaged");
        }
        let mut size = 0_u64;
        let mut count = 0_usize;
        for found in &self.survey.entries {
            let is_manifest = found.path == manifest.as_bytes();
            if !found.counts && !is_manifest {
                continue;
            }
            entry(found, findings);
            if found.kind == FoundKind::File && !is_manifest {
                size = size.saturating_add(found.size);
                count += 1;
            }
        }
        if count > limits::MAX_FILES {
            let message = format!("there are {count} files, more than {}", limits::MAX_FILES);
            let help = "keep dependencies and build output out of the directory";
            findings.add(Diagnostic::new(message).with_rule("thv-files").with_help(help));
        }
        if size > limits::MAX_CONTENT_SIZE {
            let limit = limits::MAX_CONTENT_SIZE / limits::MIB;
            let message = format!("the files have {size} bytes, more than {limit} MiB");
            let help = "keep build output, archives and media out of the directory";
            findings.add(Diagnostic::new(message).with_rule("thv-size").with_help(help));
        }
    }
}

/// Asks the packaging itself whether it takes the directory at `path`, which is `tree`: whatever `build` refuses is
/// an error here, too, and what it leaves out is reported.
pub fn check_packaging<K: ArtifactKind>(path: &Path, tree: Tree, findings: &mut Findings) {
    let is_whole = tree.survey.is_complete
        && tree.survey.refusals.is_empty()
        && tree.survey.entries.iter().all(|found| !found.counts || found.kind == FoundKind::File);
    let manifest = tree.content(K::MANIFEST_PATH).map(<[u8]>::to_vec);
    let checked = match manifest.filter(|_| is_whole) {
        Some(manifest) => packager::check_surveyed::<K>(tree.directory, &tree.survey, &manifest),
        // What is missing or refused, the packaging itself knows best.
        None => packager::check::<K>(path),
    };
    match checked {
        Ok(warnings) => {
            let of_tree =
                |rule: Option<&str>| matches!(rule, Some("config-size" | "hidden-left-out"));
            let own = warnings.into_iter().filter(|warning| of_tree(warning.rule));
            own.for_each(|warning| findings.add(warning));
        }
        // The refusal was already reported, and better.
        Err(error) if findings.has_error() => drop(error),
        Err(error) => findings.add_refusal(&error, "not-packaged"),
    }
}

fn entry(found: &Found, findings: &mut Findings) {
    let path = String::from_utf8_lossy(&found.path);
    let (rule, message) = match found.kind {
        FoundKind::Link => ("thv-symlink", "this is a symbolic link, which cannot be packaged"),
        FoundKind::Unreadable => ("not-packaged", "this cannot be opened"),
        FoundKind::File if found.path.contains(&b'\\') => {
            ("thv-path", "the name has a backslash, which other systems take for a separator")
        }
        FoundKind::File if std::str::from_utf8(&found.path).is_err() => {
            ("thv-path", "the name is not UTF-8")
        }
        FoundKind::File => return,
        _ => ("not-packaged", "this is neither a file nor a directory"),
    };
    let help = match rule {
        "thv-symlink" => "replace it with the file itself, or remove it",
        "thv-path" => "rename the file",
        _ => "remove it, or make it a file that can be read",
    };
    let diagnostic = Diagnostic::new(message).with_rule(rule).at_path(&*path);
    findings.add(diagnostic.with_help(help));
}
