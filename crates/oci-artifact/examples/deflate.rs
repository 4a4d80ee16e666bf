// SPDX-License-Identifier: Apache-2.0
//! Compresses standard input to a gzip member on standard output, as `gzip -9` does:
//! `cargo run --release -p oci-artifact --example deflate < x.tar > x.tar.gz`.

use std::io::{self, Read, Write};

use oci_artifact::deflate::Encoder;

fn main() -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 0xff])?;
    let mut encoder = Encoder::new(output);
    let (mut crc, mut size) = (crc32fast::Hasher::new(), 0_u32);
    let mut input = io::stdin().lock();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let n = input.read(&mut buffer)?;
        let Some(part) = buffer.get(..n).filter(|part| !part.is_empty()) else { break };
        crc.update(part);
        size = size.wrapping_add(n as u32);
        encoder.write_all(part)?;
    }
    let mut output = encoder.finish()?;
    output.write_all(&crc.finalize().to_le_bytes())?;
    output.write_all(&size.to_le_bytes())?;
    output.flush()
}
