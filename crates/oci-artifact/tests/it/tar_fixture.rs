// SPDX-License-Identifier: Apache-2.0
//! Archives for the tests of the tar writer and reader.

use std::io::Read;

use oci_artifact::epoch::Epoch;
use oci_artifact::tar::{Reader, Writer, archive_size};
use oci_artifact::{Error, Result};
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

/// All files of an archive.
pub(crate) fn files(mut reader: Reader<impl Read>) -> Result<Vec<File>> {
    let mut files = Vec::new();
    while let Some(mut entry) = reader.next_entry()? {
        let (path, mode, size) = (entry.path().to_vec(), entry.mode(), entry.size());
        let mut content = Vec::new();
        entry
            .read_to_end(&mut content)
            .map_err(|error| Error::from_io("cannot read", "archive".as_ref(), error))?;
        assert_eq!(content.len() as u64, size);
        files.push((path, mode, content));
    }
    assert!(reader.next_entry()?.is_none());
    Ok(files)
}

/// Epochs that fit into a header and ones that do not.
pub(crate) fn epoch() -> impl Strategy<Value = Epoch> {
    let seconds = prop_oneof![3 => 0i64..1 << 34, 1 => -10i64..10, 1 => any::<i64>()];
    let nanos = prop_oneof![2 => Just(0u32), 1 => 0u32..1_000_000_000];
    (seconds, nanos).prop_map(|(seconds, nanos)| Epoch::new(seconds, nanos).expect("is valid"))
}
