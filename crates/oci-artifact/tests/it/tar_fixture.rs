// SPDX-License-Identifier: Apache-2.0
//! Archives for the tests of the tar writer and reader.

use oci_artifact::Result;
use oci_artifact::epoch::Epoch;
use oci_artifact::tar::{Writer, archive_size};
use proptest::prelude::*;

/// Path, mode, content.
pub(crate) type File = (Vec<u8>, u32, Vec<u8>);

/// The archive of these files, which has the size that was foretold (BUG-04).
pub(crate) fn archive(files: &[File], epoch: Epoch) -> Result<Vec<u8>> {
    let mut writer = Writer::new(Vec::new(), epoch);
    for (path, mode, content) in files {
        writer.append(path, *mode, content.len() as u64, &mut &content[..])?;
    }
    let bytes = writer.finish()?;
    let sizes = files.iter().map(|(path, _, content)| (&path[..], content.len() as u64));
    assert_eq!(archive_size(sizes, epoch)?, bytes.len() as u64);
    Ok(bytes)
}

/// Epochs that fit into a header and ones that do not.
pub(crate) fn epoch() -> impl Strategy<Value = Epoch> {
    let seconds = prop_oneof![3 => 0i64..1 << 34, 1 => -10i64..10, 1 => any::<i64>()];
    let nanos = prop_oneof![2 => Just(0u32), 1 => 0u32..1_000_000_000];
    (seconds, nanos).prop_map(|(seconds, nanos)| Epoch::new(seconds, nanos).expect("is valid"))
}
