// SPDX-License-Identifier: Apache-2.0
//! Kills: at every system call that changes the file system of an install, an upgrade, an uninstall, and at
//! every one that makes a file. No place ever has half a tree, the lock file is the old or the new one, and
//! `sync` brings order.
//!
//! Of each kind of call the first, the last and some between are taken, and all of them where
//! $TOOLHIVE_OCI_KILL_EVERY_CALL is set.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write as _};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use super::{Bench, gather};

/// The calls that change something on the disk, or bring it there, as far as this machine has them. strace
/// counts the calls of each kind by themselves.
const CHANGES: [&str; 31] = [
    "?mkdir",
    "?mkdirat",
    "?rmdir",
    "?unlink",
    "?unlinkat",
    "?rename",
    "?renameat",
    "?renameat2",
    "?fsync",
    "?fdatasync",
    "?syncfs",
    "?flock",
    "?truncate",
    "?ftruncate",
    "?fallocate",
    "?chmod",
    "?fchmod",
    "?fchmodat",
    "?fchown",
    "?fchownat",
    "?link",
    "?linkat",
    "?symlink",
    "?symlinkat",
    "?utimensat",
    "?write",
    "?writev",
    "?pwrite64",
    "?sendfile",
    "?copy_file_range",
    "?creat",
];
/// The one that opens files, and makes them.
const OPENS: &str = "openat";
/// The longest time of any of these commands, in milliseconds.
const MOST: usize = 60_000;
/// The number of calls of a kind at which a command is killed, unless all are asked for.
const SAMPLE: usize = 3;

/// Whether calls can be counted here. Without that, kills come at times.
fn has_strace() -> bool {
    let mut run = Command::new("strace");
    run.args(["-qq", "-o", "/dev/null", "true"]);
    run.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

type Tree = BTreeMap<String, Vec<u8>>;

fn snapshot(bench: &Bench, directory: &str) -> Option<Tree> {
    let path = bench.sandbox.path(directory);
    path.exists().then(|| {
        let mut tree = Tree::new();
        gather(&path, "", &mut tree);
        tree
    })
}

fn restore(bench: &Bench, tree: &Tree) {
    let root = bench.sandbox.path("p");
    fs::remove_dir_all(&root).expect("removed");
    fs::create_dir(&root).expect("made");
    for (name, content) in tree {
        let path = root.join(name);
        match name.ends_with('/') {
            true => fs::create_dir(path).expect("made"),
            false => fs::write(path, content).expect("written"),
        }
    }
}

/// A command of this program under strace, with these options.
fn traced(bench: &Bench, options: &[&str], args: &[&str]) -> Command {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq"]).args(options).arg(env!("CARGO_BIN_EXE_toolhive-oci"));
    command.args(["--store", "store"]).args(args).args(["--project-root", "p"]);
    command.env_clear().env("PATH", std::env::var_os("PATH").expect("has one"));
    command.current_dir(bench.sandbox.path(".")).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Runs a command and kills it before its `number`th call of these; whether it came to its end before.
fn killed(bench: &Bench, args: &[&str], calls: &str, number: usize) -> bool {
    let (trace, inject) =
        (format!("trace={calls}"), format!("inject={calls}:signal=KILL:when={number}"));
    let options = ["-o", "/dev/null", "-e", &trace, "-e", &inject];
    traced(bench, &options, args).status().expect("it runs").success()
}

/// Kills a command after that many milliseconds, on systems where calls cannot be counted.
fn killed_after(bench: &Bench, args: &[&str], milliseconds: u64) -> bool {
    let mut command = Command::new(env!("CARGO_BIN_EXE_toolhive-oci"));
    command.args(["--store", "store"]).args(args).args(["--project-root", "p"]);
    command.env_clear().current_dir(bench.sandbox.path("."));
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    thread::sleep(Duration::from_millis(milliseconds));
    let is_over = child.try_wait().expect("is asked").is_some();
    child.kill().expect("is there");
    child.wait().expect("ends");
    is_over
}

/// The calls that a command makes to its end, thread by thread: name and whole line.
fn calls(bench: &Bench, args: &[&str]) -> BTreeMap<u64, Vec<(String, String)>> {
    let trace = format!("trace={},{OPENS}", CHANGES.join(","));
    let log = bench.sandbox.path("calls");
    let options = ["-o", log.to_str().expect("text"), "-e", &trace];
    assert!(traced(bench, &options, args).status().expect("it runs").success());
    let mut found: BTreeMap<u64, Vec<(String, String)>> = BTreeMap::new();
    for line in fs::read_to_string(log).expect("is read").lines() {
        let Some((thread, call)) = line.split_once(' ') else { continue };
        let Some((name, _)) = call.trim_start().split_once('(') else { continue };
        let calls = found.entry(thread.parse().expect("a number")).or_default();
        calls.push((name.to_owned(), call.to_owned()));
    }
    found
}

/// The numbers, from 1, of that many calls at which to kill.
fn chosen(count: usize) -> Vec<usize> {
    if std::env::var_os("TOOLHIVE_OCI_KILL_EVERY_CALL").is_some() || count <= SAMPLE {
        return (1..=count).collect();
    }
    (0..SAMPLE).map(|part| 1 + part * (count - 1) / (SAMPLE - 1)).collect()
}

/// Kills a command everywhere on its way from one state of the project to another; how often.
fn everywhere(bench: &Bench, from: &Tree, to: &Tree, args: &[&str]) -> usize {
    if !has_strace() {
        for (kills, number) in (1..MOST).step_by(7).enumerate() {
            restore(bench, from);
            if killed_after(bench, args, number as u64) {
                return kills;
            }
            brought_in_order(bench, from, to, args, &format!("{args:?} after {number} ms"));
        }
        panic!("{args:?} does not end");
    }
    restore(bench, from);
    let calls = calls(bench, args);
    // strace counts the calls of each thread by themselves.
    let most = |kind: &str| {
        let name = kind.trim_start_matches('?');
        let of = |calls: &Vec<(String, String)>| calls.iter().filter(|call| call.0 == name).count();
        calls.values().map(of).max().unwrap_or(0)
    };
    let mut kills = 0;
    let mut seen = BTreeSet::new();
    let mut kill = |kind: &str, number: usize| {
        restore(bench, from);
        if killed(bench, args, kind, number) {
            // It made fewer of them this time.
            return;
        }
        kills += 1;
        // Most calls leave what was looked at before.
        if seen.insert(snapshot(bench, "p")) {
            brought_in_order(bench, from, to, args, &format!("{args:?} at {kind} {number}"));
        }
    };
    for kind in CHANGES {
        chosen(most(kind)).into_iter().for_each(|number| kill(kind, number));
    }
    // Files are made by the first thread.
    let first = calls.values().next().into_iter().flatten();
    let opens = first.filter(|(name, _)| name == OPENS).enumerate();
    let makes: Vec<usize> = opens
        .filter(|(_, (_, call))| call.contains("O_CREAT"))
        .map(|(number, _)| number + 1)
        .collect();
    assert!(!makes.is_empty(), "{args:?} makes no file");
    for at in chosen(makes.len()) {
        kill(OPENS, makes[at - 1]);
    }
    assert!(kills > 10, "{args:?}: it was killed {kills} times");
    kills
}

/// Checks that nothing is half there after a kill, and that `sync` repairs it.
fn brought_in_order(bench: &Bench, from: &Tree, to: &Tree, args: &[&str], case: &str) {
    let below = |tree: &Tree, place: &str| -> Option<Tree> {
        let found: Tree = tree
            .iter()
            .filter_map(|(name, content)| {
                Some((name.strip_prefix(place)?.to_owned(), content.clone()))
            })
            .collect();
        (!found.is_empty()).then_some(found)
    };
    let without_root = |tree: Option<Tree>| {
        tree.map(|mut tree| {
            tree.remove("");
            tree
        })
    };
    for place in [".claude/skills/demo/", ".agents/skills/demo/"] {
        let found = without_root(snapshot(bench, &format!("p/{place}")));
        let is_whole = [from, to].iter().any(|tree| without_root(below(tree, place)) == found);
        // An empty directory is no tree, and takes nobody's place.
        assert!(is_whole || found.as_ref().is_none_or(Tree::is_empty), "{case}: {place}");
    }
    let lock = fs::read(bench.sandbox.path("p/toolhive.lock.yaml")).ok();
    let is_known = [from, to].iter().any(|tree| tree.get("toolhive.lock.yaml").cloned() == lock);
    assert!(is_known, "{case}: the lock file");
    if lock.is_some() {
        bench.json(0, &["skill", "sync", "--yes", "--offline"]);
        bench.json(0, &["skill", "sync", "--check"]);
        bench.json(0, &["lock", "check"]);
    } else {
        // Nothing was recorded: to do it again brings order.
        bench.run(if args[1] == "install" { 0 } else { 1 }, args);
    }
    let left = snapshot(bench, "p").expect("is there");
    let left: Vec<&String> = left.keys().filter(|name| name.contains(".partial-")).collect();
    if lock.is_some() {
        assert!(left.is_empty(), "{case}: {left:?}");
    }
}

#[test]
fn a_kill_at_any_change_of_install_upgrade_and_uninstall_leaves_what_sync_brings_in_order() {
    let bench = Bench::new();
    let state = |bench: &Bench| {
        let mut tree = bench.tree();
        tree.insert("toolhive.lock.yaml.lock".to_owned(), Vec::new());
        tree
    };
    let reference = bench.skill("demo", "1", "", &[("a/b", "old"), ("c", "old")]);
    let empty = state(&bench);
    let install =
        ["skill", "install", &reference, "--allow-unsigned", "--clients", "claude-code,agents"];
    bench.json(0, &install);
    let old = state(&bench);
    let mut kills = everywhere(&bench, &empty, &old, &install);
    restore(&bench, &old);
    bench.skill("demo", "1", "", &[("a/b", "new"), ("d", "new")]);
    let upgrade = ["skill", "upgrade", "--yes"];
    bench.json(0, &upgrade);
    let new = state(&bench);
    kills += everywhere(&bench, &old, &new, &upgrade);
    restore(&bench, &new);
    let uninstall = ["skill", "uninstall", "demo"];
    bench.json(0, &uninstall);
    let gone = state(&bench);
    kills += everywhere(&bench, &new, &gone, &uninstall);
    writeln!(io::stdout(), "killed {kills} times, nothing was lost").expect("is written");
}
