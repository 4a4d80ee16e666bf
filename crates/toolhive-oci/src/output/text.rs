// SPDX-License-Identifier: Apache-2.0
//! Outside text made harmless, and numbers made readable.

use std::fmt::Display;

pub(crate) use agent_plugin::text::{CONTINUED, guarded, harmless, visible_json, wrapped};

/// The start of a digest, for people.
pub(crate) fn short(digest: &str) -> String {
    digest.get(..19).map_or_else(|| digest.to_owned(), |start| format!("{start}…"))
}

/// A number of things in words: `1 entry`, `2 entries`.
pub(crate) fn counted<N: Display + From<u8> + PartialEq>(
    number: N,
    one: &str,
    several: &str,
) -> String {
    let things = if number == N::from(1) { one } else { several };
    format!("{number} {things}")
}

/// Bytes in the largest unit that leaves a number of at least 1, as in `1.2 MiB`.
pub(crate) fn size(bytes: u64) -> String {
    let mut value = bytes as f64;
    for unit in ["B", "KiB", "MiB"] {
        if value < 1024.0 {
            return if unit == "B" { format!("{bytes} B") } else { format!("{value:.1} {unit}") };
        }
        value /= 1024.0;
    }
    format!("{value:.1} GiB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        assert_eq!(
            [size(0), size(1023), size(1024), size(95 << 20)],
            ["0 B", "1023 B", "1.0 KiB", "95.0 MiB"]
        );
    }
}
