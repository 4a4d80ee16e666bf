// SPDX-License-Identifier: Apache-2.0
//! The fields of a mapping: its own, and those that `<<` merges into it (FM-17 to FM-19).

use std::collections::{BTreeMap, BTreeSet};

use super::{Decoder, is_merge};
use crate::node::{Content, Kind, Mapping, Node};
use crate::{Problem, Text, quoted};

/// The fields that are wanted.
#[derive(Clone, Copy, Debug)]
pub enum Keys<'k> {
    /// These; others are ignored. It is a problem if one is set twice.
    Known(&'k [&'k str]),
    /// All; of two fields with one key the later counts. (Two keys that are written alike are a
    /// problem all the same.)
    All,
}

impl Keys<'_> {
    fn want(self, key: &Text) -> bool {
        match self {
            Self::Known(known) => known.iter().any(|name| key == name),
            Self::All => true,
        }
    }
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Field<'d> {
    /// The key's text.
    pub key: Text,
    /// The node of the key.
    pub key_node: Node<'d>,
    /// The value, which may be an alias.
    pub value: Node<'d>,
    /// The number of aliases that lead to it.
    pub(super) aliases: usize,
}

/// The work that is left to do.
enum Work<'d> {
    /// Take the fields of this node, which is a mapping or an alias of one.
    Enter { node: Node<'d>, aliases: usize },
    /// The target of an alias is finished.
    Leave(usize),
}

impl Decoder {
    /// Returns the fields of a mapping, aliases followed, in the order in which they were written,
    /// own ones first. It is a problem if the node is no mapping.
    pub fn fields<'d>(&mut self, node: Node<'d>, keys: Keys<'_>) -> Vec<Field<'d>> {
        self.fields_below(node, keys, 0)
    }

    /// Returns the fields of a field's value.
    pub fn field_fields<'d>(&mut self, field: &Field<'d>, keys: Keys<'_>) -> Vec<Field<'d>> {
        self.fields_below(field.value, keys, field.aliases)
    }

    fn fields_below<'d>(
        &mut self,
        node: Node<'d>,
        keys: Keys<'_>,
        aliases: usize,
    ) -> Vec<Field<'d>> {
        let mut gathered = Gathered::default();
        let mut open = BTreeSet::new();
        let mut is_own = true;
        let mut work = vec![Work::Enter { node, aliases }];
        while let Some(next) = work.pop() {
            let (node, aliases) = match next {
                Work::Enter { node, aliases } => (node, aliases),
                Work::Leave(target) => {
                    open.remove(&target);
                    continue;
                }
            };
            if self.spend(node, aliases).is_none() {
                break;
            }
            match node.content() {
                Content::Alias(name, target) => {
                    if !open.insert(target.index()) {
                        let message = format!(
                            "{} merges a mapping into itself",
                            quoted(format_args!("*{name}"))
                        );
                        let problem = Problem::new("frontmatter-alias", message, node.span());
                        self.refuse(problem);
                        continue;
                    }
                    work.push(Work::Leave(target.index()));
                    work.push(Work::Enter { node: target, aliases: aliases + 1 });
                }
                Content::Mapping(mapping) => {
                    let refused = self.check_unique(mapping);
                    gathered.refused.extend(refused);
                    let merge = self.gather(mapping, keys, aliases, is_own, &mut gathered);
                    if let Some(merge) = merge {
                        if is_own {
                            self.spend_on_keys(mapping, aliases);
                        }
                        let merged = self.merged(merge).into_iter().rev();
                        work.extend(merged.map(|node| Work::Enter { node, aliases }));
                    }
                    is_own = false;
                }
                _ => {
                    let message =
                        format!("a mapping is expected, this is {}", node.kind().as_str());
                    self.refuse(Problem::new("frontmatter-type", message, node.span()));
                }
            }
        }
        gathered.fields
    }

    /// FM-17: refuses a second key of the same kind with the same text, and gives those.
    fn check_unique(&mut self, mapping: Mapping<'_>) -> Vec<usize> {
        let mut refused = Vec::new();
        let mut seen: BTreeSet<(Kind, &str)> = BTreeSet::new();
        for (key, _) in mapping.iter() {
            let (Content::Scalar(text, _) | Content::Alias(text, _)) = key.content() else {
                // They are no keys anyway (FM-18).
                continue;
            };
            if !seen.insert((key.kind(), text)) {
                self.refuse(twice(key, text));
                refused.push(key.index());
            }
        }
        refused
    }

    /// Adds a mapping's own fields, and gives the value of its merge key.
    fn gather<'d>(
        &mut self,
        mapping: Mapping<'d>,
        keys: Keys<'_>,
        aliases: usize,
        is_own: bool,
        gathered: &mut Gathered<'d>,
    ) -> Option<Node<'d>> {
        let mut merge = None;
        for (key_node, value) in mapping.iter() {
            if is_merge(key_node) {
                merge = Some(value);
                continue;
            }
            let Some(key) = self.text_below(key_node, aliases, "a key") else { continue };
            if !keys.want(&key) {
                continue;
            }
            let field = Field { key, key_node, value, aliases };
            match (gathered.places.get(&field.key).copied(), keys) {
                (None, _) => gathered.add(field),
                // What a mapping has itself, or merged before, hides what is merged.
                (Some(_), _) if !is_own => {}
                (Some(place), Keys::All) => gathered.replace(place, field),
                (Some(_), Keys::Known(_)) if gathered.refused.contains(&key_node.index()) => {}
                (Some(_), Keys::Known(_)) => {
                    let text = field.key.to_string_lossy();
                    self.refuse(twice(key_node, &text));
                }
            }
        }
        merge
    }

    /// Returns the mappings, or aliases of mappings, that a merge key's value names.
    fn merged<'d>(&mut self, value: Node<'d>) -> Vec<Node<'d>> {
        let named = match value.content() {
            Content::Sequence(items) => items.iter().collect(),
            _ => vec![value],
        };
        if named.iter().all(|node| node.target().kind() == Kind::Mapping) {
            return named;
        }
        let message = "`<<` needs a mapping, or a list of mappings";
        let problem = Problem::new("frontmatter-merge", message, value.span())
            .with_help("name a mapping above with `&name` and write `<<: *name`");
        self.refuse(problem);
        Vec::new()
    }

    /// The reference looks at a mapping's keys once more before it merges into it.
    fn spend_on_keys(&mut self, mapping: Mapping<'_>, aliases: usize) {
        for (key, _) in mapping.iter() {
            if self.spend(key, aliases).is_none() {
                return;
            }
        }
    }
}

/// The fields so far, and the place of each key among them.
#[derive(Default)]
struct Gathered<'d> {
    fields: Vec<Field<'d>>,
    places: BTreeMap<Text, usize>,
    /// Keys that were refused already.
    refused: BTreeSet<usize>,
}

impl<'d> Gathered<'d> {
    fn add(&mut self, field: Field<'d>) {
        self.places.insert(field.key.clone(), self.fields.len());
        self.fields.push(field);
    }

    fn replace(&mut self, place: usize, field: Field<'d>) {
        if let Some(old) = self.fields.get_mut(place) {
            *old = field;
        }
    }
}

fn twice(key: Node<'_>, text: &str) -> Problem {
    let message = format!("the key {} is set twice", quoted(text));
    Problem::new("frontmatter-duplicate", message, key.span()).with_help("remove one of the two")
}
