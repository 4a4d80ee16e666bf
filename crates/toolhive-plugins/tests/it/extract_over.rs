// SPDX-License-Identifier: Apache-2.0
//! Extraction over what is there, and beside others who write there, too (EX-18 to EX-26).

use std::fs::{self, File};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use oci_artifact::extract::{Existing, ExtractOptions, Extracted, extract};
use oci_artifact::observer::Observer;
use oci_artifact::{Error, ErrorKind, reader};
use toolhive_plugins::traits::PackageOptions;
use toolhive_plugins::{Packager, Plugin};

use crate::place::Place;

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("has one")).expect("a directory");
    fs::write(path, text).expect("a file");
}

/// A plugin's directory.
fn lay(root: &Path, name: &str, text: &str) {
    write(&root.join(".claude-plugin/plugin.json"), &format!(r#"{{"name":"{name}"}}"#));
    write(&root.join("skills/text.md"), text);
}

/// A store with the plugin `mine`, and room beside it.
fn place() -> Place {
    let place = Place::new();
    let source = place.path("source");
    lay(&source, "mine", "new");
    let packager = Packager::new(place.store.clone());
    packager.package_blocking(&source, &PackageOptions::default(), &()).expect("packages");
    place
}

fn force(place: &Place, destination: &Path) -> Result<Extracted, Error> {
    watched(place, destination, &())
}

fn watched(place: &Place, to: &Path, observer: &dyn Observer) -> Result<Extracted, Error> {
    let stored = reader::read::<Plugin>(&place.store, "mine").expect("reads");
    let mut options = ExtractOptions::default();
    options.existing = Existing::Replace;
    options.protected = vec![place.path("home/me")];
    extract::<Plugin>(&place.store, &stored, to, &options, observer)
}

/// Everything below a directory: paths, and what links and files hold.
fn everything(root: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut todo = vec![root.to_owned()];
    while let Some(next) = todo.pop() {
        for entry in fs::read_dir(next).expect("reads").map(|entry| entry.expect("an entry")) {
            let (path, kind) = (entry.path(), entry.file_type().expect("has one"));
            let content = match () {
                () if kind.is_dir() => Vec::new(),
                () if kind.is_symlink() => {
                    let target = fs::read_link(&path).expect("reads");
                    target.into_os_string().into_encoded_bytes()
                }
                () => fs::read(&path).unwrap_or_default(),
            };
            if kind.is_dir() {
                todo.push(path.clone());
            }
            found.push((path, content));
        }
    }
    found.sort();
    found
}

/// The text that the extracted plugin has.
fn text(root: &Path) -> String {
    fs::read_to_string(root.join("skills/text.md")).expect("reads")
}

#[test]
fn only_a_tree_of_the_same_kind_and_name_is_replaced_ex_19() {
    let place = place();
    let out = place.path("room/out");
    type Lay = (&'static str, fn(&Path), ErrorKind);
    let lays: [Lay; 11] = [
        ("documents", |at| write(&at.join("thesis.odt"), "years"), ErrorKind::AlreadyExists),
        (
            "the directory of all plugins",
            |at| lay(&at.join("mine"), "mine", "old"),
            ErrorKind::AlreadyExists,
        ),
        ("another plugin", |at| lay(at, "yours", "old"), ErrorKind::AlreadyExists),
        (
            "a skill",
            |at| write(&at.join("SKILL.md"), "---\nname: mine\n---\n"),
            ErrorKind::AlreadyExists,
        ),
        (
            "a manifest that is broken",
            |at| write(&at.join(".claude-plugin/plugin.json"), "{"),
            ErrorKind::AlreadyExists,
        ),
        (
            "a manifest that is a link",
            |at| {
                lay(&at.join("real"), "mine", "old");
                fs::create_dir(at.join(".claude-plugin")).expect("a directory");
                let manifest = at.join(".claude-plugin/plugin.json");
                symlink("../real/.claude-plugin/plugin.json", manifest).expect("a link");
            },
            ErrorKind::AlreadyExists,
        ),
        (
            "an empty directory in it",
            |at| fs::create_dir_all(at.join("x")).expect("made"),
            ErrorKind::AlreadyExists,
        ),
        (
            "its repository",
            |at| {
                lay(at, "mine", "old");
                write(&at.join(".git/HEAD"), "ref: refs/heads/main");
            },
            ErrorKind::InvalidDir,
        ),
        (
            "a work tree of its repository",
            |at| {
                lay(at, "mine", "old");
                write(&at.join(".git"), "gitdir: /elsewhere");
            },
            ErrorKind::InvalidDir,
        ),
        (
            "a repository in it",
            |at| {
                lay(at, "mine", "old");
                write(&at.join("vendored/deep/.git/HEAD"), "ref: refs/heads/main");
            },
            ErrorKind::InvalidDir,
        ),
        ("a file", |at| write(at, "x"), ErrorKind::InvalidDir),
    ];
    for (what, lay, kind) in lays {
        lay(&out);
        let before = everything(&place.path("room"));
        let error = force(&place, &out).expect_err(what);
        assert_eq!(error.kind(), kind, "{what}: {error}");
        assert!(error.diagnostics()[0].help.is_some(), "{what}");
        assert_eq!(everything(&place.path("room")), before, "{what}");
        fs::remove_dir_all(place.path("room")).expect("removed");
    }

    lay(&out, "mine", "old");
    write(&out.join("deep/er/more.txt"), "old");
    force(&place, &out).expect("an older tree is replaced");
    assert_eq!(text(&out), "new");
    assert!(!out.join("deep").exists(), "all of it");
    assert_eq!(fs::read_dir(place.path("room")).expect("reads").count(), 1, "nothing beside it");
}

#[test]
fn what_would_be_lost_is_said_ex_20() {
    let place = place();
    let out = place.path("out");
    for name in ["f", "e", "d", "c", "b", "a", "thesis.odt"] {
        write(&out.join(name), "x");
    }
    let error = force(&place, &out).expect_err("is refused");
    let said = error.to_string();
    assert!(
        said.contains("is no plugin, and all that is in it would be lost: a, b, c, d, e, 2 more"),
        "{said}"
    );
    let help = error.diagnostics()[0].help.clone().expect("help");
    assert!(help.to_string().contains("out/NAME"), "{help}");

    lay(&place.path("yours"), "yours", "old");
    let error = force(&place, &place.path("yours")).expect_err("is refused").to_string();
    assert!(error.contains(r#"holds the plugin "yours", not "mine""#), "{error}");
}

#[test]
fn home_root_and_mounts_are_never_replaced_ex_21() {
    let place = place();
    // Even where the manifest would be the right one, or nothing is in them.
    lay(&place.path("home/me"), "mine", "old");
    lay(&place.path("home"), "mine", "old");
    for destination in [place.path("home/me"), place.path("home"), "/".into(), "/proc".into()] {
        let error = force(&place, &destination).expect_err("is refused");
        assert_eq!(error.kind(), ErrorKind::InvalidDir, "{}: {error}", destination.display());
    }
    assert_eq!(
        (text(&place.path("home")), text(&place.path("home/me"))),
        ("old".into(), "old".into())
    );
    fs::remove_dir_all(place.path("home/me")).expect("removed");
    fs::create_dir(place.path("home/me")).expect("made");
    let error = force(&place, &place.path("home/me")).expect_err("an empty one, too");
    assert_eq!(error.kind(), ErrorKind::InvalidDir);
    // Below it there is room.
    force(&place, &place.path("home/me/skills/mine")).expect("extracts");
}

#[test]
fn missing_parents_are_made_and_go_again_with_a_failure_ex_18() {
    let place = place();
    let out = place.path("a/b/c/out");
    struct Cancel;
    impl Observer for Cancel {
        fn is_cancelled(&self) -> bool {
            true
        }
    }
    watched(&place, &out, &Cancel).expect_err("is cancelled");
    assert!(!place.path("a").exists());
    fs::create_dir(place.path("a")).expect("made");
    watched(&place, &out, &Cancel).expect_err("is cancelled");
    assert!(place.path("a").exists() && !place.path("a/b").exists(), "only what was made goes");
    force(&place, &out).expect("extracts");
    assert_eq!(text(&out), "new");
    let error = force(&place, &place.path("none/../../x/out")).expect_err("leads elsewhere");
    assert_eq!(error.kind(), ErrorKind::InvalidDir);
    write(&place.path("file"), "x");
    let error = force(&place, &place.path("file/out")).expect_err("a file is on the way");
    assert_eq!(error.kind(), ErrorKind::InvalidDir);
    symlink("nowhere", place.path("dangling")).expect("a link");
    force(&place, &place.path("dangling/out")).expect_err("no link is followed that leads nowhere");
    assert!(!place.path("nowhere").exists());
}

/// Runs an action once, in the middle of the work.
struct Meanwhile<F>(Mutex<Option<F>>);

impl<F: FnOnce() + Send> Observer for Meanwhile<F> {
    fn is_cancelled(&self) -> bool {
        if let Some(act) = self.0.lock().expect("is fine").take() {
            act();
        }
        false
    }
}

fn meanwhile(place: &Place, to: &Path, act: impl FnOnce() + Send) -> Result<Extracted, Error> {
    watched(place, to, &Meanwhile(Mutex::new(Some(act))))
}

fn partial(parent: &Path) -> PathBuf {
    let entries = fs::read_dir(parent).expect("reads").flatten().map(|entry| entry.path());
    let is_partial = |path: &PathBuf| path.to_string_lossy().contains(".partial-");
    entries.into_iter().find(is_partial).expect("work is under way")
}

#[test]
fn what_changes_under_our_hands_is_not_replaced_ex_25() {
    let place = place();
    let room = place.path("room");
    let out = room.join("out");
    let (aside, outside) = (place.path("aside"), place.path("outside"));

    // The old tree is another one by now.
    lay(&out, "mine", "old");
    meanwhile(&place, &out, || {
        fs::rename(&out, &aside).expect("renamed");
        lay(&out, "mine", "somebody's");
    })
    .expect_err("is another one");
    assert_eq!((text(&out), text(&aside)), ("somebody's".into(), "old".into()));
    fs::remove_dir_all(&aside).expect("removed");

    // Something takes the name that was free.
    fs::remove_dir_all(&out).expect("removed");
    meanwhile(&place, &out, || write(&out.join("x"), "somebody's")).expect_err("is taken");
    assert_eq!(fs::read_to_string(out.join("x")).expect("reads"), "somebody's");
    fs::remove_dir_all(&out).expect("removed");

    // The tree that is being made is another one by now: nothing of that is put in place.
    fs::create_dir(&outside).expect("made");
    meanwhile(&place, &out, || {
        let tree = partial(&room).join("tree");
        fs::rename(&tree, tree.with_file_name("moved")).expect("renamed");
        symlink(&outside, tree).expect("a link");
    })
    .expect_err("is interfered with");
    assert!(!out.exists());
    assert_eq!(fs::read_dir(&outside).expect("reads").count(), 0, "nothing was written there");
    assert_eq!(fs::read_dir(&room).expect("reads").count(), 0, "and nothing stays");

    // The directory above becomes a link to elsewhere: what is held stays what it was.
    let error = meanwhile(&place, &out, || {
        fs::rename(&room, &aside).expect("renamed");
        symlink(&outside, &room).expect("a link");
    })
    .expect_err("is not where it was asked for");
    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
    assert_eq!(fs::read_dir(&outside).expect("reads").count(), 0, "nothing was written there");
}

#[test]
fn a_directory_in_the_tree_that_becomes_a_link_is_not_followed_ex_24() {
    let place = place();
    let (room, outside) = (place.path("room"), place.path("outside"));
    fs::create_dir(&room).expect("made");
    fs::create_dir(&outside).expect("made");
    let swap = || {
        let tree = partial(&room).join("tree");
        for name in [".claude-plugin", "skills"] {
            let _ = fs::remove_dir_all(tree.join(name));
            symlink(&outside, tree.join(name)).expect("a link");
        }
    };
    meanwhile(&place, &room.join("out"), swap).expect_err("a link is on the way");
    assert_eq!(fs::read_dir(&outside).expect("reads").count(), 0);
    assert_eq!(fs::read_dir(&room).expect("reads").count(), 0);
}

/// A directory as a process leaves it that was killed at work.
fn left(room: &Path, name: &str, parts: &[&str], mode: u32) -> PathBuf {
    let path = room.join(name);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&path).expect("made");
    for part in parts {
        lay(&path.join(part), "mine", "old");
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("set");
    path
}

#[test]
fn what_dead_processes_left_is_swept_and_nothing_else_ex_26() {
    let place = place();
    let room = place.path("room");
    let dead = [
        left(&room, ".out.partial-99999999-0", &["tree"], 0o700),
        left(&room, ".other.partial-99999999-12", &["tree", "old"], 0o700),
        left(&room, ".a.partial-1-1.partial-99999999-3", &[], 0o700),
    ];
    // The place of the last one is free: its old tree is all that there is.
    let saved = left(&room, ".precious.partial-99999999-1", &["old"], 0o700);
    lay(&room.join("other"), "mine", "newer");
    let alive = left(&room, ".out.partial-99999999-2", &["tree"], 0o700);
    let _lock = File::open(&alive).map(|file| file.lock().map(|()| file)).expect("opens");
    let kept = [
        alive,
        left(&room, ".out.partial-notes", &["tree"], 0o700),
        left(&room, ".out.partial-1", &["tree"], 0o700),
        left(&room, ".partial-1-1", &["tree"], 0o700),
        left(&room, ".out.partial-99999999-4", &["tree", "letters"], 0o700),
        left(&room, ".out.partial-99999999-5", &["tree"], 0o755),
    ];
    write(&room.join(".out.partial-99999999-6"), "a file");
    force(&place, &room.join("out")).expect("extracts");
    for path in &dead {
        assert!(!path.exists(), "{}", path.display());
    }
    for path in &kept {
        assert!(path.is_dir(), "{}", path.display());
    }
    assert!(room.join(".out.partial-99999999-6").is_file());
    assert!(!saved.exists());
    assert_eq!(text(&room.join("precious")), "old", "what was moved away has its place again");
    assert_eq!(text(&room.join("other")), "newer", "what is in place stays");
}

#[test]
fn trees_of_any_depth_and_size_are_replaced_ex_26() {
    let place = place();
    let out = place.path("out");
    lay(&out, "mine", "old");
    // Deeper than a path may be long, made from below.
    let mut deep = place.path("deep");
    fs::create_dir(&deep).expect("made");
    for level in 0..40 {
        let above = place.path(&format!("deep-{level}"));
        let mut inner = above.join("d".repeat(200));
        fs::create_dir_all(&inner).expect("made");
        inner.push("x");
        fs::rename(&deep, &inner).expect("moved");
        deep = above;
    }
    fs::rename(&deep, out.join("deep")).expect("moved");
    let extracted = force(&place, &out).expect("extracts");
    assert!(extracted.left.is_none(), "{:?}", extracted.left);
    assert_eq!(text(&out), "new");
}

#[test]
fn many_files_are_written_below_held_directories_ex_23() {
    let place = place();
    let source = place.path("many");
    lay(&source, "mine", "new");
    for number in 0..300 {
        write(&source.join(format!("d{}/e{}/{number}", number % 7, number % 3)), "x");
    }
    let packager = Packager::new(place.store.clone());
    packager.package_blocking(&source, &PackageOptions::default(), &()).expect("packages");
    let out = place.path("out");
    assert_eq!(force(&place, &out).expect("extracts").files, 302);
    let names = |root: &Path| -> Vec<(PathBuf, Vec<u8>)> {
        let found = everything(root).into_iter();
        found.map(|(path, text)| (path.strip_prefix(root).expect("below").into(), text)).collect()
    };
    assert_eq!(names(&out), names(&source));
}
