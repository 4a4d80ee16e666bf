// SPDX-License-Identifier: Apache-2.0
//! The check of a skill: everything at once, with what ToolHive refuses and what hosts do
//! (plugin-surface.md, 6.2).

use std::path::Path;

use oci_artifact::kind::ArtifactKind;
use oci_artifact::{Diagnostic, Result};

use super::skill_md::{self, Form, SkillFile};
use super::{portable, warnings};
use crate::manifest::skill::{self as manifest, MANIFEST_PATH};
use crate::tree::{self, Tree};
use crate::{Files, Findings, Inventory, Profile, Report, Root, Severity};

/// Checks the skill at `directory`, which is packaged as a `K`. What the packaging refuses is an error under every profile.
///
/// # Errors
/// [`ErrorKind::InvalidDir`](oci_artifact::ErrorKind::InvalidDir) if there is no such directory.
pub fn validate<K: ArtifactKind>(directory: &Path, profile: Profile) -> Result<Report> {
    K::check_path(directory)?;
    let tree = Tree::open(directory, &K::HIDDEN)?;
    let mut findings = Findings::new(profile);
    tree.check(MANIFEST_PATH, &mut findings);

    match tree.content(MANIFEST_PATH) {
        Some(text) => match manifest::parse(text) {
            Ok(skill) => skill.warnings.into_iter().for_each(|warning| findings.add(warning)),
            Err(error) => findings.add_refusal(&error, "frontmatter-yaml"),
        },
        None if tree.get(MANIFEST_PATH).is_none() => missing(&tree, &mut findings),
        None => {}
    }
    for path in tree.below("").filter(|path| path.ends_with("/SKILL.md")) {
        let message = "this skill is inside another one, where hosts do not look for it";
        let diagnostic = Diagnostic::new(message).with_rule("skill-nested").at_path(path);
        findings.add(diagnostic.with_help("move it next to the other skill, or rename the file"));
    }
    check(tree.files(), tree.name(), &mut findings);
    let root = Root::skill(tree.name().unwrap_or_default());
    warnings::check(&Inventory::of(tree.files(), &root), tree.files(), &mut findings);
    portable::check(&tree, &mut findings);
    tree::check_packaging::<K>(directory, tree, &mut findings);
    Ok(findings.into_report())
}

/// Checks what the inventory of a skill's files does not; `directory` is what theirs is called, if they lie in
/// one. `inspect` and `validate` both ask this.
pub fn check(files: &Files, directory: Option<&str>, findings: &mut Findings) {
    if let Some(text) = files.bytes(MANIFEST_PATH) {
        let file = SkillFile { path: MANIFEST_PATH, text, directory, form: Form::Alone };
        skill_md::check(&file, findings);
    }
}

fn missing(tree: &Tree, findings: &mut Findings) {
    let mut names = tree.below("").filter(|path| path.eq_ignore_ascii_case(MANIFEST_PATH));
    let diagnostic = match names.next() {
        Some(name) => Diagnostic::new(format!("the file is called {name}, not {MANIFEST_PATH}"))
            .with_rule("skill-case")
            .at_path(name)
            .with_help("rename it"),
        None => Diagnostic::new(format!("there is no {MANIFEST_PATH}"))
            .with_rule("manifest-missing")
            .at_path(MANIFEST_PATH)
            .with_help("write one, beginning with frontmatter that has a name and a description"),
    };
    findings.add_as(Severity::Error, diagnostic);
}
