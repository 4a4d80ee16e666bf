// SPDX-License-Identifier: Apache-2.0
//! The encoder as a writer and as a reader: what goes wrong around it, and how much it holds.

use std::io::{self, ErrorKind, Read, Write};

use go_deflate::{Reader, Writer, compress};
use test_support::segments;

fn input() -> Vec<u8> {
    segments::build(&serde_json::json!([{"op": "words", "n": 300_000, "seed": 3}]))
}

/// Takes a few bytes at a time, and fails every third time.
struct Reluctant {
    taken: Vec<u8>,
    calls: usize,
    error: ErrorKind,
}

impl Write for Reluctant {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.calls += 1;
        if self.calls.is_multiple_of(3) {
            return Err(self.error.into());
        }
        let n = bytes.len().min(1_000);
        self.taken.extend_from_slice(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_writer_may_be_interrupted_and_take_little() {
    let input = input();
    let writer = Reluctant { taken: Vec::new(), calls: 0, error: ErrorKind::Interrupted };
    let mut encoder = Writer::new(writer);
    encoder.write_all(&input).expect("goes on");
    assert_eq!(encoder.finish().expect("goes on").taken, compress(&input));
}

#[test]
fn a_stream_does_not_depend_on_those_that_a_thread_made_before() {
    let input = input();
    let alone = std::thread::spawn({
        let input = input.clone();
        move || compress(&input)
    });
    let alone = alone.join().expect("no panic");
    // One that is finished leaves its matcher to the next one.
    for length in [1, 8_191, 32_768, 65_537, 150_000] {
        let run = vec![b'x'; length];
        for before in [&input[length..2 * length], &run] {
            let mut encoder = Writer::new(Vec::new());
            encoder.write_all(before).expect("memory");
            encoder.finish().expect("memory");
            assert!(compress(&input) == alone, "{length}");
        }
    }
}

#[test]
fn a_write_that_failed_may_be_tried_again() {
    let input = input();
    let writer = Reluctant { taken: Vec::new(), calls: 0, error: ErrorKind::WouldBlock };
    let mut encoder = Writer::new(writer);
    let mut rest = &input[..];
    let mut failures = 0;
    while !rest.is_empty() {
        match encoder.write(rest) {
            Ok(n) => rest = &rest[n..],
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                failures += 1;
            }
        }
    }
    while encoder.flush().is_err() {
        failures += 1;
    }
    assert!(failures > 10);
    // Nothing was lost, and nothing came twice.
    let stream = compress(&input);
    let taken = &encoder.get_ref().taken;
    assert_eq!(stream.get(..taken.len()), Some(&taken[..]));
    assert!(taken.len() > 10_000, "{}", taken.len());
}

#[test]
fn a_writer_that_takes_nothing_is_an_error() {
    let mut encoder = Writer::new(&mut [][..]);
    encoder.write_all(b"a").expect("is held");
    let error = encoder.finish().err().map(|error| error.kind());
    assert_eq!(error, Some(ErrorKind::WriteZero));
}

/// Fails now and then, and says each time that it was only interrupted.
struct Hesitant<'a>(&'a [u8], usize);

impl Read for Hesitant<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 += 1;
        if self.1.is_multiple_of(2) {
            return Err(ErrorKind::Interrupted.into());
        }
        self.0.read(buffer)
    }
}

#[test]
fn a_reader_may_be_interrupted() {
    let input = input();
    let mut stream = Vec::new();
    Reader::new(Hesitant(&input, 0)).read_to_end(&mut stream).expect("goes on");
    assert_eq!(stream, compress(&input));
}

#[test]
fn a_reader_yields_nothing_after_the_end() {
    let mut reader = Reader::new(io::empty());
    let mut stream = Vec::new();
    reader.read_to_end(&mut stream).expect("an empty reader can be read");
    assert_eq!(stream, compress(b""));
    assert_eq!(reader.read(&mut [0; 10]).expect("is at its end"), 0);
    assert_eq!(reader.read(&mut []).expect("is at its end"), 0);
}

/// The most bytes that came in one write.
struct Largest(usize);

impl Write for Largest {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.max(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn output_does_not_wait_however_much_is_written_at_once_d_8() {
    let random = segments::build(&serde_json::json!([{"op": "random", "n": 1_000_000}]));
    let mut encoder = Writer::new(Largest(0));
    encoder.write_all(&random).expect("it takes all");
    let largest = encoder.finish().expect("it takes all").0;
    assert!(largest < 64 * 1_024, "{largest}");
}
