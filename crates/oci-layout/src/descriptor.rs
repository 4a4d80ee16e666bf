// SPDX-License-Identifier: Apache-2.0
//! The descriptor of content: its type, its digest, its size.

use std::collections::BTreeMap;

use oci_spec::image::Platform;

use crate::digest::Digest;
use crate::{Error, Result};

/// A descriptor of content: its media type, digest and size. Unlike `oci-spec`'s, from and to which
/// it can be converted, it has a digest whose algorithm is known, and its annotations have an
/// order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Descriptor {
    /// The media type of the content.
    pub media_type: String,
    /// The digest of the content.
    pub digest: Digest,
    /// The size of the content in bytes.
    pub size: u64,
    /// The content's artifact type, where that is stated.
    pub artifact_type: Option<String>,
    /// The platform that the content is made for, if that is stated.
    pub platform: Option<Platform>,
    /// Annotations; if there are none, and where the list is empty, none.
    pub annotations: BTreeMap<String, String>,
}

impl Descriptor {
    /// Creates a descriptor that says no more than it must.
    pub fn new(media_type: impl Into<String>, size: u64, digest: Digest) -> Self {
        Self {
            media_type: media_type.into(),
            digest,
            size,
            artifact_type: None,
            platform: None,
            annotations: BTreeMap::new(),
        }
    }
}

impl From<Descriptor> for oci_spec::image::Descriptor {
    fn from(descriptor: Descriptor) -> Self {
        let media_type = descriptor.media_type.as_str().into();
        let mut theirs = Self::new(media_type, descriptor.size, descriptor.digest);
        theirs.set_artifact_type(descriptor.artifact_type.map(|text| text.as_str().into()));
        theirs.set_platform(descriptor.platform);
        if !descriptor.annotations.is_empty() {
            theirs.set_annotations(Some(descriptor.annotations.into_iter().collect()));
        }
        theirs
    }
}

impl TryFrom<&oci_spec::image::Descriptor> for Descriptor {
    type Error = Error;

    /// Addresses and embedded content are left out.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidReference`](crate::ErrorKind::InvalidReference) for a digest whose
    /// algorithm is not known.
    fn try_from(theirs: &oci_spec::image::Descriptor) -> Result<Self> {
        let annotations = theirs.annotations().iter().flatten();
        Ok(Self {
            media_type: theirs.media_type().to_string(),
            digest: theirs.digest().try_into()?,
            size: theirs.size(),
            artifact_type: theirs.artifact_type().as_ref().map(ToString::to_string),
            platform: theirs.platform().clone(),
            annotations: annotations.map(|(key, text)| (key.clone(), text.clone())).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::sha256;

    #[test]
    fn a_descriptor_is_that_of_oci_spec_and_back_st_4() {
        let mut descriptor = Descriptor::new("a/b", 7, sha256(b"content"));
        descriptor.artifact_type = Some("c/d".into());
        descriptor.annotations.insert("key".into(), "text".into());
        let theirs = oci_spec::image::Descriptor::from(descriptor.clone());
        assert_eq!(theirs.digest().as_ref(), descriptor.digest.to_string());
        assert_eq!(Descriptor::try_from(&theirs).expect("is one"), descriptor);
    }
}
