// SPDX-License-Identifier: Apache-2.0
//! The changelog: what is not released yet, and the section of a version.

use cargo_metadata::semver::Version;

use crate::Result;
use crate::dist::Date;

/// The heading of what is not released yet.
const UNRELEASED: &str = "## [Unreleased]";

/// A line of the section Unreleased that owns up to changed digests.
pub(crate) const ADMISSION: &str = "Digest change:";

/// Returns the lines of the section Unreleased.
pub(crate) fn unreleased(changelog: &str) -> impl Iterator<Item = &str> {
    let after = changelog.lines().skip_while(|line| !line.starts_with(UNRELEASED)).skip(1);
    after.take_while(|line| !line.starts_with("## "))
}

/// Checks that there is something to release, and gives the lines that own up to changed digests.
pub(super) fn check(changelog: &str) -> Result<Vec<String>> {
    if !unreleased(changelog).any(|line| line.starts_with("- ")) {
        return Err(format!(
            "CHANGELOG.md: nothing stands under {UNRELEASED}: write what is new for users"
        )
        .into());
    }
    let admissions = unreleased(changelog).filter(|line| line.contains(ADMISSION));
    Ok(admissions.map(str::to_owned).collect())
}

/// The changelog once `version` is released: what was under Unreleased is that version's.
pub(super) fn dated(changelog: &str, version: &Version, date: Date) -> String {
    changelog.replacen(UNRELEASED, &format!("{UNRELEASED}\n\n## [{version}] - {date}"), 1)
}

/// Returns the date and the lines of a version's section.
pub(crate) fn section(changelog: &str, version: &Version) -> Result<(Date, String)> {
    let heading = format!("## [{version}] - ");
    let mut lines = changelog.lines().skip_while(|line| !line.starts_with(&heading));
    let Some(date) = lines.next().and_then(|line| line.strip_prefix(&heading)) else {
        return Err(format!("CHANGELOG.md has no section `{heading}DATE`: is it released?").into());
    };
    let body: Vec<&str> = lines.take_while(|line| !line.starts_with("## ")).collect();
    Ok((date.trim().parse()?, body.join("\n").trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANGELOG: &str = "# Changelog\n\n## [Unreleased]\n\n### Changed\n\n- One\n\n## [0.1.0] - 2026-01-31\n\n- Two\n";

    #[test]
    fn only_the_section_unreleased_counts() {
        let lines: Vec<&str> =
            unreleased(CHANGELOG).filter(|line| line.starts_with("- ")).collect();
        assert_eq!(lines, ["- One"]);
    }

    #[test]
    fn nothing_to_tell_is_nothing_to_release() {
        assert!(check(CHANGELOG).expect("one line").is_empty());
        assert!(check(&CHANGELOG.replace("- One\n", "")).is_err());
        let admitted = check(&CHANGELOG.replace("One", "Digest change: all of them"));
        assert_eq!(admitted.expect("one line"), ["- Digest change: all of them"]);
    }

    #[test]
    fn what_was_unreleased_becomes_the_section_of_a_version() {
        let version = Version::new(0, 2, 0);
        let date = "2026-02-28".parse().expect("a date");
        let dated = dated(CHANGELOG, &version, date);
        assert_eq!(unreleased(&dated).filter(|line| !line.is_empty()).count(), 0);
        let (found, body) = section(&dated, &version).expect("a section");
        assert_eq!(found.to_string(), "2026-02-28");
        assert_eq!(body, "### Changed\n\n- One");
        assert!(section(CHANGELOG, &version).is_err());
    }
}
