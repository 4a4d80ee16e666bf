// SPDX-License-Identifier: Apache-2.0
//! The numbers that bound what is packaged and read (format.md, constants), beside those of what is
//! stored. All are inclusive maxima: a value equal to its limit passes.

pub use oci_layout::limits::*;

/// The largest number of files of a package besides the manifest (PW-6, SW-6).
pub const MAX_FILES: usize = 1_000;
/// The largest number of bytes of all those files together: 95 MiB (PW-7, SW-7).
pub const MAX_CONTENT_SIZE: u64 = 95 * MIB;
/// The largest number of bytes of a plugin.json (PD-3).
pub const MAX_MANIFEST_FILE_SIZE: u64 = 65_536;
/// The largest number of bytes of a decompressed layer (GU-3), also of one that is being made
/// (BUG-04): 100 MiB.
pub const MAX_LAYER_SIZE: u64 = 100 * MIB;
/// The largest number of bytes of one member of a layer (EX-13): 100 MiB.
pub const MAX_MEMBER_SIZE: u64 = 100 * MIB;
/// The largest number of members of a layer that is read (BUG-65).
pub const MAX_MEMBERS: usize = 10_000;
/// The largest number of bytes of a path, in a directory and in a layer: what Linux takes for the longest one, so a
/// longer one could not be extracted, nor compared with others in constant memory.
pub const MAX_PATH_SIZE: usize = 4_096;
/// The largest number of directories of a layer that is read, those that only a path implies
/// included, and of a directory that is packaged (DEV-6).
pub const MAX_DIRECTORIES: usize = 10_000;
/// The largest number of names of one path, the file's own included, in a layer and in a directory
/// (DEV-6).
pub const MAX_DEPTH: usize = 256;
/// The largest number of bytes of an image config that is read or made (DEV-7): 4 MiB.
pub const MAX_CONFIG_SIZE: u64 = 4 * MIB;
/// The largest number of bytes of all configs of one artifact that is read: eight of the largest, or many of the
/// usual ones.
pub const MAX_CONFIGS_SIZE: u64 = 8 * MAX_CONFIG_SIZE;
/// The largest number of bytes of an image config that ToolHive reads (DEV-7): 1 MiB.
pub const TOOLHIVE_CONFIG_SIZE: u64 = MIB;
/// The largest number of manifests of a pulled index (PULL-V6).
pub const MAX_INDEX_MANIFESTS: usize = 32;
/// The largest number of layers of a pulled manifest (PULL-V6).
pub const MAX_MANIFEST_LAYERS: usize = 64;
/// The largest number of bytes of everything together that is pulled with one artifact (BUG-52): 1
/// GiB.
pub const MAX_ARTIFACT_SIZE: u64 = 1024 * MIB;
