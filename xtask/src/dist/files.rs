// SPDX-License-Identifier: Apache-2.0
//! Files that go into a package, and the archives that are made of them: tar and gzip by the writers
//! that make the layers of artifacts, zip by a writer that takes their compressor.

use std::collections::BTreeMap;
use std::io::Write as _;

use oci_artifact::{Epoch, Threads, gzip, tar};
use rawzip::time::UtcDateTime;
use rawzip::{CompressionMethod, ZipArchiveWriter};

use super::Date;
use crate::Result;

/// A file of a package.
#[derive(Clone)]
pub(super) struct File {
    pub(super) mode: u32,
    pub(super) bytes: Vec<u8>,
}

impl File {
    /// A file to read.
    pub(super) fn text(bytes: impl Into<Vec<u8>>) -> Self {
        Self { mode: 0o644, bytes: bytes.into() }
    }

    /// A file to run.
    pub(super) fn program(bytes: impl Into<Vec<u8>>) -> Self {
        Self { mode: 0o755, bytes: bytes.into() }
    }
}

/// The files of a package, by their paths with `/`.
pub(super) type Files = BTreeMap<String, File>;

/// Returns the epoch that gives every file the date of a release.
pub(super) fn epoch(date: Date) -> Result<Epoch> {
    Ok(Epoch::parse(&date.seconds().to_string())?)
}

/// Returns an archive of the files below a directory `name`, or at the root if that is empty.
pub(super) fn tar(name: &str, files: &Files, date: Date) -> Result<Vec<u8>> {
    let mut tar = tar::Writer::new(Vec::new(), epoch(date)?);
    for (path, File { mode, bytes }) in files {
        let path = if name.is_empty() { path.clone() } else { format!("{name}/{path}") };
        tar.append(path.as_bytes(), *mode, bytes.len() as u64, &mut bytes.as_slice())?;
    }
    Ok(tar.finish()?)
}

/// The entry of a directory in an archive, which layers of artifacts have none of (POSIX ustar).
///
/// # Errors
/// If the path is too long for a header.
pub(super) fn tar_directory(path: &str, mode: u32, date: Date) -> Result<Vec<u8>> {
    let mut header = ::tar::Header::new_ustar();
    header.set_entry_type(::tar::EntryType::Directory);
    header.set_path(path)?;
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(0);
    header.set_mtime(date.seconds());
    header.set_cksum();
    Ok(header.as_bytes().to_vec())
}

/// An archive of the files, compressed.
pub(super) fn tar_gz(name: &str, files: &Files, date: Date) -> Result<Vec<u8>> {
    compressed(&tar(name, files, date)?, date)
}

/// Bytes as a gzip file.
pub(super) fn compressed(bytes: &[u8], date: Date) -> Result<Vec<u8>> {
    let mut gzip = gzip::Writer::with_threads(Vec::new(), epoch(date)?.gzip_mtime(), threads())?;
    gzip.write_all(bytes)?;
    gzip.flush()?;
    Ok(gzip.finish()?)
}

/// Returns a zip file of the files.
pub(super) fn zip(files: &Files, date: Date) -> Result<Vec<u8>> {
    let date = UtcDateTime::from_unix(i64::try_from(date.seconds())?);
    let mut zip = ZipArchiveWriter::new(Vec::new());
    for (path, File { mode, bytes }) in files {
        let builder = zip.new_file(path.as_str()).compression_method(CompressionMethod::DEFLATE);
        // Without the kind of file some unpackers take the mode for none.
        let builder = builder.last_modified(date).unix_permissions(0o100_000 | mode);
        let (mut entry, config) = builder.start()?;
        let encoder = go_deflate::Writer::with_threads(&mut entry, threads());
        let mut writer = config.wrap(encoder);
        writer.write_all(bytes)?;
        let (encoder, descriptor) = writer.finish()?;
        encoder.finish()?;
        entry.finish(descriptor)?;
    }
    Ok(zip.finish()?)
}

fn threads() -> Threads {
    Threads::new(std::thread::available_parallelism().unwrap_or(std::num::NonZeroUsize::MIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Files {
        BTreeMap::from([
            ("b/c".to_owned(), File::text("text")),
            ("a".to_owned(), File::program(vec![0; 1 << 20])),
        ])
    }

    fn date(text: &str) -> Date {
        text.parse().expect("a date")
    }

    #[test]
    fn an_archive_depends_on_its_files_and_its_date_alone() {
        for pack in [|files: &Files, date| tar_gz("name-1", files, date), zip] {
            let packed = |day| pack(&files(), date(day)).expect("it can be packed");
            assert_eq!(packed("2026-01-31"), packed("2026-01-31"));
            assert_ne!(packed("2026-01-31"), packed("2026-02-01"));
        }
    }

    #[test]
    fn a_directory_is_an_entry_that_the_systems_tar_reads() {
        let mut bytes = tar_directory("tmp/", 0o1777, date("2026-01-31")).expect("it fits");
        bytes.extend(tar("", &files(), date("2026-01-31")).expect("it can be packed"));
        let place = tempfile::tempdir().expect("a directory");
        let archive = place.path().join("archive");
        std::fs::write(&archive, bytes).expect("written");
        let mut list = std::process::Command::new("tar");
        list.args(["--utc", "--numeric-owner", "-tvf"]).arg(&archive).env("LC_ALL", "C");
        let output = list.output().expect("there is a tar");
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
        let said = String::from_utf8(output.stdout).expect("text");
        let first: Vec<_> = said.lines().next().expect("a line").split_whitespace().collect();
        assert_eq!(first, ["drwxrwxrwt", "0/0", "0", "2026-01-31", "00:00", "tmp/"]);
        assert_eq!(said.lines().count(), 3, "{said}");
        // The field of a name has room for a hundred bytes.
        let of_length = |length| tar_directory(&"x".repeat(length), 0o755, date("2026-01-31"));
        assert!(of_length(100).is_ok() && of_length(101).is_err());
    }

    #[test]
    fn a_zip_file_has_names_modes_and_bytes() {
        let packed = zip(&files(), date("2026-01-31")).expect("it can be packed");
        let archive = rawzip::ZipArchive::from_slice(&packed).expect("it can be read");
        let mut found = Vec::new();
        for entry in archive.entries() {
            let entry = entry.expect("an entry");
            let name = entry.file_path().as_ref().to_vec();
            let size = entry.uncompressed_size_hint();
            found.push((String::from_utf8(name).expect("text"), entry.mode().value(), size));
        }
        assert_eq!(found, [("a".to_owned(), 0o100_755, 1 << 20), ("b/c".to_owned(), 0o100_644, 4)]);
    }
}
