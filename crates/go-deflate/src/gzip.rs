// SPDX-License-Identifier: Apache-2.0
//! The gzip member of a layer (format.md, 5) and hardened reading (11.1).

mod writer;
mod reader;

pub use reader::Reader;
pub use writer::Writer;

/// The first bytes of a member: the magic number, and DEFLATE as the method.
const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];
