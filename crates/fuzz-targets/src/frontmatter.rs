// SPDX-License-Identifier: Apache-2.0
//! A SKILL.md and its YAML: never panics, positions exist, and reading a part is as good as all.

use oci_artifact::ErrorKind;
use toolhive_frontmatter::{Content, Decoder, Keys, Reading, Source};
use toolhive_skills::metadata::{MANIFEST_PATH, SkillManifest, parse, read};

/// Runs the target on an input.
pub fn run(text: &[u8]) {
    check_tree(text);
    check_host(text);
    check_skill(text);
    check_skill(&[b"---\n", text, b"\n---\n"].concat());
}

/// Reads all of it as YAML.
fn check_tree(text: &[u8]) {
    let source = Source::new(text);
    let parsed = toolhive_frontmatter::parse(text, 0..text.len());
    for problem in parsed.problems {
        assert!(problem.span.start <= problem.span.end && problem.span.end <= text.len());
        assert!(source.diagnostic(problem).position.is_some());
    }
    let Some(root) = parsed.document.root() else { return };
    assert!(root.span().end <= text.len());
    if let Content::Alias(_, target) = root.content() {
        panic!("an alias of {target:?} has nothing before it");
    }
    let mut decoder = Decoder::new();
    let fields = decoder.fields(root, Keys::All);
    assert!(fields.iter().all(|field| field.key_node.span().end <= text.len()));
    fields.iter().for_each(|field| drop(decoder.field_text(field)));
    assert!(decoder.into_problems().iter().all(|problem| problem.span.end <= text.len()));
}

/// Reads it as the host does (S-105): what can be read as it stands is read so, and no place lies outside.
fn check_host(text: &[u8]) {
    let reading = toolhive_frontmatter::read_as_host(text, 0..text.len());
    let problems = reading.problems();
    assert!(problems.iter().all(|problem| problem.span.end <= text.len()));
    let strict = toolhive_frontmatter::parse(text, 0..text.len());
    assert!(strict.problems.is_empty() || !matches!(reading, Reading::AsWritten(_)));
    let Some(root) = reading.document().and_then(|document| document.root()) else { return };
    assert!(root.span().start <= root.span().end && root.span().end <= text.len());
    if let Content::Mapping(pairs) = root.content() {
        for (key, value) in pairs.iter() {
            assert!(key.span().end <= text.len() && value.span().end <= text.len());
        }
    }
}

fn check_skill(skill_md: &[u8]) {
    let (whole, part) = (parse(skill_md), read(skill_md));
    match (whole, part) {
        (Ok(manifest), Ok(again)) => check_manifest(&manifest, &again),
        (Err(error), Err(again)) => {
            assert_eq!(error.kind(), ErrorKind::InvalidManifest);
            assert_eq!(error.to_string(), again.to_string());
            let problems = error.diagnostics();
            assert!(problems.iter().all(|p| p.path.as_deref() == Some(MANIFEST_PATH.as_ref())));
            assert!(problems.iter().all(|p| p.rule.is_some()));
            assert!(problems.is_sorted_by_key(|problem| problem.position));
        }
        (whole, part) => panic!("{whole:?} but {part:?}"),
    }
}

fn check_manifest(manifest: &SkillManifest, again: &SkillManifest) {
    assert_eq!(manifest, again);
    assert!(!manifest.name.is_empty());
    assert!(manifest.requires.iter().all(|reference| !reference.is_empty()));
    assert!(manifest.requires.is_empty() || manifest.metadata.is_some());
    assert!(manifest.warnings.iter().all(|w| w.rule.is_some() && w.position.is_some()));
    assert!(manifest.warnings.is_sorted_by_key(|warning| warning.position));
}
