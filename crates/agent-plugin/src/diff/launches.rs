// SPDX-License-Identifier: Apache-2.0
//! Differences of what runs: which launches belong together, and how they differ.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::change::{Change, Class, Pair};
use super::command;
use crate::inventory::event::frequency;
use crate::inventory::{Hook, Inventory, Launch, MatcherKind, McpServer, Override, What};

/// A way in which two hooks can belong together.
type Way = fn((&Launch, &Hook), (&Launch, &Hook)) -> bool;

/// The ways, the surest first.
const WAYS: [Way; 4] = [
    |(a, _), (b, _)| a.id == b.id,
    // Another matcher or condition.
    |(_, a), (_, b)| a.event == b.event && a.kind == b.kind && a.identity == b.identity,
    // Another event.
    |(_, a), (_, b)| a.kind == b.kind && a.identity == b.identity && !a.identity.is_empty(),
    // Another command.
    |(_, a), (_, b)| {
        a.event == b.event
            && a.kind == b.kind
            && a.matcher == b.matcher
            && a.condition == b.condition
    },
];

pub(super) fn compare(before: &Inventory, after: &Inventory, changes: &mut Vec<Change>) {
    hooks(before, after, changes);
    let (old, new) = (by_id(before), by_id(after));
    for launch in &new {
        match old.iter().find(|other| is_same(other, launch)) {
            Some(old) => both(old, launch, changes),
            None => one(launch, Class::New, changes),
        }
    }
    for launch in old.iter().filter(|launch| !new.iter().any(|other| is_same(other, launch))) {
        one(launch, Class::Removed, changes);
    }
}

/// Returns the launches by their ids; of equal ones the first, which loads if any does.
fn by_id(inventory: &Inventory) -> Vec<&Launch> {
    let mut seen = BTreeSet::new();
    let all = inventory.launches.iter().filter(|launch| launch.hook().is_none());
    all.filter(|launch| seen.insert((launch.kind().short(), &launch.id))).collect()
}

fn is_same(one: &Launch, other: &Launch) -> bool {
    one.kind().short() == other.kind().short() && one.id == other.id
}

fn hooks(before: &Inventory, after: &Inventory, changes: &mut Vec<Change>) {
    let (mut old, mut new) = (with_hooks(before), with_hooks(after));
    for belongs in WAYS {
        old.retain(|one| {
            let found = new.iter().position(|other| belongs(*one, *other));
            if let Some(at) = found {
                both(one.0, new.remove(at).0, changes);
            }
            found.is_none()
        });
    }
    new.iter().for_each(|(launch, _)| one(launch, Class::New, changes));
    old.iter().for_each(|(launch, _)| one(launch, Class::Removed, changes));
}

/// Returns the launches that are hooks.
fn with_hooks(inventory: &Inventory) -> Vec<(&Launch, &Hook)> {
    inventory.launches.iter().filter_map(|launch| Some((launch, launch.hook()?))).collect()
}

/// Notes what only one of them has, if it loads.
fn one(launch: &Launch, class: Class, changes: &mut Vec<Change>) {
    if launch.loads.is_err() {
        return;
    }
    let what = match launch.hook() {
        Some(hook) => format!("a hook, {}", hook.cadence()),
        None => launch.kind().words().to_owned(),
    };
    let (line, mut pair) = (launch.line(), pair(launch, changes));
    match class {
        Class::Removed => pair.add(class, what, Some(&line), None),
        _ => pair.add(class, what, None, Some(&line)),
    }
}

fn pair<'a>(launch: &'a Launch, changes: &'a mut Vec<Change>) -> Pair<'a> {
    Pair { kind: launch.kind().short(), id: &launch.id, changes }
}

fn both(old: &Launch, new: &Launch, changes: &mut Vec<Change>) {
    let mut pair = pair(new, changes);
    match (old.loads, new.loads) {
        (Ok(()), Ok(())) => loading(&mut pair, old, new),
        (Err(_), Ok(())) => pair.add(Class::New, "loads now", None, Some(&new.line())),
        (Ok(()), Err(_)) => pair.add(Class::Removed, "no longer loads", Some(&new.line()), None),
        (Err(_), Err(_)) => {}
    }
}

fn loading(pair: &mut Pair<'_>, old: &Launch, new: &Launch) {
    let class = if new.trigger < old.trigger { Class::Widened } else { Class::Narrowed };
    if old.trigger != new.trigger {
        let (was, is) = (old.component.as_deref(), new.component.as_deref());
        pair.add(class, "another trigger", was, is);
    }
    match (&old.what, &new.what) {
        (What::Hook(a), What::Hook(b)) => hook(pair, (old, a), (new, b)),
        (What::McpServer(a), What::McpServer(b)) => mcp(pair, (old, a), (new, b)),
        (What::LspServer(before), What::LspServer(after)) => {
            command::compare(pair, old, new);
            pair.sets("a file extension", before, after);
        }
        (What::Module { events, calls }, What::Module { events: new_events, calls: new_calls }) => {
            command::compare(pair, old, new);
            pair.sets("an event", events, new_events);
            pair.sets("a call", calls, new_calls);
        }
        _ => command::compare(pair, old, new),
    }
    let (was, is) = (text(&old.input), text(&new.input));
    pair.texts(Class::Redirected, "other data that it receives", was, is);
    command::settings(pair, "a variable that it sets", &old.env, &new.env);
    command::settings(pair, "a header", &old.headers, &new.headers);
    command::reads(pair, old.reads(), new.reads());
}

fn hook(pair: &mut Pair<'_>, (old, before): (&Launch, &Hook), (new, after): (&Launch, &Hook)) {
    if before.event != after.event {
        let class = match frequency(after.cadence()).cmp(&frequency(before.cadence())) {
            Ordering::Less => Class::Narrowed,
            _ => Class::Widened,
        };
        pair.texts(class, "another event", &before.event, &after.event);
    }
    width(pair, before, after);
    if after.once != before.once {
        let class = if before.once { Class::Widened } else { Class::Narrowed };
        let often = |hook: &Hook| if hook.once { "once" } else { "every time" };
        pair.texts(class, "how often", often(before), often(after));
    }
    let moved = is_moved(old, new);
    if !moved {
        command::compare(pair, old, new);
    }
    if before.timeout_s() != after.timeout_s() || before.is_async != after.is_async || moved {
        pair.add(Class::Cosmetic, "timeout, background or path", None, None);
    }
}

/// A matcher or condition that lets more or less through (S-29).
fn width(pair: &mut Pair<'_>, old: &Hook, new: &Hook) {
    if old.matcher != new.matcher {
        let (before, after) = (old.matcher_kind(), new.matcher_kind());
        let narrower = after > before || (after == before && lists_less(old, new));
        let class = match (before, after, narrower) {
            (MatcherKind::All, MatcherKind::All, _) => Class::Cosmetic,
            (_, _, true) => Class::Narrowed,
            (_, _, false) => Class::Widened,
        };
        pair.texts(class, "another matcher", text(&old.matcher), text(&new.matcher));
    }
    if old.condition != new.condition {
        let class = if old.condition.is_none() { Class::Narrowed } else { Class::Widened };
        pair.texts(class, "another condition", text(&old.condition), text(&new.condition));
    }
}

/// Returns a text, empty if there is none.
fn text(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or_default()
}

/// Whether every name of the new list was in the old one.
fn lists_less<'h>(old: &'h Hook, new: &'h Hook) -> bool {
    let names = |hook: &'h Hook| text(&hook.matcher).split(['|', ',']).map(str::trim);
    new.matcher_kind() > MatcherKind::Regex
        && names(new).all(|name| names(old).any(|other| other == name))
}

/// Whether only the path of an unchanged file differs.
fn is_moved<'l>(old: &'l Launch, new: &'l Launch) -> bool {
    let file = |launch: &'l Launch| {
        let file = launch.plugin_files().first()?;
        Some((file.path.as_str(), file.sha256.as_deref()?))
    };
    file(old).zip(file(new)).is_some_and(|((old_path, old_digest), (new_path, new_digest))| {
        old_path != new_path
            && old_digest == new_digest
            && old.line().replace(old_path, "") == new.line().replace(new_path, "")
    })
}

fn mcp(
    pair: &mut Pair<'_>,
    (old, before): (&Launch, &McpServer),
    (new, after): (&Launch, &McpServer),
) {
    if before.transport != after.transport {
        let local = before.transport.is_local() == after.transport.is_local();
        let what = if local {
            "another transport"
        } else {
            "a local process became a remote server, or the reverse"
        };
        pair.texts(Class::Redirected, what, &old.line(), &new.line());
    } else if after.transport.is_local() {
        command::compare(pair, old, new);
    } else if old.url != new.url {
        remote(pair, old, new);
    }
    let platforms = before.overrides.iter().chain(&after.overrides);
    let platforms: BTreeSet<&String> = platforms.map(|platform| &platform.platform).collect();
    for platform in platforms {
        let what = format!("another command on {platform}");
        let (before, after) = (on((old, before), platform), on((new, after), platform));
        pair.texts(Class::Redirected, &what, &before, &after);
    }
    for (class, what, before, after) in [
        (Class::Redirected, "another working directory", &before.cwd, &after.cwd),
        (Class::Redirected, "another package script", &before.indirect, &after.indirect),
        (Class::Widened, "other OAuth scopes", &before.oauth_scopes, &after.oauth_scopes),
    ] {
        pair.texts(class, what, text(before), text(after));
    }
    if old.declared_in != new.declared_in {
        pair.add(Class::Cosmetic, "declared elsewhere", None, None);
    }
}

/// Returns the command of a server on a platform.
fn on((launch, server): (&Launch, &McpServer), platform: &str) -> String {
    let found = server.overrides.iter().find(|found| found.platform == platform);
    let Some(Override { command, args, .. }) = found else { return launch.line() };
    let (command, args) = (command.clone(), args.clone());
    let launch = Launch {
        command: command.or_else(|| launch.command.clone()),
        args: args.or_else(|| launch.args.clone()),
        ..launch.clone()
    };
    launch.line()
}

fn remote(pair: &mut Pair<'_>, old: &Launch, new: &Launch) {
    let (class, what) = match (text(&old.url).split_once("://"), text(&new.url).split_once("://")) {
        (Some((_, before)), Some((scheme, after))) if before == after => match scheme {
            "http" | "ws" => (Class::Widened, "now reached without encryption"),
            _ => (Class::Narrowed, "now reached with encryption"),
        },
        _ => (Class::Redirected, "another address"),
    };
    pair.texts(class, what, &old.line(), &new.line());
}
