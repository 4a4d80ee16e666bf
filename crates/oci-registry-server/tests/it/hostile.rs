// SPDX-License-Identifier: Apache-2.0
//! A registry over every store in which something stands that no store makes: what it serves is below
//! the store's root and verified, and nothing outside is touched (LS-31, LS-35).

use std::fs;
use std::path::{Path, PathBuf};

use oci_artifact::digest;
use oci_artifact::store::Store;
use oci_registry_server::{Running, Server};
use tempfile::TempDir;
use test_support::hostile_store::{Case, Names, cases, make, snapshot};

use crate::client::{Answer, Connection, MANIFEST, image, start};

const LAYER: &[u8] = b"the layer of demo";

/// A sound store that a registry has filled.
struct Sound {
    dir: TempDir,
    names: Names,
}

impl Sound {
    fn new() -> Self {
        let registry = start();
        registry.push_image("demo", "1", LAYER);
        let dir = registry.stop();
        Store::open(dir.path()).expect("opens").put_blob(b"alone").expect("puts");
        let blob = |bytes: &[u8]| format!("blobs/sha256/{}", digest::sha256(bytes).hex());
        let note = format!("ingest/removed-{}", digest::sha256(b"demo:1").hex());
        let names = Names { listed: blob(LAYER), garbage: blob(b"alone"), note };
        Self { dir, names }
    }
}

/// A server that cannot be started for a store that is refused.
fn serve(root: &Path, runtime: &tokio::runtime::Runtime) -> Result<Running, String> {
    let started = runtime.block_on(Server::builder().store(root).start());
    started.map_err(|error| format!("{error:?}"))
}

/// Everything that can be asked of a registry; none of the answers has to be a good one.
fn ask_everything(server: &Running) -> Vec<(String, Answer)> {
    let layer = digest::sha256(LAYER);
    let manifest = image(b"{}", LAYER, "");
    let other = image(b"{}", b"new layer", "");
    let blob = format!("/v2/demo/blobs/{layer}");
    let alone = format!("/v2/demo/blobs/uploads/?digest={}", digest::sha256(b"alone"));
    let mut asked = Vec::new();
    let mut ask = |method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]| {
        // A blob that is not what it should be breaks the connection off.
        let answer = Connection::to(server.addr()).send(method, target, headers, body);
        if let Ok(answer) = answer {
            asked.push((format!("{method} {target} {headers:?}"), answer));
        }
    };
    let json = [("content-type", MANIFEST)];
    ask("GET", "/v2/_catalog", &[], b"");
    ask("GET", "/v2/demo/tags/list", &[], b"");
    ask("GET", "/v2/demo/manifests/1", &[], b"");
    ask("HEAD", &blob, &[], b"");
    ask("GET", &blob, &[], b"");
    ask("GET", &blob, &[("range", "bytes=4-8")], b"");
    ask("GET", &format!("/v2/demo/referrers/{layer}"), &[], b"");
    for repository in ["demo", "new"] {
        let uploads = format!("/v2/{repository}/blobs/uploads/");
        ask("POST", &format!("{uploads}?digest={layer}"), &[], LAYER);
        ask("POST", &format!("{uploads}?digest={}", digest::sha256(b"{}")), &[], b"{}");
        let new = digest::sha256(b"new layer");
        ask("POST", &format!("{uploads}?digest={new}"), &[], b"new layer");
        ask("POST", &format!("{uploads}?mount={layer}&from=demo"), &[], b"");
        ask("PUT", &format!("/v2/{repository}/manifests/1"), &json, &manifest);
        ask("PUT", &format!("/v2/{repository}/manifests/2"), &json, &other);
    }
    ask("POST", &alone, &[], b"alone");
    ask("DELETE", "/v2/demo/manifests/1", &[], b"");
    ask("DELETE", &format!("/v2/demo/manifests/{}", digest::sha256(&manifest)), &[], b"");
    ask("DELETE", &blob, &[], b"");
    asked
}

#[test]
fn a_registry_stays_below_its_stores_root_ls_31() {
    let sound = Sound::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("starts");
    for case in &cases(&sound.names) {
        let dir = TempDir::new().expect("a directory");
        let root = make(case, sound.dir.path(), dir.path())
            .unwrap_or_else(|error| panic!("{case:?}: {error}"));
        let outside = dir.path().join("outside");
        let before = snapshot(&outside);
        match serve(&root, &runtime) {
            Err(error) => {
                assert!(case.is_refused, "{case:?}: {error}");
                assert!(error.contains(&case.place), "{case:?}: {error}");
            }
            Ok(server) => {
                assert!(!case.is_refused, "{case:?}");
                let asked = ask_everything(&server);
                runtime.block_on(server.shutdown());
                judge(&sound, case, &asked);
            }
        }
        assert_eq!(snapshot(&outside), before, "{case:?}");
    }
}

/// Checks that all that was served of a blob has its digest, and that nothing was served of a link.
fn judge(sound: &Sound, case: &Case, asked: &[(String, Answer)]) {
    let is_link = case.place == sound.names.listed && case.what.starts_with("link");
    for (what, answer) in asked {
        if !what.contains(&format!("/blobs/{}", digest::sha256(LAYER))) {
            continue;
        }
        match answer.status {
            200 if what.starts_with("GET") => assert_eq!(answer.body, LAYER, "{case:?}: {what}"),
            206 => assert_eq!(answer.body, b"layer", "{case:?}: {what}"),
            _ => {}
        }
        let reads = what.starts_with("GET") || what.starts_with("HEAD");
        assert!(!(is_link && reads) || answer.status >= 300, "{case:?}: {what}: {answer:?}");
    }
}

/// A blob of several chunks in a registry, and its file.
fn large() -> (crate::client::Fixture, Vec<u8>, String, PathBuf) {
    let registry = start();
    let bytes: Vec<u8> = (0..250_000_u32).flat_map(u32::to_le_bytes).collect();
    let digest = registry.push_blob("a", &bytes);
    let path = registry.dir.path().join("blobs/sha256").join(&digest[7..]);
    (registry, bytes, format!("/v2/a/blobs/{digest}"), path)
}

fn rot(path: &Path, bytes: &[u8], at: usize) {
    let mut rotten = bytes.to_vec();
    rotten[at] ^= 1;
    fs::remove_file(path).expect("is there");
    fs::write(path, rotten).expect("writes");
}

#[test]
fn parts_are_those_of_the_blob_across_its_chunks_ls_35() {
    let (registry, bytes, target, _) = large();
    let chunk = 256 * 1024;
    for part in [0..1, chunk - 1..chunk + 1, 0..bytes.len(), chunk..2 * chunk, 999_999..1_000_000] {
        let range = format!("bytes={}-{}", part.start, part.end - 1);
        let answer = registry.send("GET", &target, &[("range", &range)], b"");
        assert_eq!((answer.status, answer.body == bytes[part]), (206, true), "{range}");
    }
}

#[test]
fn no_part_is_served_of_a_blob_that_rotted_ls_35() {
    let (registry, bytes, target, path) = large();
    // The rot lies outside of the part; the first part of a blob takes all of it.
    rot(&path, &bytes, 999_999);
    let answer = registry.send("GET", &target, &[("range", "bytes=0-9")], b"");
    assert_eq!((answer.status, answer.code()), (500, "UNKNOWN".to_owned()));
}

#[test]
fn no_part_is_served_that_rotted_after_the_blob_was_verified_ls_35() {
    let (registry, bytes, target, path) = large();
    let get = |range: &str| registry.connect().send("GET", &target, &[("range", range)], b"");
    assert_eq!(get("bytes=0-9").expect("answers").body, bytes[..10]);
    rot(&path, &bytes, 600_000);
    assert_eq!(get("bytes=0-9").expect("answers").body, bytes[..10], "another chunk");
    for range in ["bytes=600000-600000", "bytes=600001-600009", "bytes=0-999999"] {
        let answer = get(range);
        assert!(answer.is_err(), "{range}: {:?}", answer.map(|answer| answer.status));
    }
    fs::remove_file(&path).expect("is there");
    fs::write(&path, &bytes[..500_000]).expect("writes");
    assert!(get("bytes=499999-500001").is_err(), "the rest is gone");
}
