// SPDX-License-Identifier: Apache-2.0
//! The way from a root down to a directory, kept open from one step of a walk to the next.

use held_directory::{AsFd, BorrowedFd, Errno, Mode, OwnedFd};

use super::DIRECTORY;

/// The number of directories next to the last one that stay open, and the distance between those
/// above them.
const NEAR: usize = 16;

/// The directories from a root to the one that was opened last. The next one mostly lies below or
/// beside it and takes a step or two, so a walk of a deep tree takes time in proportion to the tree.
///
/// Every step opens one name relative to the directory above and follows no link. Of a long way
/// only the last directories stay open and every sixteenth above them: about 32 descriptors of a
/// tree as deep as is accepted.
#[derive(Debug)]
pub struct Trail<R> {
    root: R,
    /// The names from the root to the last directory.
    names: Vec<Vec<u8>>,
    /// The directories of these names, as far as they are open.
    held: Vec<Option<OwnedFd>>,
}

impl<R: AsFd> Trail<R> {
    /// Creates a trail that begins at `root`.
    pub fn new(root: R) -> Self {
        Self { root, names: Vec::new(), held: Vec::new() }
    }

    /// Opens the directory at a relative path, the root if that is empty.
    ///
    /// # Errors
    /// What the system has against it; `LOOP` or `NOTDIR` where a name is that of a link.
    pub fn open(&mut self, path: &[u8]) -> Result<BorrowedFd<'_>, Errno> {
        let shared = components(path).zip(&self.names).take_while(|(a, b)| a == b).count();
        self.names.truncate(shared);
        self.held.truncate(shared);
        let mut depth = self.held.iter().rposition(Option::is_some).map_or(0, |at| at + 1);
        for name in components(path).skip(depth) {
            let next = held_directory::openat(self.last(depth), name, DIRECTORY, Mode::empty())?;
            match self.held.get_mut(depth) {
                Some(place) => *place = Some(next),
                None => {
                    self.held.push(Some(next));
                    self.names.push(name.to_vec());
                }
            }
            if let Some(far) = depth.checked_sub(NEAR).filter(|far| far % NEAR != 0)
                && let Some(place) = self.held.get_mut(far)
            {
                *place = None;
            }
            depth += 1;
        }
        Ok(self.last(depth))
    }

    /// Returns the directory that many steps below the root, which is open.
    fn last(&self, depth: usize) -> BorrowedFd<'_> {
        let held = depth.checked_sub(1).and_then(|at| self.held.get(at)?.as_ref());
        held.map_or_else(|| self.root.as_fd(), AsFd::as_fd)
    }
}

/// The names of a path.
fn components(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|b| *b == b'/').filter(|name| !name.is_empty())
}

/// The number of names that a path has.
pub fn depth(path: &[u8]) -> usize {
    components(path).count()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use held_directory::{AtFlags, CWD, OFlags, fstat, openat, statat};

    use super::*;

    fn trail(root: &Path) -> Trail<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        Trail::new(openat(CWD, root, flags, Mode::empty()).expect("opens"))
    }

    /// The inode that a trail finds at a path, and the true one.
    fn inodes(trail: &mut Trail<OwnedFd>, root: &Path, path: &str) -> (u64, u64) {
        let found = trail.open(path.as_bytes()).expect("opens");
        let found = fstat(found).expect("is open").st_ino;
        let path = root.join(path);
        (found, statat(CWD, &path, AtFlags::empty()).expect("is there").st_ino)
    }

    #[test]
    fn a_trail_finds_what_the_path_names_and_holds_few_descriptors_dev_6() {
        let root = tempfile::tempdir().expect("a directory");
        let deep = vec!["d"; 200].join("/");
        fs::create_dir_all(root.path().join(&deep)).expect("a deep tree");
        fs::create_dir_all(root.path().join("d/d/e/f")).expect("beside it");
        let mut trail = trail(root.path());
        let cut = |levels: usize| vec!["d"; levels].join("/");
        // Down at a jump, up by ones, beside, to the root, and down again.
        let mut way = vec![deep];
        way.extend((1..200).rev().map(cut));
        way.extend(["d/d/e/f".to_owned(), String::new(), cut(17), cut(40), "d/d/e".to_owned()]);
        for path in way {
            let (found, wanted) = inodes(&mut trail, root.path(), &path);
            assert_eq!(found, wanted, "{path}");
            let open = trail.held.iter().flatten().count();
            assert!(open <= 2 * NEAR + 200 / NEAR, "{open} of {path}");
        }
    }

    #[test]
    fn a_trail_goes_on_after_an_error_and_follows_no_link() {
        let root = tempfile::tempdir().expect("a directory");
        fs::create_dir_all(root.path().join("a/b")).expect("a tree");
        #[cfg(unix)]
        std::os::unix::fs::symlink("b", root.path().join("a/link")).expect("a link");
        let mut trail = trail(root.path());
        assert_eq!(trail.open(b"a/none/c").err(), Some(Errno::NOENT));
        #[cfg(unix)]
        assert!(matches!(trail.open(b"a/link"), Err(Errno::LOOP | Errno::NOTDIR)));
        let (found, wanted) = inodes(&mut trail, root.path(), "a/b");
        assert_eq!(found, wanted);
    }
}
