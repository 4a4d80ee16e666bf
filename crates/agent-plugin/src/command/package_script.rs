// SPDX-License-Identifier: Apache-2.0
//! `npm run X` and its like: the script behind it is what runs (S-54).

use super::{Analysis, Follow, Place, shell, target};
use crate::document;
use crate::shell::{Simple, Word};

/// Options that say in which directory.
const DIRECTORY: [&str; 4] = ["--cwd", "--prefix", "-C", "--dir"];

/// Looks into the script of the package.json that the command runs.
pub(super) fn follow(simple: &Simple, place: Place<'_>, analysis: &mut Analysis) {
    let Some((program, arguments)) = simple.program() else { return };
    let runs_scripts = matches!(program.as_str(), "bun" | "npm" | "pnpm" | "yarn");
    if !runs_scripts || place.follow == Follow::No || analysis.indirect.is_some() {
        return;
    }
    let mut directory = place.directory.map(str::to_owned);
    let mut words: Vec<&str> = Vec::new();
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        if DIRECTORY.contains(&word.text.as_str()) {
            directory = rest.next().and_then(|word| target::directory(word, place));
        } else if let Some((option, value)) = word.text.split_once('=')
            && DIRECTORY.contains(&option)
        {
            directory = target::directory(&Word::plain(value), place);
        } else if !word.text.starts_with('-') {
            words.push(&word.text);
        }
    }
    let name = match words.as_slice() {
        ["run" | "run-script", name, ..] => *name,
        ["start" | "test", ..] => words.first().copied().unwrap_or_default(),
        [name, ..] if program != "npm" => *name,
        _ => return,
    };
    let Some(directory) = directory else { return };
    let Some(path) = crate::path::join(&directory, "package.json") else { return };
    let Some(bytes) = place.files.bytes(&path) else { return };
    let Some(package) = document::parse_quietly(bytes, place.files.limits()) else { return };
    let script = package.get("scripts").and_then(|scripts| scripts.get(name)?.as_string());
    let Some(script) = script else { return };
    // One level: a script may run itself.
    let place = Place { directory: Some(&directory), follow: Follow::No, ..place };
    let mut inner = shell(&script, place);
    for fetch in &mut inner.usage.fetches {
        fetch.indirect = Some(name.to_owned());
    }
    analysis.absorb(inner);
    analysis.indirect = Some(script);
}
