// SPDX-License-Identifier: Apache-2.0
//! The facts about skills that the packager needs.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use agent_plugin::check::portable;
use oci_artifact::Encoder;
use oci_artifact::config::{TextMap, list_text};
use oci_artifact::directory::{self, Hidden, HiddenSpecials, Tree};
use oci_artifact::kind::{ArtifactKind, Description, Modes};
use oci_artifact::{Error, ErrorKind, Result, document};

use crate::config::SkillConfig;
use crate::media_types::{
    ANNOTATION_SKILL_DESCRIPTION, ANNOTATION_SKILL_NAME, ANNOTATION_SKILL_REQUIRES,
    ANNOTATION_SKILL_VERSION, ARTIFACT_TYPE_SKILL, LABEL_SKILL_ALLOWED_TOOLS,
    LABEL_SKILL_DESCRIPTION, LABEL_SKILL_FILES, LABEL_SKILL_LICENSE, LABEL_SKILL_NAME,
    LABEL_SKILL_VERSION, LAYER_TITLE_SKILL,
};
use crate::metadata::{self, SkillManifest, Text};

/// An Agent Skill: a directory with `SKILL.md`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Skill;

impl ArtifactKind for Skill {
    type Config = SkillConfig;
    type Manifest = SkillManifest;

    const NAME: &'static str = "skill";
    const ARTIFACT_TYPE: &'static str = ARTIFACT_TYPE_SKILL;
    const LAYER_TITLE: &'static str = LAYER_TITLE_SKILL;
    const MANIFEST_PATH: &'static str = metadata::MANIFEST_PATH;
    const LABEL_NAME: &'static str = LABEL_SKILL_NAME;
    const LABEL_DESCRIPTION: &'static str = LABEL_SKILL_DESCRIPTION;
    const LABEL_VERSION: &'static str = LABEL_SKILL_VERSION;
    const LABEL_FILES: &'static str = LABEL_SKILL_FILES;
    // SW-1 to SW-5.
    const HIDDEN: Hidden =
        Hidden { directories: &[], files: &[], specials: HiddenSpecials::Ignore };

    /// SD-1, SD-2: a skill's path does not lead out of where it starts (BUG-06, BUG-07).
    fn check_path(path: &Path) -> Result<()> {
        if !directory::leads_out(path) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::InvalidDir, "the path of a skill may not begin with \"..\"")
            .at_path(path)
            .with_help("std::path::absolute makes it acceptable"))
    }

    fn read_manifest(file: &mut dyn Read, _size: u64) -> Result<SkillManifest> {
        metadata::read(file)
    }

    /// MODE-2, SW-8: a skill's files are not executable (BUG-11).
    fn file_mode(_mode: u32, _modes: Modes) -> u32 {
        0o644
    }

    fn describe(
        skill: SkillManifest,
        files: &[&str],
        tree: &Tree,
        encoder: Encoder,
    ) -> Description<SkillConfig> {
        let labels = TextMap::from([
            (LABEL_SKILL_ALLOWED_TOOLS, list_text(skill.allowed_tools.as_deref(), encoder)),
            (LABEL_SKILL_DESCRIPTION, skill.description.as_bytes().to_vec()),
            (LABEL_SKILL_FILES, list_text(Some(files), encoder)),
            (LABEL_SKILL_LICENSE, skill.license.as_bytes().to_vec()),
            (LABEL_SKILL_NAME, skill.name.as_bytes().to_vec()),
            (LABEL_SKILL_VERSION, skill.version.as_bytes().to_vec()),
        ]);
        // MAN-4: less than the labels say, and what the skill requires.
        let mut annotations = TextMap::from([
            (ANNOTATION_SKILL_DESCRIPTION, skill.description.as_bytes().to_vec()),
            (ANNOTATION_SKILL_NAME, skill.name.as_bytes().to_vec()),
            (ANNOTATION_SKILL_VERSION, skill.version.as_bytes().to_vec()),
        ]);
        if !skill.requires.is_empty() {
            annotations
                .insert(ANNOTATION_SKILL_REQUIRES, list_text(Some(&skill.requires), encoder));
        }
        let mut warnings = skill.warnings;
        warnings.extend(tree.omitted_warning());
        warnings.extend(portable::warnings(files));
        let texts = |list: Vec<Text>| list.iter().map(Text::to_string).collect();
        let entries = |map: BTreeMap<Text, Text>| {
            map.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
        };
        let config = SkillConfig {
            name: skill.name.to_string(),
            description: skill.description.to_string(),
            version: skill.version.to_string(),
            allowed_tools: skill.allowed_tools.map(texts),
            license: skill.license.to_string(),
            compatibility: skill.compatibility.to_string(),
            metadata: skill.metadata.map(entries),
            files: Some(files.iter().map(|path| (*path).to_owned()).collect()),
        };
        Description { name: config.name.clone(), config, labels, annotations, warnings }
    }

    fn read_config(config: &document::Config) -> Result<SkillConfig> {
        SkillConfig::from_config(config)
    }
}
