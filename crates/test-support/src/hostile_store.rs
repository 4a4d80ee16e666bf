// SPDX-License-Identifier: Apache-2.0
//! Stores in which something stands that no store makes (`testdata/hostile/stores.txt`), and what lies
//! outside of them, which nothing may touch.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FileType, Mode, mknodat};

/// Another user than the one who runs the tests, where that is root.
const NOBODY: u32 = 65_534;

/// One line of the table.
#[derive(Clone, Debug)]
pub struct Case {
    /// The place of something.
    pub place: String,
    /// The thing that stands there.
    pub what: String,
    /// Whether such a store is refused when it is opened.
    pub is_refused: bool,
}

/// The places of a sound store that the table has names for: paths relative to its root.
#[derive(Clone, Debug)]
pub struct Names {
    /// A blob that a tag reaches.
    pub listed: String,
    /// A blob that nothing reaches.
    pub garbage: String,
    /// The note of the removal of that tag.
    pub note: String,
}

/// All cases for a store with those names; those that need another user only where the tests may
/// make one.
pub fn cases(names: &Names) -> Vec<Case> {
    let path = crate::testdata("hostile/stores.txt");
    let text = fs::read_to_string(path).expect("the table is there");
    let case = |line: &str| {
        let [place, what, opening] = *line.split_whitespace().collect::<Vec<_>>() else {
            panic!("{line}")
        };
        let place = place.replace("{listed}", &names.listed).replace("{garbage}", &names.garbage);
        let place = place.replace("{note}", &names.note);
        let digest = names.garbage.replace("blobs/", "").replace('/', "-");
        let place = place.replace("{digest}", &digest);
        let is_refused = match opening {
            "refused" => true,
            "opens" => false,
            _ => panic!("{line}"),
        };
        Case { place, what: what.to_owned(), is_refused }
    };
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(case).filter(|case| case.what != "foreign" || is_root()).collect()
}

/// Whether the tests can make files of another user.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Makes a copy of a sound store in `dir/store`, what is outside of it in `dir/outside`, and what the
/// case says.
pub fn make(case: &Case, sound: &Path, dir: &Path) -> io::Result<PathBuf> {
    let (root, outside) = (dir.join("store"), dir.join("outside"));
    copy(sound, &root)?;
    fs::create_dir(&outside)?;
    fs::create_dir(outside.join("ssh"))?;
    for name in ["id_ed25519", "0", "4711-0", "removed-00", "0a1b_1"] {
        fs::write(outside.join("ssh").join(name), "a secret key")?;
    }
    fs::create_dir(outside.join("ssh/sha256"))?;
    fs::write(outside.join("ssh/sha256").join("a".repeat(64)), "a secret key")?;
    let place = root.join(&case.place);
    if let Some(parent) = place.parent() {
        fs::create_dir_all(parent)?;
    }
    let target = outside.join("target");
    if case.what == "foreign" {
        return foreign(&root, &place).map(|()| root);
    }
    let has_target = match fs::rename(&place, &target) {
        Ok(()) => true,
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => return Err(error),
    };
    match case.what.as_str() {
        "link-file" | "hard-link" => {
            if !has_target {
                fs::write(&target, "a secret key")?;
            }
            match case.what.as_str() {
                "hard-link" => fs::hard_link(&target, &place)?,
                _ => symlink(&target, &place)?,
            }
        }
        "link-dir" if has_target => {
            // What would be removed there, or written to, if the link was followed.
            for name in ["id_ed25519", "0", "removed-00"] {
                fs::write(target.join(name), "a secret key")?;
            }
            symlink(&target, &place)?;
        }
        "link-dir" => symlink(outside.join("ssh"), &place)?,
        "link-nowhere" => symlink(outside.join("nothing"), &place)?,
        "link-inside" => {
            let inside = root.join("elsewhere");
            fs::copy(&target, inside)?;
            symlink("elsewhere", &place)?;
        }
        "link-loop" => symlink(place.file_name().unwrap_or_default(), &place)?,
        "fifo" => mknodat(CWD, &place, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)?,
        "socket" => drop(UnixListener::bind(&place)?),
        "directory" => fs::create_dir(&place)?,
        "full-directory" => {
            fs::create_dir(&place)?;
            fs::write(place.join("id_ed25519"), "a secret key")?;
        }
        "file" => fs::write(&place, "a secret key")?,
        other => panic!("{other}"),
    }
    Ok(root)
}

/// Gives what is in that place, or a new file, to another user, in a store that all may write to.
fn foreign(root: &Path, place: &Path) -> io::Result<()> {
    for dir in [root.to_owned(), root.join("ingest"), root.join("blobs/sha256")] {
        fs::set_permissions(dir, fs::Permissions::from_mode(0o777))?;
    }
    let is_session = place.file_name().is_some_and(|name| name == "4711-0");
    match place.symlink_metadata() {
        Ok(_) => {}
        Err(_) if is_session => {
            fs::create_dir(place)?;
            fs::write(place.join("0"), "of another user")?;
        }
        Err(_) => fs::write(place, "of another user")?,
    }
    std::os::unix::fs::lchown(place, Some(NOBODY), Some(NOBODY))
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy(&entry.path(), &to)?,
            false => drop(fs::copy(entry.path(), to)?),
        }
    }
    Ok(())
}

/// The state of one entry: its path, kind and owner, its time, and its content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    path: PathBuf,
    mode: u32,
    owner: u32,
    modified: (i64, i64),
    content: Vec<u8>,
}

/// Returns all that lies in a directory, as it is.
pub fn snapshot(dir: &Path) -> Vec<Seen> {
    let (mut seen, mut open) = (Vec::new(), vec![dir.to_owned()]);
    while let Some(path) = open.pop() {
        let meta = path.symlink_metadata().expect("it is there");
        let content = if meta.is_dir() {
            let entries = fs::read_dir(&path).expect("it can be listed");
            open.extend(entries.map(|entry| entry.expect("it can be listed").path()));
            Vec::new()
        } else if meta.is_symlink() {
            fs::read_link(&path).expect("it can be read").into_os_string().into_encoded_bytes()
        } else if meta.is_file() {
            let mut content = Vec::new();
            let mut file = File::open(&path).expect("it can be opened");
            io::Read::read_to_end(&mut file, &mut content).expect("it can be read");
            content
        } else {
            Vec::new()
        };
        let modified = (meta.mtime(), meta.mtime_nsec());
        seen.push(Seen { path, mode: meta.mode(), owner: meta.uid(), modified, content });
    }
    seen.sort();
    seen
}
