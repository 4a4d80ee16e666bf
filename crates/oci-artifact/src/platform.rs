// SPDX-License-Identifier: Apache-2.0
//! Platforms: parsing, defaults, duplicates (format.md, 7).

use oci_spec::image::{Arch, Os, Platform};

use crate::error::{Error, ErrorKind, Result};
use crate::json;
use crate::one_or_more::OneOrMore;

/// Returns the platforms of an artifact for which none were asked for: `linux/amd64`, `linux/arm64`
/// (PF-1).
pub fn defaults() -> OneOrMore<Platform> {
    let linux = |arch| new(Os::Linux, arch, None);
    OneOrMore { first: linux(Arch::Amd64), rest: vec![linux(Arch::ARM64)] }
}

/// Reads `os/arch` or `os/arch/variant`. White space around the parts is dropped, their case is
/// kept, and nothing else is checked (PF-2, PF-3).
///
/// # Errors
/// [`ErrorKind::InvalidOption`] if there are fewer than two parts, more than three, or an empty
/// one.
///
/// ```
/// let platform = oci_artifact::platform::parse("linux/arm/v7").unwrap();
/// assert_eq!(oci_artifact::platform::to_text(&platform), "linux/arm/v7");
/// ```
pub fn parse(text: &str) -> Result<Platform> {
    let parts: Vec<&str> = text.split('/').map(str::trim).collect();
    if parts.iter().all(|part| !part.is_empty()) {
        match *parts.as_slice() {
            [os, arch] => return Ok(new(os.into(), arch.into(), None)),
            [os, arch, variant] => return Ok(new(os.into(), arch.into(), Some(variant.into()))),
            _ => {}
        }
    }
    Err(Error::new(ErrorKind::InvalidOption, format!("{text:?} is not a platform"))
        .with_help("write os/arch or os/arch/variant, as in linux/amd64 or linux/arm/v7"))
}

/// `os/arch` or `os/arch/variant` (PF-2).
pub fn to_text(platform: &Platform) -> String {
    let mut text = format!("{}/{}", platform.os(), platform.architecture());
    if let Some(variant) = platform.variant().as_deref().filter(|v| !v.is_empty()) {
        text.push('/');
        text.push_str(variant);
    }
    text
}

/// Returns the platforms of an artifact: those asked for, in that order (PF-4), or the default
/// ones.
///
/// # Errors
/// [`ErrorKind::InvalidOption`] if one is asked for twice (BUG-36). Platforms are the same only if
/// all their properties are (BUG-35).
pub fn requested(platforms: &[Platform]) -> Result<OneOrMore<Platform>> {
    for (at, platform) in platforms.iter().enumerate() {
        if platforms.iter().take(at).any(|earlier| earlier == platform) {
            let message = format!("platform {} is asked for twice", to_text(platform));
            return Err(
                Error::new(ErrorKind::InvalidOption, message).with_help("name each platform once")
            );
        }
    }
    Ok(OneOrMore::of(platforms.iter().cloned()).unwrap_or_else(defaults))
}

/// Writes a platform's members into an object, those of a config and of an index entry alike
/// (CFG-1, IDX-2).
pub(crate) fn write_members(platform: &Platform, json: &mut json::Writer) {
    json.key("architecture").string(platform.architecture().to_string());
    json.key("os").string(platform.os().to_string());
    if let Some(version) = platform.os_version().as_deref().filter(|v| !v.is_empty()) {
        json.key("os.version").string(version);
    }
    if let Some(features) = platform.os_features().as_deref().filter(|f| !f.is_empty()) {
        json.key("os.features").strings(features);
    }
    if let Some(variant) = platform.variant().as_deref().filter(|v| !v.is_empty()) {
        json.key("variant").string(variant);
    }
}

fn new(os: Os, arch: Arch, variant: Option<String>) -> Platform {
    let mut platform = Platform::default();
    platform.set_os(os).set_architecture(arch).set_variant(variant);
    platform
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_pf_1() {
        let texts: Vec<_> = defaults().iter().map(to_text).collect();
        assert_eq!(texts, ["linux/amd64", "linux/arm64"]);
        let found = requested(&[]).expect("defaults are fine");
        assert_eq!(found, defaults());
    }

    #[test]
    fn parts_are_trimmed_and_their_case_kept_pf_2() {
        for (text, same) in [
            ("linux/amd64", "linux/amd64"),
            (" linux / ARM \t/ v7 ", "linux/ARM/v7"),
            ("darwin/arm64", "darwin/arm64"),
            ("MacOS/x86_64", "MacOS/x86_64"),
            ("windows/386", "windows/386"),
            ("é/ü", "é/ü"),
        ] {
            assert_eq!(to_text(&parse(text).expect(text)), same);
        }
        for bad in ["", "linux", "linux/", "/amd64", "a/b/", "a/b/c/d", " / ", "linux//v7"] {
            assert_eq!(parse(bad).map_err(|e| e.kind()), Err(ErrorKind::InvalidOption), "{bad}");
        }
    }

    #[test]
    fn duplicates_are_refused_bug_36() {
        let one = parse("linux/amd64").expect("is one");
        let error = requested(&[one.clone(), one]).expect_err("twice the same");
        assert_eq!(error.kind(), ErrorKind::InvalidOption);
    }

    #[test]
    fn platforms_are_compared_whole_bug_35() {
        let one = parse("windows/amd64").expect("is one");
        let mut other = one.clone();
        other.set_os_version(Some("10.0.17763".into()));
        assert_eq!(requested(&[one, other]).expect("they differ").rest.len(), 1);
    }
}
