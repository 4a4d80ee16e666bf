// SPDX-License-Identifier: Apache-2.0
//! The container image: the static binary and the certificates of public authorities, nothing else. It
//! is an OCI image layout in a tar file, which podman, docker and skopeo load as `oci-archive`.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oci_artifact::digest;
use serde_json::{Value, json};

use super::binary::Built;
use super::files::{self, File, Files};
use super::release::Release;
use crate::Result;

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// The annotation by which an image layout names what is in it.
const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// Directories, with their modes: where volumes are mounted, and where programs expect to write. Any user may, for
/// containers run under any.
const DIRECTORIES: &[(&str, u32)] = &[("home/", 0o1777), ("tmp/", 0o1777), ("work/", 0o1777)];

/// A layout that grows.
#[derive(Default)]
struct Layout {
    files: Files,
}

impl Layout {
    /// Adds a blob, and describes it.
    fn add(&mut self, media_type: &str, bytes: Vec<u8>) -> Value {
        let digest = digest::sha256(&bytes).hex();
        let descriptor = json!({
            "mediaType": media_type,
            "digest": format!("sha256:{digest}"),
            "size": bytes.len(),
        });
        self.files.insert(format!("blobs/sha256/{digest}"), File::text(bytes));
        descriptor
    }
}

/// Returns the image of those binaries that need nothing of a system: its file name and its bytes; nothing if none of
/// them is such a one.
pub(super) fn make(release: &Release, binaries: &[&Built]) -> Result<Option<(String, Vec<u8>)>> {
    let mut layout = Layout::default();
    let mut images = BTreeMap::new();
    for built in binaries {
        if let (Some(architecture), true) = (built.platform.image, built.is_static()) {
            let described = image(&mut layout, release, built, architecture)?;
            if images.insert(architecture, described).is_some() {
                return Err(format!("two binaries for linux/{architecture}").into());
            }
        }
    }
    if images.is_empty() {
        return Ok(None);
    }
    let all: Vec<&Value> = images.values().collect();
    let index = text(&json!({
        "schemaVersion": 2,
        "mediaType": INDEX,
        "manifests": all,
        "annotations": annotations(release)?,
    }))?;
    let version = release.version.to_string();
    let mut named = vec![called(layout.add(INDEX, index), &version)];
    // For tools that cannot choose from an index, as umoci.
    let each = images.into_iter();
    named.extend(each.map(|(name, image)| called(image, &format!("{version}-{name}"))));
    let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": named });
    layout.files.insert("index.json".into(), File::text(text(&index)?));
    let version_of_layout = json!({ "imageLayoutVersion": "1.0.0" });
    layout.files.insert("oci-layout".into(), File::text(text(&version_of_layout)?));
    let bytes = files::tar("", &layout.files, release.date)?;
    Ok(Some((format!("toolhive-oci-{version}-image.tar"), bytes)))
}

fn text(document: &Value) -> Result<Vec<u8>> {
    Ok(serde_json::to_vec(document)?)
}

fn called(mut descriptor: Value, name: &str) -> Value {
    descriptor["annotations"] = json!({ REF_NAME: name });
    descriptor
}

/// Returns the image of one binary, as an index has it.
fn image(
    layout: &mut Layout,
    release: &Release,
    built: &Built,
    architecture: &str,
) -> Result<Value> {
    let content = Files::from([
        ("etc/ssl/certs/ca-certificates.crt".to_owned(), File::text(certificates())),
        ("toolhive-oci".to_owned(), File::program(built.bytes.clone())),
    ]);
    let mut tar = Vec::new();
    for (path, mode) in DIRECTORIES {
        tar.extend(files::tar_directory(path, *mode, release.date)?);
    }
    tar.extend(files::tar("", &content, release.date)?);
    let diff_id = format!("sha256:{}", digest::sha256(&tar).hex());
    let layer = layout.add(LAYER, files::compressed(&tar, release.date)?);
    let created = format!("{}T00:00:00Z", release.date);
    let config = layout.add(
        CONFIG,
        text(&json!({
            "created": created,
            "architecture": architecture,
            "os": "linux",
            "config": {
                "Entrypoint": ["/toolhive-oci"],
                // Where it keeps what it makes, and looks for credentials, unless told otherwise.
                "Env": ["HOME=/home", "PATH=/"],
                "WorkingDir": "/work",
                "Labels": annotations(release)?,
            },
            "rootfs": { "type": "layers", "diff_ids": [diff_id] },
            "history": [{ "created": created, "created_by": "cargo xtask dist" }],
        }))?,
    );
    let manifest = text(&json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": config,
        "layers": [layer],
        "annotations": annotations(release)?,
    }))?;
    let mut descriptor = layout.add(MANIFEST, manifest);
    descriptor["platform"] = json!({ "architecture": architecture, "os": "linux" });
    Ok(descriptor)
}

fn annotations(release: &Release) -> Result<Value> {
    let Release { version, date, description, license, repository, .. } = release;
    Ok(json!({
        "org.opencontainers.image.created": format!("{date}T00:00:00Z"),
        "org.opencontainers.image.description": description,
        "org.opencontainers.image.licenses": license,
        "org.opencontainers.image.source": repository,
        "org.opencontainers.image.title": "toolhive-oci",
        "org.opencontainers.image.version": version.to_string(),
    }))
}

/// Returns the certificates of the authorities that Mozilla trusts, as the crate `webpki-root-certs` has them.
fn certificates() -> Vec<u8> {
    let mut pem = String::new();
    for certificate in webpki_root_certs::TLS_SERVER_ROOT_CERTS {
        pem.push_str("-----BEGIN CERTIFICATE-----\n");
        let mut rest = STANDARD.encode(certificate);
        while !rest.is_empty() {
            let after = rest.split_off(rest.len().min(64));
            pem.push_str(&rest);
            pem.push('\n');
            rest = after;
        }
        pem.push_str("-----END CERTIFICATE-----\n");
    }
    pem.into_bytes()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::dist::platform::Platform;
    use crate::dist::release::example;

    /// Returns a program of Linux with no segments, so with no loader.
    fn binary(triple: &str) -> Built {
        let platform = Platform::of(triple).expect("it is known");
        let mut bytes = vec![0x7f, b'E', b'L', b'F', 2, 1];
        bytes.resize(0x40, 0);
        bytes[18] = platform.machine.expect("of Linux").to_le_bytes()[0];
        Built { path: PathBuf::new(), bytes, platform, rustc: "1.0.0".into() }
    }

    #[test]
    fn an_image_is_the_same_twice_and_names_every_platform() {
        let (amd64, arm64) =
            (binary("x86_64-unknown-linux-musl"), binary("aarch64-unknown-linux-musl"));
        let made =
            || make(&example("1.0.0"), &[&amd64, &arm64]).expect("an image").expect("of two");
        let (name, bytes) = made();
        assert_eq!((name.as_str(), &bytes), ("toolhive-oci-1.0.0-image.tar", &made().1));
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(text.contains("HOME=/home"));
        for name in ["1.0.0", "1.0.0-amd64", "1.0.0-arm64"] {
            assert!(text.contains(&format!("{{\"{REF_NAME}\":\"{name}\"}}")), "{name}");
        }
    }

    #[test]
    fn what_needs_a_library_is_in_no_image() {
        let mut built = binary("x86_64-unknown-linux-gnu");
        assert!(make(&example("1.0.0"), &[&built]).expect("static").is_some());
        built = binary("x86_64-unknown-linux-gnu");
        // One segment, which names a loader.
        built.bytes.resize(0x80, 0);
        for (at, byte) in [(0x20, 0x40), (0x36, 0x38), (0x38, 1), (0x40, 3)] {
            built.bytes[at] = byte;
        }
        assert!(make(&example("1.0.0"), &[&built]).expect("dynamic").is_none());
        let (one, other) =
            (binary("x86_64-unknown-linux-musl"), binary("x86_64-unknown-linux-gnu"));
        assert!(make(&example("1.0.0"), &[&one, &other]).is_err());
    }

    #[test]
    fn certificates_are_whole_lines_of_pem() {
        let text = String::from_utf8(certificates()).expect("text");
        assert!(text.matches("-----BEGIN CERTIFICATE-----\n").count() > 100);
        assert!(text.lines().all(|line| line.len() <= 64));
    }
}
