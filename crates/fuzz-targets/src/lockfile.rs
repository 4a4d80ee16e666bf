// SPDX-License-Identifier: Apache-2.0
//! A lock file: never panics, every problem has a place, and what was read is written and read alike.

use oci_artifact::ErrorKind;

/// Runs the target on an input.
pub fn run(input: &[u8]) {
    let lock = match toolhive_lockfile::read(input) {
        Ok(lock) => lock,
        Err(error) => {
            let has_places = error.diagnostics().iter().all(|one| one.position.is_some());
            assert!(has_places || error.kind() == ErrorKind::TooLarge, "{error}");
            return;
        }
    };
    let written = toolhive_lockfile::write(&lock).expect("what was read can be written");
    let again = toolhive_lockfile::read(written.as_bytes()).expect("what was written can be read");
    let twice = toolhive_lockfile::write(&again).expect("what was read can be written");
    assert_eq!(twice, written);
    assert_eq!((again.skills.len(), again.plugins.len()), (lock.skills.len(), lock.plugins.len()));
}
