// SPDX-License-Identifier: Apache-2.0
//! Discovers skills (S-15).

use std::collections::BTreeSet;

use super::builder::Builder;
use super::manifest::{Field, Manifest, Skills};
use super::markdown::Markdown;
use super::{hooks, inline, place};
use crate::inventory::{Component, ComponentType, Source};
use crate::path;

const FILE: &str = "SKILL.md";
const DEFAULT: &str = "skills";

/// Finds the plugin's skills.
pub(super) fn discover(builder: &mut Builder<'_>, manifest: &Manifest<'_>) {
    let mut seen = BTreeSet::new();
    let fields: Vec<Field<'_>> = manifest.all("skills").collect();
    // S-16: what the entry lists may be all that loads, so it comes first.
    let listed = manifest.skills == Skills::Listed;
    let (first, rest): (Vec<Field<'_>>, Vec<Field<'_>>) =
        fields.into_iter().partition(|field| listed && field.source == Source::Entry);
    first.iter().for_each(|field| named(builder, field, &mut seen));
    let why_not = listed.then_some("entry-skills");
    let own = join(DEFAULT, FILE);
    let is_skill = builder.files.get(&own).is_some();
    if is_skill {
        add(builder, DEFAULT, Source::Default, why_not, Named::ByItself, &mut seen);
    }
    for directory in directories(builder, DEFAULT) {
        let mut why_not = why_not;
        if is_skill && !seen.contains(&join(&directory, FILE)) {
            let message = format!("{own} is the only skill that the host reads in {DEFAULT}/");
            builder.warn("skill-shadowed", message, &join(&directory, FILE));
            why_not = why_not.or(Some("skill-shadowed"));
        }
        add(builder, &directory, Source::Default, why_not, Named::ByDirectory, &mut seen);
    }
    let at_root = builder.files.get(FILE).is_some();
    let is_default = manifest.get("skills").is_none() && !builder.files.is_directory(DEFAULT);
    if at_root && (is_default || listed) {
        add(builder, "", Source::Default, why_not, Named::ByItself, &mut seen);
    }
    for field in rest {
        let why_not = field.why_not.or(why_not);
        named(builder, &Field { why_not, ..field }, &mut seen);
    }
}

/// Skills that a field names.
fn named(builder: &mut Builder<'_>, field: &Field<'_>, seen: &mut BTreeSet<String>) {
    for named in place::named(builder, field) {
        let mut why_not = named.why_not;
        let source = named.field.source;
        let mut directory = named.path;
        if builder.files.get(&directory).is_some() {
            let message = format!("{directory} is a file; skills are directories");
            named.field.warn(builder, "skills-file", message);
            why_not = Some("skills-file");
            directory = path::parent(&directory).to_owned();
        }
        let own = join(&directory, FILE);
        if builder.files.get(&own).is_some() {
            add(builder, &directory, source, why_not, Named::ByItself, seen);
            continue;
        }
        for directory in directories(builder, &directory) {
            add(builder, &directory, source, why_not, Named::ByDirectory, seen);
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
    add(builder, "", Source::Default, None, Named::ByItself, &mut BTreeSet::new());
    // What a manifest would say, the frontmatter says here.
    let skill = builder.inventory.components.iter().find(|c| c.kind == ComponentType::Skill);
    let own = |skill: &Component| skill.title.clone().unwrap_or_else(|| skill.name.clone());
    builder.inventory.subject.name = skill.map_or(name, own);
    builder.inventory.subject.manifest = Some(FILE.to_owned());
    builder.inventory.subject.formats = vec!["agent-skills"];
}

/// Returns the directories directly below one that hold a SKILL.md.
fn directories(builder: &Builder<'_>, directory: &str) -> Vec<String> {
    let depth = if directory.is_empty() { 0 } else { directory.split('/').count() };
    let below = builder.files.below(directory).map(|(path, _)| path);
    below
        .filter(|path| path::name(path) == FILE && path.split('/').count() == depth + 2)
        .map(|path| path::parent(path).to_owned())
        .collect()
}

/// Returns a name as the host types it: what is no letter or digit of ASCII, `_` or `-` is a hyphen [observed].
fn typed(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') { c } else { '-' };
    name.trim().chars().map(plain).collect()
}

/// The source of the name that a host gives a skill (S-15).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    /// The directory that was found in one that was searched.
    ByDirectory,
    /// The frontmatter: the directory was named, or is the root.
    ByItself,
}

fn add(
    builder: &mut Builder<'_>,
    directory: &str,
    source: Source,
    why_not: Option<&'static str>,
    named: Named,
    seen: &mut BTreeSet<String>,
) {
    let file = join(directory, FILE);
    // S-11: reached twice, it is one.
    if !seen.insert(file.clone()) {
        if named == Named::ByItself {
            by_itself_too(builder, &file, source);
        }
        return;
    }
    let fallback = match path::name(directory) {
        "" => builder.inventory.subject.name.clone(),
        name => name.to_owned(),
    };
    let mut skill = Component::new(ComponentType::Skill, fallback, &file, source);
    builder.measure(&mut skill);
    skill = skill.not_loading(why_not);
    if let Some(markdown) = Markdown::read(builder, &file) {
        if let Some(name) = markdown.text("name").filter(|name| !name.trim().is_empty()) {
            let is_root = directory.is_empty();
            if name != skill.name && !is_root {
                let message =
                    format!("the skill is called {name:?}, its directory {:?}", skill.name);
                builder.warn("skill-name-dir", message, &file);
            }
            if named == Named::ByItself {
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
    let inside = |file: &str| {
        let mut directory = path::parent(file);
        loop {
            if skills.contains(directory) {
                return true;
            }
            if directory.is_empty() {
                return false;
            }
            directory = path::parent(directory);
        }
    };
    let paths: Vec<String> = builder.files.iter().map(|entry| entry.path.clone()).collect();
    for file in paths {
        if path::name(&file) == FILE && !reached.contains(&file) && !inside(&file) {
            if !is_of_tests(&file) {
                let message = "no host reaches this skill: skills are searched one level deep";
                builder.warn("skill-unreached", message, &file);
            }
            let name = path::name(path::parent(&file)).to_owned();
            let mut skill = Component::new(ComponentType::Skill, name, &file, Source::Default);
            builder.measure(&mut skill);
            skill = skill.not_loading(Some("skill-unreached"));
            // S-10: what it would run is shown all the same.
            if !is_of_tests(&file)
                && let Some(markdown) = Markdown::read(builder, &file)
            {
                markdown.describe(&mut skill);
                inline::discover(builder, &skill, &markdown);
                hooks::of_component(builder, &skill, &markdown);
            }
            builder.component(skill);
        } else if path::name(&file).eq_ignore_ascii_case(FILE)
            && path::name(&file) != FILE
            && !reached.contains(&file)
        {
            let message = "the name has to be exactly SKILL.md, so this is not a skill";
            builder.warn("skill-case", message, &file);
        }
    }
}

/// Whether a file lies among tests, examples or what is hidden, which are no part of a plugin (S-76).
fn is_of_tests(file: &str) -> bool {
    const NAMES: [&str; 7] =
        ["evals", "examples", "fixtures", "node_modules", "templates", "test", "tests"];
    path::parent(file).split('/').any(|name| NAMES.contains(&name) || name.starts_with('.'))
}

fn join(directory: &str, name: &str) -> String {
    if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") }
}
