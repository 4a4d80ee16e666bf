// SPDX-License-Identifier: Apache-2.0
//! The inputs that are compressed. All of it is made, or is the source text of what we depend on:
//! the same on every machine with the same `Cargo.lock`.

use std::fs;
use std::path::{Path, PathBuf};

use oci_artifact::{Epoch, tar};
use serde_json::{Value, json};
use test_support::segments;

use crate::Result;

/// The number of bytes of source text.
const SOURCE: usize = 60_000_000;

pub(crate) struct Input {
    pub(crate) name: &'static str,
    pub(crate) bytes: Vec<u8>,
}

/// A tar of the source files below those directories, as many as make 60 MB.
pub(crate) fn source(dirs: &[PathBuf]) -> Result<Input> {
    let mut writer = tar::Writer::new(Vec::with_capacity(SOURCE), Epoch::default());
    let (mut total, mut number) = (0, 0);
    for dir in dirs {
        let mut files = Vec::new();
        find(dir, &mut files)?;
        files.sort();
        for file in files {
            if total >= SOURCE {
                break;
            }
            let content = fs::read(&file)?;
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let path = format!("{number:06}/{name}");
            writer.append(path.as_bytes(), 0o644, content.len() as u64, &mut &content[..])?;
            total += content.len();
            number += 1;
        }
    }
    Ok(Input { name: "source text", bytes: writer.finish()? })
}

fn find(dir: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            find(&path, files)?;
        } else if path.extension().is_some_and(|end| end == "rs" || end == "md" || end == "c") {
            files.push(path);
        }
    }
    Ok(())
}

/// Inputs at which encoders stumble.
pub(crate) fn hard() -> Result<Vec<Input>> {
    let executable = fs::read(std::env::current_exe()?)?;
    let made = |name, value: Value| Input { name, bytes: segments::build(&value) };
    let period = segments::build(&json!([{"op": "random", "n": 1_000}]));
    Ok(vec![
        Input { name: "ELF", bytes: executable },
        Input { name: "JSON lines", bytes: json_lines(8_000_000) },
        made("words", json!([{"op": "words", "n": 8_000_000}])),
        made("random", json!([{"op": "random", "n": 8_000_000}])),
        Input { name: "sparse", bytes: sparse(4_000_000) },
        Input { name: "period 1000", bytes: period.into_iter().cycle().take(16_000_000).collect() },
        Input { name: "zeros", bytes: vec![0; 16_000_000] },
        made("4 letters", json!([{"op": "skewed", "n": 2_000_000, "k": 4}])),
        made("2 letters", json!([{"op": "skewed", "n": 1_000_000, "k": 2}])),
        Input { name: "2 even letters", bytes: even(1_000_000, 2) },
    ])
}

/// Inputs whose instructions are counted.
pub(crate) fn fixed() -> Vec<Input> {
    let made = |name, value: Value| Input { name, bytes: segments::build(&value) };
    vec![
        made("words", json!([{"op": "words", "n": 1_000_000}])),
        Input { name: "JSON lines", bytes: json_lines(1_000_000) },
        made("random", json!([{"op": "random", "n": 500_000}])),
        Input { name: "zeros", bytes: vec![0; 1_000_000] },
        Input { name: "sparse", bytes: sparse(300_000) },
        made("2 letters", json!([{"op": "skewed", "n": 60_000, "k": 2}])),
        made("small", json!([{"op": "words", "n": 2_000}])),
    ]
}

/// A linear congruential generator: the same numbers everywhere.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

/// One byte in twenty is random, the others are zero.
fn sparse(n: usize) -> Vec<u8> {
    let mut numbers = Numbers(1);
    (0..n).map(|_| if numbers.next(20) == 0 { numbers.next(256) as u8 } else { 0 }).collect()
}

/// Letters that are equally frequent.
fn even(n: usize, letters: u64) -> Vec<u8> {
    let mut numbers = Numbers(2);
    (0..n).map(|_| b'a' + numbers.next(letters) as u8).collect()
}

/// A log as programs write it.
fn json_lines(n: usize) -> Vec<u8> {
    let mut numbers = Numbers(3);
    let mut bytes = Vec::new();
    let levels = ["debug", "info", "warn", "error"];
    let verbs = ["opened", "closed", "read", "wrote", "verified", "pushed"];
    let mut time = 1_700_000_000_000_u64;
    while bytes.len() < n {
        time += numbers.next(5_000);
        let line = json!({
            "time": time,
            "level": levels[numbers.next(4) as usize],
            "message": format!("{} blob {}", verbs[numbers.next(6) as usize], numbers.next(1_000)),
            "digest": format!("sha256:{:016x}", numbers.next(1 << 31) * numbers.next(1 << 31)),
            "bytes": numbers.next(10_000_000),
            "thread": numbers.next(16),
        });
        bytes.extend(line.to_string().bytes());
        bytes.push(b'\n');
    }
    bytes.truncate(n);
    bytes
}
