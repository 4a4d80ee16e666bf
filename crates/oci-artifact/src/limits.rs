// SPDX-License-Identifier: Apache-2.0
//! The numbers that bound what is packaged and read (format.md, constants), beside those of what is
//! stored. All are inclusive maxima: a value equal to its limit passes.

pub use oci_layout::limits::{
    MAX_BLOB_SIZE, MAX_INDEX_FILE_SIZE, MAX_MANIFEST_SIZE, MAX_TAG_LENGTH, MIB,
};

/// Files of a package besides the manifest (PW-6, SW-6).
pub const MAX_FILES: usize = 1_000;
/// Bytes of all those files together: 95 MiB (PW-7, SW-7).
pub const MAX_CONTENT_SIZE: u64 = 95 * MIB;
/// Bytes of a plugin.json, or of a SKILL.md's frontmatter (PD-3, FM-4).
pub const MAX_MANIFEST_FILE_SIZE: u64 = 65_536;
/// Bytes of a decompressed layer (GU-3), also of one that is being made (BUG-04): 100 MiB.
pub const MAX_LAYER_SIZE: u64 = 100 * MIB;
/// Bytes of one member of a layer (EX-13): 100 MiB.
pub const MAX_MEMBER_SIZE: u64 = 100 * MIB;
/// Members of a layer that is read (BUG-65).
pub const MAX_MEMBERS: usize = 10_000;
/// Bytes of a member's path: what Linux takes for the longest path, so a longer one could not be
/// extracted, nor compared with others in constant memory.
pub const MAX_PATH_SIZE: usize = 4_096;
/// Directories of a layer that is read, those that only a path implies included, and of a directory
/// that is packaged (DEV-6).
pub const MAX_DIRECTORIES: usize = 10_000;
/// Names of one path, the file's own included, in a layer and in a directory (DEV-6).
pub const MAX_DEPTH: usize = 256;
/// Bytes of an image config that is read or made (DEV-7): 4 MiB.
pub const MAX_CONFIG_SIZE: u64 = 4 * MIB;
/// Bytes of an image config that ToolHive reads (DEV-7): 1 MiB.
pub const TOOLHIVE_CONFIG_SIZE: u64 = MIB;
/// Manifests of a pulled index (PULL-V6).
pub const MAX_INDEX_MANIFESTS: usize = 32;
/// Layers of a pulled manifest (PULL-V6).
pub const MAX_MANIFEST_LAYERS: usize = 64;
