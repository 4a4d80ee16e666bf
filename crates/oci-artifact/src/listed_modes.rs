// SPDX-License-Identifier: Apache-2.0
//! Modes that a list says, in the place of the file system's (DEV-9): Windows has no execute bit, so a checkout
//! there gives the digest that it gives elsewhere only with what git knows of it.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};

/// The longest list that is read, in bytes.
pub const MAX_SIZE: u64 = 16 << 20;

/// The modes of a directory's files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedModes {
    modes: BTreeMap<Vec<u8>, u32>,
    /// The mode of the files that are not listed, if the list need not have all.
    others: Option<u32>,
}

impl ListedModes {
    /// Reads what `git ls-files --stage -z` or `git ls-tree -r -z` prints in the directory: for each file an octal
    /// mode, a blank, what else is known of it, a tab and its path. Without `-z` there is one a line, and paths
    /// that git would quote are refused.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidOption`] for anything else.
    pub fn parse(text: &[u8]) -> Result<Self> {
        let end = if text.contains(&0) { 0 } else { b'\n' };
        let mut modes = BTreeMap::new();
        let entries = text.split(|byte| *byte == end).enumerate();
        for (number, entry) in entries.filter(|(_, entry)| !entry.is_empty()) {
            let (mode, path) = read(entry).map_err(|why| {
                let message =
                    format!("entry {} of the list of modes {why}", number.saturating_add(1));
                Error::new(ErrorKind::InvalidOption, message).with_help(
                    "make it with `git ls-files --stage -z` in the directory that is packaged",
                )
            })?;
            modes.insert(path.to_vec(), mode);
        }
        Ok(Self { modes, others: None })
    }

    /// Returns the mode of a file.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidOption`] for one that the list does not have.
    pub fn of(&self, path: &[u8]) -> Result<u32> {
        self.modes.get(path).copied().or(self.others).ok_or_else(|| {
            Error::new(ErrorKind::InvalidOption, "the list of modes does not have this file")
                .at_path(Path::new(&*String::from_utf8_lossy(path)))
                .with_help("add the file to git and make the list again, or remove it")
        })
    }
}

/// The modes of files that are known; any other has 0644.
impl FromIterator<(Vec<u8>, u32)> for ListedModes {
    fn from_iter<I: IntoIterator<Item = (Vec<u8>, u32)>>(modes: I) -> Self {
        Self { modes: modes.into_iter().collect(), others: Some(0o644) }
    }
}

/// Returns the mode and the path of an entry; or the reason why it is not one.
fn read(entry: &[u8]) -> Result<(u32, &[u8]), &'static str> {
    let tab = entry.iter().position(|byte| *byte == b'\t').ok_or("has no tab before a path")?;
    let (before, path) = entry.split_at_checked(tab).unwrap_or((entry, &[]));
    let path = path.strip_prefix(b"\t").filter(|path| !path.is_empty()).ok_or("has no path")?;
    if path.first() == Some(&b'"') {
        return Err("has a path in quotation marks");
    }
    let mode = before.split(|byte| *byte == b' ').next().unwrap_or_default();
    let octal =
        std::str::from_utf8(mode).ok().filter(|mode| mode.bytes().all(|b| b.is_ascii_digit()));
    let mode = octal.and_then(|mode| u32::from_str_radix(mode, 8).ok());
    Ok((mode.ok_or("has no octal mode")? & 0o777, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_prints_is_read_in_both_forms_dev_9() {
        let blob = "0123456789012345678901234567890123456789";
        let staged = format!("100755 {blob} 0\tbin/run\x00100644 {blob} 0\ta\tb\n\x00");
        let modes = ListedModes::parse(staged.as_bytes()).expect("is a list");
        assert_eq!(modes.of(b"bin/run").ok(), Some(0o755));
        assert_eq!(modes.of(b"a\tb\n").ok(), Some(0o644));
        let tree = format!("100755 blob {blob}\tbin/run\n0600\tb\n");
        let modes = ListedModes::parse(tree.as_bytes()).expect("is a list");
        assert_eq!((modes.of(b"bin/run").ok(), modes.of(b"b").ok()), (Some(0o755), Some(0o600)));
        let missing = modes.of(b"other").expect_err("it is not listed");
        assert_eq!(missing.kind(), ErrorKind::InvalidOption);
    }

    #[test]
    fn what_is_no_list_is_refused_with_its_place_dev_9() {
        for (text, place) in [
            ("100644 x 0\ta\nbin/run", "entry 2"),
            ("\ta", "entry 1"),
            ("rwx\ta", "entry 1"),
            ("+644\ta", "entry 1"),
            ("100644\t", "entry 1"),
            ("100644 x 0\t\"caf\\303\\251\"", "entry 1"),
        ] {
            let error = ListedModes::parse(text.as_bytes()).expect_err(text);
            assert_eq!(error.kind(), ErrorKind::InvalidOption, "{text}");
            assert!(error.to_string().contains(place), "{text}: {error}");
        }
        assert_eq!(ListedModes::parse(b"").ok(), Some(ListedModes::default()));
    }
}
