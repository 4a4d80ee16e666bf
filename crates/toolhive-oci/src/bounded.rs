// SPDX-License-Identifier: Apache-2.0
//! Files that people name, of which no more is read than may be used.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// Reads a file; of one that has more than `most` bytes, a byte more than that.
pub(crate) fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut content)?;
    Ok(content)
}
