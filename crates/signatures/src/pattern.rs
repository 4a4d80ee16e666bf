// SPDX-License-Identifier: Apache-2.0
//! Patterns of names (SIG-30): `*` stands for anything within a segment, `**` also for `/`.

/// The most bytes of a pattern.
const MAX_LENGTH: usize = 512;

/// A part of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Byte(u8),
    /// Any bytes but `/`, or none.
    Within,
    /// Any bytes, or none.
    Over,
}

/// A pattern of names whose segments are parted by `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    parts: Vec<Part>,
}

impl Pattern {
    /// Reads a pattern; none if it is empty, too long, or has three stars in a row.
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() || text.len() > MAX_LENGTH || text.contains("***") {
            return None;
        }
        let mut parts = Vec::with_capacity(text.len());
        for byte in text.bytes() {
            match (byte, parts.last_mut()) {
                (b'*', Some(last)) if *last == Part::Within => *last = Part::Over,
                (b'*', _) => parts.push(Part::Within),
                (byte, _) => parts.push(Part::Byte(byte)),
            }
        }
        Some(Self { text: text.to_owned(), parts })
    }

    /// Returns the pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Bytes before the first star.
    pub(crate) fn literal(&self) -> usize {
        self.parts.iter().take_while(|part| matches!(part, Part::Byte(_))).count()
    }

    /// Whether a name is of this pattern. Takes time that is bounded by the product of both lengths.
    pub fn matches(&self, name: &str) -> bool {
        // Which prefixes of the name the parts so far can stand for.
        let mut reached = vec![false; name.len().saturating_add(1)];
        if let Some(start) = reached.first_mut() {
            *start = true;
        }
        for part in &self.parts {
            let mut before = false;
            let mut carried = false;
            let bytes = std::iter::once(None).chain(name.bytes().map(Some));
            for (here, byte) in reached.iter_mut().zip(bytes) {
                let was = *here;
                *here = match part {
                    Part::Byte(wanted) => before && byte == Some(*wanted),
                    Part::Within => was || carried && byte != Some(b'/'),
                    Part::Over => was || carried,
                };
                (before, carried) = (was, *here);
            }
        }
        reached.last().copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn stars_stay_within_a_segment_and_two_go_over_sig_30() {
        for (pattern, name, wanted) in [
            ("a/b", "a/b", true),
            ("a/b", "a/bc", false),
            ("a/b", "a/", false),
            ("a/*", "a/b", true),
            ("a/*", "a/b/c", false),
            ("a/**", "a/b/c", true),
            ("a/**", "a", false),
            ("a/**", "ab/c", false),
            ("a*/b", "axx/b", true),
            ("a*/b", "a/b", true),
            ("a*/b", "ax/x/b", false),
            ("**/b", "x/y/b", true),
            ("**/b", "b", false),
            ("127.0.0.1:*/**", "127.0.0.1:5000/me/x", true),
            ("127.0.0.1:*/**", "127.0.0.1/me/x", false),
            ("127.0.0.1:*/**", "127.0.0.1.evil:5000/me/x", false),
            ("*.corp/**/x", "a.corp/b/c/x", true),
            ("*.corp/**/x", "a/b.corp/c/x", false),
            ("**", "", true),
            ("a*a*a", "aaaa", true),
            ("a*a*a", "aa", false),
        ] {
            let found = Pattern::parse(pattern).expect("a pattern").matches(name);
            assert_eq!(found, wanted, "{pattern} and {name}");
        }
        for none in ["", "a/***", &"a".repeat(513)] {
            assert_eq!(Pattern::parse(none), None);
        }
    }
}
