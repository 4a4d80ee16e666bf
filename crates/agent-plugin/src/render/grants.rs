// SPDX-License-Identifier: Apache-2.0
//! The section on what may run without a question (S-62).

use std::collections::BTreeMap;

use super::number;
use crate::inventory::{BashGrant, Component, ComponentType, Inventory};
use crate::section::Section;

/// The largest number of components with the same grants that are named; more are counted.
const NAMED: usize = 4;

/// Components with the same grants; the widest grants come first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Group<'a> {
    width: u8,
    kind: ComponentType,
    tools: &'a [String],
}

pub(super) fn unasked(inventory: &Inventory) -> Section {
    let mut section = Section::new("MAY RUN WITHOUT ASKING");
    let mut groups: BTreeMap<Group<'_>, Vec<&Component>> = BTreeMap::new();
    for component in inventory.components.iter().filter(|component| component.loads.is_ok()) {
        let grants = matches!(component.kind, ComponentType::Skill | ComponentType::Command);
        let Some(grants) = component.grants.as_ref().filter(|_| grants) else { continue };
        let width = match grants.bash {
            BashGrant::Any => 0,
            _ if !grants.amounts_to_any.is_empty() => 1,
            BashGrant::Limited => 2,
            BashGrant::None => 3,
        };
        let group = Group { width, kind: component.kind, tools: &grants.tools };
        groups.entry(group).or_default().push(component);
    }
    for component in inventory.components.iter().filter(|one| one.loads.is_ok() && one.unread) {
        let note = "! it may grant anything, and run hooks";
        section.row([&component.label(), "its frontmatter cannot be read", note]);
    }
    for (Group { width, kind, tools }, components) in groups {
        // A host types the directory's name; the author may have meant another (S-15).
        let both = |component: &&Component| match &component.title {
            Some(title) => format!("{} ({title})", component.name),
            None => component.name.clone(),
        };
        let names: Vec<String> = components.iter().map(both).collect();
        let who = match names.len() {
            1..=NAMED => format!("{kind} {}", names.join(", ")),
            count => number(count, kind),
        };
        let any = components.iter().filter_map(|component| component.grants.as_ref()).next();
        let note = match (width, any) {
            (0, _) => "! any shell command".to_owned(),
            (1, Some(grants)) => {
                format!("! amounts to any command: {}", grants.amounts_to_any.join(", "))
            }
            _ => String::new(),
        };
        section.row([&who, &tools.join(", "), &note]);
    }
    section
}
