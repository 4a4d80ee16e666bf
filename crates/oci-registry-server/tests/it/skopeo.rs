// SPDX-License-Identifier: Apache-2.0
//! skopeo, the yardstick of what clients do: it pushes to the registry, pulls from it, looks and
//! deletes. Debian has it; where it is not installed, these tests are skipped.

use std::path::Path;
use std::process::{Command, Output};

use oci_artifact::digest;
use oci_artifact::store::{Origin, Store};
use oci_registry_server::{Access, Accounts, Bearer, Rights};
use test_support::tools;

use crate::client::{Fixture, image, index, start, start_with};

fn run(args: &[&str]) -> Output {
    let mut command = Command::new("skopeo");
    command.args(["--insecure-policy"]).args(args);
    command.output().expect("it runs")
}

fn skopeo(args: &[&str]) -> String {
    let output = run(args);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A layout with an index of two images, tagged `multi`, and an artifact, tagged `artifact`.
fn fill(root: &Path) -> (String, String) {
    let store = Store::open(root).expect("opens");
    let ingest = store.ingest().expect("begins");
    let config = br#"{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[]}}"#;
    ingest.put_blob(config).expect("is kept");
    let mut manifests = Vec::new();
    for layer in [vec![1; 2_000_000], vec![2; 1_000]] {
        ingest.put_blob(&layer).expect("is kept");
        let manifest = image(config, &layer, "");
        ingest.put_manifest(&manifest).expect("is kept");
        manifests.push(manifest);
    }
    let list: Vec<&[u8]> = manifests.iter().map(Vec::as_slice).collect();
    let text = String::from_utf8(index(&list, "")).expect("is text");
    // skopeo asks for the platform of each.
    let mut parts = text.split("\"size\"");
    let mut text = parts.next().expect("one").to_owned();
    for (part, architecture) in parts.zip(["amd64", "arm64"]) {
        text.push_str(&format!(
            "\"platform\":{{\"os\":\"linux\",\"architecture\":\"{architecture}\"}},\"size\"{part}"
        ));
    }
    let multi = ingest.put_manifest(text.as_bytes()).expect("is kept");
    ingest.tag(&multi, "multi", Origin::Remote).expect("is a tag");
    ingest.put_blob(b"{}").expect("is kept");
    ingest.put_blob(b"any bytes").expect("is kept");
    let artifact = String::from_utf8(image(b"{}", b"any bytes", ",\"artifactType\":\"a/b\""))
        .expect("is text")
        .replace("application/vnd.oci.image.config.v1+json", "application/vnd.oci.empty.v1+json")
        .replace("application/vnd.oci.image.layer.v1.tar", "application/vnd.example.thing");
    let artifact = ingest.put_manifest(artifact.as_bytes()).expect("is kept");
    ingest.tag(&artifact, "artifact", Origin::Remote).expect("is a tag");
    ingest.commit().expect("is written");
    (multi.to_string(), artifact.to_string())
}

fn remote(registry: &Fixture, name: &str) -> String {
    format!("docker://{}/{name}", registry.server().addr())
}

#[test]
fn skopeo_pushes_and_pulls_images_and_artifacts() {
    if !tools::are_installed(&["skopeo"]) {
        return;
    }
    let registry = start();
    let from = tempfile::tempdir().expect("there is room");
    let (multi, artifact) = fill(from.path());
    let from = format!("oci:{}", from.path().display());
    for (tag, digest) in [("multi", &multi), ("artifact", &artifact)] {
        let there = remote(&registry, &format!("x/y:{tag}"));
        let push = ["copy", "--all", "--preserve-digests", "--dest-tls-verify=false"];
        skopeo(&[&push[..], &[&format!("{from}:{tag}"), &there]].concat());
        let head = registry.head(&format!("/v2/x/y/manifests/{tag}"));
        assert_eq!(head.header("docker-content-digest"), Some(digest.as_str()));

        let back = tempfile::tempdir().expect("there is room");
        let pull = ["copy", "--all", "--preserve-digests", "--src-tls-verify=false"];
        let to = format!("oci:{}:{tag}", back.path().display());
        skopeo(&[&pull[..], &[&there, &to]].concat());
        let store = Store::open(back.path()).expect("opens");
        assert_eq!(store.resolve(tag).expect("is there").digest.to_string(), *digest);
    }
    let listed = skopeo(&["list-tags", "--tls-verify=false", &remote(&registry, "x/y")]);
    assert!(listed.contains("\"artifact\"") && listed.contains("\"multi\""), "{listed}");
    // From one repository to another, by mount.
    let before = registry.server().counters().bytes_received();
    let (source, other) = (remote(&registry, "x/y:multi"), remote(&registry, "z:multi"));
    let copy = ["copy", "--all", "--src-tls-verify=false", "--dest-tls-verify=false"];
    skopeo(&[&copy[..], &[&source, &other]].concat());
    let sent = registry.server().counters().bytes_received() - before;
    assert!(sent < 100_000, "no layer was sent again, but {sent} bytes were");
    skopeo(&["delete", "--tls-verify=false", &other]);
    assert_eq!(registry.head("/v2/z/manifests/multi").status, 404);
    assert_eq!(registry.head("/v2/x/y/manifests/multi").status, 200);
}

#[test]
fn skopeo_reads_the_store_itself() {
    if !tools::are_installed(&["skopeo"]) {
        return;
    }
    let registry = start();
    let (_, digest) = registry.push_image("a/b", "v1", b"layer");
    let dir = registry.stop();
    let raw = skopeo(&["inspect", "--raw", &format!("oci:{}:a/b:v1", dir.path().display())]);
    assert_eq!(digest::sha256(raw.as_bytes()).to_string(), digest);
}

#[test]
fn skopeo_authenticates_with_basic_and_with_tokens() {
    if !tools::are_installed(&["skopeo"]) {
        return;
    }
    let accounts = Accounts::new().user("alice", "secret", Rights::All).expect("an account");
    let from = tempfile::tempdir().expect("there is room");
    fill(from.path());
    let from = format!("oci:{}:artifact", from.path().display());
    for access in [Access::Basic(accounts.clone()), Access::Bearer(Bearer::new(accounts))] {
        let registry = start_with(|b| b.access(access));
        let there = remote(&registry, "a:v1");
        let push = ["copy", "--dest-tls-verify=false"];
        assert!(!run(&[&push[..], &[&from, &there]].concat()).status.success());
        skopeo(&[&push[..], &["--dest-creds", "alice:secret", &from, &there]].concat());
        let look = ["inspect", "--raw", "--tls-verify=false"];
        assert!(!run(&[&look[..], &[&there]].concat()).status.success());
        skopeo(&[&look[..], &["--creds", "alice:secret", &there]].concat());
    }
}
