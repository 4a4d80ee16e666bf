// SPDX-License-Identifier: Apache-2.0
//! Instructions that fixed inputs take, as callgrind counts them: they do not depend on what else
//! the machine does, so a small loss is seen.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Result, workspace};

/// Instructions by the input's name.
type Counts = BTreeMap<String, u64>;

/// The growth that is too much, in percent.
const TOLERANCE: f64 = 3.0;

/// Counts again and compares with the record.
pub(crate) fn check() -> Result<()> {
    let recorded: Counts = serde_json::from_slice(&fs::read(record())?)?;
    let mut grown = Vec::new();
    for (name, now) in count()? {
        let Some(before) = recorded.get(&name) else {
            return Err(format!("{name}: not recorded: run `cargo xtask bench --bless`").into());
        };
        let percent = (now as f64 / *before as f64 - 1.0) * 100.0;
        println!("{name:19} {now:>14} instructions {percent:+6.2} %");
        if percent.abs() > TOLERANCE {
            grown.push(name);
        }
    }
    if grown.is_empty() {
        return Ok(());
    }
    let list = grown.join(", ");
    let what = format!("more than {TOLERANCE} % off the record; if that is well, bless it");
    Err(format!("{list}: {what}").into())
}

/// Counts and records.
pub(crate) fn bless() -> Result<()> {
    let text = serde_json::to_string_pretty(&count()?)?;
    Ok(fs::write(record(), text + "\n")?)
}

fn record() -> PathBuf {
    workspace::root().join("bench/instructions.json")
}

fn count() -> Result<Counts> {
    let binary = super::build()?;
    let names = Command::new(&binary).arg("names").output()?.stdout;
    let names = String::from_utf8(names)?;
    names.lines().map(|name| Ok((name.to_owned(), count_one(&binary, name)?))).collect()
}

fn count_one(binary: &Path, name: &str) -> Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .args(["--collect-atstart=no", "--toggle-collect=*counted*"])
        .arg(binary)
        .args(["count", name])
        .output()
        .map_err(|error| format!("valgrind: {error} (apt-get install valgrind)"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().find_map(|line| line.split_once("Collected : "));
    let (_, number) = line.ok_or_else(|| format!("callgrind counted nothing: {text}"))?;
    let number: u64 = number.trim().parse()?;
    // Not inlined, it takes a million.
    if number < 1_000 { Err("callgrind does not find the function".into()) } else { Ok(number) }
}
