// SPDX-License-Identifier: Apache-2.0
//! The encoders, each as a function from an input to the size of its output.

use std::hint::black_box;
use std::io::Write;
use std::num::NonZeroUsize;
use std::process::{Command, Stdio};
use std::thread;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use libdeflater::{CompressionLvl, Compressor};
use go_deflate::{Threads, Writer, compress};
use sha2::{Digest, Sha256};

use crate::Result;

pub(crate) const ROUNDS: usize = 7;

pub(crate) struct Contestant {
    pub(crate) name: String,
    /// The number of times that it runs.
    pub(crate) rounds: usize,
    pub(crate) run: Box<dyn Fn(&[u8]) -> Result<usize>>,
}

fn contestant(
    name: impl Into<String>,
    run: impl Fn(&[u8]) -> Result<usize> + 'static,
) -> Contestant {
    Contestant { name: name.into(), rounds: ROUNDS, run: Box::new(run) }
}

/// Ours, the default one, with that many threads.
pub(crate) fn ours(threads: usize) -> Contestant {
    let name = if threads == 1 { "1 thread".into() } else { format!("{threads} threads") };
    frozen(name, go_deflate::Encoder::Go126, threads)
}

/// Ours of Go 1.27 with that many threads.
pub(crate) fn go127(threads: usize) -> Contestant {
    let name = format!("go1.27, {threads} thread{}", if threads == 1 { "" } else { "s" });
    frozen(name, go_deflate::Encoder::Go127, threads)
}

fn frozen(name: String, encoder: go_deflate::Encoder, threads: usize) -> Contestant {
    contestant(name, move |input| {
        let threads = Threads::new(NonZeroUsize::new(threads).ok_or("no thread")?);
        let mut encoder = Writer::with_encoder(Vec::new(), encoder, threads);
        encoder.write_all(input)?;
        Ok(encoder.finish()?.len())
    })
}

/// An encoder for each half of the input, both at once: the best that two cores of this machine can
/// do.
pub(crate) fn halves() -> Contestant {
    contestant("1 thread for each half", |input| {
        let (front, back) = input.split_at(input.len() / 2);
        thread::scope(|scope| {
            let other = scope.spawn(|| compress(front).len());
            let own = compress(back).len();
            Ok(own + other.join().map_err(|_| "an encoder has died")?)
        })
    })
}

pub(crate) fn zlib_rs() -> Contestant {
    contestant("zlib-rs 9", |input| {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(input)?;
        Ok(encoder.finish()?.len())
    })
}

pub(crate) fn miniz() -> Contestant {
    contestant("miniz_oxide 9", |input| Ok(miniz_oxide::deflate::compress_to_vec(input, 9).len()))
}

pub(crate) fn libdeflate(level: i32) -> Contestant {
    contestant(format!("libdeflate {level}"), move |input| {
        let level = CompressionLvl::new(level).map_err(|_| "no such level")?;
        let mut compressor = Compressor::new(level);
        let mut output = vec![0; compressor.deflate_compress_bound(input.len())];
        let size = compressor.deflate_compress(input, &mut output);
        Ok(size.map_err(|_| "no room")?)
    })
}

/// The SHA-256 of an input, which has to be computed in any case.
pub(crate) fn sha256() -> Contestant {
    contestant("sha256 of the input", |input| {
        black_box(Sha256::digest(input));
        Ok(32)
    })
}

/// A program that compresses its standard input, if it is installed.
pub(crate) fn program(name: &'static str, args: &'static [&'static str]) -> Option<Contestant> {
    Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
    let shown = [&[name], args].concat().join(" ");
    Some(contestant(shown, move |input| {
        let mut child =
            Command::new(name).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut stdin = child.stdin.take().ok_or("no input")?;
        thread::scope(|scope| {
            let writer = scope.spawn(move || stdin.write_all(input));
            let output = child.wait_with_output()?;
            writer.join().map_err(|_| "the writer has died")??;
            Ok(output.stdout.len())
        })
    }))
}
