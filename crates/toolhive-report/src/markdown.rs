// SPDX-License-Identifier: Apache-2.0
//! The report as Markdown, for comments of pull requests and summaries of jobs.

use agent_plugin::text::guarded;

use crate::report::{Item, Report};

/// The most characters of a report (RP-5): a comment of GitHub takes 65,536.
pub const LIMIT: usize = 60_000;
/// Kept for the lines that say what is missing, and the last one.
const RESERVE: usize = 1_000;
/// The longest text of one cell, in characters.
const LONGEST: usize = 2_000;

/// The text, and the characters that are left for it.
struct Page {
    text: String,
    left: usize,
}

impl Page {
    /// Adds a text if it fits as a whole.
    fn push(&mut self, text: &str) -> Result<(), Full> {
        self.left = self.left.checked_sub(text.chars().count()).ok_or(Full)?;
        self.text.push_str(text);
        Ok(())
    }
}

/// The error of a page without room for another text.
struct Full;

impl Report {
    /// Returns the report as Markdown of at most [`LIMIT`](crate::MARKDOWN_LIMIT) characters (RP-5); it says how much
    /// was cut.
    pub fn to_markdown(&self) -> String {
        let mut page = Page { text: String::new(), left: LIMIT - RESERVE };
        let mut shown = 0;
        let is_whole = self.write(&mut page, &mut shown).is_ok();
        let mut text = page.text;
        if !is_whole {
            let all: usize = self.parts.iter().map(|part| part.items.len() + part.more).sum();
            let missing = all.saturating_sub(shown);
            text.push_str(&format!(
                "\n**This is shortened: {missing} of {all} entries are left out.** The same \
                 command with `--format html` shows them all.\n"
            ));
        }
        if !self.ending.is_empty() {
            text.push_str(&format!("\n_{}_\n", self.ending));
        }
        guarded(&text).into_owned()
    }

    fn write(&self, page: &mut Page, shown: &mut usize) -> Result<(), Full> {
        page.push(&format!("## {}\n\n", code(&self.title)))?;
        if !self.kind.is_empty() {
            page.push(&format!("{}\n\n", self.kind))?;
        }
        for remark in &self.remarks {
            page.push(&format!("> **!** {}\n\n", code(remark)))?;
        }
        for [name, value] in &self.facts {
            page.push(&format!("- {name}: {}\n", code(value)))?;
        }
        for part in &self.parts {
            page.push(&format!("\n### {}\n\n", part.title))?;
            if part.items.is_empty() {
                page.push("nothing\n")?;
            }
            for item in &part.items {
                page.push(&entry(item))?;
                *shown += 1;
            }
            if part.more > 0 {
                page.push(&format!("- and {} more\n", part.more))?;
            }
        }
        Ok(())
    }
}

/// Returns an item of a list.
fn entry(item: &Item) -> String {
    let mut line = String::from("-");
    if item.is_marked {
        line.push_str(" **!**");
    }
    if !item.label.is_empty() {
        line.push_str(&format!(" **{}**", code(&item.label)));
    }
    for text in [&item.text, &item.note] {
        if !text.is_empty() {
            line.push_str(&format!(" {}", code(text)));
        }
    }
    if let Some(source) = item.sources.first() {
        line.push_str(&format!(" ({})", code(&source.place)));
    }
    line.push('\n');
    if let Some([before, after]) = &item.sides {
        for (name, side) in [("before", before), ("after", after)] {
            for text in side.lines() {
                line.push_str(&format!("  - {name}: {}\n", code(text)));
            }
        }
    }
    line
}

/// Returns a text as code: what marks its ends is longer than any run of backticks in it (RP-3).
fn code(text: &str) -> String {
    let cut = text.char_indices().nth(LONGEST).map(|(at, _)| at);
    let text = match cut.and_then(|at| text.get(..at)) {
        Some(start) => format!("{start}…"),
        None => text.to_owned(),
    };
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // A backtick at an end would lengthen the mark; nothing at all would be no code.
    let pad =
        if text.is_empty() || text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_cannot_be_left_rp_3() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`a"), "`` `a ``");
        assert_eq!(code(""), "`  `");
    }

    #[test]
    fn a_report_that_does_not_fit_says_what_is_missing_rp_5() {
        let mut report =
            Report { title: "demo".into(), ending: "The end.".into(), ..Report::default() };
        report
            .table("FILES", (0..1_000).map(|at| [at.to_string(), "x".repeat(300), String::new()]));
        let text = report.to_markdown();
        assert!(text.chars().count() <= LIMIT, "{}", text.chars().count());
        let shown = text.lines().filter(|line| line.starts_with("- **`")).count();
        assert!(shown > 100, "{shown}");
        assert!(
            text.contains(&format!("{} of 1000 entries are left out", 1_000 - shown)),
            "{shown}"
        );
        assert!(text.ends_with("_The end._\n"));
    }
}
