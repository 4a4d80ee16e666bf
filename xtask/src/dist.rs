// SPDX-License-Identifier: Apache-2.0
//! Makes a release, byte for byte the same from every clone: for each system an archive, a wheel, a package of npm
//! and an SBOM; recipes for installers; a container image; and the list of all their digests.
//!
//! `cargo xtask dist` makes them of the version that is checked out. Who does not trust a published
//! release makes it again and compares `SHA256SUMS`.

mod date;
mod platform;
mod elf;
mod binary;
mod linked;
mod auditable;
mod sbom;
mod release;
mod files;
mod wheel;
mod npm;
mod recipes;
mod image;
mod sums;
mod install;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::semver::Version;
use oci_artifact::digest;

use crate::packaging::{Build, Launch, SHIPPED};
use crate::{Result, golden, release as releases, tool, workspace};
use binary::Built;
pub(crate) use date::Date;
use files::{File, Files};
use install::Speakers;
use linked::Linked;
pub(crate) use platform::Platform;
use recipes::Archive;
use release::Release;

const USAGE: &str = "\
cargo xtask dist [--target TRIPLE]… [--binary TRIPLE=FILE]… [--key FILE] [-- CARGO'S OPTIONS]
cargo xtask dist --check [--key FILE] [DIRECTORY]";

/// Files of the workspace that an archive takes along.
const TEXTS: &[&str] = &["CHANGELOG.md", "LICENSE", "README.md"];

/// The shells with completions, and the names of their files.
const COMPLETIONS: &[(&str, &str)] = &[
    ("bash", "toolhive-oci.bash"),
    ("elvish", "toolhive-oci.elv"),
    ("fish", "toolhive-oci.fish"),
    ("powershell", "_toolhive-oci.ps1"),
    ("zsh", "_toolhive-oci"),
];

/// The request to pack a release.
pub(crate) struct Request<'a> {
    /// Systems to build for; without any, and without binaries, those of a release that this machine
    /// can build for, or else the machine itself.
    pub(crate) targets: Vec<&'static Platform>,
    /// Binaries that are built already.
    pub(crate) given: Vec<(&'static Platform, PathBuf)>,
    /// The private key that signs the list of digests.
    pub(crate) key: Option<PathBuf>,
    /// Options for cargo; those of what is shipped where there are no others.
    pub(crate) features: Vec<&'a str>,
    pub(crate) golden: Golden,
}

impl Default for Request<'_> {
    fn default() -> Self {
        let (targets, given, key) = (Vec::new(), Vec::new(), None);
        Self { targets, given, key, features: SHIPPED.to_vec(), golden: Golden::default() }
    }
}

/// Whether binaries that run here have to give the recorded digests before they are packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Golden {
    #[default]
    Checked,
    /// The digests were checked just before.
    Known,
}

/// `cargo xtask dist …`.
pub(crate) fn run(arguments: &[&str]) -> Result<()> {
    let mut request = Request::default();
    let (mut check, mut place) = (false, None);
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match *word {
            "--check" => check = true,
            "--prove" if arguments.len() == 1 => return prove(&Build::Tests.binary()?),
            "--target" => request.targets.push(Platform::of(words.next().ok_or(USAGE)?)?),
            "--binary" => {
                let given = words.next().and_then(|word| word.split_once('=')).ok_or(USAGE)?;
                request.given.push((Platform::of(given.0)?, given.1.into()));
            }
            "--key" => request.key = Some(words.next().ok_or(USAGE)?.into()),
            "--" => request.features = words.by_ref().copied().collect(),
            word if place.is_none() && !word.starts_with('-') => place = Some(PathBuf::from(word)),
            _ => return Err(USAGE.into()),
        }
    }
    let root = workspace::root();
    if check {
        if !request.targets.is_empty() || !request.given.is_empty() {
            return Err(USAGE.into());
        }
        let release = Release::of(&root, releases::date_of_head)?;
        let place = place.unwrap_or_else(|| directory(&release.version));
        return install::check(&root, &place, request.key.as_deref(), Speakers::All);
    }
    if place.is_some() {
        return Err(USAGE.into());
    }
    let release = Release::of(&root, releases::date_of_head)?;
    let out = directory(&release.version);
    make(&root, &root.join("target/xtask/build"), &out, &request)
}

/// Packs a binary of this machine, with a key of its own, and installs every package of it. What `verify`
/// built statically for other systems goes along, so that there is a container image, too.
pub(crate) fn prove(binary: &Path) -> Result<()> {
    let root = workspace::root();
    let place = tempfile::tempdir()?;
    let keys = place.path().join("release");
    let mut generate = Command::new(binary);
    generate.args(["--quiet", "keys", "generate", "--output"]).arg(&keys).stdout(Stdio::null());
    if !generate.env_remove("COSIGN_PASSWORD").status()?.success() {
        return Err("the binary makes no keys".into());
    }
    let mut given = vec![(Platform::of(&binary::host(&root)?)?, binary.to_owned())];
    let (verified, host) = (root.join("target/verify"), given[0].0);
    for platform in platform::all().filter(|platform| platform.node != host.node) {
        let path = verified.join(platform.triple).join("release").join(platform.program());
        if path.exists() {
            given.push((platform, path));
        }
    }
    let key = Some(keys.with_extension("key"));
    let request = Request { given, key, golden: Golden::Known, ..Request::default() };
    let out = place.path().join("dist");
    make(&root, &root.join("target/xtask/build"), &out, &request)?;
    let key = keys.with_extension("pub");
    install::check(&root, &out, Some(&key), Speakers::Of(host.triple))
}

/// The directory for what is made of a version.
pub(crate) fn directory(version: &Version) -> PathBuf {
    workspace::root().join("target/xtask/dist").join(version.to_string())
}

/// Builds what `tree` has, below `build`, and writes all packages into `out`.
pub(crate) fn make(tree: &Path, build: &Path, out: &Path, request: &Request<'_>) -> Result<()> {
    let release = Release::of(tree, releases::date_of_head)?;
    let host = binary::host(tree)?;
    let mut binaries = Vec::new();
    let linked = |platform: &Platform| Linked::of(tree, platform.triple, &request.features);
    for (platform, path) in &request.given {
        binaries.push((Built::given(tree, platform, path)?, linked(platform)?));
    }
    for platform in targets(tree, request, &host)? {
        let (version, triple) = (&release.version, platform.triple);
        eprintln!("building toolhive-oci {version} for {triple} so that it can be built again …");
        let linked = linked(platform)?;
        let built = Built::build(tree, build, platform, &request.features, &linked)?;
        binaries.push((built, linked));
    }
    let manual = manual(&binaries, &host)?;
    if request.golden == Golden::Checked {
        for (built, _) in &binaries {
            match built.platform.runner(&host) {
                // Of the very bytes that are shipped.
                Some(prefix) => golden::check_binary(&built.path, &launch(prefix))?,
                None => println!("{}: cannot run here, so not checked", built.platform.triple),
            }
        }
    }
    let mut outputs = Outputs::default();
    for (built, linked) in &binaries {
        outputs.add_platform(&release, built, linked, &manual)?;
    }
    outputs.add_common(&release, &binaries)?;
    outputs.write(out, request.key.as_deref())
}

/// Returns the systems to build for.
fn targets(tree: &Path, request: &Request<'_>, host: &str) -> Result<Vec<&'static Platform>> {
    if !request.targets.is_empty() || !request.given.is_empty() {
        return Ok(request.targets.clone());
    }
    let mut targets = Vec::new();
    for triple in platform::RELEASED {
        let platform = Platform::of(triple)?;
        match binary::missing(tree, platform)? {
            Some(reason) => println!("{triple}: not built: {reason}"),
            None => targets.push(platform),
        }
    }
    if targets.is_empty() {
        targets.push(Platform::of(host)?);
    }
    Ok(targets)
}

fn launch(prefix: Vec<OsString>) -> Launch {
    Launch { prefix, ..Launch::default() }
}

/// The files that are written.
#[derive(Default)]
struct Outputs {
    files: BTreeMap<String, Vec<u8>>,
    archives: Vec<Archive>,
}

impl Outputs {
    fn add_platform(
        &mut self,
        release: &Release,
        built: &Built,
        linked: &Linked,
        manual: &Files,
    ) -> Result<()> {
        let Platform { triple, .. } = built.platform;
        let sbom = sbom::document(linked, built, release.date)?;
        let name = release.name(triple);
        let mut files = manual.clone();
        files.insert(built.platform.program().into(), File::program(built.bytes.clone()));
        files.insert("toolhive-oci.spdx.json".into(), File::text(sbom.clone()));
        for text in TEXTS {
            files.insert((*text).into(), File::text(release.file(text)?));
        }
        let (archive, bytes) = match built.platform.is_windows() {
            true => {
                let below = |(path, file)| (format!("{name}/{path}"), file);
                let files = files.into_iter().map(below).collect();
                (format!("{name}.zip"), files::zip(&files, release.date)?)
            }
            false => (format!("{name}.tar.gz"), files::tar_gz(&name, &files, release.date)?),
        };
        self.archives.push(Archive {
            platform: built.platform,
            name: archive.clone(),
            sha256: digest::sha256(&bytes).hex(),
        });
        self.add((archive, bytes))?;
        self.add((format!("{name}.spdx.json"), sbom.clone()))?;
        self.add(wheel::make(release, built, &sbom)?)?;
        self.add(npm::platform(release, built, &sbom)?)
    }

    fn add_common(&mut self, release: &Release, binaries: &[(Built, Linked)]) -> Result<()> {
        let binaries: Vec<&Built> = binaries.iter().map(|(built, _)| built).collect();
        let platforms: Vec<&Platform> = binaries.iter().map(|built| built.platform).collect();
        self.add(npm::main(release, &platforms)?)?;
        if let Some(formula) = recipes::homebrew(release, &self.archives) {
            self.add(("toolhive-oci.rb".into(), formula))?;
        }
        if let Some(manifest) = recipes::scoop(release, &self.archives)? {
            self.add(("toolhive-oci.json".into(), manifest))?;
        }
        match image::make(release, &binaries)? {
            Some(image) => self.add(image),
            None => {
                println!("no binary is static, so there is no container image");
                Ok(())
            }
        }
    }

    fn add(&mut self, (name, bytes): (String, Vec<u8>)) -> Result<()> {
        match self.files.insert(name.clone(), bytes) {
            Some(_) => Err(format!("two files would be called {name}").into()),
            None => Ok(()),
        }
    }

    /// Replaces the directory by these files and their list.
    fn write(&self, out: &Path, key: Option<&Path>) -> Result<()> {
        if out.exists() {
            fs::remove_dir_all(out)?;
        }
        fs::create_dir_all(out)?;
        for (name, bytes) in &self.files {
            fs::write(out.join(name), bytes)?;
        }
        let list = sums::of(&self.files);
        fs::write(out.join(sums::NAME), &list)?;
        if let Some(key) = key {
            fs::write(out.join(sums::SIGNATURE), sums::sign(&list, key)?)?;
        }
        for (name, bytes) in &self.files {
            println!("{:>11}  {name}", bytes.len());
        }
        println!("dist: {} files and their digests, in {}", self.files.len(), out.display());
        Ok(())
    }
}

/// Man pages and completions, which a binary itself makes: the same for every system.
fn manual(binaries: &[(Built, Linked)], host: &str) -> Result<Files> {
    let able = binaries.iter().find_map(|(built, _)| Some((built, built.platform.runner(host)?)));
    let (built, mut words) = able.ok_or("no binary runs here, so there is no manual")?;
    words.push(built.path.clone().into());
    let mut files = Files::new();
    for (shell, name) in COMPLETIONS {
        let script = output_of(&words, &["completions".as_ref(), shell.as_ref()])?;
        files.insert(format!("completions/{name}"), File::text(script));
    }
    let place = tempfile::tempdir()?;
    output_of(&words, &["man".as_ref(), place.path().as_os_str()])?;
    for entry in fs::read_dir(place.path())? {
        let entry = entry?;
        let name = entry.file_name().into_string().map_err(|_| "a man page with an odd name")?;
        files.insert(format!("man/man1/{name}"), File::text(fs::read(entry.path())?));
    }
    Ok(files)
}

/// Returns the output of a program, with nothing of this machine's environment.
fn output_of(words: &[OsString], arguments: &[&std::ffi::OsStr]) -> Result<Vec<u8>> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    tool::bytes(tool::command(words)?.args(arguments).env_clear().env("PATH", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the value of `[package.metadata.binstall]` for that target, as cargo-binstall reads
    /// it.
    fn binstall(key: &str, release: &Release, triple: &str) -> String {
        let text = fs::read_to_string(workspace::root().join("crates/toolhive-oci/Cargo.toml"));
        let manifest: toml_edit::DocumentMut = text.expect("read").parse().expect("TOML");
        let template = manifest["package"]["metadata"]["binstall"][key].as_str().expect("text");
        template
            .replace("{ repo }", &release.repository)
            .replace("{ version }", &release.version.to_string())
            .replace("{ target }", triple)
            .replace("{ bin }", "toolhive-oci")
            .replace("{ binary-ext }", "")
    }

    #[test]
    fn cargo_binstall_finds_the_archive_and_the_program_in_it() {
        let (release, triple) = (release::example("1.0.0"), "x86_64-unknown-linux-musl");
        let name = release.name(triple);
        assert_eq!(binstall("pkg-url", &release, triple), release.url(&format!("{name}.tar.gz")));
        assert_eq!(binstall("bin-dir", &release, triple), format!("{name}/toolhive-oci"));
        assert_eq!(binstall("pkg-fmt", &release, triple), "tgz");
    }

    #[test]
    fn arguments_are_checked_before_anything_is_built() {
        for arguments in [
            &["--target"][..],
            &["--target", "pdp11-dec-unix"],
            &["--binary", "toolhive-oci"],
            &["--check", "--target", "x86_64-unknown-linux-musl"],
            &["directory"],
            &["--sign"],
        ] {
            assert!(run(arguments).is_err(), "{arguments:?}");
        }
    }
}
