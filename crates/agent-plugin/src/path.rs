// SPDX-License-Identifier: Apache-2.0
//! Paths in the text of configuration (S-7).

/// Returns the path `relative` from `directory`, both below the root, with `.` and `..` resolved;
/// `None` if it is absolute or leads out.
pub(crate) fn join(directory: &str, relative: &str) -> Option<String> {
    if relative.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = directory.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Returns the fault of a component path, or the path from the root (S-7).
pub(crate) fn component(text: &str) -> Result<String, (&'static str, &'static str)> {
    if text.contains('\\') {
        return Err(("path-backslash", "has a backslash; write `/`"));
    }
    if text.split('/').any(|part| part == "..") {
        return Err(("path-escape", "contains `..`, which is refused"));
    }
    if text.starts_with('/') || text.starts_with('~') {
        return Err(("path-escape", "is absolute; write it from the plugin's root, as `./…`"));
    }
    let Some(rest) = text.strip_prefix("./") else {
        return Err(("path-prefix", "does not begin with `./`"));
    };
    join("", rest).ok_or(("path-escape", "leads out of the plugin"))
}

/// Returns the last component.
pub(crate) fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Everything before the last component; empty at the root.
pub(crate) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// Returns the path of that name in a directory (empty: the root); of no name, what all paths in it begin with.
pub(crate) fn child(directory: &str, name: &str) -> String {
    if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") }
}

/// Returns the directories above a path, up to the root.
pub(crate) fn above(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(parent(path)), |&path| (!path.is_empty()).then(|| parent(path)))
}

/// Whether the host takes a file of that name for Markdown: the case of `.md` does not matter to it.
pub(crate) fn is_markdown(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("md"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn component_paths_s_7() {
        assert_eq!(component("./skills/a/"), Ok("skills/a".into()));
        assert_eq!(component("./"), Ok(String::new()));
        for (text, code) in [
            ("skills/a", "path-prefix"),
            ("./a/../b", "path-escape"),
            ("/etc", "path-escape"),
            (".\\a", "path-backslash"),
            ("~/a", "path-escape"),
        ] {
            assert_eq!(component(text).expect_err(text).0, code);
        }
        assert_eq!(join("a/b", "../../c"), Some("c".into()));
        assert_eq!(join("a", "../.."), None);
    }
}
