// SPDX-License-Identifier: Apache-2.0
//! Many clients at once.

use oci_artifact::digest;

use crate::client::{image, start};

#[test]
fn two_hundred_clients_push_and_pull_at_once() {
    let registry = start();
    let shared = vec![8; 100_000];
    registry.push_blob("shared", &shared);
    std::thread::scope(|scope| {
        for client in 0..200 {
            let (registry, shared) = (&registry, &shared);
            scope.spawn(move || {
                let mut connection = registry.connect();
                let mut send = |method: &str, target: &str, body: &[u8]| {
                    connection.send(method, target, &[], body).expect("answers")
                };
                let repository = format!("r{}", client % 20);
                let layer = format!("layer of {client} ").repeat(1_000).into_bytes();
                for blob in [&b"{}"[..], &layer] {
                    let answer = send("POST", &format!("/v2/{repository}/blobs/uploads/"), b"");
                    let location = answer.header("location").expect("a location").to_owned();
                    let target = format!("{location}?digest={}", digest::sha256(blob));
                    assert_eq!(send("PUT", &target, blob).status, 201);
                }
                let target = format!("/v2/{repository}/manifests/t{client}");
                let manifest = image(b"{}", &layer, "");
                assert_eq!(send("PUT", &target, &manifest).status, 201);
                assert_eq!(send("GET", &target, b"").body, manifest);
                let target = format!("/v2/{repository}/blobs/{}", digest::sha256(&layer));
                assert!(send("GET", &target, b"").body == layer);
                let target = format!("/v2/shared/blobs/{}", digest::sha256(shared));
                assert!(send("GET", &target, b"").body == *shared);
            });
        }
    });
    for repository in 0..20 {
        let answer = registry.get(&format!("/v2/r{repository}/tags/list"));
        assert_eq!(answer.json()["tags"].as_array().map(Vec::len), Some(10));
    }
    assert_eq!(registry.server().uploads(), 0);
}
