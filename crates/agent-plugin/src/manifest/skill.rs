// SPDX-License-Identifier: Apache-2.0
//! SKILL.md: what its frontmatter says about the skill (format.md, 3).

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use oci_artifact::{Diagnostic, Error, ErrorKind, Result};
use toolhive_frontmatter::{
    Close, Content, Decoder, Field, Keys, Kind, Node, Problem, Source, quoted,
};

pub use toolhive_frontmatter::Text;

/// The file that makes a directory a skill.
pub const MANIFEST_PATH: &str = "SKILL.md";

/// The key of `metadata` that lists what a skill needs, a reference a line (FM-27).
pub const REQUIRES_KEY: &str = "toolhive.requires";

/// The keys that are read (FM-16); others are ignored, whatever they hold.
const KNOWN_KEYS: [&str; 7] =
    ["name", "description", "version", "license", "compatibility", "allowed-tools", "metadata"];

/// The most findings that are reported of one file.
const MAX_FINDINGS: usize = 50;

/// The fields of a SKILL.md. Texts are kept as they were written, `1.0` as `1.0` (FM-20).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SkillManifest {
    /// The name, never empty (FM-21); nothing else is checked.
    pub name: Text,
    /// The description; may be empty, as all that follow.
    pub description: Text,
    /// The version of the skill.
    pub version: Text,
    /// The licence of the skill.
    pub license: Text,
    /// The systems on which it works.
    pub compatibility: Text,
    /// The tools it may use without a question. `None` and an empty list are different labels
    /// (FM-22, FM-23).
    pub allowed_tools: Option<Vec<Text>>,
    /// The entries of `metadata` that are text (FM-26, DEV-2).
    pub metadata: Option<BTreeMap<Text, Text>>,
    /// The references of the skills and plugins it needs, in the order they were written (FM-27).
    pub requires: Vec<Text>,
    /// The references under the key of that name at the top, a list or a text of lines: who installs a
    /// skill reads them (lock.md, 3.1), packaging does not.
    pub requires_at_top: Vec<Text>,
    /// Warnings of what was silently lost or will surprise (DEV-2, DEV-3).
    pub warnings: Vec<Diagnostic>,
}

/// Parses a SKILL.md that is in memory. See [`read`].
///
/// # Errors
///
/// [`ErrorKind::InvalidManifest`], with every problem that could be found.
pub fn parse(skill_md: &[u8]) -> Result<SkillManifest> {
    parse_source(&Source::new(skill_md))
}

/// Parses a SKILL.md from a reader, of which no more is read than its frontmatter can take:
/// leading white space and some 65 KiB.
///
/// # Errors
///
/// [`ErrorKind::InvalidManifest`], with every problem that could be found; [`ErrorKind::Io`] if
/// the reader fails.
pub fn read(skill_md: impl Read) -> Result<SkillManifest> {
    let source = Source::read(skill_md)
        .map_err(|error| Error::from_io("cannot read the file", Path::new(MANIFEST_PATH), error))?;
    parse_source(&source)
}

fn parse_source(source: &Source<'_>) -> Result<SkillManifest> {
    let report = |mut problems: Vec<Problem>| -> Vec<Diagnostic> {
        problems.sort_by_key(|problem| problem.span.start);
        let shown = problems.into_iter().take(MAX_FINDINGS);
        shown.map(|problem| source.diagnostic(problem).at_path(MANIFEST_PATH)).collect()
    };
    let refuse = |problems| Error::from_diagnostics(ErrorKind::InvalidManifest, report(problems));

    let split =
        toolhive_frontmatter::split(source.text()).map_err(|problem| refuse(vec![problem]))?;
    let parsed = toolhive_frontmatter::parse(source.text(), split.yaml.clone());
    let mut reading = Reading::default();
    if split.close == Close::InsideLine {
        reading.warnings.push(cut_inside_line(split.closing.clone()));
    }
    if let Some(rest) = parsed.rest {
        let message = "the YAML document ends here, and the rest of the frontmatter is ignored";
        reading.warnings.push(
            Problem::new("frontmatter-cut", message, rest)
                .with_help("start every key at the same column, and write no `...` or `%` line"),
        );
    }
    match parsed.document.root() {
        Some(root) if root.kind() == Kind::Mapping => reading.root(root),
        // An empty frontmatter only lacks a name.
        Some(root) if !toolhive_frontmatter::is_null(root) => reading.decoder.refuse(
            Problem::new("frontmatter-yaml", "the frontmatter is not a mapping", root.span())
                .with_help("write lines `key: value`, a space after each colon"),
        ),
        _ => {}
    }

    let mut problems = parsed.problems;
    problems.append(&mut reading.decoder.into_problems());
    if problems.is_empty() && reading.manifest.name.is_empty() {
        let place = reading.name.map_or(split.opening, |key| key.span());
        problems.push(
            Problem::new("name-missing", "the skill has no name", place)
                .with_help("add a line `name: my-skill` to the frontmatter"),
        );
    }
    if !problems.is_empty() {
        return Err(refuse(problems));
    }
    Ok(SkillManifest { warnings: report(reading.warnings), ..reading.manifest })
}

/// A manifest in the making.
#[derive(Default)]
struct Reading<'d> {
    decoder: Decoder,
    manifest: SkillManifest,
    /// The key of the name.
    name: Option<Node<'d>>,
    warnings: Vec<Problem>,
}

impl<'d> Reading<'d> {
    fn root(&mut self, root: Node<'d>) {
        for field in self.decoder.fields(root, Keys::Known(&KNOWN_KEYS)) {
            match field.key.as_bytes() {
                b"name" => {
                    self.name = Some(field.key_node);
                    self.manifest.name = self.text(&field);
                }
                b"description" => self.manifest.description = self.text(&field),
                b"version" => self.manifest.version = self.text(&field),
                b"license" => self.manifest.license = self.text(&field),
                b"compatibility" => self.manifest.compatibility = self.text(&field),
                b"allowed-tools" => self.manifest.allowed_tools = self.tools(&field),
                b"metadata" => self.metadata(&field),
                _ => {}
            }
        }
        self.misplaced_requires(root);
    }

    fn text(&mut self, field: &Field<'d>) -> Text {
        self.decoder.field_text(field).unwrap_or_default()
    }

    /// Reads the allowed tools (FM-22 to FM-25).
    fn tools(&mut self, field: &Field<'d>) -> Option<Vec<Text>> {
        let value = self.decoder.field_value(field)?;
        match value.content() {
            Content::Sequence(items) => Some(self.decoder.texts(items)),
            Content::Scalar(_, _) if value.tag() == Some("!!null") => {
                // Either null, or no null although it says so.
                self.decoder.text(value);
                None
            }
            Content::Scalar("", _) => None,
            Content::Scalar(_, _) if toolhive_frontmatter::is_null(value) => None,
            Content::Scalar(text, _) => {
                let tools = split_tools(text);
                self.check_split(field.value, &tools);
                Some(tools.into_iter().map(Text::from).collect())
            }
            Content::Mapping(_) | Content::Alias(_, _) => {
                let message = "`allowed-tools` is a mapping, not a list of tools";
                self.decoder.refuse(
                    Problem::new("frontmatter-type", message, field.value.span())
                        .with_help("write a list, or the tools on one line, separated by commas"),
                );
                None
            }
        }
    }

    /// BUG-26: warns of tools that were cut inside their parentheses.
    fn check_split(&mut self, value: Node<'_>, tools: &[&str]) {
        let is_cut = |tool: &&&str| tool.matches('(').count() != tool.matches(')').count();
        if let Some(cut) = tools.iter().find(is_cut) {
            let message =
                format!("`allowed-tools` is split inside parentheses, into {}", quoted(cut));
            self.warnings.push(
                Problem::new("allowed-tools-split", message, value.span())
                    .with_help("write a list with one tool a line, each after `- `"),
            );
        }
    }

    /// Reads the metadata (FM-26, FM-27 and DEV-2).
    fn metadata(&mut self, field: &Field<'d>) {
        if toolhive_frontmatter::is_null(field.value) {
            return;
        }
        if field.value.target().kind() != Kind::Mapping {
            let kind = field.value.target().kind().as_str();
            let message = format!("`metadata` is {kind}, not a mapping, and is ignored");
            let problem = Problem::new("metadata-map", message, field.value.span());
            self.warnings.push(problem.with_help("write `key: value` below it, indented"));
            return;
        }
        let mut metadata = BTreeMap::new();
        for entry in self.decoder.field_fields(field, Keys::All) {
            if entry.value.target().kind() != Kind::Scalar {
                self.warnings.push(not_flat(&entry));
                continue;
            }
            let value = self.text(&entry);
            if entry.key == REQUIRES_KEY {
                self.requires(&value, entry.value);
            }
            metadata.insert(entry.key, value);
        }
        self.manifest.metadata = Some(metadata);
    }

    /// Reads the references that the skill requires, one a line (FM-27).
    fn requires(&mut self, value: &Text, node: Node<'_>) {
        let lines = lines(value.as_bytes());
        let is_joined = |line: &&Text| line.as_bytes().iter().any(|b| b", \t".contains(b));
        if let Some(joined) = lines.iter().find(is_joined) {
            let message = format!("{} counts as one reference", quoted(joined));
            self.warnings.push(
                Problem::new("requires-joined", message, node.span())
                    .with_help("write `toolhive.requires: |` and then one reference a line"),
            );
        }
        self.manifest.requires = lines;
    }

    /// DEV-3: only other tools read the key here.
    fn misplaced_requires(&mut self, root: Node<'d>) {
        let Content::Mapping(pairs) = root.content() else { return };
        for (key, value) in pairs.iter() {
            if matches!(key.content(), Content::Scalar(REQUIRES_KEY, _)) {
                self.manifest.requires_at_top = all_lines(value);
                let message = format!("`{REQUIRES_KEY}` has no effect here");
                self.warnings.push(
                    Problem::new("requires-misplaced", message, key.span())
                        .with_help("put it under `metadata:`"),
                );
            }
        }
    }
}

/// Returns the lines of a text that are not empty.
fn lines(text: &[u8]) -> Vec<Text> {
    let lines = text.split(|b| *b == b'\n').map(trim).filter(|line| !line.is_empty());
    lines.map(|line| Text::from(line.to_vec())).collect()
}

/// Returns the lines of a text, or of the texts of a list.
fn all_lines(node: Node<'_>) -> Vec<Text> {
    let of = |node: Node<'_>| match node.content() {
        Content::Scalar(text, _) => lines(text.as_bytes()),
        _ => Vec::new(),
    };
    match node.content() {
        Content::Sequence(items) => items.iter().flat_map(of).collect(),
        _ => of(node),
    }
}

/// FM-23: at commas if there is one, else at white space.
fn split_tools(text: &str) -> Vec<&str> {
    let is_tool = |tool: &&str| !tool.is_empty();
    if text.contains(',') {
        text.split(',').map(str::trim).filter(is_tool).collect()
    } else {
        text.split_whitespace().collect()
    }
}

/// White space off both ends, as far as it is UTF-8 (format.md, 0, WS).
fn trim(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    while let Some(chunk) = rest.utf8_chunks().next() {
        let Some(c) = chunk.valid().chars().next().filter(|c| c.is_whitespace()) else { break };
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    loop {
        let last = rest.utf8_chunks().last();
        let Some(chunk) = last.filter(|chunk| chunk.invalid().is_empty()) else { return rest };
        let kept = chunk.valid().trim_end().len();
        let cut = chunk.valid().len() - kept;
        rest = rest.get(..rest.len() - cut).unwrap_or_default();
        if kept > 0 || cut == 0 {
            return rest;
        }
    }
}

fn not_flat(entry: &Field<'_>) -> Problem {
    let kind = entry.value.target().kind().as_str();
    let message =
        format!("{} in `metadata` is {kind}, not text, and is ignored", quoted(&entry.key));
    let problem = Problem::new("metadata-flat", message, entry.key_node.span());
    if entry.key == REQUIRES_KEY {
        return problem.with_help("write `toolhive.requires: |` and then one reference a line");
    }
    problem.with_help(format!(
        "write a text behind {}, in quotes where it is not one",
        quoted(&entry.key)
    ))
}

fn cut_inside_line(closing: std::ops::Range<usize>) -> Problem {
    let message = "the frontmatter ends at this `---` in the middle of a line";
    Problem::new("frontmatter-cut", message, closing)
        .with_help("the first `---` ends it, wherever it is: write `--` or a dash instead")
}
