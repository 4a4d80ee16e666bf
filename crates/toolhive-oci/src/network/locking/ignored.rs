// SPDX-License-Identifier: Apache-2.0
//! Whether git ignores what was placed, or it will be committed (PL-14): git itself is asked, and said is only
//! what it knows.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::context::Context;
use crate::output::harmless;

/// Says once, for people, which of these paths below `root` git ignores and which it does not.
pub(super) fn tell<'p>(root: &Path, paths: impl Iterator<Item = &'p str>, context: &Context) {
    if context.output.is_json() {
        return;
    }
    let (mut ignored, mut open) = (Vec::new(), Vec::new());
    for path in paths {
        match is_ignored(root, path) {
            Some(true) => ignored.push(path),
            Some(false) => open.push(path),
            // Without git, or outside of a work tree, there is nothing to say.
            None => return,
        }
    }
    for (verb, paths, what) in [
        ("ignores", ignored, "a clone gets it with `sync`"),
        ("does not ignore", open, "it can be committed with the lock file"),
    ] {
        if !paths.is_empty() {
            let text = format!("git {verb} {}: {what}", paths.join(", "));
            context.output.note(&harmless(&text));
        }
    }
}

/// Whether git ignores a path; `None` if it cannot say. Neither the index nor anything that a
/// repository's configuration could run is needed for that.
fn is_ignored(root: &Path, path: &str) -> Option<bool> {
    let mut git = Command::new("git");
    git.args(["--no-pager", "-c", "core.fsmonitor=false", "check-ignore", "--no-index", "--quiet"]);
    git.arg("--").arg(path).current_dir(root);
    git.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_NO_LAZY_FETCH", "1");
    git.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match git.status().ok()?.code()? {
        0 => Some(true),
        1 => Some(false),
        _ => None,
    }
}
