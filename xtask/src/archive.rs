// SPDX-License-Identifier: Apache-2.0
//! The release archive: the binary, its manual, its completions and what is in it, byte for byte the
//! same from every clone.
//!
//! `cargo xtask archive` makes the archive of the version that is checked out. Who does not trust a
//! published one makes it again and compares `SHA256SUMS`.

mod date;
mod binary;
mod linked;
mod sbom;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::semver::Version;
use oci_artifact::{Epoch, digest, gzip, tar};

use crate::{Result, golden, packaging, release, workspace};
pub(crate) use date::Date;

/// Files of the workspace that go along.
const TEXTS: &[&str] = &["CHANGELOG.md", "LICENSE", "README.md"];

/// The shells with completions, and what their files are called.
const COMPLETIONS: &[(&str, &str)] = &[
    ("bash", "toolhive-oci.bash"),
    ("elvish", "toolhive-oci.elv"),
    ("fish", "toolhive-oci.fish"),
    ("powershell", "_toolhive-oci.ps1"),
    ("zsh", "_toolhive-oci"),
];

/// A file of the archive.
struct File {
    mode: u32,
    bytes: Vec<u8>,
}

impl File {
    fn text(bytes: impl Into<Vec<u8>>) -> Self {
        Self { mode: 0o644, bytes: bytes.into() }
    }
}

/// `cargo xtask archive [-- FEATURES]`.
pub(crate) fn run(arguments: &[&str]) -> Result<()> {
    let features = match arguments {
        [] => &[],
        ["--", features @ ..] => features,
        _ => return Err("cargo xtask archive [-- --no-default-features …]".into()),
    };
    let root = workspace::root();
    let out = directory(&version(&root)?);
    make(&root, &root.join("target/xtask/build"), &out, features)
}

/// Where the archive of a version is written.
pub(crate) fn directory(version: &Version) -> PathBuf {
    workspace::root().join("target/xtask/dist").join(version.to_string())
}

/// Builds what `tree` has, below `build`, and writes archive, SBOM and checksums into `out`.
pub(crate) fn make(tree: &Path, build: &Path, out: &Path, features: &[&str]) -> Result<()> {
    let version = version(tree)?;
    let changelog = fs::read_to_string(tree.join("CHANGELOG.md"))?;
    let (date, _) = release::section(&changelog, &version)?;
    eprintln!("building toolhive-oci {version} so that it can be built again …");
    let built = binary::build(tree, build, features)?;
    // Of the very bytes that are shipped.
    golden::check_binary(&built.path)?;
    let linked = linked::Linked::of(tree, &built.triple, features)?;
    let sbom = sbom::document(&linked, &built, date)?;

    let name = format!("toolhive-oci-{version}-{}", built.triple);
    let mut files = BTreeMap::new();
    files.insert("toolhive-oci".into(), File { mode: 0o755, bytes: built.bytes });
    files.insert("toolhive-oci.spdx.json".into(), File::text(sbom.clone()));
    for text in TEXTS {
        files.insert((*text).into(), File::text(fs::read(tree.join(text))?));
    }
    files.extend(manual(&built.path)?);

    if out.exists() {
        fs::remove_dir_all(out)?;
    }
    fs::create_dir_all(out)?;
    let archive = format!("{name}.tar.gz");
    let artifacts = [(archive, pack(&name, &files, date)?), (format!("{name}.spdx.json"), sbom)];
    let mut sums = String::new();
    for (name, bytes) in &artifacts {
        fs::write(out.join(name), bytes)?;
        sums.push_str(&format!("{}  {name}\n", digest::sha256(bytes).digest()));
    }
    fs::write(out.join("SHA256SUMS"), &sums)?;
    print!("{sums}");
    println!("archive: {} files, in {}", files.len(), out.display());
    Ok(())
}

/// The version that a tree has.
fn version(tree: &Path) -> Result<Version> {
    let metadata = workspace::metadata_of(tree)?;
    let packages = metadata.workspace_packages();
    let package = packages.iter().find(|package| package.name == packaging::BINARY);
    Ok(package.ok_or("the workspace has no toolhive-oci")?.version.clone())
}

/// Man pages and completions, which the binary itself makes.
fn manual(binary: &Path) -> Result<BTreeMap<String, File>> {
    let mut files = BTreeMap::new();
    for (shell, name) in COMPLETIONS {
        let script = output_of(binary, &["completions".as_ref(), shell.as_ref()])?;
        files.insert(format!("completions/{name}"), File::text(script));
    }
    let place = tempfile::tempdir()?;
    output_of(binary, &["man".as_ref(), place.path().as_os_str()])?;
    for entry in fs::read_dir(place.path())? {
        let entry = entry?;
        let name = entry.file_name().into_string().map_err(|_| "a man page with an odd name")?;
        files.insert(format!("man/man1/{name}"), File::text(fs::read(entry.path())?));
    }
    Ok(files)
}

/// What the binary prints, with nothing of this machine's environment.
fn output_of(binary: &Path, arguments: &[&std::ffi::OsStr]) -> Result<Vec<u8>> {
    let mut command = Command::new(binary);
    let output = command.args(arguments).env_clear().stdin(Stdio::null()).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(output.stdout)
}

/// The files below a directory `name`, as the layers of our artifacts are packed.
fn pack(name: &str, files: &BTreeMap<String, File>, date: Date) -> Result<Vec<u8>> {
    let epoch = Epoch::parse(&date.seconds().to_string())?;
    let gzip = gzip::Writer::new(Vec::new(), epoch.gzip_mtime())?;
    let mut tar = tar::Writer::new(gzip, epoch);
    for (path, File { mode, bytes }) in files {
        let path = format!("{name}/{path}");
        tar.append(path.as_bytes(), *mode, bytes.len() as u64, &mut bytes.as_slice())?;
    }
    let mut gzip = tar.finish()?;
    gzip.flush()?;
    Ok(gzip.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_depends_on_its_files_and_its_date_alone() {
        let date = |text: &str| text.parse::<Date>().expect("a date");
        let files = || {
            BTreeMap::from([
                ("b/c".to_owned(), File::text("text")),
                ("a".to_owned(), File { mode: 0o755, bytes: vec![0; 1 << 20] }),
            ])
        };
        let packed = |date| pack("name-1", &files(), date).expect("it can be packed");
        assert_eq!(packed(date("2026-01-31")), packed(date("2026-01-31")));
        assert_ne!(packed(date("2026-01-31")), packed(date("2026-02-01")));
    }
}
