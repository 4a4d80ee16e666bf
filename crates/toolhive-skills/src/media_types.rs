// SPDX-License-Identifier: Apache-2.0
//! The names by which a skill is known in a registry (format.md: constants, CFG-3, MAN-2, MAN-4).
//!
//! A skill's manifest and index have fewer annotations than its image config has labels: no license,
//! no tools, no files; what a skill needs is in the annotations only (BUG-27).

/// The artifact type of a skill's manifests and index.
pub const ARTIFACT_TYPE_SKILL: &str = "dev.toolhive.skills.v1";
/// The title of a skill's layer (MAN-2).
pub const LAYER_TITLE_SKILL: &str = "skill.tar.gz";

/// The annotation with the skill's name.
pub const ANNOTATION_SKILL_NAME: &str = "dev.toolhive.skills.name";
/// The annotation with the skill's description.
pub const ANNOTATION_SKILL_DESCRIPTION: &str = "dev.toolhive.skills.description";
/// The annotation with the skill's version.
pub const ANNOTATION_SKILL_VERSION: &str = "dev.toolhive.skills.version";
/// The annotation with what the skill needs: a JSON array of strings; there is none if it needs
/// nothing (FM-27).
pub const ANNOTATION_SKILL_REQUIRES: &str = "dev.toolhive.skills.requires";

/// The label with the skill's name; a skill's config has it always, not empty (CX-1).
pub const LABEL_SKILL_NAME: &str = ANNOTATION_SKILL_NAME;
/// The label with the skill's description.
pub const LABEL_SKILL_DESCRIPTION: &str = ANNOTATION_SKILL_DESCRIPTION;
/// The label with the skill's version.
pub const LABEL_SKILL_VERSION: &str = ANNOTATION_SKILL_VERSION;
/// The label with the skill's licence.
pub const LABEL_SKILL_LICENSE: &str = "dev.toolhive.skills.license";
/// The label with the tools that the skill may use: a JSON array of strings, or `null` (FM-22).
pub const LABEL_SKILL_ALLOWED_TOOLS: &str = "dev.toolhive.skills.allowedTools";
/// The label with the paths of all files: a JSON array of strings (CFG-4).
pub const LABEL_SKILL_FILES: &str = "dev.toolhive.skills.files";
