// SPDX-License-Identifier: Apache-2.0
//! The advice for mistakes that many make: where something was found that is nearly right, the error
//! says what to do about it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use oci_artifact::reference::{Defaults, Reference};
use oci_artifact::{Error, ErrorKind};

use crate::kind::Kind;
use crate::similar::nearest;

/// The most entries of a directory that are counted.
const COUNTED: usize = 1_000_000;

/// The error for a directory, with advice if what lies there is nearly what was wanted. `verb` is the
/// command's; `given` is the path as it was given.
pub(crate) fn directory<K: Kind>(verb: &str, given: &Path, error: Error) -> Error {
    let help = match error.kind() {
        ErrorKind::InvalidDir => url(&given.to_string_lossy()),
        ErrorKind::ManifestMissing => manifest::<K>(verb, given),
        ErrorKind::InvalidManifest => misspelt::<K>(given, &error),
        ErrorKind::TooManyFiles => crowded(given),
        _ => None,
    };
    with(error, help)
}

/// The error with advice, where there is some.
fn with(error: Error, help: Option<String>) -> Error {
    match help {
        Some(help) => error.with_help(help),
        None => error,
    }
}

/// The error for a reference that a store does not have, with advice if it is something else.
pub(crate) fn reference(text: &str, error: Error) -> Error {
    let help = text.split_once("://").and_then(|(scheme, rest)| {
        let is_reference = Reference::parse(rest, Defaults::Strict).is_ok();
        is_reference.then(|| format!("leave out {scheme}://: write {rest}"))
    });
    with(error, help.or_else(|| url(text)))
}

/// The advice for a URL, where a directory was wanted.
fn url(text: &str) -> Option<String> {
    let is_url = text.contains("://") || text.starts_with("git@");
    is_url.then(|| format!("this is a URL: `git clone {text}` first, then name the directory"))
}

/// The advice for what lies where no manifest does: one of the other kind, or one in another place.
pub(crate) fn manifest<K: Kind>(verb: &str, directory: &Path) -> Option<String> {
    let own = Path::new(K::MANIFEST_PATH);
    if directory.join(own).exists() {
        return None;
    }
    let (other, shown) = (K::OTHER.name, directory.display());
    if directory.join(K::OTHER.manifest_path).is_file() {
        return Some(format!("this is a {other}: the command for it is `{other} {verb} {shown}`"));
    }
    let name = own.file_name()?.to_str()?;
    let place = own.parent().filter(|parent| !parent.as_os_str().is_empty());
    if place.is_some() && directory.join(name).is_file() {
        return Some(format!("hosts read it elsewhere: move {name} to {}", own.display()));
    }
    let beside =
        fs::read_dir(place.map_or_else(|| directory.to_owned(), |place| directory.join(place)));
    let names = beside
        .ok()?
        .flatten()
        .take(COUNTED)
        .filter_map(|entry| entry.file_name().into_string().ok());
    let mut cased = names.filter(|found| found.eq_ignore_ascii_case(name));
    let found = cased.next()?;
    Some(format!("the name must match exactly: rename {found} to {name}"))
}

/// The advice for a manifest without a name that has a key like it.
fn misspelt<K: Kind>(directory: &Path, error: &Error) -> Option<String> {
    let first = error.diagnostics().first()?;
    if first.rule != Some("name-missing") {
        return None;
    }
    let text = fs::read_to_string(directory.join(K::MANIFEST_PATH)).ok()?;
    let keys: Vec<String> = match serde_json::from_str::<BTreeMap<String, serde_json::Value>>(&text)
    {
        Ok(members) => members.into_keys().collect(),
        Err(_) => {
            let lines = text.lines().skip(1).take_while(|line| *line != "---");
            lines.filter_map(|line| Some(line.split_once(':')?.0.to_owned())).collect()
        }
    };
    let meant = |key: &&String| nearest(key, ["name"].into_iter()).is_some();
    let key = keys.iter().find(meant)?;
    Some(format!("it has {key:?}: did you mean \"name\"?"))
}

/// The advice for a directory with too many files: how many there are, and where most of them are.
fn crowded(directory: &Path) -> Option<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut todo = vec![(directory.to_owned(), None::<String>)];
    let mut all = 0_usize;
    while let Some((path, top)) = todo.pop() {
        for entry in fs::read_dir(path).ok()?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                // Hidden directories are left out of an artifact.
                if !name.starts_with('.') || top.is_none() && name == ".claude-plugin" {
                    todo.push((entry.path(), Some(top.clone().unwrap_or(name))));
                }
                continue;
            }
            all = all.saturating_add(1);
            if all >= COUNTED {
                return None;
            }
            if let Some(top) = &top {
                let count = counts.entry(top.clone()).or_default();
                *count = count.saturating_add(1);
            }
        }
    }
    let (most, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    Some(format!(
        "there are {all} files, {count} of them below {most}: keep dependencies and build output out \
         of the directory"
    ))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use tempfile::TempDir;
    use toolhive_plugins::Plugin;
    use toolhive_skills::Skill;

    use super::*;

    fn made(files: &[(&str, &str)]) -> TempDir {
        let root = tempfile::tempdir().expect("a directory");
        for (name, text) in files {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().expect("it has one")).expect("a directory");
            fs::write(path, text).expect("a file");
        }
        root
    }

    fn help(error: &Error) -> String {
        let first = error.diagnostics().first().and_then(|first| first.help.as_ref());
        first.map(ToString::to_string).unwrap_or_default()
    }

    fn packaged<K: Kind>(path: &Path) -> String {
        let store = tempfile::tempdir().expect("a directory");
        let store = oci_artifact::store::Store::open(store.path()).expect("opens");
        let options = oci_artifact::packager::PackageOptions::default();
        let absolute = std::path::absolute(path).expect("a path");
        let packaged = oci_artifact::packager::package::<K>(&store, &absolute, &options, &());
        help(&directory::<K>("build", path, packaged.map(drop).expect_err("it is refused")))
    }

    #[test]
    fn what_is_nearly_right_is_answered() {
        let many: Vec<String> =
            (0..1_200).map(|number| format!("node_modules/a/{number}")).collect();
        let mut crowd: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "")).collect();
        crowd.push((".claude-plugin/plugin.json", r#"{"name":"x"}"#));
        let skill = "---\nname: x\ndescription: y\n---\n";
        for (files, kind, advice) in [
            (
                &[("SKILL.md", skill)][..],
                "plugin",
                "this is a skill: the command for it is `skill build",
            ),
            (&[(".claude-plugin/plugin.json", "{}")], "skill", "this is a plugin: the command"),
            (&[("plugin.json", "{}")], "plugin", "move plugin.json to .claude-plugin/plugin.json"),
            (&[("skill.md", skill)], "skill", "rename skill.md to SKILL.md"),
            (
                &[(".claude-plugin/Plugin.json", "{}")],
                "plugin",
                "rename Plugin.json to plugin.json",
            ),
            (
                &[(".claude-plugin/plugin.json", r#"{"nmae":"x"}"#)],
                "plugin",
                "did you mean \"name\"?",
            ),
            (
                &[("SKILL.md", "---\nnam: x\n---\n")],
                "skill",
                "it has \"nam\": did you mean \"name\"?",
            ),
            (&crowd, "plugin", "there are 1201 files, 1200 of them below node_modules"),
        ] {
            let root = made(files);
            let found = match kind {
                "plugin" => packaged::<Plugin>(root.path()),
                _ => packaged::<Skill>(root.path()),
            };
            assert!(found.contains(advice), "{advice}: {found}");
        }
        let url = PathBuf::from("https://github.com/me/x");
        assert!(packaged::<Plugin>(&url).contains("`git clone https://github.com/me/x` first"));
        let missing = || Error::new(ErrorKind::NotFound, "the store has no such tag");
        for (text, advice) in [
            ("docker://ghcr.io/me/x:1", "leave out docker://: write ghcr.io/me/x:1"),
            ("oci://ghcr.io/me/x:1", "leave out oci://: write ghcr.io/me/x:1"),
            ("https://github.com/me/x", "this is a URL"),
            ("git@github.com:me/x", "this is a URL"),
            ("x", ""),
        ] {
            assert!(help(&reference(text, missing())).contains(advice), "{text}");
        }
    }
}
