// SPDX-License-Identifier: Apache-2.0
//! A server that is killed at any moment keeps what it confirmed, and shows nothing else.

use std::io::Read as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use oci_artifact::digest;
use oci_artifact::store::Store;

use crate::client::{Connection, image, start_in};

/// The variable that gives [`serve_for_another_process`] its store.
const STORE: &str = "OCI_REGISTRY_SERVER_TEST_STORE";

/// No test of its own: the server process of the others. It writes its address to a file beside
/// the store and runs until it is killed, or its standard input ends with the test.
#[test]
#[expect(clippy::disallowed_methods, reason = "how one process tells another")]
fn serve_for_another_process() {
    let Some(root) = std::env::var_os(STORE) else { return };
    let root = Path::new(&root);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts");
    let builder = oci_registry_server::Server::builder().store(root);
    let running = runtime.block_on(builder.start()).expect("it starts");
    let (new, addr) = (root.with_extension("new"), root.with_extension("addr"));
    std::fs::write(&new, running.addr().to_string()).expect("writes");
    std::fs::rename(new, addr).expect("renames");
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    runtime.block_on(running.shutdown());
}

/// A registry in a process of its own, which ends with this.
pub(crate) struct Process {
    pub(crate) child: Child,
    pub(crate) addr: SocketAddr,
}

impl Process {
    #[expect(clippy::disallowed_methods, reason = "the server is this very program")]
    pub(crate) fn start(store: &Path) -> Self {
        let path = store.with_extension("addr");
        let _ = std::fs::remove_file(&path);
        let child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "crash::serve_for_another_process", "--nocapture"])
            .env(STORE, store)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        // From here on it ends with this.
        let mut process = Self { child, addr: ([0, 0, 0, 0], 0).into() };
        for _ in 0..3_000 {
            if let Ok(text) = std::fs::read_to_string(&path) {
                process.addr = text.parse().expect("an address");
                return process;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the server did not start");
    }

    /// The most memory that it ever had, in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).expect("is there");
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("is told");
        let kib: u64 =
            line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).expect("a number");
        kib * 1024
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The writes that a server confirmed before it was killed.
#[derive(Default)]
struct Confirmed {
    blobs: Vec<(String, Vec<u8>)>,
    tags: Vec<(String, Vec<u8>)>,
}

/// Pushes images one after the other until the server is gone.
fn push(addr: SocketAddr, round: usize, worker: usize, is_over: &AtomicBool) -> Confirmed {
    let mut confirmed = Confirmed::default();
    for number in 0.. {
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        let layer = format!("layer {round} {worker} {number} ").repeat(5_000).into_bytes();
        let repository = format!("r{worker}");
        let tag = format!("t{round}-{number}");
        let mut attempt = || -> std::io::Result<bool> {
            let mut connection = Connection::to(addr);
            for blob in [&b"{}"[..], &layer] {
                let post = format!("/v2/{repository}/blobs/uploads/");
                let answer = connection.send("POST", &post, &[], b"")?;
                let location = answer.header("location").unwrap_or_default().to_owned();
                let digest = digest::sha256(blob).to_string();
                let put = format!("{location}?digest={digest}");
                if connection.send("PUT", &put, &[], blob)?.status == 201 {
                    confirmed
                        .blobs
                        .push((format!("/v2/{repository}/blobs/{digest}"), blob.to_vec()));
                }
            }
            let manifest = image(b"{}", &layer, "");
            let target = format!("/v2/{repository}/manifests/{tag}");
            if connection.send("PUT", &target, &[], &manifest)?.status == 201 {
                confirmed.tags.push((target, manifest));
            }
            Ok(true)
        };
        if attempt().is_err() {
            break;
        }
    }
    confirmed
}

#[test]
fn a_killed_server_keeps_what_it_confirmed_and_shows_nothing_else() {
    let outer = tempfile::tempdir().expect("there is room");
    let dir = tempfile::tempdir_in(outer.path()).expect("there is room");
    let mut all = Vec::new();
    for round in 0..5 {
        let mut process = Process::start(dir.path());
        let (addr, is_over) = (process.addr, AtomicBool::new(false));
        let confirmed: Vec<Confirmed> = std::thread::scope(|scope| {
            let is_over = &is_over;
            let workers: Vec<_> =
                (0..3).map(|w| scope.spawn(move || push(addr, round, w, is_over))).collect();
            std::thread::sleep(Duration::from_millis(150 + 130 * round as u64));
            process.child.kill().expect("dies");
            is_over.store(true, Ordering::Relaxed);
            workers.into_iter().map(|worker| worker.join().expect("ends")).collect()
        });
        all.extend(confirmed);
    }
    let tags: usize = all.iter().map(|confirmed| confirmed.tags.len()).sum();
    assert!(tags > 0, "nothing was ever confirmed");

    let registry = start_in(dir, |b| b);
    for (target, bytes) in all.iter().flat_map(|confirmed| &confirmed.blobs) {
        assert!(registry.get(target).body == *bytes, "{target}");
    }
    for (target, manifest) in all.iter().flat_map(|confirmed| &confirmed.tags) {
        assert_eq!(registry.get(target).body, *manifest, "{target}");
    }
    // Whatever is listed is complete, and every blob is what it is called.
    let dir = registry.stop();
    let store = Store::open(dir.path()).expect("opens");
    for tag in store.list_tags().expect("lists") {
        let digest = store.resolve(&tag).expect("is there").digest;
        let manifest: serde_json::Value =
            serde_json::from_slice(&store.get_manifest(&digest).expect("is whole"))
                .expect("is JSON");
        for part in [&manifest["config"], &manifest["layers"][0]] {
            let digest = digest::parse(part["digest"].as_str().expect("one")).expect("is one");
            store.get_blob(&digest).expect("is whole");
        }
    }
    for entry in std::fs::read_dir(dir.path().join("blobs/sha256")).expect("is there").flatten() {
        let name = entry.file_name().into_string().expect("is text");
        let bytes = std::fs::read(entry.path()).expect("reads");
        assert_eq!(digest::sha256(&bytes).to_string(), format!("sha256:{name}"));
    }
}
