// SPDX-License-Identifier: Apache-2.0
//! Signals to commands with a registry, and what they leave behind: nothing (VB-2, VB-3).

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::served::Served;
use crate::signals::{
    NONE, SIGNALS, caught, end_with, entries, leaves_nothing, sandbox, send, start, traces,
};
use crate::support::Sandbox;

/// Waits for a registry to have ended all uploads.
fn settles(registry: &Path) -> bool {
    (0..300).any(|_| {
        let is_settled = entries(registry).is_empty();
        if !is_settled {
            thread::sleep(Duration::from_millis(10));
        }
        is_settled
    })
}

/// The registry is stopped while it takes a blob: the command is surely in the middle.
fn ends_its_sessions(sandbox: &Sandbox, served: &Served, uploads: &Path, args: &[&str]) {
    for (signal, code) in SIGNALS {
        let mut interrupted = 0;
        for round in 0..4_u64 {
            // What an earlier round has sent is in another repository.
            let [verb, source, before @ ..] = args else { panic!("a verb and a source") };
            let target = format!("{}/x/{verb}-{}-{round}:1", served.addr, signal.to_lowercase());
            let args = [&["skill", verb, source], before, &[target.as_str()]].concat();
            let mut child = start(sandbox, &args);
            while entries(uploads).is_empty() && child.try_wait().expect("waits").is_none() {
                thread::sleep(Duration::from_micros(200));
            }
            send("STOP", served.id());
            thread::sleep(Duration::from_millis(20 * round));
            send(signal, child.id());
            thread::sleep(Duration::from_millis(10));
            send("CONT", served.id());
            let status = child.wait().expect("ends");
            assert!(settles(uploads), "{args:?} {signal} left {:?}", entries(uploads));
            interrupted += usize::from(status.code() == Some(code));
            assert_eq!(traces(sandbox), NONE);
        }
        assert!(interrupted > 0, "{args:?} was never caught in the middle");
    }
}

#[test]
fn push_and_copy_leave_no_session_at_the_registry_vb_3() {
    let (sandbox, other) = (sandbox(), Sandbox::new());
    let (from, to) = (Served::start(&sandbox, &[]), Served::start(&other, &[]));
    let source = format!("{}/x/large:1", from.addr);
    sandbox.run(0, &["skill", "build", "large", "--tag", &source]);
    let uploads = other.path("registry/ingest");
    ends_its_sessions(&sandbox, &to, &uploads, &["push", &source, "--to"]);
    sandbox.run(0, &["skill", "push", &source]);
    ends_its_sessions(&sandbox, &to, &uploads, &["copy", &source]);
}

#[test]
fn pull_leaves_nothing_vb_2() {
    let (sandbox, other) = (sandbox(), Sandbox::new());
    let served = Served::start(&sandbox, &[]);
    let reference = format!("{}/x/large:1", served.addr);
    sandbox.run(0, &["skill", "build", "large", "--tag", &reference]);
    sandbox.run(0, &["skill", "push", &reference]);
    let has_begun = || !entries(&other.path("store/ingest")).is_empty();
    let gone = || drop(fs::remove_dir_all(other.path("store")));
    leaves_nothing(&other, &["skill", "pull", &reference], &has_begun, &gone);
    // After a kill the next one sweeps.
    let child = (0..40).find_map(|_| {
        gone();
        caught(&other, &["skill", "pull", &reference], &has_begun)
    });
    end_with("KILL", child.expect("is caught"));
    assert!(has_begun());
    other.run(0, &["skill", "pull", &reference]);
    assert!(!has_begun());
}

#[test]
fn a_push_or_copy_that_fails_leaves_no_session_at_the_registry_vb_3() {
    let (sandbox, other) = (sandbox(), Sandbox::new());
    let (from, to) = (Served::start(&sandbox, &[]), Served::start(&other, &[]));
    let source = format!("{}/x/large:1", from.addr);
    let built = sandbox.json(0, &["skill", "build", "large", "--tag", &source]);
    sandbox.run(0, &["skill", "push", &source]);
    // The layer has another last byte on each side, which shows when all of it was sent.
    let layer = built["layer_digest"].as_str().expect("text").replace("sha256:", "");
    for store in ["store", "registry"] {
        let path = sandbox.path(store).join("blobs/sha256").join(&layer);
        let mut bytes = fs::read(&path).expect("reads");
        *bytes.last_mut().expect("has some") ^= 1;
        fs::remove_file(&path).expect("removed");
        fs::write(&path, bytes).expect("written");
    }
    let uploads = other.path("registry/ingest");
    let target = format!("{}/y/large:1", to.addr);
    for args in
        [&["skill", "push", &source, "--to", &target][..], &["skill", "copy", &source, &target]]
    {
        let output = sandbox.run(1, &[&["-v"], args].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(settles(&uploads), "{args:?} left {:?}: {said}", entries(&uploads));
        let count = |start: &str| said.lines().filter(|line| line.starts_with(start)).count();
        let uploads = format!("http://{}/v2/y/large/blobs/uploads/", to.addr);
        let begun = count(&format!("POST {uploads}"));
        assert!(begun > 0, "{args:?}: {said}");
        let ended = count(&format!("DELETE {uploads}"));
        let committed = count(&format!("PUT {uploads}"));
        assert!(ended > 0 && ended + committed >= begun, "{args:?}: {said}");
        assert!(to.get("/v2/y/large/manifests/1", "").starts_with("HTTP/1.1 404 "), "{args:?}");
    }
}
