// SPDX-License-Identifier: Apache-2.0
//! Recipes for installers that download a release's archive: a formula of Homebrew and a manifest of
//! Scoop, with the digests of that release.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::json;

use super::platform::Platform;
use super::release::Release;
use crate::Result;

/// An archive that can be downloaded: its system, its name and its SHA-256 in hex.
pub(super) struct Archive {
    pub(super) platform: &'static Platform,
    pub(super) name: String,
    pub(super) sha256: String,
}

/// Returns a formula of Homebrew for the archives, if one of them is for a system that has
/// Homebrew.
pub(super) fn homebrew(release: &Release, archives: &[Archive]) -> Option<Vec<u8>> {
    let mut systems: BTreeMap<&str, BTreeMap<&str, &Archive>> = BTreeMap::new();
    for archive in archives {
        if let Some((system, processor)) = archive.platform.brew {
            systems.entry(system).or_default().insert(processor, archive);
        }
    }
    if systems.is_empty() {
        return None;
    }
    let Release { version, description, license, repository, .. } = release;
    let mut text = format!(
        "# SPDX-License-Identifier: Apache-2.0\nclass ToolhiveOci < Formula\n  \
         desc {description:?}\n  homepage {repository:?}\n  version \"{version}\"\n  \
         license {license:?}\n"
    );
    for (system, processors) in systems {
        let _ = write!(text, "\n  on_{system} do\n");
        for (processor, Archive { name, sha256, .. }) in processors {
            let url = release.url(name);
            let _ = write!(
                text,
                "    on_{processor} do\n      url {url:?}\n      sha256 \"{sha256}\"\n    end\n"
            );
        }
        text.push_str("  end\n");
    }
    text.push_str(
        "\n  def install\n    bin.install \"toolhive-oci\"\n    man1.install Dir[\"man/man1/*.1\"]\n    \
         bash_completion.install \"completions/toolhive-oci.bash\" => \"toolhive-oci\"\n    \
         fish_completion.install \"completions/toolhive-oci.fish\"\n    \
         zsh_completion.install \"completions/_toolhive-oci\"\n  end\n\n  test do\n    \
         assert_match version.to_s, shell_output(\"#{bin}/toolhive-oci --version\")\n  end\nend\n",
    );
    Some(text.into_bytes())
}

/// Returns a manifest of Scoop, if one of the archives is for Windows.
pub(super) fn scoop(release: &Release, archives: &[Archive]) -> Result<Option<Vec<u8>>> {
    let Some(archive) = archives.iter().find(|archive| archive.platform.is_windows()) else {
        return Ok(None);
    };
    let Release { version, description, license, repository, .. } = release;
    let manifest = json!({
        "version": version.to_string(),
        "description": description,
        "homepage": repository,
        "license": license,
        "architecture": { "64bit": {
            "url": release.url(&archive.name),
            "hash": archive.sha256,
            "extract_dir": release.name(archive.platform.triple),
        } },
        "bin": archive.platform.program(),
    });
    let mut text = serde_json::to_vec_pretty(&manifest)?;
    text.push(b'\n');
    Ok(Some(text))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::dist::release::example;

    fn archives(triples: &[&str]) -> Vec<Archive> {
        let archive = |triple: &&str| Archive {
            platform: Platform::of(triple).expect("it is known"),
            name: format!("toolhive-oci-1.0.0-{triple}.tar.gz"),
            sha256: format!("{triple}'s"),
        };
        triples.iter().map(archive).collect()
    }

    #[test]
    fn the_formula_has_address_and_digest_of_every_archive_with_homebrew() {
        let triples = [
            "x86_64-unknown-linux-musl",
            "aarch64-unknown-linux-musl",
            "x86_64-apple-darwin",
            "aarch64-apple-darwin",
        ];
        let text = homebrew(&example("1.0.0"), &archives(&triples)).expect("a formula");
        let text = String::from_utf8(text).expect("text");
        for triple in triples {
            let url = format!(
                "url \"https://example.org/me/toolhive-oci/releases/download/v1.0.0/\
                 toolhive-oci-1.0.0-{triple}.tar.gz\"\n      sha256 \"{triple}'s\""
            );
            assert!(text.contains(&url), "{text}");
        }
        let (opened, ended) = (text.matches(" do\n").count(), text.matches("end\n").count());
        assert_eq!(opened + 2, ended, "class and install end, too: {text}");
        assert!(homebrew(&example("1.0.0"), &archives(&["x86_64-pc-windows-msvc"])).is_none());
    }

    #[test]
    fn the_manifest_of_scoop_has_address_and_digest_of_the_archive_for_windows() {
        let of = |triples: &[&str]| scoop(&example("1.0.0"), &archives(triples)).expect("JSON");
        assert!(of(&["x86_64-apple-darwin"]).is_none());
        let text = of(&["x86_64-apple-darwin", "x86_64-pc-windows-msvc"]).expect("a manifest");
        let read: Value = serde_json::from_slice(&text).expect("JSON");
        assert_eq!(read["architecture"]["64bit"]["hash"], "x86_64-pc-windows-msvc's");
        assert_eq!(read["bin"], "toolhive-oci.exe");
    }
}
