// SPDX-License-Identifier: Apache-2.0
//! Sections on what does not run but matters: changes of behaviour, instructions, files, findings, limits.

use std::collections::BTreeMap;

use super::{number, short};
use crate::inventory::{ComponentType, Declared, Inventory, Severity};
use crate::section::Section;

/// The last line of every view: what was not looked at.
pub const LAST: &str = "Not examined: what scripts and servers do internally, and what they fetch.";
/// The largest number of findings of one code that are shown.
const SHOWN: usize = 5;

pub(super) fn changes(inventory: &Inventory) -> Section {
    let mut section = Section::new("CHANGES THE SESSION");
    let behaviour = &inventory.behaviour;
    if let Some(agent) = &behaviour.main_agent {
        section.row(["main agent", agent, "! the session's main thread becomes this agent"]);
    }
    if let Some(style) = &behaviour.forced_output_style {
        section.row(["output style", style, "! applies by itself"]);
    }
    for channel in &behaviour.channels {
        section.row(["channel", channel, "may push messages into the session"]);
    }
    for host in &behaviour.network_hosts {
        section.row(["says that it reaches", host, "nothing enforces that"]);
    }
    for dependency in &behaviour.dependencies {
        let marketplace = dependency.marketplace.as_ref().map(|name| format!("from {name}"));
        let version = dependency.version.clone().unwrap_or_default();
        let what = format!("{} {version}", dependency.name);
        section.row(["also installs", what.trim_end(), &marketplace.unwrap_or_default()]);
    }
    for reference in &behaviour.requires {
        section.row(["needs", reference, ""]);
    }
    for option in &behaviour.user_config {
        let mut notes = vec![option.kind.as_str()];
        notes.extend(option.sensitive.then_some("kept like a password"));
        notes.extend(option.required.then_some("required"));
        let bundle = option.bundle.as_ref().map(|bundle| format!("for bundle {bundle}"));
        notes.extend(bundle.as_deref());
        section.row(["asks you for", &option.key, &notes.join(", ")]);
    }
    section
}

pub(super) fn instructions(inventory: &Inventory) -> Section {
    let mut section = Section::new("ADDS INSTRUCTIONS");
    let kinds = [
        ComponentType::Skill,
        ComponentType::Command,
        ComponentType::Agent,
        ComponentType::OutputStyle,
    ];
    let count = |kind: &ComponentType| inventory.counts.get(*kind);
    let counted = kinds.iter().filter(|kind| count(kind) > 0);
    let counted: Vec<String> = counted.map(|kind| number(count(kind), *kind)).collect();
    if !counted.is_empty() {
        let hidden = match inventory.behaviour.html_comments {
            0 => String::new(),
            1 => "1 HTML comment, which a rendered page does not show".to_owned(),
            count => format!("{count} HTML comments, which a rendered page does not show"),
        };
        section.row([&counted.join(", "), &hidden, ""]);
    }
    section
}

pub(super) fn code(inventory: &Inventory) -> Section {
    let mut section = Section::new("FILES THAT ARE CODE");
    let all = inventory.executables.len();
    if all > 0 {
        let named = |path: &str| {
            inventory.launches.iter().any(|launch| {
                let bundle = launch.server().and_then(|server| server.bundle.as_deref());
                [launch.command.as_deref(), bundle].contains(&Some(path))
                    || launch.plugin_files().iter().any(|file| file.path == path)
            })
        };
        let used = inventory.executables.iter().filter(|file| named(&file.path)).count();
        let digest = short(&inventory.subject.code_digest);
        section.row([&format!("{all} ({used} named above)"), &format!("code {digest}"), ""]);
    }
    section
}

pub(super) fn left_out(inventory: &Inventory) -> Section {
    first("LEFT OUT OF THE ARTIFACT", &inventory.dropped_by_packer)
}

/// Returns a section with the first items of a list.
fn first(title: &str, all: &[String]) -> Section {
    let mut section = Section::new(title);
    for one in all.iter().take(SHOWN) {
        section.row([one, "", ""]);
    }
    if all.len() > SHOWN {
        section.row([&format!("and {} more", all.len() - SHOWN), "", ""]);
    }
    section
}

pub(super) fn warnings(inventory: &Inventory) -> Section {
    let mut section = Section::new("WARNINGS");
    let mut shown: BTreeMap<&str, usize> = BTreeMap::new();
    let mut more: Vec<(&str, usize)> = Vec::new();
    let grave = inventory.warnings.iter().filter(|warning| warning.severity != Severity::Info);
    for warning in grave {
        let code = warning.code();
        let count = shown.entry(code).or_default();
        *count += 1;
        if *count > SHOWN {
            match more.iter_mut().find(|(other, _)| *other == code) {
                Some((_, count)) => *count += 1,
                None => more.push((code, 1)),
            }
            continue;
        }
        let mark = if warning.severity == Severity::Error { "!!" } else { "!" };
        let place = match (warning.path(), warning.line()) {
            (Some(path), Some(line)) => format!("{path}:{line}"),
            (Some(path), None) => path.to_owned(),
            (None, _) => String::new(),
        };
        let at = warning
            .path()
            .map(|path| Declared { at: warning.at, ..Declared::text(path, warning.line()) });
        let cells = [&*format!("{mark} {code}"), warning.message(), &place];
        section.row_at(cells, at.into_iter().collect());
    }
    for (code, count) in more {
        section.row([&format!("! {code}"), &format!("and {count} more of this kind"), ""]);
    }
    section
}

pub(super) fn unread(inventory: &Inventory) -> Section {
    let title = "NOT READ, since it is too large, too deep or too many: this list is incomplete";
    first(title, &inventory.limits.unread)
}
