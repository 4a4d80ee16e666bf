// SPDX-License-Identifier: Apache-2.0
//! How fast the frozen encoder is, beside others. `cargo xtask bench` runs it:
//!
//! - `bench table DIR...`: tables of ratios. The source text is what lies in those directories.
//! - `bench count NAME`: encodes a fixed input once, for callgrind to count its instructions.
//! - `bench names`: the names of the fixed inputs.

mod inputs;
mod encoders;
mod table;

use std::hint::black_box;
use std::path::PathBuf;

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
            let wanted = inputs.into_iter().find(|input| input.name == *name);
            counted(&wanted.ok_or("no such input")?.bytes);
            Ok(())
        }
        ["names"] => {
            inputs::fixed().iter().for_each(|input| println!("{}", input.name));
            Ok(())
        }
        _ => Err("bench table DIR... | bench count NAME | bench names".into()),
    }
}

/// What callgrind counts; it knows it by its name.
#[inline(never)]
fn counted(input: &[u8]) {
    black_box(oci_artifact::deflate::compress(black_box(input)));
}
