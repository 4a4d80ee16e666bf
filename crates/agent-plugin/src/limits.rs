// SPDX-License-Identifier: Apache-2.0
//! The numbers that bound what is looked at (S-82). What lies beyond one is named in
//! [`Extent`](crate::inventory::Extent), and the result is never called complete.

use oci_artifact::limits::{MAX_DEPTH, MAX_DIRECTORIES, MIB};

/// The limits of the look; all are inclusive maxima.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The largest number of bytes of a manifest or another configuration file.
    pub config_size: u64,
    /// The largest number of bytes of a text that is searched for commands.
    pub text_size: u64,
    /// The largest number of bytes of a lock file that is counted.
    pub lock_size: u64,
    /// The largest number of entries of a plugin.
    pub entries: usize,
    /// The largest number of directories of a plugin that is a directory; those of a layer are
    /// bounded where it is read.
    pub directories: usize,
    /// The largest number of names of one path.
    pub path_depth: usize,
    /// The largest number of levels of nesting in a configuration file.
    pub depth: usize,
    /// The largest number of bytes that are read of all files together.
    pub read: u64,
    /// The largest number of bytes that are kept of all files together where components are by
    /// default, or where the manifest says that they are.
    pub kept: u64,
    /// The largest number of bytes that are kept of files elsewhere that might turn out to be
    /// needed.
    pub spare: u64,
    /// The largest number of bytes that are kept of all bundles together.
    pub bundles: u64,
    /// Bytes that a bundle may say that it unpacks to.
    pub bundle_unpacked: u64,
    /// The largest number of bytes of the manifests of all bundles together.
    pub bundle_manifests: u64,
    /// The largest number of items of one list of the result.
    pub items: usize,
    /// The largest number of bytes of what the result says again and again: names, identifiers,
    /// messages. A short file could have a long name repeated with each of many items.
    pub told: usize,
    /// The largest number of bytes of a command that are analysed. It is shown whole.
    pub command: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            config_size: MIB,
            text_size: 4 * MIB,
            lock_size: 4 * MIB,
            entries: 20_000,
            directories: MAX_DIRECTORIES,
            path_depth: MAX_DEPTH,
            depth: 64,
            read: 1 << 30,
            kept: 24 * MIB,
            spare: 8 * MIB,
            bundles: 64 * MIB,
            bundle_unpacked: 64 * MIB,
            bundle_manifests: 8 * MIB,
            items: 5_000,
            told: 64 << 20,
            command: 64 << 10,
        }
    }
}
