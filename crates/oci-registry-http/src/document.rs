// SPDX-License-Identifier: Apache-2.0
//! What a manifest or index says: its type, and what it refers to. The bytes stay as they came;
//! this only reads them, and refuses what two readers could understand in two ways (R-54, BUG-56).

use oci_artifact::json::{self, Kind, Value};
use oci_artifact::media_type::{
    DOCKER_MANIFEST, DOCKER_MANIFEST_LIST, IMAGE_INDEX, IMAGE_MANIFEST,
};
use oci_spec::image::Digest;

use crate::error::{Error, ErrorKind, Result};

/// What a document refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Link {
    /// Its media type.
    pub media_type: String,
    /// Its digest.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// Its artifact type, where the document says one.
    pub artifact_type: Option<String>,
    /// Whether it has addresses of its own.
    pub has_urls: bool,
    /// The descriptor as it stands in the document.
    pub raw: Vec<u8>,
}

/// A manifest or an index, read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Document {
    /// What it is: what it says, or what its `Content-Type` said, or what it looks like.
    pub media_type: String,
    /// Its artifact type.
    pub artifact_type: Option<String>,
    /// What it is about.
    pub subject: Option<Link>,
    /// A manifest's config.
    pub config: Option<Link>,
    /// A manifest's layers.
    pub layers: Vec<Link>,
    /// An index's manifests.
    pub manifests: Vec<Link>,
    /// Its annotations as they stand, where it has some.
    pub annotations: Option<Vec<u8>>,
}

impl Document {
    /// Reads a document. `stated` is what its `Content-Type`, or the descriptor that leads to it,
    /// says.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidManifest`] where it is not JSON, has a key twice, a descriptor is
    /// malformed, its type is unknown, or it could be read as a manifest and as an index.
    pub fn parse(bytes: &[u8], stated: Option<&str>) -> Result<Self> {
        let value = json::parse(bytes).map_err(|problem| invalid(&problem.to_string()))?;
        if value.kind() != Kind::Object {
            return Err(invalid("it is not a JSON object"));
        }
        if json::duplicate_key(value).is_some() {
            return Err(invalid("an object in it has the same key twice"));
        }
        let text = |key: &str| value.get(key).and_then(Value::as_string).filter(|t| !t.is_empty());
        let is_index = value.get("manifests").is_some_and(|v| !v.is_null());
        let is_manifest =
            ["config", "layers"].iter().any(|key| value.get(key).is_some_and(|v| !v.is_null()));
        if is_index && is_manifest {
            return Err(invalid("it could be a manifest and an index"));
        }
        let own = text("mediaType");
        let stated = stated.filter(|stated| is_known(stated));
        if let (Some(own), Some(stated)) = (&own, stated)
            && own != stated
        {
            return Err(invalid(&format!("it says that it is {own:?}, and came as {stated:?}")));
        }
        let shape = match (is_index, is_manifest) {
            (true, _) => Some(IMAGE_INDEX),
            (_, true) => Some(IMAGE_MANIFEST),
            _ => None,
        };
        let media_type = own.or(stated.map(str::to_owned)).or(shape.map(str::to_owned));
        let media_type = media_type.ok_or_else(|| invalid("nothing says what it is"))?;
        let fits = match media_type.as_str() {
            IMAGE_INDEX | DOCKER_MANIFEST_LIST => !is_manifest,
            IMAGE_MANIFEST | DOCKER_MANIFEST => !is_index,
            _ => true,
        };
        if !fits {
            return Err(invalid(&format!("it is not what it says, {media_type:?}")));
        }
        let one = |key: &str| {
            let value = value.get(key).filter(|value| !value.is_null());
            value.map(|value| link(value, key)).transpose()
        };
        let many = |key: &str| -> Result<Vec<Link>> {
            match value.get(key) {
                Some(list) if list.kind() == Kind::Array => {
                    list.elements().map(|value| link(value, key)).collect()
                }
                Some(other) if !other.is_null() => Err(invalid(&format!("its {key} is no list"))),
                _ => Ok(Vec::new()),
            }
        };
        Ok(Self {
            artifact_type: text("artifactType"),
            subject: one("subject")?,
            config: one("config")?,
            layers: many("layers")?,
            manifests: many("manifests")?,
            annotations: value
                .get("annotations")
                .filter(|value| value.kind() == Kind::Object)
                .map(|value| value.raw().to_vec()),
            media_type,
        })
    }

    /// Everything that it cannot do without, in order: config and layers, or manifests.
    pub fn children(&self) -> impl Iterator<Item = &Link> {
        self.config.iter().chain(&self.layers).chain(&self.manifests)
    }
}

/// Reads a descriptor.
fn link(value: Value<'_>, place: &str) -> Result<Link> {
    let malformed = |what: &str| invalid(&format!("a descriptor in its {place} {what}"));
    let text = |key: &str| value.get(key).and_then(Value::as_string).filter(|t| !t.is_empty());
    let digest = text("digest").ok_or_else(|| malformed("has no digest"))?;
    let digest = oci_artifact::digest::parse(&digest)
        .map_err(|error| malformed(&format!("is malformed: {error}")))?;
    let size = value.get("size").and_then(Value::as_integer);
    let size = size.and_then(|size| u64::try_from(size).ok());
    Ok(Link {
        media_type: text("mediaType").ok_or_else(|| malformed("has no media type"))?,
        digest,
        size: size.ok_or_else(|| malformed("has no proper size"))?,
        artifact_type: text("artifactType"),
        has_urls: value.get("urls").is_some_and(|urls| urls.elements().next().is_some()),
        raw: value.raw().to_vec(),
    })
}

/// Whether that media type is a document's. Others say nothing: registries send what they like
/// (R-54).
fn is_known(media_type: &str) -> bool {
    matches!(media_type, IMAGE_INDEX | IMAGE_MANIFEST | DOCKER_MANIFEST | DOCKER_MANIFEST_LIST)
}

fn invalid(why: &str) -> Error {
    Error::new(ErrorKind::InvalidManifest, format!("the manifest cannot be used: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

    fn descriptor() -> String {
        format!(r#"{{"mediaType":"m","digest":"sha256:{HEX}","size":2}}"#)
    }

    fn manifest() -> String {
        let d = descriptor();
        format!(
            r#"{{"schemaVersion":2,"mediaType":"{IMAGE_MANIFEST}","config":{d},"layers":[{d}]}}"#
        )
    }

    #[test]
    fn r_54_the_type_is_what_the_document_says() {
        for stated in [None, Some("text/plain"), Some("application/json"), Some(IMAGE_MANIFEST)] {
            let document = Document::parse(manifest().as_bytes(), stated).expect("fine");
            assert_eq!(document.media_type, IMAGE_MANIFEST);
            assert_eq!(document.children().count(), 2);
        }
        let silent = manifest().replace(&format!(r#""mediaType":"{IMAGE_MANIFEST}","#), "");
        assert_eq!(
            Document::parse(silent.as_bytes(), Some(DOCKER_MANIFEST)).expect("fine").media_type,
            DOCKER_MANIFEST
        );
        assert_eq!(
            Document::parse(silent.as_bytes(), None).expect("fine").media_type,
            IMAGE_MANIFEST
        );
    }

    #[test]
    fn f_94_what_is_ambiguous_or_malformed_is_refused() {
        let d = descriptor();
        for (text, stated) in [
            (manifest(), Some(IMAGE_INDEX)),
            (manifest(), Some(DOCKER_MANIFEST)),
            (manifest().replace(IMAGE_MANIFEST, IMAGE_INDEX), None),
            (format!(r#"{{"manifests":[],"layers":[{d}]}}"#), None),
            (format!(r#"{{"manifests":[{d}],"config":{d}}}"#), None),
            (format!(r#"{{"manifests":[],"manifests":[{d}]}}"#), None),
            (
                format!(
                    r#"{{"manifests":[{}]}}"#,
                    d.replace("\"size\":2", "\"size\":2,\"size\":3")
                ),
                None,
            ),
            (format!("{} x", manifest()), None),
            (format!("{}{}", manifest(), manifest()), None),
            ("{}".into(), None),
            ("[]".into(), None),
            ("null".into(), None),
            ("".into(), None),
            (format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000)), None),
            (format!(r#"{{"manifests":[{}]}}"#, d.replace("sha256:44", "sha256:4")), None),
            (format!(r#"{{"manifests":[{}]}}"#, d.replace(":2", ":-2")), None),
            (format!(r#"{{"manifests":[{}]}}"#, d.replace(":2", ":99999999999999999999")), None),
            (format!(r#"{{"manifests":[{}]}}"#, d.replace(":2", ":2.5")), None),
            (r#"{"manifests":[null]}"#.into(), None),
            (r#"{"manifests":{}}"#.into(), None),
        ] {
            let error =
                Document::parse(text.as_bytes(), stated).expect_err(&text[..text.len().min(200)]);
            assert_eq!(error.kind(), ErrorKind::InvalidManifest);
        }
    }

    #[test]
    fn r_52_descriptors_keep_what_is_said_of_them() {
        let extra = descriptor().replace("}", r#","urls":["http://x"],"artifactType":"a"}"#);
        let text = format!(r#"{{"manifests":[{extra}],"subject":{}}}"#, descriptor());
        let document = Document::parse(text.as_bytes(), None).expect("fine");
        let link = document.manifests.first().expect("one");
        assert!(link.has_urls && link.artifact_type.as_deref() == Some("a"));
        assert_eq!(link.raw, extra.as_bytes());
        assert!(document.subject.is_some() && document.children().count() == 1);
    }
}
