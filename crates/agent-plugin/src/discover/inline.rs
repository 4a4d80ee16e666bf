// SPDX-License-Identifier: Apache-2.0
//! Commands in a text that the host runs while it renders the text (S-61).

use super::builder::Builder;
use super::markdown::Markdown;
use crate::command::Place;
use crate::inventory::{Component, Declared, Form, Launch, LaunchKind, Trigger, What};

/// A command in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Inline {
    form: Form,
    command: String,
    /// The line in the body, counted from 0.
    line: usize,
}

/// Notes the commands in a component's body.
pub(super) fn discover(builder: &mut Builder<'_>, component: &Component, markdown: &Markdown<'_>) {
    let text = String::from_utf8_lossy(markdown.body);
    let shell = markdown.text("shell").unwrap_or_else(|| "bash".to_owned());
    for inline in find(&text) {
        if builder.has_no_room(LaunchKind::Inline) {
            return;
        }
        let place = Place { skill: component.skill(), ..builder.place() };
        let id = builder.id(format!("inline/{}/{}", component.path, inline.command));
        let label = component.label();
        builder.tell(label.len() + shell.len());
        let line = Some(markdown.body_line + inline.line);
        let launch = Launch {
            trigger: Trigger::OnInvoke,
            component: Some(label),
            shell: Some(shell.clone()),
            loads: component.loads,
            ..Launch::new(What::Inline(inline.form), id, Declared::text(&component.path, line))
        };
        builder.shell(launch, &inline.command, place);
    }
}

/// A fence that is open.
struct Fence {
    character: char,
    length: usize,
    /// The commands in it, of a `!` fence.
    runs: Option<Inline>,
}

impl Fence {
    fn close(self, found: &mut Vec<Inline>) {
        if let Some(mut inline) = self.runs
            && !inline.command.trim().is_empty()
        {
            inline.command.truncate(inline.command.trim_end().len());
            found.push(inline);
        }
    }
}

/// Returns the commands in a body. Ordinary fences do not protect what stands in them.
fn find(body: &str) -> Vec<Inline> {
    let mut found = Vec::new();
    let mut fence: Option<Fence> = None;
    for (number, line) in body.lines().enumerate() {
        match &mut fence {
            None => match opens(line) {
                Some((character, length, info)) => {
                    let command = String::new();
                    let runs = Inline { form: Form::Fenced, command, line: number };
                    let runs = info.starts_with('!').then_some(runs);
                    fence = Some(Fence { character, length, runs });
                }
                None => spans(line, number, Form::Inline, &mut found),
            },
            Some(open) if closes(line, open.character, open.length) => {
                if let Some(open) = fence.take() {
                    open.close(&mut found);
                }
            }
            Some(Fence { runs: Some(inline), .. }) => {
                inline.command.push_str(line);
                inline.command.push('\n');
            }
            Some(_) => spans(line, number, Form::InlineInFence, &mut found),
        }
    }
    if let Some(open) = fence {
        open.close(&mut found);
    }
    found
}

/// Returns the fence that a line opens: its character, its length, and what follows.
pub(super) fn opens(line: &str) -> Option<(char, usize, &str)> {
    let text = line.trim_start();
    let c = text.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = text.chars().take_while(|other| *other == c).count();
    let info = text.get(length..)?.trim();
    // A backquote in what follows makes it a code span.
    (length >= 3 && !(c == '`' && info.contains('`'))).then_some((c, length, info))
}

/// Whether a line closes such a fence.
pub(super) fn closes(line: &str, c: char, length: usize) -> bool {
    let text = line.trim();
    text.chars().all(|other| other == c) && text.chars().count() >= length
}

/// The `` !`command` `` of a line, at its start or after white space.
fn spans(line: &str, number: usize, form: Form, found: &mut Vec<Inline>) {
    let mut from = 0;
    while let Some(at) = line.get(from..).and_then(|rest| rest.find("!`")).map(|at| from + at) {
        let before = line.get(..at).unwrap_or_default().chars().next_back();
        let inside = line.get(at + 2..).unwrap_or_default();
        from = at + 2;
        if !before.is_none_or(char::is_whitespace) {
            continue;
        }
        let Some(end) = inside.find('`') else { break };
        let command = inside.get(..end).unwrap_or_default();
        if !command.trim().is_empty() {
            found.push(Inline { form, command: command.to_owned(), line: number });
        }
        from += end + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(body: &str) -> Vec<(Form, String, usize)> {
        find(body).into_iter().map(|inline| (inline.form, inline.command, inline.line)).collect()
    }

    #[test]
    fn spans_at_the_start_or_after_white_space_s_61() {
        assert_eq!(
            all("!`a b`\n- x !`c` y !`d`\nKEY=!`no` `!`no2\n!``\nwow!`no3`"),
            [
                (Form::Inline, "a b".into(), 0),
                (Form::Inline, "c".into(), 1),
                (Form::Inline, "d".into(), 1)
            ]
        );
    }

    #[test]
    fn fences_do_not_protect_and_some_run_s_61() {
        let body = "```bash\n!`in fence`\n```\n```!\ngit status\ngit log\n```\n~~~\n!`too`\n~~~\n";
        assert_eq!(
            all(body),
            [
                (Form::InlineInFence, "in fence".into(), 1),
                (Form::Fenced, "git status\ngit log".into(), 3),
                (Form::InlineInFence, "too".into(), 8),
            ]
        );
        assert_eq!(all("```!\nnever closed"), [(Form::Fenced, "never closed".into(), 0)]);
        assert_eq!(all("``` a ` b\n!`x`"), [(Form::Inline, "x".into(), 1)]);
    }
}
