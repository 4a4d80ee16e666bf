// SPDX-License-Identifier: Apache-2.0
//! The numbers that bound what is stored (format.md, constants), and names as the protocol
//! has them. All are inclusive maxima: a value
//! equal to its limit passes.

/// A mebibyte, in bytes.
pub const MIB: u64 = 1 << 20;

/// The largest number of bytes of a blob (ST-25, BUG-47): 100 MiB.
pub const MAX_BLOB_SIZE: u64 = 100 * MIB;
/// The largest number of bytes of a manifest or index that is pulled (PULL-V1): 1 MiB.
pub const MAX_MANIFEST_SIZE: u64 = MIB;
/// The largest number of bytes of a store's index.json (BUG-69): 64 MiB, enough for 200,000 tags.
pub const MAX_INDEX_FILE_SIZE: u64 = 64 * MIB;
/// The largest number of bytes of a tag of a store, which may be a whole reference (LS-4).
pub const MAX_TAG_LENGTH: usize = 512;

/// The largest number of bytes of a text that is read as a reference.
pub const MAX_REFERENCE_LENGTH: usize = 4096;
/// The largest number of characters of a tag of a registry.
pub const MAX_REGISTRY_TAG_LENGTH: usize = 128;
/// The largest number of characters of `host/name` of a repository, which registries must take
/// so a repository's name has no more by itself.
pub const MAX_REPOSITORY_LENGTH: usize = 255;
