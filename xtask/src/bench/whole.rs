// SPDX-License-Identifier: Apache-2.0
//! Whole builds: from the start of the process to the tag on the disk.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::{Result, packaging};

/// The number of times that a small plugin is built.
const ROUNDS: usize = 51;
/// The number of skills that are built at once.
const SKILLS: usize = 14_000;

pub(super) fn print() -> Result<()> {
    let binary = packaging::Build::Shipped.binary()?;
    let place = TempDir::new()?;

    let plugin = place.path().join("plugin");
    write_plugin(&plugin)?;
    // Another time makes another artifact, of which a store has nothing yet.
    let build = |store: &str, round: usize| {
        let words = ["plugin", "build", "--epoch", &round.to_string()];
        time(&binary, &place.path().join(store), &words, &plugin)
    };
    let into_old = (0..ROUNDS).map(|round| build("store", round)).collect::<Result<_>>()?;
    let into_new = (0..ROUNDS).map(|round| build(&format!("store-{round}"), round));
    let (into_old, into_new) = (median(into_old), median(into_new.collect::<Result<_>>()?));

    let skills = place.path().join("skills");
    for number in 0..SKILLS {
        write_skill(&skills, number)?;
    }
    let store = place.path().join("skill-store");
    let all = time(&binary, &store, &["skill", "build", "--all"], &skills)?;
    let each = all.as_secs_f64() * 1e3 / SKILLS as f64;

    println!("\nWhole builds\n\n| | ms |\n| --- | --- |");
    println!("| a plugin of 10 files | {into_old:.1} |");
    println!("| the same into a new store | {into_new:.1} |");
    println!("| each of {SKILLS} small skills, with `build --all` | {each:.2} |");
    Ok(())
}

/// Returns the median of times, in milliseconds.
fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1e3
}

fn time(binary: &Path, store: &Path, words: &[&str], path: &Path) -> Result<Duration> {
    let start = Instant::now();
    let status = Command::new(binary)
        .arg("--quiet")
        .arg("--store")
        .arg(store)
        .args(words)
        .arg(path)
        .stdout(Stdio::null())
        .status()?;
    let time = start.elapsed();
    if status.success() { Ok(time) } else { Err("the build failed".into()) }
}

fn write_plugin(root: &Path) -> Result<()> {
    fs::create_dir_all(root.join(".claude-plugin"))?;
    fs::create_dir_all(root.join("commands"))?;
    let manifest = r#"{"name": "bench", "version": "1.0.0", "description": "Ten files"}"#;
    fs::write(root.join(".claude-plugin/plugin.json"), manifest)?;
    for number in 0..9 {
        let text = format!("---\ndescription: Number {number}\n---\n{}", prose(number, 3_000));
        fs::write(root.join(format!("commands/{number}.md")), text)?;
    }
    Ok(())
}

fn write_skill(root: &Path, number: usize) -> Result<()> {
    let root = root.join(format!("{}/skill-{number}", number / 100));
    fs::create_dir_all(root.join("scripts"))?;
    let head = format!("---\nname: skill-{number}\ndescription: Does thing {number}\n---\n");
    fs::write(root.join("SKILL.md"), head + &prose(number, 1_500))?;
    fs::write(root.join("reference.md"), prose(number + 1, 1_000))?;
    fs::write(root.join("scripts/run.sh"), format!("#!/bin/sh\necho {number}\n"))?;
    Ok(())
}

/// Makes that many bytes of text.
fn prose(seed: usize, bytes: usize) -> String {
    const WORDS: [&str; 16] = [
        "the", "agent", "reads", "a", "file", "and", "writes", "what", "it", "found", "into",
        "report", "before", "tests", "run", "again",
    ];
    let mut state = seed as u64 + 1;
    let mut text = String::new();
    while text.len() < bytes {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        text.push_str(WORDS[(state >> 60) as usize]);
        text.push(if state >> 55 & 15 == 0 { '\n' } else { ' ' });
    }
    text
}
