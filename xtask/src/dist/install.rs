// SPDX-License-Identifier: Apache-2.0
//! Installs what [`super::make`] wrote, each package with its own installer, without a network, where
//! nothing is installed; and starts what was installed.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use super::platform::{self, Platform};
use super::release::Release;
use super::{binary, sums};
use crate::tool::{self, output, runs};
use crate::{Result, release as releases, traffic};

/// A directory of packages that is checked.
struct Check<'a> {
    out: &'a Path,
    host: String,
    version: String,
    /// The unpacked files, each archive below a directory of its own.
    place: tempfile::TempDir,
}

/// The programs that push and pull when they are checked.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Speakers {
    /// Those of a release, each of which has to.
    All,
    /// That of one system: the others were built without the network.
    Of(&'static str),
}

/// Checks the list of digests and installs everything that this machine has an installer for. The
/// programs that can run here push to a registry on loopback and pull from it.
pub(crate) fn check(tree: &Path, out: &Path, key: Option<&Path>, speak: Speakers) -> Result<()> {
    let files = sums::check(out, key)?;
    println!("{}: {files} files are what it says", sums::NAME);
    let version = Release::of(tree, releases::date_of_head)?.version.to_string();
    let place = tempfile::tempdir()?;
    let check = Check { out, host: binary::host(tree)?, version, place };
    let binaries = check.archives()?;
    check.pip()?;
    check.npm()?;
    check.image()?;
    let speaks = |triple| match speak {
        Speakers::All => true,
        Speakers::Of(one) => triple == one,
    };
    for (triple, words) in binaries.iter().filter(|(triple, _)| speaks(*triple)) {
        timed(&format!("{triple}: build, push and pull"), || traffic::run(tree, words))?;
    }
    Ok(())
}

impl Check<'_> {
    /// Returns a directory for one installer.
    fn directory(&self, name: &str) -> Result<PathBuf> {
        let path = self.place.path().join(name);
        fs::create_dir_all(&path)?;
        Ok(path)
    }

    /// Returns the files with that ending.
    fn files(&self, ending: &str) -> Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(self.out)? {
            let path = entry?.path();
            if path.to_string_lossy().ends_with(ending) {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }

    /// Returns each archive for `tar`, its name without the ending, and the system that it is for.
    fn packed(&self) -> Result<Vec<(PathBuf, String, &'static Platform)>> {
        let prefix = format!("toolhive-oci-{}-", self.version);
        let archive = |path: PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let name = name.trim_end_matches(".tar.gz").to_owned();
            let platform = Platform::of(name.trim_start_matches(&prefix))?;
            Ok((path, name, platform))
        };
        self.files(".tar.gz")?.into_iter().map(archive).collect()
    }

    /// Checks that a program reports the version of the release.
    fn starts(&self, words: &[OsString]) -> Result<()> {
        let said = output(tool::command(words)?.arg("--version"))?;
        match said.split_whitespace().last() == Some(&self.version) {
            true => Ok(()),
            false => Err(format!("{words:?}: says {said}").into()),
        }
    }

    /// Unpacks the archives with the system's tar; the programs that run here, with what starts them.
    fn archives(&self) -> Result<Vec<(&'static str, Vec<OsString>)>> {
        let mut able = Vec::new();
        for (path, name, platform) in self.packed()? {
            let triple = platform.triple;
            let into = self.directory("archives")?;
            timed(&format!("{triple}: tar"), || {
                let mut tar = Command::new("tar");
                output(tar.arg("-xzf").arg(&path).arg("-C").arg(&into)).map(drop)
            })?;
            let Some(mut words) = platform.runner(&self.host) else {
                println!("{triple}: cannot run here");
                continue;
            };
            words.push(into.join(&name).join(platform.program()).into());
            self.starts(&words)?;
            able.push((platform.triple, words));
        }
        Ok(able)
    }

    /// `pip` chooses among the wheels, in an empty environment.
    fn pip(&self) -> Result<()> {
        let Some(python) = python() else {
            return without("a Python that can make virtual environments");
        };
        let place = self.directory("venv")?;
        output(Command::new(python).args(["-m", "venv"]).arg(&place))?;
        timed("pip install", || {
            let mut pip = Command::new(place.join("bin/pip"));
            pip.args(["install", "--quiet", "--disable-pip-version-check", "--no-index"]);
            pip.arg("--find-links").arg(self.out).arg("toolhive-oci");
            output(pip.env("PIP_NO_CACHE_DIR", "1").env_remove("PIP_INDEX_URL")).map(drop)
        })?;
        self.starts(&[place.join("bin/toolhive-oci").into()])
    }

    /// `npm` takes the main package and that of this machine's system.
    fn npm(&self) -> Result<()> {
        if !runs("npm") {
            println!("skipped: npm is not installed");
            return Ok(());
        }
        let Some(platform) = self.own_platform()? else {
            println!("skipped: no package of npm is for this machine");
            return Ok(());
        };
        let (os, cpu) = platform.node;
        let place = self.directory("npm")?;
        let names = [String::new(), format!("-{os}-{cpu}")];
        let packages = names.map(|of| format!("toolhive-oci{of}-{}.tgz", self.version));
        timed("npm install", || {
            let mut npm = Command::new("npm");
            npm.args(["install", "--silent", "--offline", "--no-audit", "--no-fund"]);
            npm.args(packages.map(|name| self.out.join(name))).current_dir(&place);
            output(npm.arg("--cache").arg(place.join("cache"))).map(drop)
        })?;
        self.starts(&[place.join("node_modules/.bin/toolhive-oci").into()])
    }

    /// Returns a system whose binary is packed and starts on this machine without an emulator.
    fn own_platform(&self) -> Result<Option<&'static Platform>> {
        let starts = |platform: &&Platform| {
            platform.runner(&self.host).is_some_and(|words| words.is_empty())
        };
        Ok(self.packed()?.into_iter().map(|(_, _, platform)| platform).find(starts))
    }

    /// skopeo copies all of the image, umoci unpacks each platform's, and what is unpacked starts.
    fn image(&self) -> Result<()> {
        let Some(archive) = self.files("-image.tar")?.pop() else {
            println!("skipped: there is no container image");
            return Ok(());
        };
        let place = self.directory("image")?;
        let (copy, layout) = (place.join("copy"), place.join("layout"));
        fs::create_dir_all(&layout)?;
        output(Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(&layout))?;
        if runs("skopeo") {
            let from = format!("oci-archive:{}:{}", archive.display(), self.version);
            let to = format!("oci:{}:{}", copy.display(), self.version);
            timed("skopeo copy --all", || {
                output(Command::new("skopeo").args(["copy", "--quiet", "--all", &from, &to]))
                    .map(drop)
            })?;
        } else {
            without("skopeo")?;
        }
        if !runs("umoci") {
            return without("umoci");
        }
        let tags = output(Command::new("umoci").arg("ls").arg("--layout").arg(&layout))?;
        let prefix = format!("{}-", self.version);
        let mut unpacked = 0;
        for tag in tags.lines() {
            let Some(architecture) = tag.strip_prefix(&prefix) else {
                continue;
            };
            let bundle = place.join(architecture);
            timed(&format!("umoci unpack, linux/{architecture}"), || {
                let mut umoci = Command::new("umoci");
                umoci.args(["unpack", "--rootless", "--image"]);
                umoci.arg(format!("{}:{tag}", layout.display())).arg(&bundle);
                output(&mut umoci).map(drop)
            })?;
            let program = bundle.join("rootfs/toolhive-oci");
            let of_image = |platform: &&Platform| platform.image == Some(architecture);
            let runner = platform::all().find(of_image).and_then(|of| of.runner(&self.host));
            if let Some(mut words) = runner {
                words.push(program.into());
                self.starts(&words)?;
            }
            unpacked += 1;
        }
        if unpacked == 0 {
            return Err(format!("umoci lists {tags}, and no image of one platform").into());
        }
        Ok(())
    }
}

/// A Python with what virtual environments are made of.
fn python() -> Option<&'static str> {
    let able = |python: &&str| {
        let mut asked = Command::new(python);
        asked.args(["-c", "import ensurepip, venv"]).stderr(Stdio::null());
        asked.status().is_ok_and(|status| status.success())
    };
    ["python3", "/usr/bin/python3"].into_iter().find(able)
}

/// Decides about a missing tool: an error if nothing may be left out.
fn without(tool: &str) -> Result<()> {
    println!("{}", tool::missing(tool)?);
    Ok(())
}

/// Runs some work and prints the time that it took.
fn timed<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let start = Instant::now();
    let done = work().map_err(|error| format!("{what}: {error}"))?;
    println!("{:>6.1} s  {what}", start.elapsed().as_secs_f64());
    Ok(done)
}
