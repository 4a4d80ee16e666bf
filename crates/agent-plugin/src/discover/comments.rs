// SPDX-License-Identifier: Apache-2.0
//! HTML comments in instructions (S-73): the model reads them, a rendered page does not show them.

use super::inline::{closes, opens};

/// Returns the number of comments that begin in a text, outside of code.
pub(super) fn count(body: &str) -> usize {
    let mut count = 0;
    let mut fence = None;
    let mut is_open = false;
    for line in body.lines() {
        if let Some((character, length)) = fence {
            if closes(line, character, length) {
                fence = None;
            }
            continue;
        }
        if !is_open && let Some((character, length, _)) = opens(line) {
            fence = Some((character, length));
            continue;
        }
        let mut rest = line;
        loop {
            if is_open {
                let Some((_, after)) = rest.split_once("-->") else { break };
                is_open = false;
                rest = after;
            }
            let Some((before, after)) = rest.split_once("<!--") else { break };
            // After an odd number of backquotes it stands in a code span.
            if before.matches('`').count() % 2 == 0 {
                count += 1;
                is_open = true;
                rest = after;
            } else {
                rest = after.split_once('`').map_or("", |(_, after)| after);
            }
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_outside_of_code_s_73() {
        for (text, wanted) in [
            ("", 0),
            ("a <!-- b --> c <!-- d -->", 2),
            ("<!--\nlong\n```\n-->\n<!-- x -->", 2),
            ("<!-- never closed\n<!-- the same", 1),
            ("```html\n<!-- shown -->\n```\n<!-- not -->", 1),
            ("write `<!-- like this -->` or <!-- that -->", 1),
        ] {
            assert_eq!(count(text), wanted, "{text}");
        }
    }
}
