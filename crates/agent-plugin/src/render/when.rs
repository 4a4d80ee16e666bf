// SPDX-License-Identifier: Apache-2.0
//! The occasion of a hook, in words.

use crate::inventory::{Hook, MatcherKind, event};

/// Returns the phrase for a hook's event and matcher.
pub(crate) fn phrase(hook: &Hook) -> String {
    let known = event::find(&hook.event).map_or("", |event| event.phrase);
    let text = match known {
        "" => format!("at {}", hook.event),
        known => known.to_owned(),
    };
    let mut phrase = match matched(hook) {
        what if known.contains('*') => text.replace('*', what.as_deref().unwrap_or("tool call")),
        Some(what) => format!("{text} ({what})"),
        None => text,
    };
    if let Some(condition) = &hook.condition {
        phrase.push_str(&format!(" if {condition}"));
    }
    phrase
}

/// Returns the tools that the matcher lets through; `None` for everything.
fn matched(hook: &Hook) -> Option<String> {
    let matcher = hook.matcher.as_deref()?;
    match hook.matcher_kind() {
        MatcherKind::All => None,
        MatcherKind::Regex if matcher == ".*" => None,
        MatcherKind::Regex => Some(format!("/{matcher}/")),
        MatcherKind::Name => Some(matcher.to_owned()),
        MatcherKind::List => {
            let names: Vec<&str> = matcher.split(['|', ',']).map(str::trim).collect();
            match names.split_last() {
                Some((last, [])) => Some((*last).to_owned()),
                Some((last, more)) => Some(format!("{} or {last}", more.join(", "))),
                None => None,
            }
        }
    }
}
