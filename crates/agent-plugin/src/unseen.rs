// SPDX-License-Identifier: Apache-2.0
//! Text that a reader cannot see, but a model does (S-73).
//!
//! Only characters that have no honest use in a Markdown text are reported: joiners belong to emoji
//! and to several scripts, marks of direction to others.

use std::ops::Range;

/// Unseen text of one sort.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unseen {
    sort: &'static str,
    /// The first character of it, in bytes.
    pub span: Range<usize>,
    count: usize,
}

impl Unseen {
    /// Returns a sentence about it, without a full stop.
    pub fn message(&self) -> String {
        let times = if self.count == 1 { String::new() } else { format!(", {} times", self.count) };
        format!("{} that readers cannot see{times}", self.sort)
    }
}

/// Returns the unseen text in a file: of each sort the first place, and how often it is there.
pub fn find(text: &[u8]) -> Vec<Unseen> {
    let mut sorts: Vec<Unseen> = Vec::new();
    if text.is_ascii() && !text.iter().any(|byte| is_control(char::from(*byte))) {
        return sorts;
    }
    let mut at = 0;
    let mut tags = None;
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            tags = flag_tags(c, tags);
            if let Some(sort) = sort(c, at).filter(|_| tags.is_none_or(|tags| tags == 0)) {
                match sorts.iter_mut().find(|known| known.sort == sort) {
                    Some(known) => known.count += 1,
                    None => sorts.push(Unseen { sort, span: at..at + c.len_utf8(), count: 1 }),
                }
            }
            at += c.len_utf8();
        }
        at += chunk.invalid().len();
    }
    sorts
}

/// Whether a character is a bidirectional control.
pub(crate) fn is_bidi(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns the number of tags behind the black flag of a region, at most seven of which belong to it; `None` outside.
fn flag_tags(c: char, before: Option<usize>) -> Option<usize> {
    match (c, before) {
        ('\u{1f3f4}', _) => Some(0),
        (c, Some(tags)) if is_tag(c) && tags < 7 => Some(tags + 1),
        _ => None,
    }
}

fn sort(c: char, at: usize) -> Option<&'static str> {
    match c {
        c if is_bidi(c) => Some("a text-direction control"),
        c if is_tag(c) => Some("a tag character"),
        c if is_control(c) => Some("a control character"),
        '\u{200b}' | '\u{2060}' => Some("a zero-width character"),
        '\u{feff}' if at > 0 => Some("a zero-width character"),
        _ => None,
    }
}

fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0000}'..='\u{e007f}')
}

/// A C0 control that is no white space, or DEL.
fn is_control(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{7f}')
}

#[cfg(test)]
mod tests {
    use super::find;

    fn told(text: &str) -> Vec<String> {
        find(text.as_bytes())
            .iter()
            .map(|one| format!("{} {}", one.span.start, one.message()))
            .collect()
    }

    #[test]
    fn unseen_text_is_told_once_a_sort_s_73() {
        assert_eq!(
            told("a\u{202e}b\u{202c}\nc\u{200b}\u{1b}"),
            [
                "1 a text-direction control that readers cannot see, 2 times",
                "10 a zero-width character that readers cannot see",
                "13 a control character that readers cannot see",
            ]
        );
        let hidden = ["1 a tag character that readers cannot see, 2 times"];
        assert_eq!(told("x\u{e0041}\u{e0042}"), hidden);
        // A flag hides no sentence.
        let long = format!("🏴{}", "\u{e0041}".repeat(20));
        assert_eq!(told(&long), ["32 a tag character that readers cannot see, 13 times"]);
    }

    #[test]
    fn honest_characters_are_not_told_s_73() {
        let honest = "\u{feff}tab\there\r\n👩\u{200d}💻 ❤\u{fe0f} نمی\u{200c}خواهم \u{200f}\
                      🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} soft\u{ad}hyphen";
        assert_eq!(told(honest), [""; 0]);
    }
}
