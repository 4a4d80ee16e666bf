// SPDX-License-Identifier: Apache-2.0
//! The files that a command runs, and whether it can (S-38 to S-42).

use super::reference::{Base, Reference, references};
use super::{Analysis, Place, Problem};
use crate::files::{Head, Packed};
use crate::inventory::{Elsewhere, Main, PluginFile, Position};
use crate::path;
use crate::shell::{Simple, Word};

/// Programs whose first file argument is what runs (S-39).
fn is_interpreter(program: &str) -> bool {
    program.starts_with("python")
        || matches!(
            program,
            "sh" | "bash"
                | "zsh"
                | "dash"
                | "ksh"
                | "pwsh"
                | "powershell"
                | "cmd"
                | "node"
                | "deno"
                | "bun"
                | "ruby"
                | "perl"
                | "php"
                | "uv"
                | "npx"
                | "tsx"
                | "source"
                | "."
                | "bunx"
                | "ts-node"
                | "osascript"
                | "lua"
                | "Rscript"
                | "java"
                | "dotnet"
        )
}

/// Whether a program's code follows that flag, or a module's name.
fn is_code_flag(program: &str, flag: &str) -> bool {
    match program {
        "sh" | "bash" | "zsh" | "dash" | "ksh" => {
            flag.starts_with('-') && !flag.starts_with("--") && flag.contains('c')
        }
        "node" | "bun" | "deno" => matches!(flag, "-e" | "-p" | "--eval" | "--print" | "eval"),
        "ruby" | "perl" | "lua" | "osascript" | "Rscript" => flag == "-e",
        "php" => flag == "-r",
        "pwsh" | "powershell" => {
            flag.eq_ignore_ascii_case("-command") || flag.eq_ignore_ascii_case("-c")
        }
        python => python.starts_with("python") && matches!(flag, "-c" | "-m"),
    }
}

/// Programs that make, remove or test files, so that one that is not there yet is no mistake.
const EXPECT_ABSENCE: [&str; 15] = [
    "[", "[[", "test", "mkdir", "touch", "rm", "mktemp", "tee", "ln", "cp", "mv", "install",
    "export", "echo", "printf",
];

/// Notes every file that the command names.
pub(super) fn analyse(simple: &Simple, place: Place<'_>, analysis: &mut Analysis) {
    let program_at = simple.program_at();
    let program = simple.program().map_or(String::new(), |(name, _)| name);
    let interprets = is_interpreter(&program);
    let mut main_found = false;
    for (at, word) in simple.words.iter().enumerate() {
        let is = if Some(at) == program_at { Position::Program } else { Position::Argument };
        let after_program = program_at.is_some_and(|program| at > program);
        // The program stands on the command line itself: there is no file.
        main_found |= after_program && is_code_flag(&program, &word.text);
        for reference in references(&word.raw) {
            let leading = reference.leads;
            let runs = match is {
                Position::Program => leading,
                Position::Argument => interprets && after_program && leading && !main_found,
            };
            main_found |= runs;
            let expected =
                EXPECT_ABSENCE.contains(&program.as_str()) || word.assignment().is_some();
            note(&reference, runs.then_some(is), !runs && expected, place, analysis);
        }
        if runs_by_path(word, is) {
            let is_script = is == Position::Argument
                && interprets
                && after_program
                && !main_found
                && !matches!(program.as_str(), "npx" | "bunx");
            if is_script || is == Position::Program {
                main_found |= is_script;
                // The switches of Windows' own shell look like paths.
                if program != "cmd" || !word.text.starts_with('/') {
                    runs(&word.text, is, place, analysis);
                }
            }
        }
    }
    for word in simple.reads.iter() {
        for reference in references(&word.raw) {
            note(&reference, None, false, place, analysis);
        }
    }
}

/// Returns a directory that a word names, if it is one of the plugin's.
pub(super) fn directory(word: &Word, place: Place<'_>) -> Option<String> {
    if let Some(reference) = references(&word.raw).first() {
        return match (reference.base, reference.goes_on) {
            (Base::Plugin, false) => path::join("", &reference.path),
            (Base::Skill, false) => path::join(place.skill?, &reference.path),
            _ => None,
        };
    }
    path::join(place.directory?, &word.text)
}

/// Whether a word is the path of a file that is run: for a program, if it has a `/`; for an
/// interpreter's argument, if it is neither a flag nor an expansion.
fn runs_by_path(word: &Word, is: Position) -> bool {
    let text = &word.text;
    if text.contains(['$', '%', '`', '*']) || !references(&word.raw).is_empty() {
        return false;
    }
    match is {
        _ if is_windows_path(text) => true,
        Position::Program => text.contains('/'),
        Position::Argument => {
            let has_extension = path::name(text).rsplit_once('.').is_some_and(|(stem, end)| {
                !stem.is_empty() && end.chars().all(|c| c.is_ascii_alphanumeric())
            });
            !text.starts_with(['-', '@'])
                && !text.contains([' ', '\n', ':', '='])
                && (has_extension || text.contains('/') || text == "artisan")
        }
    }
}

/// Whether it is an absolute path of Windows: `C:\\x` or `C:/x`.
fn is_windows_path(text: &str) -> bool {
    matches!(text.as_bytes(), [drive, b':', b'\\' | b'/', ..] if drive.is_ascii_alphabetic())
}

/// Notes that a path is run that does not start from a variable: from the working directory, or absolute.
pub(super) fn runs(text: &str, is: Position, place: Place<'_>, analysis: &mut Analysis) {
    const WINDOWS: [&str; 2] = ["\\Windows\\", "\\Program Files"];
    const SYSTEM: [&str; 7] =
        ["/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/local/bin/", "/opt/", "/dev/"];
    let is_windows = is_windows_path(text);
    if is_windows || text.starts_with('/') {
        let (path, system) = match is_windows {
            true => (text.get(2..).unwrap_or_default(), WINDOWS.as_slice()),
            false => (text, SYSTEM.as_slice()),
        };
        if !system.iter().any(|directory| path.starts_with(directory)) {
            analysis.usage.runs_file_of.push(Elsewhere::Absolute);
        }
        return;
    }
    match place.directory {
        // A word that names nothing there may be no path at all.
        Some(directory) => {
            if let Some(path) = path::join(directory, text)
                && place.files.get(&path).is_some()
            {
                let reference = Reference {
                    base: Base::Plugin,
                    path,
                    leads: true,
                    goes_on: false,
                    quoted: true,
                    windows: false,
                };
                note(&reference, Some(is), false, place, analysis);
            }
        }
        None if text.contains("://") => {}
        None => analysis.usage.runs_file_of.push(Elsewhere::Project),
    }
}

/// Notes one reference and checks it (S-40): the position in which it is run, if it is; a file that is not there is
/// no mistake if it is `expected` to be made.
fn note(
    reference: &Reference,
    runs: Option<Position>,
    expected: bool,
    place: Place<'_>,
    analysis: &mut Analysis,
) {
    let elsewhere = match reference.base {
        Base::Plugin | Base::Skill => None,
        Base::Data => Some(Elsewhere::Data),
        Base::Home => Some(Elsewhere::Home),
        Base::Project => Some(Elsewhere::Project),
    };
    if let Some(elsewhere) = elsewhere {
        // The directory itself is handed over, not run.
        let is_run = runs.is_some() && !reference.path.is_empty();
        return analysis.usage.runs_file_of.extend(is_run.then_some(elsewhere));
    }
    let base = if reference.base == Base::Plugin { Some("") } else { place.skill };
    let Some(base) = base else { return };
    let mut complain = |code, message| analysis.problems.push(Problem::new(code, message));
    let Some(full) = path::join(base, &reference.path) else {
        return complain("ref-missing", format!("{} leads out of the plugin", reference.path));
    };
    let full = lenient(&full, place);
    let entry = place.files.get(&full).filter(|entry| entry.packed == Packed::Kept);
    let exists = entry.is_some() || place.files.is_directory(&full);
    // What the shell makes of it is not known; only what is there is worth a word.
    if (reference.goes_on && entry.is_none()) || (!reference.goes_on && !exists && expected) {
        return;
    }
    match entry {
        None if !exists => {
            let why = match place.files.get(&full) {
                Some(_) => "is hidden, so the packager leaves it out",
                None => "does not exist",
            };
            complain("ref-missing", format!("{full} {why}"));
        }
        Some(entry) if runs == Some(Position::Program) => {
            // Windows starts these by their names; a `.cmd` may be for every shell.
            let windows = [".cmd", ".bat", ".ps1", ".exe"].iter().any(|end| full.ends_with(end));
            let needs_bit = !windows || (full.ends_with(".cmd") && !reference.windows);
            if !entry.is_executable() && needs_bit {
                complain("not-executable", format!("{full} is started, but is not executable"));
            } else if entry.head == Head::Unknown && entry.is_executable() && !windows {
                complain("no-shebang", format!("{full} is started, but has no `#!` line"));
            }
        }
        _ => {}
    }
    analysis.usage.plugin_files.push(PluginFile {
        path: full,
        position: runs.unwrap_or(Position::Argument),
        exists,
        mode: entry.map(|entry| entry.git_mode()),
        sha256: entry.map(|entry| entry.sha256.clone()),
        main: if runs.is_some() { Main::Yes } else { Main::No },
    });
}

/// Returns the path, or its part before punctuation that belongs to what surrounds it, if only that is there.
fn lenient(full: &str, place: Place<'_>) -> String {
    let there = |path: &str| place.files.get(path).is_some() || place.files.is_directory(path);
    if there(full) {
        return full.to_owned();
    }
    let cut = full.split([':', ',']).next().unwrap_or(full);
    let trimmed = full.trim_end_matches(['}', ']', '.', ',', ':', '/']);
    let found = [cut, trimmed].into_iter().find(|path| !path.is_empty() && there(path));
    found.unwrap_or(full).to_owned()
}
