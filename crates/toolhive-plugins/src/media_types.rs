// SPDX-License-Identifier: Apache-2.0
//! The names by which a plugin is known in a registry (format.md: constants, CFG-3, MAN-2, MAN-3).
//!
//! What is an annotation of the manifest and index is a label of the image config under the same
//! key; there are two names for each so that a use says which of the two it means.

/// The artifact type of a plugin's manifests and index.
pub const ARTIFACT_TYPE_PLUGIN: &str = "dev.toolhive.plugins.v1";
/// The title of a plugin's layer (MAN-2).
pub const LAYER_TITLE_PLUGIN: &str = "plugin.tar.gz";

/// The annotation with the plugin's name.
pub const ANNOTATION_PLUGIN_NAME: &str = "dev.toolhive.plugins.name";
/// The annotation with the plugin's description.
pub const ANNOTATION_PLUGIN_DESCRIPTION: &str = "dev.toolhive.plugins.description";
/// The annotation with the plugin's version.
pub const ANNOTATION_PLUGIN_VERSION: &str = "dev.toolhive.plugins.version";
/// The annotation with the plugin's licence.
pub const ANNOTATION_PLUGIN_LICENSE: &str = "dev.toolhive.plugins.license";
/// The annotation with the paths of all files: a JSON array of strings (CFG-4).
pub const ANNOTATION_PLUGIN_FILES: &str = "dev.toolhive.plugins.files";
/// The annotation with the component inventory: a JSON object of integers, or `null` (PC-2).
pub const ANNOTATION_PLUGIN_COMPONENTS: &str = "dev.toolhive.plugins.components";
/// The annotation with what the plugin needs: a JSON array of strings, or `null` (PR-3).
pub const ANNOTATION_PLUGIN_REQUIRES: &str = "dev.toolhive.plugins.requires";

/// The label with the plugin's name; a plugin's config has it always, not empty (CX-1).
pub const LABEL_PLUGIN_NAME: &str = ANNOTATION_PLUGIN_NAME;
/// The label with the plugin's description.
pub const LABEL_PLUGIN_DESCRIPTION: &str = ANNOTATION_PLUGIN_DESCRIPTION;
/// The label with the plugin's version.
pub const LABEL_PLUGIN_VERSION: &str = ANNOTATION_PLUGIN_VERSION;
/// The label with the plugin's licence.
pub const LABEL_PLUGIN_LICENSE: &str = ANNOTATION_PLUGIN_LICENSE;
/// The label with the paths of all files: a JSON array of strings (CFG-4).
pub const LABEL_PLUGIN_FILES: &str = ANNOTATION_PLUGIN_FILES;
/// The label with the component inventory: a JSON object of integers, or `null` (PC-2).
pub const LABEL_PLUGIN_COMPONENTS: &str = ANNOTATION_PLUGIN_COMPONENTS;
/// The label with what the plugin needs: a JSON array of strings, or `null` (PR-3).
pub const LABEL_PLUGIN_REQUIRES: &str = ANNOTATION_PLUGIN_REQUIRES;
