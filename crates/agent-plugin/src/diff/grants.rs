// SPDX-License-Identifier: Apache-2.0
//! Differences of what components may do unasked, and of which there are.

use std::collections::BTreeMap;

use super::change::{Change, Class, Pair};
use crate::inventory::{BashGrant, Component, ComponentType, Grants, Inventory};

pub(super) fn compare<'i>(before: &'i Inventory, after: &'i Inventory, changes: &mut Vec<Change>) {
    let index = |inventory: &'i Inventory| -> BTreeMap<String, &'i Component> {
        let texts = [ComponentType::Skill, ComponentType::Command, ComponentType::Agent];
        let components = inventory.components.iter().filter(|component| component.loads.is_ok());
        let components = components.filter(|component| texts.contains(&component.kind));
        components.map(|one| (format!("{}/{}", one.kind, one.name), one)).collect()
    };
    let (old, new) = (index(before), index(after));
    for (id, component) in &new {
        let earlier = old.get(id).copied();
        if earlier.is_none() {
            let mut pair = Pair { kind: "component", id, changes };
            pair.add(Class::Cosmetic, format!("a {}", component.kind), None, Some(&component.path));
        }
        let mut pair = Pair { kind: "grant", id, changes };
        // S-105: what nobody can read may grant anything.
        if component.unread {
            let same = earlier.is_some_and(|old| old.unread && old.sha256 == component.sha256);
            if !same {
                let what = "its frontmatter cannot be read: it may grant anything, and run hooks";
                let was = earlier.and_then(|old| old.grants.as_ref()).map(|g| g.tools.join(", "));
                pair.add(Class::Widened, what, was.as_deref(), Some(&component.path));
            }
            continue;
        }
        if let Some(earlier) = earlier {
            removed(&mut pair, earlier, component);
        }
        let was = earlier.and_then(|component| component.grants.as_ref());
        let is = component.grants.as_ref();
        match component.kind {
            ComponentType::Agent => limited(&mut pair, was, is, earlier.is_some()),
            _ => granted(&mut pair, was, is),
        }
    }
    for (id, component) in old.iter().filter(|(id, _)| !new.contains_key(*id)) {
        let mut pair = Pair { kind: "component", id, changes };
        pair.add(Class::Cosmetic, format!("a {}", component.kind), Some(&component.path), None);
    }
}

/// Limits that a component set itself: fewer are wider.
fn removed(pair: &mut Pair<'_>, old: &Component, new: &Component) {
    let gone = |tools: &[String], others: &[String]| -> Vec<String> {
        tools.iter().filter(|tool| !others.contains(tool)).cloned().collect()
    };
    for tool in gone(&old.disallowed_tools, &new.disallowed_tools) {
        pair.add(Class::Widened, "a tool that was denied is allowed again", None, Some(&tool));
    }
    for tool in gone(&new.disallowed_tools, &old.disallowed_tools) {
        pair.add(Class::Narrowed, "a tool is denied", Some(&tool), None);
    }
    match (old.disable_model_invocation, new.disable_model_invocation) {
        (true, false) => {
            pair.add(Class::Widened, "the model may now use it by itself", None, None);
        }
        (false, true) => {
            pair.add(Class::Narrowed, "the model may no longer use it by itself", None, None);
        }
        _ => {}
    }
}

/// Tools that run without a question: more is wider.
fn granted(pair: &mut Pair<'_>, old: Option<&Grants>, new: Option<&Grants>) {
    let tools = |grants: Option<&Grants>| grants.map(|g| g.tools.clone()).unwrap_or_default();
    let bash = |grants: Option<&Grants>| grants.map_or(BashGrant::None, |grants| grants.bash);
    if bash(new) == BashGrant::Any && bash(old) != BashGrant::Any {
        let (before, after) = (tools(old).join(", "), tools(new).join(", "));
        pair.add(Class::Widened, "any shell command", Some(&before), Some(&after));
        return;
    }
    let any = |grants: Option<&Grants>| {
        grants.map(|grants| grants.amounts_to_any.clone()).unwrap_or_default()
    };
    let had = tools(old);
    let gained = |tool: &&String| !had.contains(tool);
    for tool in any(new).iter().filter(gained) {
        let what = "a tool that runs without asking was added: it amounts to any command";
        pair.add(Class::Widened, what, None, Some(tool));
    }
    let others = |tools: Vec<String>| -> Vec<String> {
        tools.into_iter().filter(|tool| had.contains(tool) || !any(new).contains(tool)).collect()
    };
    pair.sets("a tool that runs without asking", &had, &others(tools(new)));
}

/// Tools that an agent is limited to: none named is no limit.
fn limited(pair: &mut Pair<'_>, old: Option<&Grants>, new: Option<&Grants>, was_there: bool) {
    match (old, new) {
        (Some(old), Some(new)) => pair.sets("a tool of the agent", &old.tools, &new.tools),
        (Some(old), None) => {
            let before = old.tools.join(", ");
            pair.add(Class::Widened, "no longer limited to certain tools", Some(&before), None);
        }
        (None, Some(new)) if was_there => {
            pair.add(Class::Narrowed, "limited to tools", None, Some(&new.tools.join(", ")));
        }
        _ => {}
    }
}
