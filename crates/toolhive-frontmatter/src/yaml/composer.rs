// SPDX-License-Identifier: Apache-2.0
//! Events to a tree.

use std::collections::BTreeMap;
use std::ops::Range;

use super::character::Characters;
use super::event::{Event, EventKind};
use super::parser::Parser;
use crate::node::{ContentData, Document, NodeData, Properties};
use crate::{Problem, quoted};

/// The long form of the tags of YAML's own types.
const CORE_PREFIX: &str = "tag:yaml.org,2002:";

/// The result of composing a text.
pub(crate) struct Composition {
    /// The first document.
    pub(crate) document: Result<Document, Problem>,
    /// The bytes of the file that follow it.
    pub(crate) rest: Option<Range<usize>>,
    /// The text, given back.
    pub(crate) characters: Characters,
}

/// Builds the first document of a text.
pub(crate) fn compose(characters: Characters) -> Composition {
    let mut parser = Parser::new(characters);
    let document = Composer::default().run(&mut parser);
    let (characters, rest) = parser.finish();
    Composition { document, rest, characters }
}

#[derive(Default)]
struct Composer {
    document: Document,
    /// The collections that are open.
    open: Vec<usize>,
    /// The node that an alias means now.
    anchors: BTreeMap<String, usize>,
    /// The end of the last node that has characters.
    end: usize,
}

impl Composer {
    fn run(mut self, parser: &mut Parser) -> Result<Document, Problem> {
        while let Some(event) = parser.next()? {
            self.step(event)?;
        }
        Ok(self.document)
    }

    fn step(&mut self, Event { kind, span }: Event) -> Result<(), Problem> {
        match kind {
            EventKind::Alias(name) => {
                let Some(target) = self.anchors.get(&name).copied() else {
                    let message =
                        format!("no anchor above has the name {}", quoted(format_args!("&{name}")));
                    return Err(Problem::new("frontmatter-alias", message, span)
                        .with_help("`*` begins a YAML reference; put the value in quotes"));
                };
                self.add(ContentData::Alias { name, target }, Properties::default(), span);
            }
            EventKind::Scalar { properties, text, style } => {
                self.add(ContentData::Scalar { text, style }, properties, span);
            }
            EventKind::SequenceStart(properties) => {
                let index = self.add(ContentData::Sequence(Vec::new()), properties, span);
                self.open.push(index);
            }
            EventKind::MappingStart(properties) => {
                let index = self.add(ContentData::Mapping(Vec::new()), properties, span);
                self.open.push(index);
            }
            EventKind::SequenceEnd | EventKind::MappingEnd => self.close(span),
        }
        Ok(())
    }

    fn add(
        &mut self,
        content: ContentData,
        mut properties: Properties,
        span: Range<usize>,
    ) -> usize {
        let index = self.document.nodes.len();
        if let Some(anchor) = properties.anchor() {
            self.anchors.insert(anchor.to_owned(), index);
        }
        self.end = self.end.max(span.end);
        let core = properties.tag().and_then(|tag| tag.strip_prefix(CORE_PREFIX));
        if let Some(tag) = core.map(|name| format!("!!{name}")) {
            properties.set_tag(tag);
        }
        self.document.nodes.push(NodeData { content, properties, span });
        let parent = self.open.last().and_then(|open| self.document.nodes.get_mut(*open));
        if let Some(ContentData::Sequence(items) | ContentData::Mapping(items)) =
            parent.map(|parent| &mut parent.content)
        {
            items.push(index);
        }
        index
    }

    fn close(&mut self, span: Range<usize>) {
        // The end of a block collection is where the next token starts; its text ends before.
        if span.start < span.end {
            self.end = self.end.max(span.end);
        }
        let node = self.open.pop().and_then(|open| self.document.nodes.get_mut(open));
        if let Some(node) = node {
            node.span.end = node.span.end.max(self.end);
        }
    }
}
