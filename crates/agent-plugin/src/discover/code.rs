// SPDX-License-Identifier: Apache-2.0
//! Every file that is code (S-77), and the digest over them (S-81).

use sha2::{Digest as _, Sha256};

use super::builder::Builder;
use crate::files::{Entry, Head, Packed, hexadecimal};
use crate::inventory::{Executable, ExecutableKind};
use crate::path;

/// Archives that can hold code, by extension.
const ARCHIVES: [&str; 9] = ["mcpb", "dxt", "zip", "jar", "whl", "tgz", "gz", "tar", "7z"];
/// The interpreter of a file of that extension, where nothing else says it.
const INTERPRETERS: [(&str, &str); 16] = [
    ("sh", "sh"),
    ("bash", "bash"),
    ("zsh", "zsh"),
    ("py", "python3"),
    ("js", "node"),
    ("mjs", "node"),
    ("cjs", "node"),
    ("ts", "typescript"),
    ("mts", "typescript"),
    ("rb", "ruby"),
    ("pl", "perl"),
    ("php", "php"),
    ("ps1", "powershell"),
    ("cmd", "cmd"),
    ("bat", "cmd"),
    ("lua", "lua"),
];

/// Lists the files that are code and takes their digest.
pub(super) fn list(builder: &mut Builder<'_>) {
    let mut hasher = Sha256::new();
    let mut found = Vec::new();
    for entry in builder.files.iter().filter(|entry| entry.packed == Packed::Kept) {
        let used_by = builder.used_by.get(&entry.path).cloned().unwrap_or_default();
        let Some((kind, interpreter)) = kind(entry, !used_by.is_empty()) else { continue };
        hasher.update(&entry.raw_path);
        hasher.update([0]);
        hasher.update(entry.digest);
        hasher.update(if entry.is_executable() { "x\n" } else { "-\n" });
        found.push(Executable {
            path: entry.path.clone(),
            kind,
            interpreter: interpreter.map(str::to_owned),
            mode: entry.git_mode(),
            size: entry.size,
            sha256: entry.sha256.clone(),
            used_by: used_by.into_iter().collect(),
        });
    }
    builder.inventory.executables = found;
    builder.inventory.subject.code_digest = format!("sha256:{}", hexadecimal(&hasher.finalize()));
}

/// Returns the kind of code, if it is any, and its interpreter, of a script.
fn kind(entry: &Entry, is_named: bool) -> Option<(ExecutableKind, Option<&str>)> {
    let name = path::name(&entry.path);
    let extension = name.rsplit_once('.').map_or("", |(_, end)| end).to_ascii_lowercase();
    let by_name = INTERPRETERS.iter().find(|(end, _)| *end == extension).map(|(_, name)| *name);
    let kind = match &entry.head {
        Head::Binary(_) => ExecutableKind::Binary,
        Head::Shebang(_) => ExecutableKind::Script,
        Head::Archive(_) if ARCHIVES.contains(&extension.as_str()) => ExecutableKind::Archive,
        _ if by_name.is_some() => ExecutableKind::Script,
        _ if entry.is_executable() || is_named => ExecutableKind::Other,
        _ => return None,
    };
    let by_name = by_name.filter(|_| kind == ExecutableKind::Script);
    Some((kind, entry.head.interpreter().or(by_name)))
}
