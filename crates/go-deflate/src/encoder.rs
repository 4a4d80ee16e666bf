// SPDX-License-Identifier: Apache-2.0
//! Encoders: whose bytes an artifact has. There is one for each generation of Go's that ToolHive has
//! been built with, and all of them are frozen.

use std::fmt;
use std::str::FromStr;

use crate::error::UnknownEncoder;

/// An encoder: what it makes of an input never changes, whatever machine it runs on.
///
/// ToolHive's own artifacts depend on the Go that built ToolHive. Go 1.27 compresses otherwise than
/// all before it (deflate-go127.md), and writes one thing in JSON otherwise (go127.md); and what it
/// compresses can, rarely, depend on the machine (E-29). Which encoder was chosen stands nowhere in
/// the artifact; who has the input finds it out by trying (E-29).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Encoder {
    /// The encoder of Go up to 1.26: the default, for ever.
    #[default]
    Go126,
    /// The encoder of Go 1.27 on amd64 as it is usually built.
    Go127,
    /// The encoder of Go 1.27 on arm64, and on other machines that fuse products and sums.
    Go127Fused,
    /// The encoder of Go 1.27 on amd64, built with `GOAMD64=v3`.
    Go127V3,
}

impl Encoder {
    /// All of them, in the order in which a stream's maker is looked for (E-29).
    pub const ALL: [Self; 4] = [Self::Go126, Self::Go127, Self::Go127Fused, Self::Go127V3];

    /// Returns its name in options and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Go126 => "go1.26",
            Self::Go127 => "go1.27",
            Self::Go127Fused => "go1.27-fused",
            Self::Go127V3 => "go1.27-v3",
        }
    }

    /// Returns the maker of the same bytes, in words for people.
    pub fn maker(self) -> &'static str {
        match self {
            Self::Go126 => "ToolHive with Go up to 1.26",
            Self::Go127 => "ToolHive with Go 1.27",
            Self::Go127Fused => "ToolHive with Go 1.27 on arm64",
            Self::Go127V3 => "ToolHive with Go 1.27 on amd64, built for v3,",
        }
    }

    /// Returns the generation that a layer looks like which ends in those bytes, at least 13: a hint, for others may
    /// end their streams alike. What Go 1.27's machines do otherwise cannot be seen there.
    pub fn hint(end: &[u8]) -> Option<Self> {
        // What is before CRC-32 and length (GZ-5).
        let (stream, _) = end.split_last_chunk::<8>()?;
        match stream.last_chunk()? {
            // D-21.
            [_, 0, 0, 0xff, 0xff] => Some(Self::Go126),
            // E-30: the bits 1, 10 and seven zeros, then zeros up to a byte.
            [.., before, last, 0] => {
                let bits = u16::from_le_bytes([*before, *last]);
                let top = bits.checked_ilog2().filter(|top| (8..16).contains(top))?;
                (bits >> (top - 1) & 1 == 1).then_some(Self::Go127)
            }
            _ => None,
        }
    }
}

impl fmt::Display for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Encoder {
    type Err = UnknownEncoder;

    /// # Errors
    /// [`UnknownEncoder`] for anything but the name of one.
    fn from_str(name: &str) -> Result<Self, UnknownEncoder> {
        let known = Self::ALL.into_iter().find(|encoder| encoder.as_str() == name);
        known.ok_or_else(|| UnknownEncoder(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::Encoder;
    use crate::compress_with;

    #[test]
    fn names_are_read_as_they_are_written() {
        for encoder in Encoder::ALL {
            assert_eq!(encoder.as_str().parse::<Encoder>().ok(), Some(encoder));
        }
        let error = "go1.25".parse::<Encoder>().expect_err("is none");
        assert_eq!(
            error.to_string(),
            "there is no encoder \"go1.25\": the encoders are go1.26, go1.27, go1.27-fused, go1.27-v3"
        );
        assert_eq!(Encoder::default(), Encoder::Go126);
    }

    #[test]
    fn the_end_of_a_layer_hints_at_its_encoder_d_21_e_30() {
        let words: Vec<u8> = (0..400_u32).map(|at| ((at * at) >> 3) as u8 % 23).collect();
        for n in 0..words.len() {
            for encoder in [Encoder::Go126, Encoder::Go127] {
                let stream = compress_with(encoder, &words[..n]);
                let member = [&[0; 10][..], &stream, &[7; 8]].concat();
                assert_eq!(Encoder::hint(&member), Some(encoder), "{n}");
            }
        }
        assert_eq!(Encoder::hint(b"\x1f\x8b\x08 another program's"), None);
        assert_eq!(Encoder::hint(b""), None);
    }
}
