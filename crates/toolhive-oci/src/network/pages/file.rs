// SPDX-License-Identifier: Apache-2.0
//! A file of an artifact: its text, or only its size and digest (WB-5).

use agent_plugin::section::shown_lines;
use maud::{Markup, html};
use oci_artifact::listing::file_of_layer;
use oci_artifact::reader::ContentSource as _;
use oci_artifact::{Digest, Result};
use oci_registry_server::OneRepository;

use super::{Pages, View, address, nothing};
use crate::output::{harmless, size};

/// The most bytes of a text that is shown.
const LONGEST: u64 = 1 << 20;
/// The most of its lines, and the most characters of one.
const MOST_LINES: usize = 20_000;
const WIDEST: usize = 2_000;

impl Pages {
    pub(super) fn file(&self, source: &OneRepository, reference: &str, path: &str) -> Result<View> {
        let shown = self.shown(source, source.resolve(reference)?)?;
        let listed = shown.listing.iter().find(|file| file.path == path.as_bytes());
        let (Some(file), Some((layer, diff_id))) = (listed, &shown.layer) else {
            return Err(nothing());
        };
        let text = match file.size > LONGEST {
            true => None,
            false => {
                let bytes = file_of_layer(source.stream(layer)?, diff_id, path, LONGEST)?;
                bytes.and_then(|bytes| String::from_utf8(bytes).ok())
            }
        };
        let (name, called) = (source.name(), harmless(path));
        let body = html! {
            main {
                h1 { (called) }
                dl {
                    div { dt { "Size" } dd { (size(file.size)) } }
                    div { dt { "Mode" } dd { code { (format!("{:04o}", file.mode)) } } }
                    div { dt { "Digest" } dd { code { (file.digest.as_ref().map(Digest::to_string).unwrap_or_default()) } } }
                }
                @match text.filter(|text| !text.contains('\0')) {
                    Some(text) => { (lines(&text)) }
                    None if file.size > LONGEST => { p { "It is too large to be shown here." } }
                    None => { p { "It is not text." } }
                }
            }
        };
        let path = [
            (name, address::repository(name)),
            (reference, address::artifact(name, reference)),
            (called.as_str(), String::new()),
        ];
        Ok(View::new(&format!("{called} - {name}"), body).at(&path))
    }
}

/// The lines of a text with their numbers: harmless, and without secrets (RP-6).
fn lines(text: &str) -> Markup {
    let lines = shown_lines(text.strip_suffix('\n').unwrap_or(text));
    html! {
        @if lines.is_empty() { p { "It contains a private key, which is not shown." } } @else {
            figure {
                figcaption { (lines.len()) @if lines.len() == 1 { " line" } @else { " lines" } }
                pre {
                    @for (at, line) in lines.iter().take(MOST_LINES).enumerate() {
                        span .number { (at + 1) } " " (cut(line)) "\n"
                    }
                }
            }
            @if lines.len() > MOST_LINES { p { "Only " (MOST_LINES) " lines are shown." } }
        }
    }
}

/// A line, its start if it is very long.
fn cut(line: &str) -> String {
    match line.char_indices().nth(WIDEST).and_then(|(at, _)| line.get(..at)) {
        Some(start) => format!("{start}…"),
        None => line.to_owned(),
    }
}
