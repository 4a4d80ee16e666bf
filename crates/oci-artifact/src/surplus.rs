// SPDX-License-Identifier: Apache-2.0
//! Entries of a directory that packaging leaves out. An artifact of such a directory does not have them, but a reader
//! of the directory sees them: a host its `.lsp.json`, git its hooks.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;

use held_directory::OsStringExt as _;

use crate::directory::{Directory, Hidden};
use crate::error::{Error, Result};
use crate::kind::ArtifactKind;

/// The largest number of entries of a directory that are named; of a larger one only its own name
/// is given, with a `/` at the end.
const NAMED: usize = 20;
/// Version control's own directory, whose hooks are named, too.
const GIT: &str = ".git";
const HOOKS: &str = ".git/hooks";

/// Returns the paths of all that packaging leaves out of the directory at `path`, in byte order; of
/// large directories the name alone, with a `/` at the end. Empty directories are nothing.
///
/// # Errors
/// [`ErrorKind::InvalidDir`](crate::ErrorKind::InvalidDir) if there is no directory;
/// [`ErrorKind::Io`](crate::ErrorKind::Io) if it cannot be said.
pub(crate) fn of_directory<K: ArtifactKind>(path: &Path) -> Result<Vec<Vec<u8>>> {
    let survey = Directory::open(path)?.survey(&K::HIDDEN)?;
    let left_out = survey
        .entries
        .into_iter()
        .filter(|entry| !entry.counts && entry.path != K::MANIFEST_PATH.as_bytes())
        .map(|entry| entry.path);
    let mut named = fold(left_out.collect(), &K::HIDDEN);
    named.extend(version_control(path)?);
    named.sort_unstable();
    Ok(named)
}

/// Names a directory in the place of its entries where those are many.
fn fold(paths: Vec<Vec<u8>>, hidden: &Hidden) -> Vec<Vec<u8>> {
    let mut named = Vec::new();
    let mut paths = paths.into_iter().peekable();
    while let Some(path) = paths.next() {
        let Some(directory) = left_out_directory(&path, hidden).map(<[u8]>::to_vec) else {
            named.push(path);
            continue;
        };
        let mut inside = vec![path];
        while let Some(next) = paths.next_if(|next| next.starts_with(&directory)) {
            inside.push(next);
        }
        match inside.len() {
            ..=NAMED => named.append(&mut inside),
            _ => named.push(directory),
        }
    }
    named
}

/// Returns the outermost directory of a path that is left out as a whole, with its slash.
fn left_out_directory<'a>(path: &'a [u8], hidden: &Hidden) -> Option<&'a [u8]> {
    let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
    let mut start = 0_usize;
    for at in slashes {
        let name = path.get(start..at).unwrap_or_default();
        let whole = path.get(..at).unwrap_or_default();
        let is_known = hidden.directories.iter().any(|known| known.as_bytes() == whole);
        if name.first() == Some(&b'.') && !is_known {
            return path.get(..=at);
        }
        start = at.saturating_add(1);
    }
    None
}

/// Version control's own directory, which a survey passes over, and the hooks that it would run.
fn version_control(root: &Path) -> Result<Vec<Vec<u8>>> {
    let git = root.join(GIT);
    let failed = |error: io::Error| Error::io("cannot examine", &git, error);
    match fs::symlink_metadata(&git) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
        Ok(found) if !found.is_dir() => return Ok(vec![GIT.into()]),
        Ok(_) => {}
    }
    let mut named = vec![format!("{GIT}/").into_bytes()];
    let hooks = match fs::read_dir(root.join(HOOKS)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(named),
        hooks => hooks.map_err(failed)?,
    };
    for hook in hooks {
        let name = OsString::into_vec(hook.map_err(failed)?.file_name());
        // Those that git itself puts there do not run.
        if !name.ends_with(b".sample") {
            named.push([HOOKS.as_bytes(), b"/", &name].concat());
        }
    }
    Ok(named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::HiddenSpecials;

    #[test]
    fn large_directories_are_named_and_small_ones_listed_vb_5() {
        let hidden =
            Hidden { directories: &[".known"], files: &[], specials: HiddenSpecials::Ignore };
        let mut paths: Vec<Vec<u8>> = (0..30).map(|n| format!("a/.big/x/{n:02}").into()).collect();
        paths.push(b".known/other".to_vec());
        paths.push(b".lsp.json".to_vec());
        paths.push(b".small/one".to_vec());
        paths.sort();
        let named: Vec<String> = fold(paths, &hidden)
            .into_iter()
            .map(|path| String::from_utf8(path).expect("UTF-8"))
            .collect();
        assert_eq!(named, [".known/other", ".lsp.json", ".small/one", "a/.big/"]);
    }
}
