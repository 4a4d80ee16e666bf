// SPDX-License-Identifier: Apache-2.0
//! The inputs of the golden vectors, which are given as a list of segments: each is `{"op": …, "n":
//! …, "seed": …, "k": …, "hex": …}` and appends to the bytes built so far.

use serde_json::Value;

/// The words of op `words`; the generator picks one of these 64.
const WORDS: [&str; 64] = [
    "plugin",
    "skill",
    "agent",
    "command",
    "hook",
    "manifest",
    "index",
    "layer",
    "config",
    "digest",
    "registry",
    "push",
    "pull",
    "the",
    "a",
    "of",
    "and",
    "to",
    "in",
    "is",
    "for",
    "on",
    "with",
    "as",
    "by",
    "file",
    "path",
    "mode",
    "tool",
    "hive",
    "claude",
    "server",
    "open",
    "read",
    "write",
    "run",
    "list",
    "tag",
    "blob",
    "store",
    "oci",
    "image",
    "layout",
    "platform",
    "linux",
    "amd64",
    "arm64",
    "version",
    "license",
    "name",
    "description",
    "requires",
    "component",
    "script",
    "shell",
    "python",
    "markdown",
    "# Heading",
    "- item",
    "`code`",
    "https://example.com/",
    "0.1.0",
    "{",
    "}",
];

/// Returns the bytes that `segments`, a JSON array, describes.
///
/// # Panics
/// If it is not an array of segments.
pub fn build(segments: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    for segment in segments.as_array().expect("segments are an array") {
        append(&mut bytes, segment);
    }
    bytes
}

fn append(bytes: &mut Vec<u8>, segment: &Value) {
    let number = |field: &str| segment[field].as_u64().unwrap_or(0);
    let n = usize::try_from(number("n")).expect("n fits");
    let k = number("k");
    let mut generator = Generator::new(number("seed"));
    match segment["op"].as_str().expect("op is a string") {
        "hex" => bytes.extend(unhex(segment["hex"].as_str().expect("hex is a string"))),
        "random" => bytes.extend((0..n).map(|_| (generator.next() >> 56) as u8)),
        "skewed" => bytes.extend((0..n).map(|_| {
            let x = (generator.next() >> 33) % k;
            let y = (generator.next() >> 33) % k;
            x.min(y) as u8
        })),
        "words" => words(bytes, n, &mut generator),
        "repeat" => bytes.extend(std::iter::repeat_n(k as u8, n)),
        "copy" => {
            for _ in 0..n {
                bytes.push(bytes[bytes.len() - k as usize]);
            }
        }
        other => panic!("unknown op {other:?}"),
    }
}

fn unhex(text: &str) -> impl Iterator<Item = u8> {
    assert!(text.len().is_multiple_of(2), "hex has an even length");
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("is hex"))
}

fn words(bytes: &mut Vec<u8>, n: usize, generator: &mut Generator) {
    let end = bytes.len() + n;
    let mut count = 0_u64;
    while bytes.len() < end {
        let word = WORDS[((generator.next() >> 33) % 64) as usize];
        bytes.extend_from_slice(word.as_bytes());
        count += 1;
        bytes.push(if count.is_multiple_of(12) { b'\n' } else { b' ' });
    }
    bytes.truncate(end);
}

/// The generator of the vectors: xorshift64*.
struct Generator(u64);

impl Generator {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
}
