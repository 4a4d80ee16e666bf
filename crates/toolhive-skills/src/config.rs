// SPDX-License-Identifier: Apache-2.0
//! The config of a skill's artifact (format.md, 8).

use std::collections::BTreeMap;

use oci_artifact::labels::{Labels, annotation, is_blank, parse_list};
use oci_artifact::{Result, document};
use oci_spec::image::ImageConfiguration;
use serde::{Deserialize, Serialize};

use crate::media_types::*;

/// A skill's metadata, as its artifact carries it; `compatibility` and `metadata` are known only
/// when it is packaged (CX-4).
///
/// Its JSON form is that of the Go library (CX-8): keys in the order of the fields, what is empty
/// left out, `files` always there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct SkillConfig {
    /// The name; never empty in what was read from an artifact.
    pub name: String,
    /// The purpose of the skill; may be empty.
    pub description: String,
    /// The version, in whatever notation its author uses; may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// The tools that the skill may use without a question, if it has a list of them (FM-22).
    #[serde(skip_serializing_if = "is_blank")]
    pub allowed_tools: Option<Vec<String>>,
    /// The licence; may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub license: String,
    /// The surroundings that the skill needs, in words; never in an artifact.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub compatibility: String,
    /// Other metadata of the skill; never in an artifact.
    #[serde(skip_serializing_if = "is_blank")]
    pub metadata: Option<BTreeMap<String, String>>,
    /// The paths of all files, the manifest included, in byte order. They are what the artifact
    /// says, not safe to join to a directory.
    pub files: Option<Vec<String>>,
}

impl SkillConfig {
    /// Returns the metadata in the labels of a skill's image config (CX-1 to CX-4).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDocument`](oci_artifact::ErrorKind::InvalidDocument) if it has no labels, no
    /// name, or a label that should hold JSON and does not.
    pub fn from_image_config(image: &ImageConfiguration) -> Result<Self> {
        Self::from_labels(&Labels::from_image_config(image)?)
    }

    /// Returns the metadata in a skill's image config that was read (CX-1).
    ///
    /// # Errors
    /// As [`Self::from_image_config`].
    pub fn from_config(config: &document::Config) -> Result<Self> {
        Self::from_labels(&Labels::of(config)?)
    }

    /// Returns the metadata in the bytes of a skill's image config (CX-6).
    ///
    /// # Errors
    /// As [`Self::from_image_config`] and [`Labels::from_image_config_bytes`].
    pub fn from_image_config_bytes(image: &[u8]) -> Result<Self> {
        Self::from_labels(&Labels::from_image_config_bytes(image)?)
    }

    fn from_labels(labels: &Labels) -> Result<Self> {
        Ok(Self {
            name: labels.required(LABEL_SKILL_NAME)?,
            description: labels.text(LABEL_SKILL_DESCRIPTION),
            version: labels.text(LABEL_SKILL_VERSION),
            allowed_tools: labels.list(LABEL_SKILL_ALLOWED_TOOLS)?,
            license: labels.text(LABEL_SKILL_LICENSE),
            compatibility: String::new(),
            metadata: None,
            files: labels.list(LABEL_SKILL_FILES)?,
        })
    }
}

/// Reads a skill's needs from the annotations of its manifest or index, such as an
/// [`ImageIndex`](oci_spec::image::ImageIndex)'s; `None` if there is no list, or none that can be read
/// (CX-5).
pub fn parse_requires_annotation<'a>(
    annotations: impl IntoIterator<Item = (&'a String, &'a String)>,
) -> Option<Vec<String>> {
    parse_list(annotation(annotations, ANNOTATION_SKILL_REQUIRES)).ok().flatten()
}

#[cfg(test)]
mod tests;
