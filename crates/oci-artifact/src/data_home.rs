// SPDX-License-Identifier: Apache-2.0
//! The directory for a user's data, on each system the one that ToolHive takes (ST-2).

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A family of operating systems, by where programs keep what belongs to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// Linux and the like: `~/.local/share`.
    Unix,
    /// macOS: `~/Library/Application Support`.
    MacOs,
    /// Windows, with `%LOCALAPPDATA%`.
    Windows,
}

impl System {
    /// The system that this was compiled for.
    pub const OWN: Self = if cfg!(target_os = "macos") {
        Self::MacOs
    } else if cfg!(windows) {
        Self::Windows
    } else {
        Self::Unix
    };
}

/// Returns the directory for a user's data on `system`: `XDG_DATA_HOME` if that is absolute, or else the system's
/// own, as Go's `adrg/xdg` has it (ST-2). `variable` looks up a variable of the environment; `home` is the user's
/// directory. Nothing if it follows from none of them.
pub fn data_home(
    system: System,
    variable: impl Fn(&str) -> Option<OsString>,
    home: Option<&Path>,
) -> Option<PathBuf> {
    let absolute = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let below_home =
        |path: &str| home.filter(|home| home.is_absolute()).map(|home| home.join(path));
    absolute("XDG_DATA_HOME").or_else(|| match system {
        System::Unix => below_home(".local/share"),
        System::MacOs => below_home("Library/Application Support"),
        System::Windows => absolute("LOCALAPPDATA").or_else(|| below_home("AppData/Local")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns an absolute path, on Windows one with a drive.
    fn absolute(path: &str) -> String {
        if cfg!(windows) { format!("C:{path}") } else { path.to_owned() }
    }

    /// Returns the directory with those variables and a home.
    fn found(system: System, variables: &[(&str, &str)]) -> Option<PathBuf> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        };
        data_home(system, variable, Some(Path::new(&absolute("/home/me"))))
    }

    #[test]
    fn each_system_has_its_own_directory_for_data_st_2() {
        let (data, local) = (absolute("/data"), absolute("/local"));
        for (system, expected) in [
            (System::Unix, "/home/me/.local/share"),
            (System::MacOs, "/home/me/Library/Application Support"),
            (System::Windows, "/home/me/AppData/Local"),
        ] {
            let expected = Some(PathBuf::from(absolute(expected)));
            assert_eq!(found(system, &[]), expected, "{system:?}");
            assert_eq!(found(system, &[("XDG_DATA_HOME", "")]), expected, "{system:?}");
            assert_eq!(found(system, &[("XDG_DATA_HOME", "relative")]), expected, "{system:?}");
            let named = found(system, &[("XDG_DATA_HOME", &data), ("LOCALAPPDATA", &local)]);
            assert_eq!(named, Some(PathBuf::from(&data)), "{system:?}");
            assert_eq!(data_home(system, |_| None, None), None, "{system:?}");
            assert_eq!(data_home(system, |_| None, Some(Path::new("me"))), None, "{system:?}");
        }
        let variables = [("LOCALAPPDATA", local.as_str())];
        assert_eq!(found(System::Windows, &variables), Some(PathBuf::from(&local)));
        assert_eq!(found(System::MacOs, &variables), found(System::MacOs, &[]));
    }
}
