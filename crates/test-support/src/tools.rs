// SPDX-License-Identifier: Apache-2.0
//! Programs that tests start: those of others (docker-registry, skopeo, umoci, openssl), and some of their own.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// Set where no test may be skipped, as in CI.
const SKIP_NOTHING: &str = "TOOLHIVE_OCI_TESTS_SKIP_NOTHING";

/// Whether all these programs are installed. If not, says that the test is skipped; the test returns.
///
/// # Panics
/// If one is missing and `TOOLHIVE_OCI_TESTS_SKIP_NOTHING` is set.
#[must_use]
pub fn are_installed(programs: &[&str]) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let directories: Vec<_> = std::env::split_paths(&path).collect();
    let may_skip = std::env::var_os(SKIP_NOTHING).is_none();
    programs.iter().all(|program| is_in(directories.iter().map(|d| d.as_path()), program, may_skip))
}

/// Returns the directory of Sigstore's clients of others: below it `node_modules` and `py/bin/python`. If they are
/// not installed, says that the test is skipped; the test returns.
#[must_use]
pub fn sigstore_clients() -> Option<std::path::PathBuf> {
    let place = std::env::var_os("TOOLHIVE_OCI_SIGSTORE_CLIENTS").map(std::path::PathBuf::from);
    let place = place.filter(|place| place.is_dir());
    if place.is_none() {
        let _ = writeln!(std::io::stderr(), "skipped: Sigstore's clients are not installed");
    }
    place
}

/// Writes a program that can be started at once. A process of its own writes it: what this one has open to write, what
/// another test starts meanwhile has open, too, and the system refuses to start such a file ("text file busy").
///
/// # Panics
/// If it cannot be written.
pub fn write_program(path: &Path, content: &[u8]) {
    let mut shell = Command::new("sh");
    shell.args(["-c", "cat >\"$0\" && chmod 755 \"$0\""]).arg(path).stdin(Stdio::piped());
    let mut shell = shell.spawn().expect("there is a shell");
    shell.stdin.take().expect("it reads").write_all(content).expect("it takes all");
    assert!(shell.wait().expect("it ends").success(), "{} cannot be written", path.display());
}

/// Whether one of the directories has the program.
fn is_in<'d>(
    mut directories: impl Iterator<Item = &'d Path>,
    program: &str,
    may_skip: bool,
) -> bool {
    if directories.any(|directory| directory.join(program).is_file()) {
        return true;
    }
    assert!(may_skip, "{program} is not installed, and {SKIP_NOTHING} is set");
    // Past the harness, which keeps what a test prints that passes.
    let _ = writeln!(std::io::stderr(), "skipped: {program} is not installed");
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_where_it_lies() {
        let place = tempfile::tempdir().expect("there is room");
        std::fs::write(place.path().join("tool"), "").expect("is written");
        assert!(is_in([place.path()].into_iter(), "tool", false));
        assert!(!is_in([place.path()].into_iter(), "other", true));
        assert!(!is_in([].into_iter(), "tool", true));
    }

    #[test]
    fn a_program_that_was_written_starts_whatever_else_is_started() {
        let place = tempfile::tempdir().expect("there is room");
        let start = |number: usize| {
            let path = place.path().join(number.to_string());
            write_program(&path, b"#!/bin/sh\nexit 3\n");
            Command::new(path).status().expect("it starts").code()
        };
        std::thread::scope(|scope| {
            let started: Vec<_> =
                (0..40).map(|number| scope.spawn(move || start(number))).collect();
            for one in started {
                assert_eq!(one.join().expect("it ends"), Some(3));
            }
        });
    }

    #[test]
    #[should_panic(expected = "tool is not installed")]
    fn a_missing_program_fails_where_nothing_may_be_skipped() {
        is_in([].into_iter(), "tool", false);
    }
}
