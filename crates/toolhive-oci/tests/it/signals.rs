// SPDX-License-Identifier: Apache-2.0
//! Signals, and what they leave behind: nothing (VB-2 to VB-4). Each one is sent to the real command
//! while it is stopped in the middle of its work.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use crate::support::Sandbox;

/// The list of leftovers when there must be none.
pub(crate) const NONE: [PathBuf; 0] = [];
pub(crate) const SIGNALS: [(&str, i32); 3] = [("INT", 130), ("TERM", 143), ("HUP", 129)];

/// Sends a signal.
pub(crate) fn send(signal: &str, process: u32) {
    let sent = Command::new("kill").args([&format!("-{signal}"), &process.to_string()]).status();
    // A process that has ended cannot be sent one.
    sent.expect("runs");
}

/// Text that takes some time to compress.
pub(crate) fn noise(seed: u32, size: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(size).collect()
}

/// A sandbox with a skill of some size, and a small one.
pub(crate) fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    for (name, files) in [("large", 24), ("small", 1)] {
        sandbox.write(&format!("{name}/SKILL.md"), format!("---\nname: {name}\n---\n"));
        for file in 0..files {
            sandbox.write(&format!("{name}/d{}/{file}.bin", file % 5), noise(file, 400_000));
        }
    }
    sandbox
}

/// The program, for which no signal is ignored: what a shell starts in the background inherits that.
fn program() -> Command {
    let mut command = Command::new("/usr/bin/env");
    command.args(["--default-signal=INT,TERM,HUP", env!("CARGO_BIN_EXE_toolhive-oci")]);
    command
}

pub(crate) fn start(sandbox: &Sandbox, args: &[&str]) -> Child {
    let mut command = program();
    command.env_clear().current_dir(sandbox.path(".")).arg("--store").arg(sandbox.path("store"));
    command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().expect("it starts")
}

/// The entries of a directory that may be missing.
pub(crate) fn entries(directory: &Path) -> Vec<PathBuf> {
    fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

/// Returns the temporary files in the store and beside a destination.
pub(crate) fn traces(sandbox: &Sandbox) -> Vec<PathBuf> {
    let mut found = entries(&sandbox.path("store/ingest"));
    found.extend(entries(&sandbox.path(".")).into_iter().filter(|path| is_partial(path)));
    found
}

pub(crate) fn is_partial(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().contains(".partial-"))
}

/// Starts a command and stops it as soon as it has begun its work; none if it was faster.
pub(crate) fn caught(
    sandbox: &Sandbox,
    args: &[&str],
    has_begun: &dyn Fn() -> bool,
) -> Option<Child> {
    let mut child = start(sandbox, args);
    while !has_begun() {
        if child.try_wait().expect("waits").is_some() {
            return None;
        }
        thread::sleep(Duration::from_micros(200));
    }
    send("STOP", child.id());
    if !has_begun() {
        send("CONT", child.id());
        child.wait().expect("ends");
        return None;
    }
    Some(child)
}

/// Lets a stopped command go on with that signal; how it ends.
pub(crate) fn end_with(signal: &str, mut child: Child) -> ExitStatus {
    send(signal, child.id());
    send("CONT", child.id());
    child.wait().expect("ends")
}

/// Catches a command in the middle, until it was: what is left has to be nothing.
pub(crate) fn leaves_nothing(
    sandbox: &Sandbox,
    args: &[&str],
    has_begun: &dyn Fn() -> bool,
    undo: &dyn Fn(),
) {
    for (signal, code) in SIGNALS {
        let mut interrupted = 0;
        for _ in 0..40 {
            let Some(child) = caught(sandbox, args, has_begun) else {
                undo();
                continue;
            };
            let status = end_with(signal, child);
            assert_eq!(traces(sandbox), NONE, "{args:?} {signal}: {status}");
            assert!([Some(0), Some(code)].contains(&status.code()), "{args:?} {signal}: {status}");
            interrupted += usize::from(status.code() == Some(code));
            undo();
            if interrupted == 2 {
                break;
            }
        }
        assert!(interrupted > 0, "{args:?} was never caught in the middle");
    }
}

#[test]
fn build_leaves_nothing_vb_2() {
    let sandbox = sandbox();
    let has_begun = || !entries(&sandbox.path("store/ingest")).is_empty();
    leaves_nothing(&sandbox, &["skill", "build", "large"], &has_begun, &|| ());
    leaves_nothing(&sandbox, &["skill", "build", "--all", "."], &has_begun, &|| ());
    assert!(sandbox.json(0, &["store", "check"])["sound"].as_bool().expect("said"));
}

#[test]
fn extract_leaves_nothing_and_the_old_tree_vb_2() {
    let sandbox = sandbox();
    sandbox.run(0, &["skill", "build", "large"]);
    let has_begun = || entries(&sandbox.path(".")).iter().any(|path| is_partial(path));
    let gone = || drop(fs::remove_dir_all(sandbox.path("out")));
    leaves_nothing(&sandbox, &["skill", "extract", "large", "out"], &has_begun, &gone);
    // The directories above that it made go, too.
    let deep = sandbox.path("above");
    let has_begun = || entries(&deep).iter().any(|path| is_partial(path));
    let gone = || drop(fs::remove_dir_all(&deep));
    let child = (0..40).find_map(|_| {
        let child = caught(&sandbox, &["skill", "extract", "large", "above/out"], &has_begun);
        if child.is_none() {
            gone();
        }
        child
    });
    let status = end_with("TERM", child.expect("is caught"));
    assert!(status.code() == Some(0) || !deep.exists(), "{status}");

    sandbox.run(0, &["skill", "extract", "large", "out"]);
    sandbox.write("out/mine.txt", "old");
    let has_begun = || entries(&sandbox.path(".")).iter().any(|path| is_partial(path));
    let again = || drop(sandbox.write("out/mine.txt", "old"));
    leaves_nothing(&sandbox, &["skill", "extract", "large", "out", "--force"], &has_begun, &again);
    sandbox.run(2, &["skill", "verify", "large", "out"]);
    fs::remove_file(sandbox.path("out/mine.txt")).expect("is there");
    sandbox.run(0, &["skill", "verify", "large", "out"]);
}

#[test]
fn verify_ends_with_the_code_of_the_signal_vb_2() {
    let sandbox = sandbox();
    sandbox.run(0, &["skill", "build", "large"]);
    for (signal, code) in SIGNALS {
        let ended = (1..60_u64).map(|round| {
            let child = start(&sandbox, &["skill", "verify", "large", "large"]);
            thread::sleep(Duration::from_millis(3 * round));
            let status = end_with(signal, child);
            assert_eq!(traces(&sandbox), NONE);
            // Before it listens the signal itself ends it, which shells show as the same number.
            let code = status.code().or(status.signal().map(|signal| 128 + signal));
            (status.signal().is_none(), code)
        });
        let noted = ended.into_iter().find(|(is_noted, ended)| *is_noted && *ended == Some(code));
        assert!(noted.is_some(), "{signal} was never noted");
    }
}

#[test]
fn what_a_killed_process_left_is_swept_by_the_next_one_vb_4() {
    let sandbox = sandbox();
    let kill = |args: &[&str]| {
        let before = traces(&sandbox).len();
        let has_begun = || traces(&sandbox).len() > before;
        let child = (0..40).find_map(|_| {
            let child = caught(&sandbox, args, &has_begun);
            if child.is_none() {
                let _ = fs::remove_dir_all(sandbox.path("out"));
            }
            child
        });
        end_with("KILL", child.expect("is caught"));
        assert_eq!(traces(&sandbox).len(), before + 1, "{args:?}");
    };
    kill(&["skill", "build", "large"]);
    sandbox.run(0, &["skill", "build", "large"]);
    assert_eq!(traces(&sandbox), NONE);
    kill(&["skill", "extract", "large", "out"]);
    sandbox.run(0, &["skill", "extract", "large", "other"]);
    assert_eq!(traces(&sandbox), NONE);
}

#[test]
fn a_second_signal_ends_at_once_vb_2() {
    let sandbox = sandbox();
    let has_begun = || !entries(&sandbox.path("store/ingest")).is_empty();
    // Both are there when it goes on: it has no time to tidy up. Where two threads note them at the same time, neither
    // is the second, so it has; then once more.
    let at_once = (0..5).any(|_| {
        let build = ["skill", "build", "large"];
        let child = (0..40).find_map(|_| caught(&sandbox, &build, &has_begun));
        let child = child.expect("is caught");
        send("INT", child.id());
        let status = end_with("TERM", child);
        assert!([Some(130), Some(143)].contains(&status.code()), "{status}");
        traces(&sandbox).len() == 1
    });
    assert!(at_once, "the second signal is waited for like the first");
    sandbox.run(0, &["skill", "build", "small"]);
    assert_eq!(traces(&sandbox), NONE);
}

/// The reader of the results closes its pipe while the next directories are being packaged.
#[test]
fn a_reader_that_goes_away_leaves_nothing_vb_2() {
    let sandbox = Sandbox::new();
    for number in 0..1_100 {
        sandbox.write(&format!("all/{number:04}/SKILL.md"), format!("---\nname: s{number}\n---\n"));
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_toolhive-oci"));
    command.env_clear().current_dir(sandbox.path(".")).args(["--store", "store", "--quiet"]);
    command.args(["skill", "build", "--all", "all"]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("it starts");
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("ends").code(), Some(0), "that is no failure");
    assert!(sandbox.path("store/ingest").is_dir());
    assert_eq!(traces(&sandbox), NONE);
}

#[test]
fn waiting_for_the_store_ends_vb_2() {
    let sandbox = sandbox();
    sandbox.run(0, &["skill", "build", "small"]);
    let lock = fs::File::options().write(true).open(sandbox.path("store/index.json.lock"));
    let lock = lock.expect("opens");
    lock.lock().expect("locks");
    for (signal, code) in SIGNALS {
        let mut child = start(&sandbox, &["skill", "build", "small", "--tag", "never"]);
        while entries(&sandbox.path("store/ingest")).is_empty() {
            thread::sleep(Duration::from_millis(1));
        }
        send(signal, child.id());
        assert_eq!(child.wait().expect("ends").code(), Some(code));
        assert_eq!(traces(&sandbox), NONE);
    }
    drop(lock);
}

#[test]
fn a_signal_that_is_ignored_stays_ignored_vb_2() {
    let sandbox = sandbox();
    let mut child = Command::new("sh")
        .args(["-c", "trap '' HUP INT; exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_toolhive-oci"))
        .arg("--store")
        .arg(sandbox.path("store"))
        .args(["skill", "build", "large"])
        .current_dir(sandbox.path("."))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    while entries(&sandbox.path("store/ingest")).is_empty() {
        assert!(child.try_wait().expect("waits").is_none(), "it was too fast");
        thread::sleep(Duration::from_micros(200));
    }
    send("HUP", child.id());
    send("INT", child.id());
    assert_eq!(child.wait().expect("ends").code(), Some(0));
    sandbox.run(0, &["skill", "inspect", "large"]);
}
