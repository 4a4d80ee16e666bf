// SPDX-License-Identifier: Apache-2.0
//! Artifacts that nothing of ours would make, put into a store as somebody's push would.

use std::io::Write as _;
use std::path::Path;

use oci_artifact::store::{Origin, Store};
use oci_artifact::{Digest, Epoch, digest, gzip, tar};
use serde_json::{Value, json};

use super::Sandbox;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// A plugin's artifact, as it would be if its layer held these files; what is forged is changed before
/// it is put into the store.
pub(crate) struct Forged {
    layer: Vec<u8>,
    pub(crate) config: Value,
    /// The artifact's list of manifests; just the one manifest by default.
    pub(crate) manifests: Option<Value>,
}

/// The archive with these files, their paths in any order.
pub(crate) fn archive(files: &[(String, &str)]) -> Vec<u8> {
    let mut files = files.to_vec();
    files.sort();
    let mut tar = tar::Writer::new(Vec::new(), Epoch::UNIX);
    for (path, text) in &files {
        let size = text.len() as u64;
        tar.append(path.as_bytes(), 0o644, size, &mut text.as_bytes()).expect("written");
    }
    tar.finish().expect("ends")
}

impl Forged {
    /// A plugin called `p` with these files besides its manifest.
    pub(crate) fn plugin(files: &[(String, &str)]) -> Self {
        let manifest = (".claude-plugin/plugin.json".to_owned(), r#"{"name":"p"}"#);
        let archive = archive(&[files, &[manifest]].concat());
        let mut gzip = gzip::Writer::new(Vec::new(), 0).expect("begins");
        gzip.write_all(&archive).expect("written");
        let labels = json!({"dev.toolhive.plugins.name": "p"});
        let config = json!({"architecture": "amd64", "os": "linux", "config": {"Labels": labels},
            "rootfs": {"type": "layers", "diff_ids": [digest::sha256(&archive).to_string()]}});
        Self { layer: gzip.finish().expect("ends"), config, manifests: None }
    }

    /// Puts it into the sandbox's store under that tag; the digest of its index.
    pub(crate) fn put(&self, sandbox: &Sandbox, tag: &str) -> Digest {
        self.put_in(&sandbox.path("store"), tag)
    }

    /// Writes the artifact into the store in that directory.
    pub(crate) fn put_in(&self, store: &Path, tag: &str) -> Digest {
        let store = Store::open(store).expect("opens");
        let ingest = store.ingest().expect("begins");
        let blob = |bytes: &[u8], media_type: &str| {
            let digest = ingest.put_blob(bytes).expect("stored");
            json!({"mediaType": media_type, "digest": digest.to_string(), "size": bytes.len()})
        };
        let config =
            blob(self.config.to_string().as_bytes(), "application/vnd.oci.image.config.v1+json");
        let layer = blob(&self.layer, "application/vnd.oci.image.layer.v1.tar+gzip");
        let artifact_type = "dev.toolhive.plugins.v1";
        let manifest =
            json!({"schemaVersion": 2, "mediaType": MANIFEST, "artifactType": artifact_type,
            "config": config, "layers": [layer]})
            .to_string();
        let digest = ingest.put_manifest(manifest.as_bytes()).expect("stored");
        let entry = json!({"mediaType": MANIFEST, "digest": digest.to_string(),
            "size": manifest.len(), "platform": {"architecture": "amd64", "os": "linux"}});
        let manifests = self.manifests.clone().unwrap_or_else(|| json!([entry]));
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "artifactType": artifact_type,
            "manifests": manifests})
        .to_string();
        let digest = ingest.put_manifest(index.as_bytes()).expect("stored");
        ingest.tag(&digest, tag, Origin::LocalBuild).expect("a tag");
        ingest.commit().expect("commits");
        digest
    }
}
