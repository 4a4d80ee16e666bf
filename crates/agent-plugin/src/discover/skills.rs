// SPDX-License-Identifier: Apache-2.0
//! Discovers skills (S-15).

use std::collections::BTreeSet;

use super::builder::Builder;
use super::manifest::{Field, Manifest};
use super::markdown::Markdown;
use super::place::{self, Found};
use super::{hooks, inline};
use crate::inventory::{Component, ComponentType, Source};
use crate::path;

const FILE: &str = "SKILL.md";
const DEFAULT: &str = "skills";

/// Finds the plugin's skills.
pub(super) fn discover(builder: &mut Builder<'_>, manifest: &Manifest<'_>) {
    let fields: Vec<Field<'_>> = manifest.all("skills").collect();
    // S-16: what the entry lists may be all that loads, so it comes first.
    let listed = manifest.only_listed_skills;
    let (first, rest): (Vec<Field<'_>>, Vec<Field<'_>>) =
        fields.into_iter().partition(|field| listed && field.source == Source::Entry);
    first.iter().for_each(|field| named(builder, field));
    let why_not = listed.then_some("entry-skills");
    let default = Found::by_default(DEFAULT, why_not);
    let own = path::child(DEFAULT, FILE);
    let is_skill = builder.files.get(&own).is_some();
    if is_skill {
        add(builder, &default, Name::ByItself);
    }
    for mut found in directories(builder, &default) {
        let file = path::child(&found.path, FILE);
        if is_skill && !builder.seen.contains(&(ComponentType::Skill, file.clone())) {
            let message = format!("{own} is the only skill that the host reads in {DEFAULT}/");
            builder.warn("skill-shadowed", message, &file);
            found = found.not_loading(Some("skill-shadowed"));
        }
        add(builder, &found, Name::ByDirectory);
    }
    let at_root = builder.files.get(FILE).is_some();
    let is_default = manifest.get("skills").is_none() && !builder.files.is_directory(DEFAULT);
    if at_root && (is_default || listed) {
        add(builder, &default.at(""), Name::ByItself);
    }
    for field in rest {
        named(builder, &field.not_loading(why_not));
    }
}

/// Skills that a field names.
fn named(builder: &mut Builder<'_>, field: &Field<'_>) {
    for named in place::named(builder, field) {
        let mut found = named.found();
        if builder.files.get(&found.path).is_some() {
            let message = format!("{} is a file; skills are directories", found.path);
            named.field.warn(builder, "skills-file", message);
            found.why_not = Some("skills-file");
            found.path = path::parent(&found.path).to_owned();
        }
        if builder.files.get(&path::child(&found.path, FILE)).is_some() {
            add(builder, &found, Name::ByItself);
            continue;
        }
        for directory in directories(builder, &found) {
            add(builder, &directory, Name::ByDirectory);
        }
    }
}

/// A skill by itself.
pub(super) fn alone(builder: &mut Builder<'_>) {
    if builder.files.get(FILE).is_none() {
        builder.warn("manifest-missing", "there is no SKILL.md", FILE);
        return;
    }
    let name = builder.inventory.subject.name.clone();
    add(builder, &Found::by_default("", None), Name::ByItself);
    // What a manifest would say, the frontmatter says here.
    let skill = builder.inventory.components.iter().find(|c| c.kind == ComponentType::Skill);
    let own = |skill: &Component| skill.title.clone().unwrap_or_else(|| skill.name.clone());
    builder.inventory.subject.name = skill.map_or(name, own);
    builder.inventory.subject.manifest = Some(FILE.to_owned());
    builder.inventory.subject.formats = vec!["agent-skills"];
}

/// Returns the directories directly below one that hold a SKILL.md.
fn directories(builder: &Builder<'_>, searched: &Found) -> Vec<Found> {
    let files = builder.files.below(&searched.path).map(|(path, _)| path);
    let below = files.filter(|path| path::name(path) == FILE).map(path::parent);
    let own = below.filter(|path| *path != searched.path && path::parent(path) == searched.path);
    own.map(|path| searched.at(path)).collect()
}

/// Returns a name as the host types it: what is no letter or digit of ASCII, `_` or `-` is a hyphen [observed].
fn typed(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') { c } else { '-' };
    name.trim().chars().map(plain).collect()
}

/// The source of the name that a host gives a skill (S-15).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Name {
    /// The directory that was found in one that was searched.
    ByDirectory,
    /// The frontmatter: the directory was named, or is the root.
    ByItself,
}

fn add(builder: &mut Builder<'_>, directory: &Found, named: Name) {
    let found = directory.at(path::child(&directory.path, FILE));
    let file = found.path.as_str();
    // S-11: reached twice, it is one.
    if !builder.is_new(ComponentType::Skill, file) {
        if named == Name::ByItself {
            by_itself_too(builder, file, found.source);
        }
        return;
    }
    let fallback = match path::name(&directory.path) {
        "" => builder.inventory.subject.name.clone(),
        name => name.to_owned(),
    };
    let mut skill = builder.of_file(ComponentType::Skill, &fallback, &found);
    if let Some(markdown) = Markdown::read(builder, file) {
        if let Some(name) = markdown.text("name").filter(|name| !name.trim().is_empty()) {
            if name != skill.name && !directory.path.is_empty() {
                let message =
                    format!("the skill is called {name:?}, its directory {:?}", skill.name);
                builder.warn("skill-name-dir", message, file);
            }
            if named == Name::ByItself {
                skill.name.clone_from(&name);
            }
            if name != skill.name {
                skill.title = Some(name);
            }
        }
        let plain = typed(&skill.name);
        if plain != skill.name && skill.title.is_none() {
            skill.title = Some(std::mem::take(&mut skill.name));
        }
        skill.name = plain;
        markdown.describe(&mut skill);
        markdown.check(builder, &skill);
        inline::discover(builder, &skill, &markdown);
        hooks::of_component(builder, &skill, &markdown);
    }
    builder.component(skill);
}

/// A skill that was found by its directory and is named, too: it has both names [observed].
fn by_itself_too(builder: &mut Builder<'_>, file: &str, source: Source) {
    let components = builder.inventory.components.iter();
    let found = components.rev().find(|one| one.path == file && one.kind == ComponentType::Skill);
    let Some(mut skill) = found.filter(|skill| skill.loads.is_ok()).cloned() else { return };
    if let Some(title) = skill.title.take()
        && typed(&title) != skill.name
    {
        skill.name = typed(&title);
        skill.source = source;
        builder.component(skill);
    }
}

/// SKILL.md files that no scan reaches, as skill or as command, unless they lie inside another skill.
pub(super) fn unreached(builder: &mut Builder<'_>) {
    let components = builder.inventory.components.iter();
    // A link may lead to it.
    let reached: BTreeSet<String> = components
        .filter_map(|component| Some(builder.files.get(&component.path)?.path.clone()))
        .collect();
    let skills = reached.iter().filter(|file| path::name(file) == FILE);
    let skills: BTreeSet<String> = skills.map(|file| path::parent(file).to_owned()).collect();
    let inside = |file: &str| path::above(file).any(|directory| skills.contains(directory));
    let files = builder.files;
    for file in files.iter().map(|entry| entry.path.as_str()) {
        let name = path::name(file);
        if !name.eq_ignore_ascii_case(FILE) || reached.contains(file) {
            continue;
        }
        if name != FILE {
            let message = "the name has to be exactly SKILL.md, so this is not a skill";
            builder.warn("skill-case", message, file);
            continue;
        }
        if inside(file) {
            continue;
        }
        let is_of_tests = is_of_tests(file);
        if !is_of_tests {
            let message = "no host reaches this skill: skills are searched one level deep";
            builder.warn("skill-unreached", message, file);
        }
        let found = Found::by_default(file, Some("skill-unreached"));
        let name = path::name(path::parent(file));
        let mut skill = builder.of_file(ComponentType::Skill, name, &found);
        // S-10: what it would run is shown all the same.
        if !is_of_tests && let Some(markdown) = Markdown::read(builder, file) {
            markdown.describe(&mut skill);
            inline::discover(builder, &skill, &markdown);
            hooks::of_component(builder, &skill, &markdown);
        }
        builder.component(skill);
    }
}

/// Whether a file lies among tests, examples or what is hidden, which are no part of a plugin (S-76).
fn is_of_tests(file: &str) -> bool {
    const NAMES: [&str; 7] =
        ["evals", "examples", "fixtures", "node_modules", "templates", "test", "tests"];
    path::parent(file).split('/').any(|name| NAMES.contains(&name) || name.starts_with('.'))
}
