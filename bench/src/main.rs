// SPDX-License-Identifier: Apache-2.0
//! Benchmark of the frozen encoders beside others. `cargo xtask bench` runs it:
//!
//! - `bench table DIR...`: tables of ratios. The source text is what lies in those directories.
//! - `bench count NAME`: encodes a fixed input once, for callgrind to count its instructions.
//! - `bench names`: the names of the fixed inputs.

mod inputs;
mod encoders;
mod table;

use std::hint::black_box;
use std::path::PathBuf;

use go_deflate::Encoder;

/// The prefix of the names of inputs that are encoded as Go 1.27 does.
const GO127: &str = "go1.27 ";

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["table", dirs @ ..] => {
            let dirs: Vec<PathBuf> = dirs.iter().map(PathBuf::from).collect();
            table::print(&inputs::source(&dirs)?, &inputs::hard()?)
        }
        ["count", name] => {
            let inputs = inputs::fixed();
            let (encoder, name) = match name.strip_prefix(GO127) {
                Some(name) => (Encoder::Go127, name),
                None => (Encoder::Go126, *name),
            };
            let wanted = inputs.into_iter().find(|input| input.name == name);
            counted(encoder, &wanted.ok_or("no such input")?.bytes);
            Ok(())
        }
        ["names"] => {
            for prefix in ["", GO127] {
                inputs::fixed().iter().for_each(|input| println!("{prefix}{}", input.name));
            }
            Ok(())
        }
        _ => Err("bench table DIR... | bench count NAME | bench names".into()),
    }
}

/// Encodes an input; callgrind knows this function by its name and counts its instructions.
#[inline(never)]
fn counted(encoder: Encoder, input: &[u8]) {
    black_box(go_deflate::compress_with(encoder, black_box(input)));
}
