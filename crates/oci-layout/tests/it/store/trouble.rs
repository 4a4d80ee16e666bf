// SPDX-License-Identifier: Apache-2.0
//! Full disks, read-only stores, missing permission, files that are open (LS-5, LS-14).
//!
//! The first three need a mount or another user: the test starts itself again below `unshare` or
//! `setpriv`. Where these may not do that, it says so; the single calls' failures are tested at the
//! seam all the same.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use oci_layout::store::{Origin, Store};
use oci_layout::{Error, ErrorKind};
use tempfile::TempDir;

use super::fixture::{
    Build, build, complete, count, empty, index_text, leftovers, put, text, try_put,
};

/// Runs a task of this module by way of a shell that prepares its surroundings; the directory is
/// `$1` there and the command what follows. Its exit code 99 says that it cannot.
#[expect(clippy::disallowed_methods, reason = "the binary starts itself")]
fn run(task: &str, dir: &Path, script: &str) {
    let output = Command::new("sh")
        .args(["-c", script, "sh"])
        .arg(dir)
        .arg(std::env::current_exe().expect("has a path"))
        .args(["--exact", "store::trouble::does_a_task_if_it_is_told_to", "--nocapture"])
        .env("STORE_TASK", task)
        .env("STORE_WORKER_ROOT", dir.join("store"))
        .output()
        .expect("there is a shell");
    let mut out = io::stdout().lock();
    match output.status.code() {
        Some(0) => (),
        Some(99) => drop(writeln!(out, "{task}: not possible here")),
        _ => {
            panic!("{task}: {}", String::from_utf8_lossy(&[output.stdout, output.stderr].concat()))
        }
    }
}

#[test]
fn does_a_task_if_it_is_told_to() {
    let (Some(task), Some(root)) = (text("STORE_TASK"), text("STORE_WORKER_ROOT")) else { return };
    match &*task {
        "full" => fill(Path::new(&root)),
        "umask" => private_umask(Path::new(&root)),
        "read-only" => read_only(Path::new(&root), "read-only"),
        "forbidden" => read_only(Path::new(&root), "permission"),
        task => panic!("{task}"),
    }
}

#[test]
fn a_full_disk_ls_14() {
    let dir = TempDir::new().expect("a directory");
    let script = "exec unshare -m sh -c 'mount -t tmpfs -o size=2m tmpfs \"$1\" || exit 99
        shift; exec \"$@\"' sh \"$@\" || exit 99";
    run("full", dir.path(), script);
}

/// Builds until the disk is full; nothing that was there suffers.
fn fill(root: &Path) {
    let store = Store::open(root).expect("opens");
    let mut builds: Vec<Build> = Vec::new();
    let error = loop {
        let before = (index_text(&store), count(&store));
        let tag = format!("build-{}", builds.len());
        match try_build(&store, &tag) {
            Ok(built) => builds.push(built),
            Err(error) => {
                assert_eq!(index_text(&store), before.0);
                break error;
            }
        }
        assert!(builds.len() < 100, "the disk never fills up");
    };
    assert_eq!(error.kind(), ErrorKind::Io);
    let help = error.diagnostics()[0].help.as_ref().expect("helps").to_string();
    assert!(help.contains("full"), "{help}");
    assert_eq!(leftovers(&store), 0);
    let again = Store::open(root).expect("opens");
    assert_eq!(again.list_tags().expect("lists").len(), builds.len());
    for built in &builds {
        complete(&again, &built.index).expect("is complete");
    }
    // Not a byte is left, nor a place for a file.
    let last = root.with_file_name("rest");
    let mut rest = File::create(&last).expect("makes");
    while rest.write_all(&[0; 512]).is_ok() {}
    // Removing one makes room for one (LS-20).
    again.delete_build("build-0").expect("removes");
    assert!(!again.list_tags().expect("lists").contains(&"build-0".to_owned()));
    try_build(&again, "next").expect("there is room");
    let report = Store::check(root, oci_layout::store::CheckMode::Report).expect("checks");
    assert!(report.is_sound(), "{:?}", report.findings);
}

#[test]
fn blobs_can_be_read_by_all_whatever_the_umask_ls_17() {
    let dir = TempDir::new().expect("a directory");
    run("umask", dir.path(), "shift; umask 077; exec \"$@\"");
}

fn private_umask(root: &Path) {
    let store = Store::open(root).expect("opens");
    let built = build(&store, "demo");
    store.put_blob(b"alone").expect("puts");
    for blob in fs::read_dir(root.join("blobs/sha256")).expect("reads") {
        let mode = blob.expect("reads").metadata().expect("stats").permissions().mode();
        assert_eq!(mode & 0o777, 0o444);
    }
    complete(&store, &built.index).expect("is complete");
}

fn try_build(store: &Store, tag: &str) -> Result<Build, Error> {
    let ingest = store.ingest()?;
    let built = try_put(&ingest, tag, &tag.repeat(16_000))?;
    ingest.tag(&built.index, tag, Origin::LocalBuild)?;
    ingest.commit()?;
    Ok(built)
}

#[test]
fn a_read_only_store_ls_14() {
    let (dir, store) = empty();
    build(&store, "demo");
    let script = "exec unshare -m sh -c '
        mount --bind \"$1\" \"$1\" && mount -o remount,ro,bind \"$1\" || exit 99
        shift; exec \"$@\"' sh \"$@\" || exit 99";
    run("read-only", dir.path(), script);
}

#[test]
fn a_store_of_someone_else_ls_14() {
    let (dir, store) = empty();
    build(&store, "demo");
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).expect("chmod");
    let script = "shift; test \"$(id -u)\" = 0 || exit 99
        u='setpriv --reuid 65534 --regid 65534 --clear-groups'
        $u test -x \"$1\" || exit 99
        exec $u \"$@\"";
    run("forbidden", dir.path(), script);
}

/// All that only reads works; all that writes says why not.
fn read_only(root: &Path, word: &str) {
    let store = Store::open(root).expect("opens");
    Store::open_existing(root).expect("opens");
    assert_eq!(store.list_tags().expect("lists"), ["demo"]);
    let digest = store.resolve("demo").expect("resolves").digest;
    complete(&store, &digest).expect("is complete");
    assert!(store.is_index(&digest).expect("reads"));
    assert!(Store::check(root, oci_layout::store::CheckMode::Report).expect("checks").is_sound());
    let before = index_text(&store);
    for error in [
        store.put_blob(b"new").expect_err("cannot write"),
        store.tag(&digest, "other").expect_err("cannot write"),
        store.delete_tag("demo").expect_err("cannot write"),
        store.delete_build("demo").expect_err("cannot write"),
        try_build(&store, "new").expect_err("cannot write"),
    ] {
        assert_eq!(error.kind(), ErrorKind::Io, "{error:?}");
        let help = error.diagnostics()[0].help.as_ref().expect("helps").to_string();
        assert!(help.contains(word), "{help}");
    }
    assert_eq!(index_text(&store), before);
}

#[cfg(target_os = "linux")]
#[test]
fn many_builds_in_one_ingest_hold_few_files_open_ls_5() {
    let (_dir, store) = empty();
    let ingest = store.ingest().expect("starts");
    for number in 0..60 {
        put(&ingest, &number.to_string(), &number.to_string());
    }
    // Other tests have files open, too, in stores of their own.
    let root = store.root().canonicalize().expect("is there");
    let files = fs::read_dir("/proc/self/fd").expect("lists").flatten();
    let targets = files.filter_map(|file| fs::read_link(file.path()).ok());
    let open = targets.filter(|target| target.starts_with(&root)).count();
    assert!((1..=70).contains(&open), "{open} files are open");
    ingest.commit().expect("commits");
    assert_eq!(count(&store), 360);
}
