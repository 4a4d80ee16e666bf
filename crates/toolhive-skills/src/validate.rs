// SPDX-License-Identifier: Apache-2.0
//! What is wrong with a skill: everything at once, with what ToolHive refuses and what hosts do
//! (plugin-surface.md, 6.2).

use std::path::Path;

use oci_artifact::kind::ArtifactKind as _;
use oci_artifact::{Diagnostic, Result};
use toolhive_findings::skill::{self, SkillFile};
use toolhive_findings::tree::{MAX_TEXT_SIZE, Tree};
use toolhive_findings::{Findings, Severity, inventory, portable, tree};
use toolhive_surface::{Files, Inventory, Limits, Root};

use crate::kind::Skill;
use crate::metadata::{self, MANIFEST_PATH};

pub use toolhive_findings::{Checker, Finding, Profile, Report, Rule, rule};

/// Checks the skill at `directory`. What the packaging refuses is an error under every profile.
///
/// # Errors
/// [`ErrorKind::InvalidDir`](crate::error::ErrorKind::InvalidDir) where there is no such directory.
pub fn validate(directory: &Path, profile: Profile) -> Result<Report> {
    Skill::check_path(directory)?;
    let tree = Tree::open(directory, &Skill::HIDDEN)?;
    let mut findings = Findings::new(profile);
    tree.check(MANIFEST_PATH, &mut findings);

    match tree.read(MANIFEST_PATH, MAX_TEXT_SIZE) {
        Some(text) => {
            match metadata::parse(&text) {
                Ok(skill) => skill.warnings.into_iter().for_each(|warning| findings.add(warning)),
                Err(error) => findings.add_refusal(&error, "frontmatter-yaml"),
            }
            skill::check(&SkillFile::alone(MANIFEST_PATH, &text, tree.name()), &mut findings);
        }
        None if tree.get(MANIFEST_PATH).is_none() => missing(&tree, &mut findings),
        None => {}
    }
    for path in tree.below("").filter(|path| path.ends_with("/SKILL.md")) {
        let message = "a skill lies in this one, where hosts do not look for it";
        let diagnostic = Diagnostic::new(message).with_rule("skill-nested").at_path(path);
        findings.add(diagnostic.with_help("move it beside this skill, or rename the file"));
    }
    let root = Root::skill(tree.name().unwrap_or_default());
    match Files::from_directory(directory, &Skill::HIDDEN, Limits::default()) {
        Ok(files) => inventory::check(&Inventory::of(&files, &root), &files, &mut findings),
        // What cannot be read is told by who looks at the tree.
        Err(_) => findings.truncate(),
    }
    portable::check(&tree, &mut findings);
    tree::check_packaging::<Skill>(directory, &mut findings);
    Ok(findings.into_report())
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
