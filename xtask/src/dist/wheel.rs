// SPDX-License-Identifier: Apache-2.0
//! A wheel: the binary as a package of PyPI, which `pip` and `uv` put beside the `python` of an
//! environment (binary distribution format 1.0, core metadata 2.4). It holds no Python.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cargo_metadata::semver::{Prerelease, Version};
use sha2::{Digest as _, Sha256};

use super::binary::Built;
use super::files::{self, File, Files};
use super::release::Release;
use crate::Result;

/// The name of the package, as file names have it.
const NAME: &str = "toolhive_oci";

/// Returns the wheel of a binary: its file name and its bytes.
pub(super) fn make(release: &Release, built: &Built, sbom: &[u8]) -> Result<(String, Vec<u8>)> {
    let version = python_version(&release.version)?;
    let information = format!("{NAME}-{version}.dist-info");
    let tags = built.platform.wheel;
    let mut files = Files::new();
    let script = format!("{NAME}-{version}.data/scripts/{}", built.platform.program());
    files.insert(script, File::program(built.bytes.clone()));
    let mut describe = |name: &str, text: Vec<u8>| {
        files.insert(format!("{information}/{name}"), File::text(text));
    };
    describe("METADATA", metadata(release, &version));
    describe("WHEEL", wheel(release, tags));
    describe("licenses/LICENSE", release.license_text.clone());
    describe("sboms/toolhive-oci.spdx.json", sbom.to_vec());
    let record = format!("{information}/RECORD");
    let text = recorded(&files, &record);
    files.insert(record, File::text(text));
    Ok((format!("{NAME}-{version}-py3-none-{tags}.whl"), files::zip(&files, release.date)?))
}

/// Returns a version as Python writes it (PEP 440).
fn python_version(version: &Version) -> Result<String> {
    let Version { major, minor, patch, pre, build } = version;
    let release = format!("{major}.{minor}.{patch}");
    if !build.is_empty() {
        return Err(format!("{version}: PyPI takes no version with build metadata").into());
    }
    if *pre == Prerelease::EMPTY {
        return Ok(release);
    }
    let (kind, number) = pre.split_once('.').unwrap_or((pre, "0"));
    let letter = match kind {
        "alpha" => "a",
        "beta" => "b",
        "rc" => "rc",
        _ => return Err(format!("{version}: Python has no word for {kind}").into()),
    };
    let number: u32 = number.parse().map_err(|_| format!("{version}: {number} is no number"))?;
    Ok(format!("{release}{letter}{number}"))
}

fn metadata(release: &Release, version: &str) -> Vec<u8> {
    let Release { description, license, repository, readme, .. } = release;
    let mut text = format!(
        "Metadata-Version: 2.4\nName: toolhive-oci\nVersion: {version}\nSummary: {description}\n\
         License-Expression: {license}\nLicense-File: LICENSE\n\
         Project-URL: Repository, {repository}\nRequires-Python: >=3.7\n\
         Description-Content-Type: text/markdown\n\n"
    )
    .into_bytes();
    text.extend_from_slice(readme);
    text
}

fn wheel(release: &Release, tags: &str) -> Vec<u8> {
    let mut text = format!(
        "Wheel-Version: 1.0\nGenerator: toolhive-oci-xtask {}\nRoot-Is-Purelib: false\n",
        release.version
    );
    for tag in tags.split('.') {
        let _ = writeln!(text, "Tag: py3-none-{tag}");
    }
    text.into_bytes()
}

/// Returns the record of all files; it names itself without a digest.
fn recorded(files: &Files, own: &str) -> Vec<u8> {
    let mut text = String::new();
    for (path, File { bytes, .. }) in files {
        let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(bytes));
        let _ = writeln!(text, "{path},sha256={digest},{}", bytes.len());
    }
    let _ = writeln!(text, "{own},,");
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::release::example;

    #[test]
    fn versions_are_written_as_python_has_them() {
        let python = |text: &str| python_version(&Version::parse(text).expect("a version"));
        for (ours, theirs) in [
            ("1.2.3", "1.2.3"),
            ("1.2.3-rc.1", "1.2.3rc1"),
            ("1.2.3-alpha.10", "1.2.3a10"),
            ("1.2.3-beta", "1.2.3b0"),
        ] {
            assert_eq!(python(ours).expect("Python has it"), theirs);
        }
        for text in ["1.2.3-nightly.1", "1.2.3-rc.x", "1.2.3+build"] {
            assert!(python(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_record_has_every_file_and_itself() {
        let files = Files::from([("a".to_owned(), File::text("x"))]);
        let text = String::from_utf8(recorded(&files, "RECORD")).expect("text");
        // `printf x | openssl dgst -sha256 -binary | basenc --base64url`, without the padding.
        let digest = "LXEWQrcmsEQBYnyp-6wy9chTD7GQPMTbAiWHF5IaSIE";
        assert_eq!(text, format!("a,sha256={digest},1\nRECORD,,\n"));
    }

    #[test]
    fn each_tag_of_the_name_stands_in_the_wheel() {
        let text = String::from_utf8(wheel(&example("1.0.0"), "a.b")).expect("text");
        assert!(text.ends_with("Tag: py3-none-a\nTag: py3-none-b\n"), "{text}");
    }
}
