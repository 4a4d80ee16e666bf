// SPDX-License-Identifier: Apache-2.0
//! Compresses standard input to a gzip member on standard output, as `gzip -9` does:
//! `cargo run --release -p go-deflate --example gzip < x.tar > x.tar.gz`.

use std::io::{self, Write};

use go_deflate::gzip::Writer;

fn main() -> io::Result<()> {
    let mut member = Writer::new(io::stdout().lock(), 0)?;
    io::copy(&mut io::stdin().lock(), &mut member)?;
    member.finish()?.flush()
}
