// SPDX-License-Identifier: Apache-2.0
//! The config of a plugin's artifact (format.md, 8).

use oci_artifact::labels::{Labels, annotation, is_blank, parse_counts, parse_list};
use oci_artifact::{Result, document};
use oci_spec::image::ImageConfiguration;
use serde::{Deserialize, Serialize};

use crate::media_types::*;

pub use agent_plugin::manifest::plugin::ComponentInventory;

/// A plugin's metadata, as its artifact carries it.
///
/// Its JSON form is that of the Go library (CX-8): keys in the order of the fields, what is empty
/// left out, `files` always there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PluginConfig {
    /// The name; never empty in what was read from an artifact.
    pub name: String,
    /// The purpose of the plugin; may be empty.
    pub description: String,
    /// The version, in whatever notation its author uses; may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// The licence; may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub license: String,
    /// The paths of all files, the manifest included, in byte order. They are what the artifact
    /// says, not safe to join to a directory.
    pub files: Option<Vec<String>>,
    /// The component inventory, if the manifest declares any component.
    #[serde(skip_serializing_if = "is_blank")]
    pub components: Option<ComponentInventory>,
    /// References of what the plugin needs, sorted, if the manifest has a list of them (PR-3).
    #[serde(skip_serializing_if = "is_blank")]
    pub requires: Option<Vec<String>>,
}

impl PluginConfig {
    /// Returns the metadata in the labels of a plugin's image config (CX-1 to CX-3).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDocument`](oci_artifact::ErrorKind::InvalidDocument) if it has no labels, no
    /// name, or a label that should hold JSON and does not.
    pub fn from_image_config(image: &ImageConfiguration) -> Result<Self> {
        Self::from_labels(&Labels::from_image_config(image)?)
    }

    /// Returns the metadata in a plugin's image config that was read (CX-1).
    ///
    /// # Errors
    /// As [`Self::from_image_config`].
    pub fn from_config(config: &document::Config) -> Result<Self> {
        Self::from_labels(&Labels::of(config)?)
    }

    /// Returns the metadata in the bytes of a plugin's image config (CX-6).
    ///
    /// # Errors
    /// As [`Self::from_image_config`] and [`Labels::from_image_config_bytes`].
    pub fn from_image_config_bytes(image: &[u8]) -> Result<Self> {
        Self::from_labels(&Labels::from_image_config_bytes(image)?)
    }

    fn from_labels(labels: &Labels) -> Result<Self> {
        Ok(Self {
            name: labels.required(LABEL_PLUGIN_NAME)?,
            description: labels.text(LABEL_PLUGIN_DESCRIPTION),
            version: labels.text(LABEL_PLUGIN_VERSION),
            license: labels.text(LABEL_PLUGIN_LICENSE),
            files: labels.list(LABEL_PLUGIN_FILES)?,
            components: labels.counts(LABEL_PLUGIN_COMPONENTS)?,
            requires: labels.list(LABEL_PLUGIN_REQUIRES)?,
        })
    }
}

/// Returns the component inventory in the annotations of a plugin's manifest or index, such as an
/// [`ImageIndex`](oci_spec::image::ImageIndex)'s; `None` if there is none, or none that can be read
/// (CX-5).
pub fn parse_components_annotation<'a>(
    annotations: impl IntoIterator<Item = (&'a String, &'a String)>,
) -> Option<ComponentInventory> {
    parse_counts(annotation(annotations, ANNOTATION_PLUGIN_COMPONENTS)).ok().flatten()
}

/// Reads a plugin's needs from the annotations of its manifest or index; `None` if there is no list, or
/// none that can be read (CX-5).
pub fn parse_requires_annotation<'a>(
    annotations: impl IntoIterator<Item = (&'a String, &'a String)>,
) -> Option<Vec<String>> {
    parse_list(annotation(annotations, ANNOTATION_PLUGIN_REQUIRES)).ok().flatten()
}

#[cfg(test)]
mod tests;
