// SPDX-License-Identifier: Apache-2.0
//! A bundle's manifest (S-53): one file of a zip archive, read from an archive that may be hostile.
//!
//! What two readers could take for two things is refused as a whole: entries that overlap, names that
//! are there twice or differ between their two places, sizes that cannot be, a name that leads out.

use std::io::Read as _;

use flate2::read::DeflateDecoder;
use rawzip::{CompressionMethod, ZipArchive, ZipFileHeaderRecord, ZipSliceArchive, ZipSliceEntry};

use crate::limits::Limits;

const MANIFEST: &[u8] = b"manifest.json";
/// The largest number of bytes that deflate can make of one.
const MOST_OF_ONE: u64 = 1_032;

/// The reason for which a bundle is not looked into, as a sentence without a full stop.
pub(crate) type Refusal = String;

/// Returns the manifest of a bundle, whose bytes these are.
pub(crate) fn manifest(bytes: &[u8], limits: &Limits) -> Result<Vec<u8>, Refusal> {
    let archive = ZipArchive::from_slice(bytes).map_err(|error| broken(&error))?;
    let mut records = archive.entries();
    let (mut count, mut unpacked) = (0_usize, 0_u64);
    let mut taken: Vec<(u64, u64)> = Vec::new();
    let mut found = None;
    while let Some(record) = records.next_entry().map_err(|error| broken(&error))? {
        count += 1;
        if count > limits.entries {
            return Err(format!("it has more than {} entries", limits.entries));
        }
        unpacked = unpacked.saturating_add(record.uncompressed_size_hint());
        if unpacked > limits.bundle_unpacked {
            return Err(format!("it unpacks to more than {} bytes", limits.bundle_unpacked));
        }
        let entry = checked(&archive, &record)?;
        taken.push((record.local_header_offset(), entry.compressed_data_range().1));
        let name = record.file_path();
        if is_manifest(name.as_bytes()) && found.replace((record, entry)).is_some() {
            return Err("several entries are called manifest.json".to_owned());
        }
    }
    taken.sort_unstable();
    let ends = taken.iter().map(|(_, end)| *end);
    let starts = taken.iter().map(|(start, _)| *start).skip(1);
    if ends.zip(starts.chain([archive.directory_offset()])).any(|(end, start)| end > start) {
        return Err("its entries overlap".to_owned());
    }
    let (record, entry) = found.ok_or("it has no manifest.json")?;
    unpack(&record, &entry, limits)
}

/// Returns an entry whose name and sizes are what they can be.
fn checked<'a>(
    archive: &'a ZipSliceArchive<&[u8]>,
    record: &ZipFileHeaderRecord<'a>,
) -> Result<ZipSliceEntry<'a>, Refusal> {
    let name = record.file_path();
    let name = name.as_bytes();
    let shown = String::from_utf8_lossy(name);
    if record.flags().is_encrypted() || record.flags().has_strong_encryption() {
        return Err(format!("{shown:?} is encrypted"));
    }
    let leads_out = name.split(|byte| matches!(byte, b'/' | b'\\')).any(|part| part == b"..");
    if leads_out || name.starts_with(b"/") || name.contains(&0) || name.get(1) == Some(&b':') {
        return Err(format!("the name {shown:?} leads out of the archive"));
    }
    let (packed, unpacked) = (record.compressed_size_hint(), record.uncompressed_size_hint());
    let most = match record.compression_method() {
        CompressionMethod::STORE => packed,
        _ => packed.saturating_mul(MOST_OF_ONE),
    };
    if unpacked > most {
        return Err(format!("{shown:?} claims to unpack from {packed} to {unpacked} bytes"));
    }
    let entry = archive.get_entry(record.wayfinder()).map_err(|error| broken(&error))?;
    if entry.local_header().file_path().as_bytes() != name {
        return Err(format!("{shown:?} has a different name next to its content"));
    }
    Ok(entry)
}

/// Whether some reader takes it for the manifest.
fn is_manifest(name: &[u8]) -> bool {
    let parts = name.split(|byte| matches!(byte, b'/' | b'\\'));
    let mut parts = parts.filter(|part| !matches!(*part, b"" | b"."));
    parts.next().is_some_and(|part| part.eq_ignore_ascii_case(MANIFEST)) && parts.next().is_none()
}

fn unpack(
    record: &ZipFileHeaderRecord<'_>,
    entry: &ZipSliceEntry<'_>,
    limits: &Limits,
) -> Result<Vec<u8>, Refusal> {
    let most = limits.config_size.saturating_add(1);
    let mut content = Vec::new();
    let read = match record.compression_method() {
        CompressionMethod::STORE => {
            entry.verifying_reader(entry.data()).take(most).read_to_end(&mut content)
        }
        CompressionMethod::DEFLATE => {
            let decoder = DeflateDecoder::new(entry.data());
            entry.verifying_reader(decoder).take(most).read_to_end(&mut content)
        }
        other => {
            let method = other.as_u16();
            return Err(format!(
                "its manifest.json is compressed with the unsupported method {method}"
            ));
        }
    };
    if content.len() as u64 >= most {
        return Err(format!("its manifest.json has more than {} bytes", limits.config_size));
    }
    read.map_err(|error| format!("its manifest.json cannot be unpacked: {error}"))?;
    Ok(content)
}

fn broken(error: &rawzip::Error) -> Refusal {
    format!("it is not a readable zip archive: {error}")
}
