// SPDX-License-Identifier: Apache-2.0
//! Two command lines: another program, another package, another pin, or only other quotes.

use super::change::{Class, Pair};
use crate::inventory::{Effect, EnvRead, Fetch, Launch, Setting};

/// Compares what is run, and by which shell.
pub(super) fn compare(pair: &mut Pair<'_>, before: &Launch, after: &Launch) {
    let shell = |launch: &Launch| launch.shell.clone().unwrap_or_else(|| "bash".to_owned());
    pair.texts(Class::Redirected, "another shell", &shell(before), &shell(after));
    let (old, new) = (&*before.line(), &*after.line());
    let (old_fetches, new_fetches) = (before.fetches(), after.fetches());
    let mut pinned = false;
    if old_fetches.len() == new_fetches.len() {
        for (old, new) in old_fetches.iter().zip(new_fetches) {
            if package(&old.what) == package(&new.what) && old.pin != new.pin {
                let class = if new.pin > old.pin { Class::Widened } else { Class::Narrowed };
                pair.texts(class, "another pin", &old.what, &new.what);
                pinned = true;
            }
        }
    }
    if old == new {
        // The same words can fetch other things: by a package script, or a lock file.
        if !pinned && old_fetches != new_fetches {
            let list = |fetches: &[Fetch]| {
                fetches.iter().map(|fetch| fetch.what.as_str()).collect::<Vec<_>>().join(", ")
            };
            let (was, is) = (list(old_fetches), list(new_fetches));
            pair.texts(Class::Redirected, "fetches other packages", &was, &is);
        }
        return;
    }
    let unquoted = |text: &str| text.replace(['"', '\''], "");
    let (class, what) = if unquoted(old) == unquoted(new) {
        (Class::Cosmetic, "other quotes")
    } else if pinned && replaced(old, old_fetches) == replaced(new, new_fetches) {
        // The same but for versions.
        return;
    } else {
        (Class::Redirected, "runs another command")
    };
    pair.texts(class, what, old, new);
}

/// Returns a package's name without its version.
fn package(what: &str) -> &str {
    let from = usize::from(what.starts_with('@'));
    let rest = what.get(from..).unwrap_or_default();
    let end = rest.find(['@', '=', '<', '>', '~']).map_or(what.len(), |at| at + from);
    what.get(..end).unwrap_or(what)
}

/// Returns the command with every package's version left out.
fn replaced(command: &str, fetches: &[Fetch]) -> String {
    let mut out = command.to_owned();
    for fetch in fetches {
        out = out.replace(&fetch.what, package(&fetch.what));
    }
    out
}

/// Variables that are read.
pub(super) fn reads(pair: &mut Pair<'_>, before: &[EnvRead], after: &[EnvRead]) {
    let names = |reads: &[EnvRead]| reads.iter().map(|read| read.name.clone()).collect::<Vec<_>>();
    pair.sets("a variable that it reads", &names(before), &names(after));
}

/// Variables or headers that are set.
pub(super) fn settings(pair: &mut Pair<'_>, what: &str, before: &[Setting], after: &[Setting]) {
    let names = |list: &[Setting]| list.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
    pair.sets(what, &names(before), &names(after));
    for new in after.iter().filter(|new| new.effect.is_some()) {
        if !before.iter().any(|old| old.name == new.name) {
            let effect = new.effect.map_or("", Effect::as_str);
            let what = format!("{} is set, {effect}", new.name);
            pair.add(Class::Redirected, what, None, new.value.as_deref());
        }
    }
    for (old, new) in
        before.iter().filter_map(|old| Some((old, after.iter().find(|new| new.name == old.name)?)))
    {
        if old.from == new.from && old.digest != new.digest {
            let shown = |one: &Setting| one.value.clone().unwrap_or("a hidden value".to_owned());
            let what = format!("{what}, {}, has another value", old.name);
            pair.add(Class::Redirected, what, Some(&shown(old)), Some(&shown(new)));
        }
        if old.from != new.from {
            let from = |one: &Setting| format!("from {}", one.from.join(", "));
            pair.texts(Class::Widened, &format!("{what} {}", old.name), &from(old), &from(new));
        }
    }
}
