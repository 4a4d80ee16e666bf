// SPDX-License-Identifier: Apache-2.0
//! Names that Windows cannot hold (DEV-8): a warning where they are packaged, a refusal where they would be
//! written there (EX-29).

/// The names of devices, with any extension.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// The reason why Windows cannot hold one name of a path, or changes it.
pub fn refused_by_windows(name: &str) -> Option<String> {
    let forbidden = |c: &char| c.is_ascii_control() || r#"<>:"|?*"#.contains(*c);
    if let Some(c) = name.chars().find(forbidden) {
        let also = if c == ':' { "; macOS shows it as `/`" } else { "" };
        return Some(format!("the name has {c:?}, which Windows refuses{also}"));
    }
    if name.ends_with(['.', ' ']) {
        return Some("the name ends with a dot or a blank, which Windows drops".to_owned());
    }
    let stem = name.split('.').next().unwrap_or(name).trim_end_matches(' ').to_uppercase();
    let is_port = ["COM", "LPT"].iter().any(|port| {
        let number = stem.strip_prefix(port).map(|number| number.chars().collect::<Vec<_>>());
        matches!(number.as_deref(), Some(['0'..='9' | '¹' | '²' | '³']))
    });
    (is_port || DEVICES.contains(&stem.as_str()))
        .then(|| format!("the name is that of the device {stem} on Windows"))
}
