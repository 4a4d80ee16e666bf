// SPDX-License-Identifier: Apache-2.0
//! The list of crates inside the binary, where `cargo audit bin`, Trivy, Syft and others look for it: the
//! section `.dep-v0`, JSON compressed with zlib, as `cargo auditable` defines it.
//!
//! The section is added to the finished file, so that neither the compiler nor the linker has a part in it.
//! It is not loaded: a running program has no trace of it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::linked::Linked;
use crate::Result;

/// The section's name, with the end that a table of names needs.
const SECTION: &[u8] = b".dep-v0\0";

/// A section with content of the program.
const SHT_PROGBITS: u32 = 1;

/// Returns the binary with the list in it; nothing if it is no file of the form that this is written for: ELF, 64
/// bits, little-endian.
pub(super) fn embedded(binary: &[u8], linked: &Linked) -> Result<Option<Vec<u8>>> {
    if !binary.starts_with(&[0x7f, b'E', b'L', b'F', 2, 1]) {
        return Ok(None);
    }
    let list = zlib(&serde_json::to_vec(&list(linked)?)?);
    let added = with_section(binary, &list);
    added.map(Some).ok_or_else(|| "the binary has no table of sections to add one to".into())
}

/// Returns the crates, each with the places in this list of those that it depends on.
fn list(linked: &Linked) -> Result<Value> {
    let places: BTreeMap<_, _> = linked.crates.keys().zip(0_usize..).collect();
    let mut packages = Vec::new();
    for (name, described) in &linked.crates {
        let mut dependencies = Vec::new();
        for (_, to) in linked.edges.iter().filter(|(from, _)| from == name) {
            dependencies.push(places.get(to).ok_or_else(|| format!("{} is not listed", to.0))?);
        }
        let mut package = json!({
            "name": name.0,
            "version": name.1,
            "source": if described.checksum.is_some() { "crates.io" } else { "local" },
        });
        if !dependencies.is_empty() {
            package["dependencies"] = json!(dependencies);
        }
        if *name == linked.root {
            package["root"] = json!(true);
        }
        packages.push(package);
    }
    Ok(json!({ "packages": packages }))
}

/// Bytes as a zlib stream (RFC 1950).
fn zlib(bytes: &[u8]) -> Vec<u8> {
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in bytes {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    let mut stream = vec![0x78, 0x9c];
    stream.extend(go_deflate::compress(bytes));
    stream.extend(((b << 16) | a).to_be_bytes());
    stream
}

/// Returns the file with one section more: its content, a longer table of names and a longer table of sections follow
/// what was there.
fn with_section(binary: &[u8], content: &[u8]) -> Option<Vec<u8>> {
    const HEADER: usize = 64;
    let number = |at: usize, size: usize| -> Option<usize> {
        let bytes = binary.get(at..at.checked_add(size)?)?;
        let number =
            bytes.iter().rev().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
        usize::try_from(number).ok()
    };
    let (table, size, count) = (number(0x28, 8)?, number(0x3a, 2)?, number(0x3c, 2)?);
    let names = number(0x3e, 2)?;
    if size != HEADER || count == 0 || names >= count || count >= 0xff00 {
        return None;
    }
    let mut sections = binary.get(table..table.checked_add(count.checked_mul(HEADER)?)?)?.to_vec();
    let entry = names * HEADER;
    let (at, length) = (number(table + entry + 0x18, 8)?, number(table + entry + 0x20, 8)?);
    let old_names = binary.get(at..at.checked_add(length)?)?;

    let mut file = binary.to_vec();
    let mut put = |bytes: &[u8]| {
        file.resize(file.len().next_multiple_of(8), 0);
        let at = file.len();
        file.extend_from_slice(bytes);
        at as u64
    };
    let content_at = put(content);
    let new_names = [old_names, SECTION].concat();
    let names_at = put(&new_names);
    sections.get_mut(entry + 0x18..entry + 0x20)?.copy_from_slice(&names_at.to_le_bytes());
    let names_size = new_names.len() as u64;
    sections.get_mut(entry + 0x20..entry + 0x28)?.copy_from_slice(&names_size.to_le_bytes());
    let mut section = [0; HEADER];
    section[..4].copy_from_slice(&u32::try_from(length).ok()?.to_le_bytes());
    section[4..8].copy_from_slice(&SHT_PROGBITS.to_le_bytes());
    section[0x18..0x20].copy_from_slice(&content_at.to_le_bytes());
    section[0x20..0x28].copy_from_slice(&(content.len() as u64).to_le_bytes());
    section[0x30] = 1;
    sections.extend_from_slice(&section);
    let table_at = put(&sections);
    file.get_mut(0x28..0x30)?.copy_from_slice(&table_at.to_le_bytes());
    file.get_mut(0x3c..0x3e)?.copy_from_slice(&u16::try_from(count + 1).ok()?.to_le_bytes());
    Some(file)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::process::Command;

    use super::*;
    use crate::dist::linked::Crate;

    fn linked() -> Linked {
        let described = |checksum: Option<&str>| Crate {
            license: None,
            repository: None,
            checksum: checksum.map(str::to_owned),
        };
        let name = |text: &str| (text.to_owned(), "1.0.0".to_owned());
        Linked {
            crates: BTreeMap::from([
                (name("b"), described(Some("00"))),
                (name("a"), described(None)),
            ]),
            edges: BTreeSet::from([(name("a"), name("b"))]),
            root: name("a"),
        }
    }

    #[test]
    fn each_crate_is_listed_with_its_source_and_what_it_depends_on() {
        assert_eq!(
            list(&linked()).expect("a list"),
            json!({ "packages": [
                { "name": "a", "version": "1.0.0", "source": "local", "dependencies": [1], "root": true },
                { "name": "b", "version": "1.0.0", "source": "crates.io" },
            ] })
        );
    }

    #[test]
    fn auditors_find_the_list_in_a_program_that_still_runs() {
        let own = std::env::current_exe().and_then(fs::read).expect("this program");
        let Some(bytes) = embedded(&own, &linked()).expect("it can be added") else {
            // Of another system or another word.
            return;
        };
        let stream = auditable_extract::raw_auditable_data(&bytes).expect("a section");
        let text = std::io::read_to_string(flate2::read::ZlibDecoder::new(stream)).expect("JSON");
        let found: auditable_serde::VersionInfo = text.parse().expect("a list");
        let names: Vec<String> =
            found.packages.iter().map(|package| package.name.clone()).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(found.packages.iter().filter(|package| package.root).count(), 1);
        let place = tempfile::tempdir().expect("a directory");
        let program = place.path().join("program");
        test_support::tools::write_program(&program, &bytes);
        let listed = Command::new(&program).arg("--list").output().expect("it starts");
        assert!(listed.status.success(), "{listed:?}");
    }

    #[test]
    fn what_has_no_sections_is_refused_and_what_is_no_elf_is_left_alone() {
        let mut header = vec![0x7f, b'E', b'L', b'F', 2, 1];
        header.resize(64, 0);
        assert!(embedded(&header, &linked()).is_err());
        assert!(embedded(&header[..10], &linked()).is_err());
        assert_eq!(embedded(b"MZ", &linked()).expect("it is no ELF"), None);
    }
}
