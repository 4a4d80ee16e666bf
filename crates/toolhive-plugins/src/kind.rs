// SPDX-License-Identifier: Apache-2.0
//! The facts about plugins that the packager needs.

use std::io::Read;

use agent_plugin::check::portable;
use oci_artifact::Encoder;
use oci_artifact::config::{TextMap, counts_text, list_text};
use oci_artifact::directory::{self, Hidden, HiddenSpecials, Tree};
use oci_artifact::kind::{ArtifactKind, Description, Modes};
use oci_artifact::media_type::{
    ANNOTATION_DESCRIPTION, ANNOTATION_LICENSES, ANNOTATION_TITLE, ANNOTATION_VERSION,
};
use oci_artifact::{Error, ErrorKind, Result, document, limits};

use crate::config::PluginConfig;
use crate::media_types::{
    ARTIFACT_TYPE_PLUGIN, LABEL_PLUGIN_COMPONENTS, LABEL_PLUGIN_DESCRIPTION, LABEL_PLUGIN_FILES,
    LABEL_PLUGIN_LICENSE, LABEL_PLUGIN_NAME, LABEL_PLUGIN_REQUIRES, LABEL_PLUGIN_VERSION,
    LAYER_TITLE_PLUGIN,
};
use crate::metadata::{self, PluginManifest};

/// A Claude-style plugin: a directory with `.claude-plugin/plugin.json`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plugin;

impl ArtifactKind for Plugin {
    type Config = PluginConfig;
    type Manifest = PluginManifest;

    const NAME: &'static str = "plugin";
    const ARTIFACT_TYPE: &'static str = ARTIFACT_TYPE_PLUGIN;
    const LAYER_TITLE: &'static str = LAYER_TITLE_PLUGIN;
    const MANIFEST_PATH: &'static str = metadata::MANIFEST_PATH;
    const LABEL_NAME: &'static str = LABEL_PLUGIN_NAME;
    const LABEL_DESCRIPTION: &'static str = LABEL_PLUGIN_DESCRIPTION;
    const LABEL_VERSION: &'static str = LABEL_PLUGIN_VERSION;
    const LABEL_FILES: &'static str = LABEL_PLUGIN_FILES;
    // PW-1 to PW-4.
    const HIDDEN: Hidden = Hidden {
        directories: &[".claude-plugin"],
        files: &[".mcp.json"],
        specials: HiddenSpecials::Refuse,
    };

    fn read_manifest(file: &mut dyn Read, size: u64) -> Result<PluginManifest> {
        if size > limits::MAX_MANIFEST_FILE_SIZE {
            let limit = limits::MAX_MANIFEST_FILE_SIZE;
            let message = format!("the file has {size} bytes, more than {limit}");
            return Err(Error::new(ErrorKind::InvalidManifest, message)
                .at_path(Self::MANIFEST_PATH)
                .with_help("move long texts into files of the plugin"));
        }
        metadata::parse(&directory::read_bounded(file, size, Self::MANIFEST_PATH)?)
    }

    /// DEV-1, MODE-1, PW-8.
    fn file_mode(mode: u32, modes: Modes) -> u32 {
        match modes {
            Modes::Verbatim => mode & 0o777,
            _ if mode & 0o111 != 0 => 0o755,
            _ => 0o644,
        }
    }

    fn describe(
        plugin: PluginManifest,
        files: &[&str],
        tree: &Tree,
        encoder: Encoder,
    ) -> Description<PluginConfig> {
        let labels = TextMap::from([
            (LABEL_PLUGIN_COMPONENTS, counts_text(plugin.components.as_ref())),
            (LABEL_PLUGIN_DESCRIPTION, plugin.description.clone().into_bytes()),
            (LABEL_PLUGIN_FILES, list_text(Some(files), encoder)),
            (LABEL_PLUGIN_LICENSE, plugin.license.clone().into_bytes()),
            (LABEL_PLUGIN_NAME, plugin.name.clone().into_bytes()),
            (LABEL_PLUGIN_REQUIRES, list_text(plugin.requires.as_deref(), encoder)),
            (LABEL_PLUGIN_VERSION, plugin.version.clone().into_bytes()),
        ]);
        // MAN-3: the labels once more, and what is said of any image.
        let mut annotations = labels.clone();
        annotations.extend([
            (ANNOTATION_DESCRIPTION, plugin.description.clone().into_bytes()),
            (ANNOTATION_LICENSES, plugin.license.clone().into_bytes()),
            (ANNOTATION_TITLE, plugin.name.clone().into_bytes()),
            (ANNOTATION_VERSION, plugin.version.clone().into_bytes()),
        ]);
        let silent = metadata::missing_inventory(&plugin, files);
        let mut warnings = plugin.warnings;
        warnings.extend(silent);
        warnings.extend(metadata::lost_components(tree));
        warnings.extend(tree.omitted_warning());
        warnings.extend(portable::warnings(files));
        let config = PluginConfig {
            name: plugin.name.clone(),
            description: plugin.description,
            version: plugin.version,
            license: plugin.license,
            files: Some(files.iter().map(|path| (*path).to_owned()).collect()),
            components: plugin.components,
            requires: plugin.requires,
        };
        Description { name: plugin.name, config, labels, annotations, warnings }
    }

    fn read_config(config: &document::Config) -> Result<PluginConfig> {
        PluginConfig::from_config(config)
    }
}
