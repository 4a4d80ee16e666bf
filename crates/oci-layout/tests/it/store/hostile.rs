// SPDX-License-Identifier: Apache-2.0
//! Every operation on every store in which something stands that no store makes: it stays below the
//! store's root (LS-30 to LS-34).

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use oci_layout::store::{CheckMode, GcMode, GcOptions, Origin, Store, Untagged};
use oci_layout::{Digest, Error, ErrorKind, Result, digest};
use tempfile::TempDir;
use test_support::hostile_store::{Case, Names, cases, is_root, make, snapshot};

use super::fixture::{Build, build, empty, now, path, set_time, try_put};

/// A sound store with the tag `demo`, one blob that nothing reaches, and what it is made of.
struct Sound {
    dir: TempDir,
    built: Build,
    garbage: Digest,
}

impl Sound {
    fn new() -> Self {
        let (dir, store) = empty();
        let built = build(&store, "demo");
        let garbage = store.put_blob(b"alone").expect("puts");
        Self { dir, built, garbage }
    }

    fn names(&self) -> Names {
        let blob = |digest: &Digest| format!("blobs/sha256/{}", digest.hex());
        let note = format!("ingest/removed-{}", digest::sha256(b"demo").hex());
        Names { listed: blob(&self.built.layer), garbage: blob(&self.garbage), note }
    }

    /// Makes a case, does `work` on its store, and makes sure that nothing outside was touched.
    fn with<T>(&self, case: &Case, work: impl FnOnce(&Path) -> T) -> T {
        let dir = TempDir::new().expect("a directory");
        let root = make(case, &self.dir.path().join("store"), dir.path())
            .unwrap_or_else(|error| panic!("{case:?}: {error}"));
        let outside = dir.path().join("outside");
        let before = snapshot(&outside);
        let result = work(&root);
        assert_eq!(snapshot(&outside), before, "{case:?}");
        result
    }
}

fn gc(store: &Store, mode: GcMode) -> Result<()> {
    store.gc(options(mode)).map(|_| ())
}

fn options(mode: GcMode) -> GcOptions {
    let mut options = GcOptions::new(now() + Duration::from_secs(1));
    options.grace = Duration::ZERO;
    options.mode = mode;
    options.untagged = Untagged::Drop;
    options
}

/// An operation on the store at a path, by its name.
type Work = (&'static str, fn(&Path, &Sound) -> Result<()>);

/// Everything that can be done with a store.
const WORK: [Work; 16] = [
    ("open", |root, _| Store::open(root).map(|_| ())),
    ("open existing", |root, _| Store::open_existing(root).map(|_| ())),
    ("check", |root, _| Store::check(root, CheckMode::Report).map(|_| ())),
    ("repair", |root, _| Store::check(root, CheckMode::Repair).map(|_| ())),
    ("list", |root, _| {
        let store = Store::open_existing(root)?;
        store.entries()?;
        store.list_tags().map(|_| ())
    }),
    ("resolve", |root, _| Store::open_existing(root)?.resolve("demo").map(|_| ())),
    ("read", |root, sound| {
        let store = Store::open_existing(root)?;
        for digest in &sound.built.blobs {
            let _ = store.blob_size(digest);
            store.get_blob(digest)?;
        }
        Ok(())
    }),
    ("stream", |root, sound| {
        let store = Store::open_existing(root)?;
        let mut reader = store.open_blob(&sound.built.layer)?;
        let copied = io::copy(&mut reader, &mut io::sink());
        copied.map(|_| ()).map_err(|error| Error::from_io("cannot read", root, error))
    }),
    ("read a part", |root, sound| {
        let store = Store::open_existing(root)?;
        let chunks = store.blob_chunks(&sound.built.layer)?;
        let mut text = String::new();
        let read = store.open_part(&chunks, 4..9)?.read_to_string(&mut text);
        read.map_err(|error| Error::from_io("cannot read", root, error))?;
        assert_eq!(text, "layer");
        Ok(())
    }),
    ("build", |root, _| {
        let store = Store::open(root)?;
        let ingest = store.ingest()?;
        // The same again, and something new.
        for name in ["demo", "new"] {
            let built = try_put(&ingest, name, &format!("the layer of {name}"))?;
            ingest.tag(&built.index, name, Origin::LocalBuild)?;
        }
        ingest.commit().map(|_| ())
    }),
    ("adopt", |root, sound| {
        let store = Store::open(root)?;
        let ingest = store.ingest()?;
        ingest.adopt(&sound.built.layer, "the layer of demo".len() as u64)?;
        ingest.adopt(&sound.garbage, 5)?;
        ingest.commit().map(|_| ())
    }),
    ("write", |root, _| {
        let store = Store::open(root)?;
        store.put_blob(b"alone")?;
        let mut writer = store.blob_writer()?;
        let text = vec![7; 200_000];
        let written = writer.write_all(&text);
        written.map_err(|error| Error::from_io("cannot write", root, error))?;
        let sha512 = "27c74670adb75075fad058d5ceaf7b20c4e7786c83bae8a32f626f9782af34c9\
                      a33c2046ef60fd2a7878d378e29fec851806bbd9a67878f3a9f1cda4830763fd";
        let mut other = store.blob_writer()?;
        let written = other.write_all(b"{}");
        written.map_err(|error| Error::from_io("cannot write", root, error))?;
        writer.finish()?;
        other.finish_expecting(&digest::parse(&format!("sha512:{sha512}"))?, 2)
    }),
    ("tag", |root, sound| {
        let store = Store::open(root)?;
        store.tag(&sound.built.index, "another")?;
        store.delete_tag("another")
    }),
    ("remove", |root, _| Store::open(root)?.delete_build("demo").map(|_| ())),
    ("collect", |root, _| gc(&Store::open(root)?, GcMode::Remove)),
    ("look for garbage", |root, _| gc(&Store::open(root)?, GcMode::DryRun)),
];

#[test]
fn a_store_stays_below_its_root_ls_31() {
    let sound = Sound::new();
    let cases = cases(&sound.names());
    assert!(cases.len() >= 80, "{}", cases.len());
    if !is_root() {
        let _ = writeln!(io::stdout(), "files of other users: not possible here");
    }
    // Most of the time the disk is waited for.
    std::thread::scope(|scope| {
        for some in cases.chunks(cases.len().div_ceil(8)) {
            let sound = &sound;
            scope.spawn(move || some.iter().for_each(|case| stays_below(sound, case)));
        }
    });
}

/// Every operation on that store is refused if the store is, and touches nothing outside.
fn stays_below(sound: &Sound, case: &Case) {
    for (name, work) in WORK {
        let error = sound.with(case, |root| {
            let error = work(root, sound).err()?;
            Some((error, root.join(&case.place)))
        });
        let why = format!("{name} of {case:?}: {error:?}");
        match error {
            None => assert!(!case.is_refused, "{why}"),
            Some((error, place)) if case.is_refused => {
                assert_eq!(error.kind(), ErrorKind::InvalidStore, "{why}");
                assert!(error.to_string().contains(&place.display().to_string()), "{why}");
                assert!(error.diagnostics()[0].help.is_some(), "{why}");
            }
            Some(_) => {}
        }
    }
}

#[test]
fn a_link_to_the_whole_of_a_store_and_links_above_it_are_the_users_ls_30() {
    let dir = TempDir::new().expect("a directory");
    fs::create_dir(dir.path().join("real")).expect("makes");
    symlink("real", dir.path().join("parent")).expect("links");
    symlink("parent/store", dir.path().join("link")).expect("links");
    let store = Store::open(dir.path().join("parent/store")).expect("opens");
    let built = build(&store, "demo");
    let linked = Store::open(dir.path().join("link")).expect("opens");
    assert_eq!(linked.resolve("demo").expect("resolves").digest, built.index);
    build(&linked, "another");
    linked.gc(options(GcMode::Remove)).expect("collects");
    assert!(Store::check(linked.root(), CheckMode::Report).expect("checks").is_sound());
    assert_eq!(store.list_tags().expect("lists"), ["another", "demo"]);
}

#[test]
fn the_root_is_opened_once_ls_30() {
    let (dir, store) = empty();
    let built = build(&store, "demo");
    let other = Store::open(dir.path().join("other")).expect("opens");
    // The store's path leads elsewhere now; the store that was opened is where it was.
    fs::rename(dir.path().join("store"), dir.path().join("moved")).expect("moves");
    symlink("other", dir.path().join("store")).expect("links");
    store.get_blob(&built.layer).expect("reads");
    build(&store, "new");
    store.delete_build("demo").expect("removes");
    assert_eq!(store.list_tags().expect("lists"), ["new"]);
    assert_eq!(other.list_tags().expect("lists"), [""; 0]);
    assert_eq!(fs::read_dir(other.root().join("blobs/sha256")).expect("lists").count(), 0);
    let moved = Store::open(dir.path().join("moved")).expect("opens");
    assert_eq!(moved.list_tags().expect("lists"), ["new"]);
}

#[test]
fn directories_that_are_swapped_for_links_are_not_followed_ls_31() {
    let (dir, store) = empty();
    let built = build(&store, "demo");
    let root = store.root().to_owned();
    let ingest = store.ingest().expect("starts");
    let again = try_put(&ingest, "new", "another layer").expect("puts");
    ingest.tag(&again.index, "new", Origin::LocalBuild).expect("a tag");
    // All that was open already is moved out, and links to it stand in its place.
    fs::create_dir(dir.path().join("outside")).expect("makes");
    for name in ["blobs", "ingest"] {
        fs::rename(root.join(name), dir.path().join("outside").join(name)).expect("moves");
        symlink(dir.path().join("outside").join(name), root.join(name)).expect("links");
    }
    let before = snapshot(&dir.path().join("outside/blobs"));
    for error in [
        ingest.commit().map(|_| ()).expect_err("is refused"),
        store.delete_build("demo").map(|_| ()).expect_err("is refused"),
        store.put_blob(b"x").map(|_| ()).expect_err("is refused"),
        store.gc(options(GcMode::Remove)).map(|_| ()).expect_err("is refused"),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidStore, "{error}");
        assert!(error.to_string().contains("a symbolic link"), "{error}");
    }
    assert_eq!(snapshot(&dir.path().join("outside/blobs")), before);
    let _ = store.get_blob(&built.layer);
}

#[test]
fn gc_leaves_what_has_not_the_shape_or_the_owner_of_its_own_work_ls_33() {
    let sound = Sound::new();
    let names = sound.names();
    for case in cases(&names).iter().filter(|case| !case.is_refused) {
        let is_ours = match case.what.as_str() {
            // A name in the store may go, whatever else the file is called.
            "hard-link" => !case.place.contains("id_ed25519"),
            _ => false,
        };
        let is_named = case.place.starts_with("ingest") && !is_ours && case.what != "hard-link";
        if !is_named && case.what != "foreign" && case.place != names.garbage {
            continue;
        }
        let (stays, report) = sound.with(case, |root| {
            let report = Store::open(root).expect("opens").gc(options(GcMode::Remove));
            (root.join(&case.place).symlink_metadata().is_ok(), report)
        });
        assert_eq!(stays, !is_ours, "{case:?}: {report:?}");
        if let Ok(report) = report {
            let is_told = report.problems.iter().any(|problem| {
                problem.path.as_ref().is_some_and(|path| {
                    path.ends_with(&case.place) || case.place.starts_with("ingest/4711-0/")
                })
            });
            assert!(is_told || !case.place.starts_with("ingest"), "{case:?}: {report:?}");
        }
    }
}

#[test]
fn what_others_left_in_a_session_stays_and_dry_runs_say_the_same_ls_33() {
    let (_dir, store) = empty();
    build(&store, "demo");
    let session = store.root().join("ingest/4711-0");
    for name in ["4711-0/0", "4711-1/0", "4711-1/key"] {
        let file = store.root().join("ingest").join(name);
        fs::create_dir_all(file.parent().expect("has one")).expect("makes");
        fs::write(file, "x").expect("writes");
    }
    let dry = store.gc(options(GcMode::DryRun)).expect("looks");
    let report = store.gc(options(GcMode::Remove)).expect("collects");
    assert_eq!(report, dry);
    assert_eq!(report.leftovers, std::slice::from_ref(&session));
    let [problem] = report.problems.as_slice() else { panic!("{report:?}") };
    assert_eq!(problem.path.as_deref(), Some(&*session.with_file_name("4711-1").join("key")));
    assert!(!session.exists() && session.with_file_name("4711-1").join("0").exists());
}

#[test]
fn a_blob_that_has_names_elsewhere_is_not_made_young_ls_34() {
    let (dir, store) = empty();
    build(&store, "demo");
    let text = vec![7; 100_000];
    let (small, large) = (b"alone".as_slice(), text.as_slice());
    for bytes in [small, large] {
        let digest = store.put_blob(bytes).expect("puts");
        let backup = dir.path().join("backup").with_extension(bytes.len().to_string());
        fs::hard_link(path(&store, &digest), &backup).expect("links");
        let old = now() - Duration::from_secs(3600);
        set_time(&backup, old);
        let before = snapshot(&backup);
        store.put_blob(bytes).expect("puts again");
        assert_eq!(snapshot(&backup), before);
        // It is young all the same: it is another file now.
        let meta = fs::metadata(path(&store, &digest)).expect("is there");
        assert!(meta.modified().expect("has a time") > old + Duration::from_secs(60));
        assert_eq!(store.get_blob(&digest).expect("reads"), bytes);
    }
}

#[test]
fn an_index_file_that_can_be_run_does_not_stay_one_ls_32() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_dir, store) = empty();
    let file = store.root().join("index.json");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("chmod");
    build(&store, "demo");
    assert_eq!(fs::metadata(&file).expect("is there").permissions().mode() & 0o777, 0o644);
}
