// SPDX-License-Identifier: Apache-2.0
//! Checks of README and guide: every command and option in them exists.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser as _;
use clap::error::ErrorKind;

use crate::args::Cli;

#[test]
fn every_command_of_the_guide_is_one() {
    let (mut seen, mut wrong) = (0, Vec::new());
    for path in pages() {
        let text = fs::read_to_string(&path).expect("the page can be read");
        for (number, line) in commands(&text) {
            seen += 1;
            let Err(error) = Cli::try_parse_from(words(&line)) else { continue };
            let is_fine = match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => true,
                // In prose a command may stand without what it is done to.
                ErrorKind::MissingRequiredArgument
                | ErrorKind::MissingSubcommand
                | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => number.is_none(),
                _ => false,
            };
            if !is_fine {
                wrong.push(format!("{}: `{line}`: {error}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 50, "only {seen} commands were found: are they looked for in the right way?");
}

#[test]
fn commands_are_found_in_pipelines_and_prose() {
    let text = "`toolhive-oci store path` and `cargo`\n```sh\n# toolhive-oci no\n\
         echo \"$T\" | toolhive-oci login h # why\nR=$(toolhive-oci skill build \"a b\")\n```\n\
         ```yaml\n  run: toolhive-oci store gc > out\n```\n";
    let found: Vec<String> = commands(text).into_iter().map(|(_, line)| line).collect();
    let expected = [
        "toolhive-oci store path",
        "toolhive-oci login h",
        "toolhive-oci skill build \"a b\"",
        "toolhive-oci store gc",
    ];
    assert_eq!(found, expected);
    assert_eq!(
        words("toolhive-oci skill build \"a b\""),
        ["toolhive-oci", "skill", "build", "a b"]
    );
}

/// README and all pages of the guide.
fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let listed = fs::read_dir(root.join("docs")).expect("there is a guide");
    let paths = listed.map(|entry| entry.expect("it can be listed").path());
    let is_page = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "md");
    let mut pages: Vec<PathBuf> = paths.filter(is_page).collect();
    pages.push(root.join("README.md"));
    pages
}

/// The commands of a page; those of a block have the number of their line.
fn commands(text: &str) -> Vec<(Option<usize>, String)> {
    let mut found = Vec::new();
    let mut block = None;
    // A line that goes on is one with the next.
    let text = text.replace("\\\n", "");
    for (number, line) in text.lines().enumerate() {
        match (block, line.strip_prefix("```")) {
            (None, Some(language)) => block = Some(language),
            (Some(_), Some(_)) => block = None,
            (Some("sh" | "yaml"), None) => {
                found.extend(pieces(line).map(|piece| (Some(number + 1), piece)));
            }
            (Some(_), None) => {}
            (None, None) => found.extend(
                line.split('`')
                    .skip(1)
                    .step_by(2)
                    .filter(|code| code.starts_with("toolhive-oci ") && !code.contains('…'))
                    .map(|code| (None, code.to_owned())),
            ),
        }
    }
    found
}

/// The commands of a line of a shell, without what comes before, after and around them.
fn pieces(line: &str) -> impl Iterator<Item = String> {
    let is_comment = line.trim_start().starts_with('#');
    let line = if is_comment { "" } else { line.split(" #").next().unwrap_or(line) };
    let commands = line.split(['|', '&', ';', '(']).flat_map(|piece| {
        let at = piece.find("toolhive-oci ").filter(|at| {
            let before = piece[..*at].trim();
            before.is_empty() || before == "-" || before.ends_with("run:")
        })?;
        let command = piece[at..].split([')', '>']).next()?;
        Some(command.trim().to_owned())
    });
    commands.collect::<Vec<_>>().into_iter()
}

/// The words of a command. What a variable holds is not known; it stands for a reference.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for c in command.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(String::new()),
            c => words.last_mut().expect("there is always one").push(c),
        }
    }
    let filled = |word: String| match word.starts_with('$') {
        true => "127.0.0.1:5000/me/release-notes:1.2.0".to_owned(),
        false => word,
    };
    words.into_iter().filter(|word| !word.is_empty()).map(filled).collect()
}
