// SPDX-License-Identifier: Apache-2.0
//! Hooks: which belong together, and how they differ.

use super::change::{Change, Class, Pair};
use super::command;
use crate::discover::frequency;
use crate::inventory::{Hook, Inventory, MatcherKind};

/// How two hooks can belong together, the surest way first.
const WAYS: [fn(&Hook, &Hook) -> bool; 4] = [
    |a, b| a.id == b.id,
    // Another matcher or condition.
    |a, b| a.event == b.event && a.kind == b.kind && a.identity == b.identity,
    // Another event.
    |a, b| a.kind == b.kind && a.identity == b.identity && !a.identity.is_empty(),
    // Another command.
    |a, b| {
        a.event == b.event
            && a.kind == b.kind
            && a.matcher == b.matcher
            && a.condition == b.condition
    },
];

pub(super) fn compare(before: &Inventory, after: &Inventory, changes: &mut Vec<Change>) {
    let mut old: Vec<&Hook> = before.hooks.iter().collect();
    let mut new: Vec<&Hook> = after.hooks.iter().collect();
    for belongs in WAYS {
        old.retain(|hook| {
            let found = new.iter().position(|other| belongs(hook, other));
            if let Some(at) = found {
                both(hook, new.remove(at), changes);
            }
            found.is_none()
        });
    }
    for hook in new.into_iter().filter(|hook| hook.loads) {
        let mut pair = Pair { kind: "hook", id: &hook.id, changes };
        pair.add(Class::New, format!("a hook {}", hook.cadence), None, Some(shown(hook)));
    }
    for hook in old.into_iter().filter(|hook| hook.loads) {
        let mut pair = Pair { kind: "hook", id: &hook.id, changes };
        pair.add(Class::Removed, format!("a hook {}", hook.cadence), Some(shown(hook)), None);
    }
}

fn both(old: &Hook, new: &Hook, changes: &mut Vec<Change>) {
    let mut pair = Pair { kind: "hook", id: &new.id, changes };
    pair.where_both_load(old.loads, new.loads, &shown(new), |pair| loading(pair, old, new));
}

fn loading(pair: &mut Pair<'_>, old: &Hook, new: &Hook) {
    if old.event != new.event {
        let class = match frequency(new.cadence).cmp(&frequency(old.cadence)) {
            std::cmp::Ordering::Less => Class::Narrowed,
            _ => Class::Widened,
        };
        pair.texts(class, "another event", &old.event, &new.event);
    }
    width(pair, old, new);
    if new.once != old.once {
        let class = if old.once { Class::Widened } else { Class::Narrowed };
        pair.texts(class, "how often", once(old), once(new));
    }
    if old.trigger != new.trigger {
        let class = if new.trigger < old.trigger { Class::Widened } else { Class::Narrowed };
        pair.add(class, "another trigger", None, None);
    }
    let moved = is_moved(old, new);
    if !moved {
        command::compare(pair, (&shown(old), &old.fetches), (&shown(new), &new.fetches));
        pair.texts(Class::Redirected, "another shell", shell(old), shell(new));
    }
    command::reads(pair, &old.env, &new.env);
    command::settings(pair, "a header", &old.headers, &new.headers);
    if old.timeout_s != new.timeout_s || old.is_async != new.is_async || moved {
        pair.add(Class::Cosmetic, "timeout, background or path", None, None);
    }
}

/// A matcher or condition that lets more or less through (S-29).
fn width(pair: &mut Pair<'_>, old: &Hook, new: &Hook) {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    if old.matcher != new.matcher {
        let narrower = new.matcher_kind > old.matcher_kind
            || (new.matcher_kind == old.matcher_kind && lists_less(old, new));
        let both_all = [old, new].iter().all(|hook| hook.matcher_kind == MatcherKind::All);
        let class = match (both_all, narrower) {
            (true, _) => Class::Cosmetic,
            (false, true) => Class::Narrowed,
            (false, false) => Class::Widened,
        };
        pair.texts(class, "another matcher", &text(&old.matcher), &text(&new.matcher));
    }
    if old.condition != new.condition {
        let class = if old.condition.is_none() { Class::Narrowed } else { Class::Widened };
        pair.texts(class, "another condition", &text(&old.condition), &text(&new.condition));
    }
}

/// Whether every name of the new list was in the old one.
fn lists_less(old: &Hook, new: &Hook) -> bool {
    let names = |hook: &Hook| -> Vec<String> {
        let text = hook.matcher.clone().unwrap_or_default();
        text.split(['|', ',']).map(|name| name.trim().to_owned()).collect()
    };
    let had = names(old);
    new.matcher_kind > MatcherKind::Regex && names(new).iter().all(|name| had.contains(name))
}

/// Whether only the path of an unchanged file differs.
fn is_moved(old: &Hook, new: &Hook) -> bool {
    let same = |key: fn(&Hook) -> Option<(String, String)>| key(old).zip(key(new));
    let files = same(|hook| {
        let file = hook.plugin_files.first()?;
        Some((file.path.clone(), file.sha256.clone()?))
    });
    files.is_some_and(|((old_path, old_digest), (new_path, new_digest))| {
        old_path != new_path
            && old_digest == new_digest
            && shown(old).replace(&old_path, "") == shown(new).replace(&new_path, "")
    })
}

/// What a hook does, in one line.
fn shown(hook: &Hook) -> String {
    let target = match hook.kind.as_str() {
        "http" => hook.url.clone(),
        "mcp_tool" => Some(hook.identity.clone()),
        "prompt" | "agent" => hook.prompt.clone(),
        _ => hook.command.clone(),
    };
    let mut text = target.unwrap_or_default();
    for argument in hook.args.iter().flatten() {
        text.push(' ');
        text.push_str(argument);
    }
    text
}

fn shell(hook: &Hook) -> &str {
    hook.shell.as_deref().unwrap_or("bash")
}

fn once(hook: &Hook) -> &'static str {
    if hook.once { "once" } else { "every time" }
}
