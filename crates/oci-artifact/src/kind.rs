// SPDX-License-Identifier: Apache-2.0
//! The facts that a kind of artifact states of itself. All that plugins and skills share is written once,
//! over this trait; what differs between them is data and policy, and stands behind it.

use std::io::Read;
use std::path::Path;

use go_deflate::Encoder;
use toolhive_diagnostics::Diagnostic;

use crate::config::TextMap;
use crate::directory::{Hidden, Tree};
use crate::document;
use crate::error::Result;

/// A kind of artifact: plugins, skills.
pub trait ArtifactKind {
    /// The known facts of one artifact, as programs and people read them.
    type Config: Clone + Send + 'static;
    /// The content of a manifest file, before the files are known.
    type Manifest;

    /// The kind's name in messages and commands: `plugin`, `skill`.
    const NAME: &'static str;
    /// The artifact type of manifests and indexes (MAN-1, IDX-1).
    const ARTIFACT_TYPE: &'static str;
    /// The layer's title (MAN-2).
    const LAYER_TITLE: &'static str;
    /// The path of the manifest file in the directory.
    const MANIFEST_PATH: &'static str;
    /// The label and annotation that hold the name, in configs and indexes.
    const LABEL_NAME: &'static str;
    /// The label and annotation that hold the description.
    const LABEL_DESCRIPTION: &'static str;
    /// The label and annotation that hold the version.
    const LABEL_VERSION: &'static str;
    /// The label and annotation that list the files.
    const LABEL_FILES: &'static str;
    /// The hidden entries that are packaged.
    const HIDDEN: Hidden;

    /// Whether a directory may be given under that path; by default any (PD-1, SD-1).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDir`](crate::ErrorKind::InvalidDir) if it may not.
    fn check_path(_path: &Path) -> Result<()> {
        Ok(())
    }

    /// Reads the manifest file, which has `size` bytes, or as much of it as is needed.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidManifest`](crate::ErrorKind::InvalidManifest) with every problem found.
    fn read_manifest(file: &mut dyn Read, size: u64) -> Result<Self::Manifest>;

    /// Returns the mode that a file has in the layer (MODE-1, MODE-2, DEV-1).
    fn file_mode(mode: u32, modes: Modes) -> u32;

    /// Describes what goes into config, manifest and index. `files` are all members' paths, sorted. The encoder
    /// is of interest only for JSON within texts ([`list_text`](crate::config::list_text)).
    fn describe(
        manifest: Self::Manifest,
        files: &[&str],
        tree: &Tree,
        encoder: Encoder,
    ) -> Description<Self::Config>;

    /// Reads the config of an artifact that was packaged before (CX-1 to CX-4).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDocument`](crate::ErrorKind::InvalidDocument) if a label is missing or
    /// malformed.
    fn read_config(config: &document::Config) -> Result<Self::Config>;
}

/// The modes that a plugin's files get (DEV-1). Skills have one mode for all files (BUG-11).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Modes {
    /// Git's two: 0755 for a file that anyone may execute, 0644 for others.
    #[default]
    Git,
    /// The nine permission bits as they are on disk (MODE-1).
    Verbatim,
}

/// The statements of a kind about one artifact.
#[derive(Clone, Debug)]
pub struct Description<C> {
    /// The artifact's name, which becomes its tag where none is asked for.
    pub name: String,
    /// The config as the caller gets to read it.
    pub config: C,
    /// The labels of every image config (CFG-3).
    pub labels: TextMap,
    /// The annotations of every manifest and of the index, without the time (MAN-3, MAN-4).
    pub annotations: TextMap,
    /// Warnings for the author (DEV-3).
    pub warnings: Vec<Diagnostic>,
}
