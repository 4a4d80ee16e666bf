// SPDX-License-Identifier: Apache-2.0
//! What else runs, which belongs together by id.

use super::change::{Change, Class, Pair};
use super::command;
use crate::inventory::{Inventory, Run, RunKind};

pub(super) fn compare(before: &Inventory, after: &Inventory, changes: &mut Vec<Change>) {
    let old: std::collections::BTreeMap<&str, &Run> =
        before.runs.iter().map(|run| (run.id.as_str(), run)).collect();
    let new: std::collections::BTreeMap<&str, &Run> =
        after.runs.iter().map(|run| (run.id.as_str(), run)).collect();
    for (id, run) in &new {
        let mut pair = Pair { kind: "run", id, changes };
        match old.get(id) {
            Some(old) => {
                let compare = |pair: &mut Pair<'_>| both(pair, old, run);
                pair.where_both_load(old.loads, run.loads, &run.command, compare);
            }
            None if run.loads => {
                pair.add(Class::New, name(run.kind), None, Some(run.command.clone()));
            }
            None => {}
        }
    }
    for (id, run) in old.iter().filter(|(id, run)| run.loads && !new.contains_key(*id)) {
        let mut pair = Pair { kind: "run", id, changes };
        pair.add(Class::Removed, name(run.kind), Some(run.command.clone()), None);
    }
}

fn both(pair: &mut Pair<'_>, old: &Run, new: &Run) {
    command::compare(pair, (&old.command, &old.fetches), (&new.command, &new.fetches));
    if old.trigger != new.trigger {
        let class = if new.trigger < old.trigger { Class::Widened } else { Class::Narrowed };
        pair.add(class, "another trigger", old.component.clone(), new.component.clone());
    }
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    pair.texts(Class::Redirected, "another shell", &text(&old.shell), &text(&new.shell));
    pair.sets("an event", &old.events, &new.events);
    pair.sets("a call", &old.calls, &new.calls);
}

fn name(kind: RunKind) -> &'static str {
    match kind {
        RunKind::Inline => "a command in a text",
        RunKind::Module => "a module in the host's process",
        RunKind::Monitor => "a monitor",
        RunKind::Statusline => "a status line",
        RunKind::HeadersHelper => "a helper for headers",
        RunKind::PathExecutable => "a command on the path",
        RunKind::Workflow => "a workflow",
        RunKind::PackageInstall => "packages that the host installs",
        RunKind::CatalogueCommand => "a command of the catalogue",
    }
}
