// SPDX-License-Identifier: Apache-2.0
//! SKILL.md (plugin-surface.md, 6.2).

mod keys;

use toolhive_frontmatter::{Content, Kind, Node, Problem, quoted};

use crate::Profile;
use crate::check::name;
use crate::finding::Findings;
use crate::inventory::RuleCode;
use crate::markdown::{Entry, Markdown, Needs, text};
use crate::text::split_outside;

/// The largest number of characters of a description, and of what the host's list shows of it.
const MAX_DESCRIPTION: usize = 1_024;
const MAX_LISTED: usize = 1_536;
/// The largest number of characters of `compatibility`.
const MAX_COMPATIBILITY: usize = 500;
/// The largest number of lines of the file.
const MAX_LINES: usize = 500;

/// Returns the keys that hosts read of a command: those that they read of a skill.
pub(crate) fn command_keys() -> impl Iterator<Item = &'static str> {
    keys::all()
}

/// A SKILL.md file and its text.
#[derive(Clone, Copy, Debug)]
pub(super) struct SkillFile<'t> {
    pub(super) path: &'t str,
    pub(super) text: &'t [u8],
    /// The name of its directory.
    pub(super) directory: Option<&'t str>,
    pub(super) form: Form,
}

/// The form in which a skill is packaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// On its own. The packaging itself reports a missing name, so it is not reported here.
    Alone,
    /// As part of something else.
    Bundled,
}

/// Checks a skill's file.
pub(super) fn check(file: &SkillFile<'_>, findings: &mut Findings) {
    let markdown = Markdown::read(file.text, Needs::Frontmatter);
    lines(file, findings);
    if !markdown.is_readable() {
        return;
    }
    let entries = markdown.entries();
    let get = |key: &str| entries.iter().rfind(|entry| entry.key == key).copied();
    let mut check = Check { path: file.path, markdown: &markdown, findings };

    let get_text = |key: &str| get(key).and_then(|entry| Some((entry, text(entry.value)?)));
    match get_text("name") {
        Some((entry, name)) if !name.is_empty() => check.name(entry, name, file.directory),
        // The packaging refuses one without.
        _ if file.form == Form::Alone => {}
        _ => check.missing("skill-name-missing", "the skill has no name", "name: my-skill"),
    }
    match get_text("description") {
        Some((entry, text)) if !text.trim().is_empty() => {
            check.description(entry, text, get("when_to_use"));
        }
        _ => check.missing(
            "description-missing",
            "the skill has no description, so nothing says when to use it",
            "description: what it does, and when to use it",
        ),
    }
    if let Some(entry) = get("compatibility") {
        check.compatibility(entry);
    }
    if let Some(entry) = get("metadata")
        && file.form == Form::Bundled
    {
        check.metadata(entry);
    }
    if let Some(entry) = get("allowed-tools") {
        check.allowed_tools(entry);
    }
    if let Some(entry) = get("hooks") {
        check.hooks(entry);
    }
    keys::check(&mut check, &entries);
}

fn lines(file: &SkillFile<'_>, findings: &mut Findings) {
    let lines = file.text.iter().filter(|byte| **byte == b'\n').count()
        + usize::from(file.text.last().is_some_and(|byte| *byte != b'\n'));
    if lines > MAX_LINES {
        let message = format!("the file has {lines} lines; at most {MAX_LINES} are recommended");
        let help = "move what is not always needed into files next to it, and refer to them here";
        let diagnostic = oci_artifact::Diagnostic::new(message).with_rule("skill-lines");
        findings.add(diagnostic.at_path(file.path).with_help(help));
    }
}

struct Check<'a> {
    path: &'a str,
    markdown: &'a Markdown<'a>,
    findings: &'a mut Findings,
}

impl Check<'_> {
    fn tell(
        &mut self,
        rule: RuleCode,
        node: Node<'_>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let problem = Problem::new(rule, message, node.span()).with_help(help);
        self.markdown.tell(self.path, problem, self.findings);
    }

    fn missing(&mut self, rule: &'static str, message: &str, line: &str) {
        let help = format!("add a line `{line}` to the frontmatter");
        let problem = Problem::new(rule, message, self.markdown.opening()).with_help(help);
        self.markdown.tell(self.path, problem, self.findings);
    }

    fn name(&mut self, entry: Entry<'_>, name: &str, directory: Option<&str>) {
        let shown = quoted(name);
        let problem = match name::kebab(name) {
            Some(problem) => Some(problem.to_owned()),
            None if name.len() > 64 => Some(format!("has {} characters, more than 64", name.len())),
            None if name.len() < 2 && self.findings.profile() == Profile::Toolhive => {
                Some("has only one character".to_owned())
            }
            None => None,
        };
        if let Some(problem) = &problem {
            let help = match name::suggested(name).filter(|better| better != name) {
                Some(better) => format!("write `{better}`, and give the directory the same name"),
                None => "use lower-case letters, digits and single hyphens".to_owned(),
            };
            self.tell("skill-name", entry.value, format!("the name {shown} {problem}"), help);
        }
        if let Some(directory) = directory.filter(|directory| *directory != name) {
            let message =
                format!("the name is {shown}, but the directory is {}", quoted(directory));
            let help = match problem {
                None => format!("call the directory `{name}`, or the skill {}", quoted(directory)),
                Some(_) => "give both the same name".to_owned(),
            };
            self.tell("skill-name-dir", entry.value, message, help);
        }
        if name::begins_with_vendor(name) {
            let message = format!("the name {shown} begins with a vendor's");
            let help = "your skill is easier to trust under a name of your own";
            self.tell("skill-name-vendor", entry.value, message, help);
        }
    }

    fn description(&mut self, entry: Entry<'_>, description: &str, more: Option<Entry<'_>>) {
        let (characters, bytes) = (description.chars().count(), description.len());
        let is_toolhive = self.findings.profile() == Profile::Toolhive;
        let help = "say what it does and when to use it; details belong below the frontmatter";
        if characters > MAX_DESCRIPTION || (is_toolhive && bytes > MAX_DESCRIPTION) {
            let unit = if characters > MAX_DESCRIPTION { "characters" } else { "bytes" };
            let count = if characters > MAX_DESCRIPTION { characters } else { bytes };
            let message =
                format!("the description has {count} {unit}, more than {MAX_DESCRIPTION}");
            self.tell("description-long", entry.key_node, message, help);
        }
        let more = more.and_then(|entry| text(entry.value)).map_or(0, |text| text.chars().count());
        let listed = characters.saturating_add(more);
        if listed > MAX_LISTED {
            let message = format!(
                "the host's list of skills shows {MAX_LISTED} of these {listed} characters"
            );
            self.tell("description-cut", entry.key_node, message, help);
        }
    }

    fn compatibility(&mut self, entry: Entry<'_>) {
        let problem = match entry.value.content() {
            Content::Scalar(text, _) => {
                let count = text.chars().count();
                (count > MAX_COMPATIBILITY)
                    .then(|| format!("has {count} characters, more than {MAX_COMPATIBILITY}"))
            }
            _ => Some(format!("is {}, not text", entry.value.kind().as_str())),
        };
        if let Some(problem) = problem {
            let help = "write one sentence on what the skill needs to work";
            self.tell("compatibility", entry.key_node, format!("`compatibility` {problem}"), help);
        }
    }

    fn metadata(&mut self, entry: Entry<'_>) {
        let Content::Mapping(pairs) = entry.value.content() else {
            if !toolhive_frontmatter::is_null(entry.value) {
                let kind = entry.value.kind().as_str();
                let help = "write `key: value` below it";
                let message = format!("`metadata` is {kind}, not a mapping");
                self.tell("metadata-map", entry.key_node, message, help);
            }
            return;
        };
        let nested = pairs.iter().find(|(_, value)| value.target().kind() != Kind::Scalar);
        if let Some((key, value)) = nested {
            let message = format!(
                "a value of `metadata` is {}, not text; most readers accept only text",
                value.target().kind().as_str()
            );
            let help = "put the value in quotes, or keep it elsewhere";
            self.tell("metadata-flat", key, message, help);
        }
    }

    fn allowed_tools(&mut self, entry: Entry<'_>) {
        let Some(tools) = text(entry.value) else { return };
        if split_outside(tools, ['(', ')'], |c| c == ',').nth(1).is_some() {
            let message = "`allowed-tools` is separated by commas, which not every reader accepts";
            let help = "write a list with one tool a line, each after `- `";
            self.tell("allowed-tools-comma", entry.value, message, help);
        }
    }

    /// S-23: hooks of a skill register when it is used.
    fn hooks(&mut self, entry: Entry<'_>) {
        let bad = match entry.value.content() {
            Content::Mapping(events) => {
                let bad =
                    |(_, groups): &(Node<'_>, Node<'_>)| groups.target().kind() != Kind::Sequence;
                events.iter().find(bad).map(|(event, _)| event)
            }
            _ => Some(entry.key_node),
        };
        if let Some(bad) = bad {
            let message = "hooks are a mapping from events to lists of groups, which this is not";
            let help = "write the event, and below it `- matcher: …` with `hooks:`";
            self.tell("hooks-shape", bad, message, help);
        } else {
            let message = "the skill registers hooks, which run from its first use until the \
                           session ends";
            let help = "say so in the description, or set `once: true`";
            self.tell("hooks-in-skill", entry.key_node, message, help);
        }
    }
}
