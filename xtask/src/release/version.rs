// SPDX-License-Identifier: Apache-2.0
//! Chooses the version that comes next.

use std::str::FromStr;

use cargo_metadata::semver::{BuildMetadata, Prerelease, Version};

use crate::Result;

/// The way from one version to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Major,
    Minor,
    Patch,
    To(Version),
}

impl FromStr for Step {
    type Err = Box<dyn std::error::Error>;

    fn from_str(text: &str) -> Result<Self> {
        Ok(match text {
            "major" => Self::Major,
            "minor" => Self::Minor,
            "patch" => Self::Patch,
            _ => Self::To(Version::parse(text).map_err(|error| {
                format!("{text} is neither a version nor major, minor, patch: {error}")
            })?),
        })
    }
}

impl Step {
    pub(super) fn after(&self, current: &Version) -> Version {
        let (major, minor, patch) = (current.major, current.minor, current.patch);
        match self {
            Self::Major => Version::new(major + 1, 0, 0),
            Self::Minor => Version::new(major, minor + 1, 0),
            // What came before 1.2.3 becomes 1.2.3.
            Self::Patch if !current.pre.is_empty() => {
                Version { pre: Prerelease::EMPTY, build: BuildMetadata::EMPTY, ..current.clone() }
            }
            Self::Patch => Version::new(major, minor, patch + 1),
            Self::To(version) => version.clone(),
        }
    }
}

/// Returns the version of a tag.
pub(super) fn of_tag(tag: &str) -> Result<Version> {
    let text = tag.strip_prefix('v').unwrap_or(tag);
    Version::parse(text).map_err(|error| format!("the tag {tag}: {error}").into())
}

/// Whether a version may break what an older one promised: its first number that is not 0 differs.
pub(super) fn is_breaking(old: &Version, new: &Version) -> bool {
    let significant = |version: &Version| match (version.major, version.minor, version.patch) {
        (0, 0, patch) => (0, 0, patch),
        (0, minor, _) => (0, minor, 0),
        (major, _, _) => (major, 0, 0),
    };
    significant(old) != significant(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).expect("a version")
    }

    #[test]
    fn steps_lead_where_semver_says() {
        let after = |step: &str, current: &str| {
            step.parse::<Step>().expect("a step").after(&version(current)).to_string()
        };
        assert_eq!(after("major", "1.2.3"), "2.0.0");
        assert_eq!(after("minor", "1.2.3"), "1.3.0");
        assert_eq!(after("patch", "1.2.3"), "1.2.4");
        assert_eq!(after("patch", "1.2.3-rc.1"), "1.2.3");
        assert_eq!(after("3.0.0-rc.1", "1.2.3"), "3.0.0-rc.1");
        assert!("next".parse::<Step>().is_err());
    }

    #[test]
    fn below_1_the_minor_version_breaks() {
        let breaks = |old, new| is_breaking(&version(old), &version(new));
        assert!(breaks("0.1.0", "0.2.0"));
        assert!(!breaks("0.1.0", "0.1.1"));
        assert!(breaks("1.9.0", "2.0.0"));
        assert!(!breaks("1.0.0", "1.9.0"));
        assert!(breaks("0.9.0", "1.0.0"));
    }
}
