// SPDX-License-Identifier: Apache-2.0
//! The numbers that bound what is stored (format.md, constants). All are inclusive maxima: a value
//! equal to its limit passes.

/// A mebibyte, in bytes.
pub const MIB: u64 = 1 << 20;

/// Bytes of a blob (ST-25, BUG-47): 100 MiB.
pub const MAX_BLOB_SIZE: u64 = 100 * MIB;
/// Bytes of a manifest or index that is pulled (PULL-V1): 1 MiB.
pub const MAX_MANIFEST_SIZE: u64 = MIB;
/// Bytes of a store's index.json (BUG-69): 64 MiB, enough for 200,000 tags.
pub const MAX_INDEX_FILE_SIZE: u64 = 64 * MIB;
/// Bytes of a tag (LS-4).
pub const MAX_TAG_LENGTH: usize = 512;
