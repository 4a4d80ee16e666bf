// SPDX-License-Identifier: Apache-2.0
//! Tar archives: the writer whose bytes get a digest (format.md, 4) and a hardened reader (11.2).
//!
//! Both work with constant memory. The writer knows one kind of member, the regular file, and two
//! forms of its header: plain ustar where everything fits into it, and otherwise PAX records
//! before the header. The reader takes what the writer makes and what others make for the same
//! purpose, and refuses the rest.

mod header;
mod pax;
pub mod entry_path;
mod writer;
mod reader;

pub use reader::{Entry, Limits, Reader};
pub use writer::{Writer, archive_size};

/// The number of bytes of a block, of which an archive is made.
const BLOCK: usize = 512;

/// Returns the NULs that fill the last block of that many bytes.
const fn padding(size: u64) -> usize {
    (size.wrapping_neg() % BLOCK as u64) as usize
}
