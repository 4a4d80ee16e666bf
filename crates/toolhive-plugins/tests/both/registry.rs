// SPDX-License-Identifier: Apache-2.0
//! Artifacts to a registry and back (format.md, 10), over the protocol. Plugins and skills, what is
//! [`crate::twin`] here, share these tests.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use oci_artifact::digest::sha256;
use oci_artifact::reference::{Defaults, Reference};
use oci_artifact::{Digest, ErrorKind};
use oci_registry_server::{Running, Server};
use tempfile::TempDir;

use crate::twin::registry::{PullOptions, PushOptions, Registry, RegistryClient as _};
use crate::twin::store::Store;
use crate::twin::traits::PackageOptions;
use crate::twin::{NAME, OTHER_TYPE, Packager, Packages as _, write};

/// A registry, and a directory for stores.
struct Place {
    root: TempDir,
    server: Running,
}

impl Place {
    async fn new() -> Self {
        let root = TempDir::new().expect("a temporary directory");
        let server = Server::builder().store(root.path().join("registry")).start().await;
        Self { root, server: server.expect("starts") }
    }

    fn reference(&self, rest: &str) -> String {
        format!("{}/{rest}", self.server.addr())
    }

    fn store(&self, name: &str) -> Store {
        Store::open(self.root.path().join(name)).expect("opens")
    }

    fn directory(&self) -> PathBuf {
        let directory = self.root.path().join("hello");
        fs::create_dir_all(&directory).expect("a directory");
        write(&directory);
        directory
    }
}

fn registry() -> Registry {
    Registry::builder().build().expect("is made")
}

#[tokio::test]
async fn an_artifact_comes_back_under_the_same_digest() {
    let place = Place::new().await;
    let (one, two) = (place.store("one"), place.store("two"));
    let built = Packager::new(one.clone())
        .package(&place.directory(), &PackageOptions::default(), Arc::new(()))
        .await;
    let digest = built.expect("packages").index_digest;

    let reference = place.reference("example/hello:1.0.0");
    registry().push(&one, &digest, &reference, &PushOptions::default()).await.expect("pushes");
    assert_eq!(
        registry().pull(&two, &reference, &PullOptions::default()).await.expect("pulls"),
        digest
    );
    // PULL-1: it is tagged with the reference as it was written, and with nothing else.
    assert_eq!(two.list_tags().expect("lists"), [reference.as_str()]);
    assert_eq!(two.get_blob(&digest).expect("reads"), one.get_blob(&digest).expect("reads"));
    place.server.shutdown().await;
}

#[tokio::test]
async fn a_reference_says_where_and_what_ref_3() {
    let place = Place::new().await;
    let store = place.store("one");
    for reference in ["hello", "hello:1.0.0", "ghcr.io/example/hello", "ghcr.io/Example/hello:1"] {
        let error =
            registry().pull(&store, reference, &PullOptions::default()).await.expect_err(reference);
        assert_eq!(error.kind(), ErrorKind::InvalidReference, "{reference}: {error}");
    }
    place.server.shutdown().await;
}

/// BUG-54: an artifact of another type is refused, on its way there and back.
#[tokio::test]
async fn what_is_of_another_kind_is_neither_pushed_nor_tagged_bug_54() {
    let place = Place::new().await;
    let store = place.store("one");
    let reference = place.reference("example/other:1.0.0");
    let digest = other(&store);
    let error = registry()
        .push(&store, &digest, &reference, &PushOptions::default())
        .await
        .expect_err("is refused");
    assert!(error.to_string().contains(NAME), "{error}");

    // Something else puts it there.
    let parsed = [Reference::parse(&reference, Defaults::Strict).expect("is one")];
    let (client, options) = (registry().client().clone(), Default::default());
    let pushed = oci_registry_http::transfer::push(&client, &store, &digest, &parsed, &options);
    pushed.await.expect("pushes");
    let two = place.store("two");
    let error =
        registry().pull(&two, &reference, &PullOptions::default()).await.expect_err("is refused");
    assert!(error.to_string().contains(NAME), "{error}");
    assert!(two.entries().expect("lists").is_empty());
    place.server.shutdown().await;
}

/// Stores an artifact of the other kind.
fn other(store: &Store) -> Digest {
    let ingest = store.ingest().expect("begins");
    let (config, layer) = (b"{}", b"layer");
    let descriptor = |media_type: &str, bytes: &[u8]| {
        let (digest, size) = (sha256(bytes), bytes.len());
        format!(r#"{{"mediaType":"{media_type}","digest":"{digest}","size":{size}}}"#)
    };
    let manifest = format!(
        r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"{OTHER_TYPE}","config":{},"layers":[{}]}}"#,
        descriptor("application/vnd.oci.image.config.v1+json", config),
        descriptor("application/vnd.oci.image.layer.v1.tar+gzip", layer),
    );
    ingest.put_blob(config).expect("stored");
    ingest.put_blob(layer).expect("stored");
    let digest = ingest.put_manifest(manifest.as_bytes()).expect("stored");
    ingest.tag(&digest, "other", oci_artifact::store::Origin::Remote).expect("a tag");
    ingest.commit().expect("commits");
    digest
}
