// SPDX-License-Identifier: Apache-2.0
//! Any document: no panic, and all readers see the same or refuse it (MAN-5, MAN-6, R-54).

use std::collections::{BTreeMap, BTreeSet};

use oci_artifact::content::{self, Limits};
use oci_artifact::document::{self, Config, Document, Link};
use oci_artifact::json::{self, Value};
use oci_artifact::labels::Labels;
use oci_artifact::media_type::{IMAGE_INDEX, IMAGE_MANIFEST};
use serde_json::Value as Theirs;

const MANIFEST: [&str; 7] =
    ["mediaType", "artifactType", "config", "layers", "manifests", "subject", "annotations"];
const CONFIG: [&str; 4] = ["created", "os", "config", "rootfs"];

/// Runs the target on an input.
pub fn run(bytes: &[u8]) {
    for stated in [None, Some(IMAGE_MANIFEST), Some(IMAGE_INDEX), Some("text/plain")] {
        let Ok(read) = Document::parse(bytes, stated) else { continue };
        assert!(read.manifests.is_empty() || (read.layers.is_empty() && read.config.is_none()));
        for link in read.children() {
            assert!(bytes.windows(link.raw.len()).any(|part| part == link.raw));
        }
        let again = Document::parse(bytes, Some(&read.media_type)).expect("it says so itself");
        assert_eq!(again, read);
        unambiguous(bytes, &MANIFEST);
        // What garbage collection keeps is what everybody else follows.
        let kept: BTreeSet<_> = document::references(bytes)
            .expect("it was read")
            .iter()
            .map(|one| one.digest.to_string())
            .collect();
        let followed = read.children().chain(&read.subject).map(|link| link.digest.to_string());
        assert_eq!(kept, followed.collect());
        if let Ok(theirs) = serde_json::from_slice::<Theirs>(bytes) {
            agree(&read, &theirs);
        }
    }
    // Clients and servers read the same document; what content is accepted is one of these.
    let limits = Limits::default();
    let content = [content::read_index(bytes, &limits), content::read_manifest(bytes, &limits)];
    for read in content.into_iter().flatten() {
        assert_eq!(Document::parse(bytes, None).expect("content is stricter"), read);
    }
    if let Ok(config) = Config::parse(bytes) {
        unambiguous(bytes, &CONFIG);
        assert_eq!(Labels::from_image_config_bytes(bytes).is_ok(), config.labels.is_some());
        if let Ok(theirs) = serde_json::from_slice::<Theirs>(bytes) {
            labels_agree(&config, &theirs);
        }
    }
}

/// No key stands twice, and none of these is there in another spelling.
fn unambiguous(bytes: &[u8], keys: &[&str]) {
    let value = json::parse(bytes).expect("it was read");
    assert!(json::duplicate_key(value).is_none());
    for key in keys {
        let all: Vec<_> = value.members().filter(|member| member.is(key)).collect();
        assert!(all.len() <= 1 && all.iter().all(|member| member.key == *key));
        let (exact, folded) = (value.get(key), value.get_folded(key));
        assert_eq!(exact.map(Value::raw), folded.map(Value::raw));
    }
}

/// Another JSON reader, which takes exact keys and the last of several, finds the same.
fn agree(read: &Document, theirs: &Theirs) {
    let digests = |links: &[Link], key: &str| {
        let ours: Vec<String> = links.iter().map(|link| link.digest.to_string()).collect();
        let theirs = theirs[key].as_array().into_iter().flatten();
        let theirs: Vec<&str> = theirs.filter_map(|one| one["digest"].as_str()).collect();
        assert_eq!(ours, theirs, "{key}");
    };
    digests(&read.layers, "layers");
    digests(&read.blobs, "blobs");
    digests(&read.manifests, "manifests");
    for (link, key) in [(&read.config, "config"), (&read.subject, "subject")] {
        let digest = link.as_ref().map(|link| link.digest.to_string());
        assert_eq!(digest.as_deref(), theirs[key]["digest"].as_str());
        assert_eq!(link.as_ref().map(|link| link.size), theirs[key]["size"].as_u64());
    }
    let kind = theirs["artifactType"].as_str().filter(|kind| !kind.is_empty());
    assert_eq!(read.artifact_type.as_deref(), kind);
    assert_eq!(read.annotations, texts(&theirs["annotations"]));
}

fn labels_agree(config: &Config, theirs: &Theirs) {
    let labels = config.labels.clone().unwrap_or_default();
    assert_eq!(labels, texts(&theirs["config"]["Labels"]));
    let ids = theirs["rootfs"]["diff_ids"].as_array().into_iter().flatten();
    let ids: Vec<_> = ids.filter_map(|id| id.as_str()).collect();
    assert_eq!(config.diff_ids, ids);
}

fn texts(map: &Theirs) -> BTreeMap<String, String> {
    let members = map.as_object().into_iter().flatten();
    members.map(|(key, text)| (key.clone(), text.as_str().unwrap_or_default().to_owned())).collect()
}
