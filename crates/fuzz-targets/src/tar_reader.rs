// SPDX-License-Identifier: Apache-2.0
//! The tar reader: never more than there is, only safe names, and what it accepts can be written
//! and read again.

use std::collections::BTreeMap;
use std::io::Read;

use oci_artifact::epoch::Epoch;
use oci_artifact::tar::{Limits, Reader, Writer};
use oci_artifact::{Error, Result};

type Files = BTreeMap<Vec<u8>, (u32, Vec<u8>)>;

fn read(archive: &[u8]) -> Result<Files> {
    let mut reader = Reader::new(archive, Limits::default());
    let mut files = Files::new();
    while let Some(mut entry) = reader.next_entry()? {
        let mut content = Vec::new();
        let io = |error| Error::from_io("cannot read", "archive".as_ref(), error);
        entry.read_to_end(&mut content).map_err(io)?;
        let replaced = files.insert(entry.path().to_vec(), (entry.mode(), content));
        assert!(replaced.is_none());
    }
    Ok(files)
}

/// Gives every block the checksum of a header, so that damage gets past that check.
fn with_checksums(archive: &[u8]) -> Vec<u8> {
    let mut archive = archive.to_vec();
    for block in archive.chunks_exact_mut(512).filter(|block| block[257..262] == *b"ustar") {
        block[148..156].copy_from_slice(b"        ");
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }
    archive
}

/// Runs the target on an input.
pub fn run(archive: &[u8]) {
    let archive = with_checksums(archive);
    let Ok(files) = read(&archive) else { return };
    assert!(files.values().map(|(_, content)| content.len()).sum::<usize>() <= archive.len());
    let mut writer = Writer::new(Vec::new(), Epoch::UNIX);
    for (path, (mode, content)) in &files {
        assert!(path.split(|b| *b == b'/').all(|part| !matches!(part, b"" | b"." | b"..")));
        writer
            .append(path, *mode, content.len() as u64, &mut &content[..])
            .expect("can be written");
    }
    let mut again = read(&writer.finish().expect("can be written")).expect("can be read");
    for ((mode, _), (was, _)) in again.values_mut().zip(files.values()) {
        // TAR-3: no mode is 0644.
        *mode = if *was == 0 { 0 } else { *mode };
    }
    assert!(again == files);
}
