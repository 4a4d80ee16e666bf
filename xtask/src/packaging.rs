// SPDX-License-Identifier: Apache-2.0
//! The real binary: how it is built, and how it packages a case in a process of its own.

use std::ffi::OsString;
use std::fs;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::Message;
use serde::{Deserialize, Serialize};

use crate::fixture::Case;
use crate::{Result, tool, workspace};

/// The binary that users run.
pub(crate) const BINARY: &str = "toolhive-oci";

/// Cargo's options for the features that are shipped: what a release has beyond what one compiles to try it.
pub(crate) const SHIPPED: &[&str] = &["--features", "certificates"];

/// The digests of an artifact that must never change.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Digests {
    pub(crate) index_digest: String,
    pub(crate) manifest_digest: String,
    pub(crate) config_digest: String,
    pub(crate) layer_digest: String,
    pub(crate) diff_id: String,
    pub(crate) layer_size: u64,
}

impl Digests {
    /// Returns the differences, outermost last: the first one is the cause of the others.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let texts = |digests: &Self| {
            [
                ("diff ID", digests.diff_id.clone()),
                ("layer size", digests.layer_size.to_string()),
                ("layer", digests.layer_digest.clone()),
                ("config", digests.config_digest.clone()),
                ("manifest", digests.manifest_digest.clone()),
                ("index", digests.index_digest.clone()),
            ]
        };
        let pairs = texts(self).into_iter().zip(texts(other));
        pairs
            .filter(|(one, two)| one != two)
            .map(|((name, one), (_, two))| format!("{name} {one}, not {two}"))
            .collect()
    }
}

/// The build of the binary.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Build {
    /// The build of the README's first command.
    Command,
    /// The one that the tests start, with what all crates of the workspace ask for.
    Tests,
    /// A build of the profile `release` of the packager alone: TLS and the like make no bytes.
    Packaging,
    /// The build that is shipped.
    Shipped,
}

impl Build {
    /// Builds it, and says where it is.
    pub(crate) fn binary(self) -> Result<PathBuf> {
        let mut cargo = cargo_build();
        match self {
            Self::Command => {}
            Self::Tests => cargo = cargo_of_tests(),
            Self::Packaging => {
                cargo.args(["--release", "--no-default-features"]);
            }
            Self::Shipped => {
                cargo.args(["--profile", "dist"]).args(SHIPPED);
            }
        }
        build(cargo)
    }
}

/// Returns cargo's command that builds the tests, and with them the binary that they start.
fn cargo_of_tests() -> Command {
    let mut cargo = Command::new(crate::program());
    cargo.current_dir(workspace::root());
    cargo.args(["test", "--quiet", "--locked", "--workspace", "--all-features", "--no-run"]);
    cargo.args(["--message-format", "json-render-diagnostics"]);
    cargo
}

/// Returns cargo's command that builds the binary; the caller adds profile and target.
pub(crate) fn cargo_build() -> Command {
    cargo_build_as("build")
}

/// Returns a command that builds with another subcommand of cargo.
pub(crate) fn cargo_build_as(subcommand: &str) -> Command {
    let mut cargo = Command::new(crate::program());
    cargo.current_dir(workspace::root());
    cargo.args([
        subcommand,
        "--quiet",
        "--package",
        BINARY,
        "--message-format",
        "json-render-diagnostics",
    ]);
    cargo
}

/// Runs what [`cargo_build`] made, and says where the binary is.
pub(crate) fn build(mut cargo: Command) -> Result<PathBuf> {
    let mut child = cargo.stdout(Stdio::piped()).spawn()?;
    let stdout = child.stdout.take().ok_or("cargo has no output")?;
    let mut binary = None;
    for message in Message::parse_stream(BufReader::new(stdout)) {
        if let Message::CompilerArtifact(artifact) = message?
            && artifact.target.name == BINARY
            && !artifact.profile.test
            && let Some(path) = artifact.executable
        {
            binary = Some(path.into_std_path_buf());
        }
    }
    if !child.wait()?.success() {
        return Err("the binary cannot be built".into());
    }
    binary.ok_or_else(|| "cargo built no binary".into())
}

/// Returns the modes of a case's files, as `git ls-files --stage -z` prints them.
fn listed(case: &Case) -> Vec<u8> {
    let mut list = Vec::new();
    for file in case.tree.files() {
        list.extend(format!("{:06o} 0 0\t", 0o100_000 | file.mode).bytes());
        list.extend(file.path.as_encoded_bytes());
        list.push(0);
    }
    list
}

/// The way in which the process is started.
#[derive(Clone, Debug, Default)]
pub(crate) struct Launch {
    /// Words before the binary: `taskset`, `faketime`, an emulator.
    pub(crate) prefix: Vec<OsString>,
    /// Variables besides what is inherited.
    pub(crate) variables: Vec<(&'static str, &'static str)>,
    pub(crate) environment: Environment,
    pub(crate) epoch: EpochBy,
    pub(crate) cwd: Cwd,
    pub(crate) modes: ModesBy,
    /// The number of threads; by default that of the processors.
    pub(crate) threads: Option<usize>,
}

/// The environment that a process inherits.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Environment {
    #[default]
    Inherited,
    Empty,
}

/// The way in which the epoch is given.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum EpochBy {
    #[default]
    Option,
    SourceDateEpoch,
}

/// The source of the modes of files.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum ModesBy {
    #[default]
    FileSystem,
    /// A list beside the store, as git prints it.
    List,
}

/// The working directory of the process.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Cwd {
    /// The directory of this process; the packaged one is given by its whole path.
    #[default]
    Inherited,
    /// The directory itself, which is given as `.`.
    Inside,
}

impl Launch {
    /// Packages the directory at `path` as the case says, into `store`.
    pub(crate) fn package(
        &self,
        binary: &Path,
        case: &Case,
        path: &Path,
        store: &Path,
    ) -> Result<Digests> {
        let mut words = self.prefix.clone();
        words.push(binary.into());
        let mut command = tool::command(&words)?;
        if let Environment::Empty = self.environment {
            command.env_clear();
        }
        command
            .env_remove("SOURCE_DATE_EPOCH")
            .env_remove("TOOLHIVE_OCI_ENCODER")
            .envs(self.variables.iter().copied());
        command.arg("--store").arg(store).args(["--format", "json", case.kind, "build"]);
        match self.cwd {
            Cwd::Inherited => command.arg(path),
            Cwd::Inside => command.arg(".").current_dir(path),
        };
        command.args(["--tag", "fixture", "--modes", case.modes]);
        match self.epoch {
            EpochBy::Option => command.arg(format!("--epoch={}", case.epoch)),
            EpochBy::SourceDateEpoch => command.env("SOURCE_DATE_EPOCH", case.epoch.to_string()),
        };
        if let ModesBy::List = self.modes {
            let list = store.with_extension("modes");
            fs::write(&list, listed(case))?;
            command.arg("--modes-file").arg(list);
        }
        if let Some(threads) = self.threads {
            command.arg(format!("--threads={threads}"));
        }
        if let Some(encoder) = case.encoder {
            command.args(["--encoder", encoder]);
        }
        for platform in case.platforms {
            command.args(["--platform", platform]);
        }
        let stdout = tool::output(&mut command)?;
        serde_json::from_str(&stdout).map_err(|error| format!("{error} in {stdout}").into())
    }
}
