// SPDX-License-Identifier: Apache-2.0
//! The stand-in for [`network`](self) in a build without that feature: it has no commands, no
//! options, and no artifact in a registry, so that nothing else has to ask how it was built.

use std::convert::Infallible;
use std::io::Read;

use clap::{Args, Subcommand};
use oci_artifact::reader::ContentSource;
use oci_artifact::reference::Reference;
use oci_artifact::store::Store;
use oci_artifact::{Descriptor, Digest, Error, ErrorKind, Result};
use toolhive_lockfile::Entry;

use crate::args::Side;
use crate::commands::sync::Signer;
use crate::context::Context;
use crate::kind::Kind;
use crate::output::Outcome;
use crate::place::{Attached, Origin};

/// The help of `--verbose`.
pub(crate) const VERBOSE: &str = "Print more details";

/// The global options for registries: there are none.
pub(crate) const GLOBAL: &str = "";

/// The options that ask for an artifact of a registry: there are none.
pub(crate) const REMOTE: [&str; 0] = [];

/// The commands that make a store.
pub(crate) const MAKERS: &str = "`build` makes it";

/// The options for registries: there are none.
#[derive(Debug, Args)]
pub(crate) struct Options {}

impl Options {
    /// The error that this build has no network.
    pub(crate) fn source(&self, reference: &str, _context: &Context) -> Result<RemoteSource> {
        let message = format!("this build has no network, so it cannot look for {reference}");
        Err(Error::new(ErrorKind::InvalidOption, message)
            .with_help("the feature `network`, on by default, adds it"))
    }
}

/// The option to look in a registry: there is none.
#[derive(Debug, Args)]
pub(crate) struct Where {}

impl Where {
    /// The store.
    pub(crate) fn origin(&self) -> Origin {
        Origin::Store
    }

    /// Does nothing: this build has no artifacts of registries.
    pub(crate) fn admit(&self, _: &RemoteSource, _: &Context) -> Result<Vec<String>> {
        Ok(Vec::new())
    }
}

/// The option to look in registries for one of two artifacts: there is none.
#[derive(Debug, Args)]
pub(crate) struct FromRegistries {}

impl FromRegistries {
    /// The store.
    pub(crate) fn of(&self, _side: Side, _name: &str) -> Where {
        Where {}
    }
}

/// The option to ask no registry: none can be asked.
#[derive(Debug, Args)]
pub(crate) struct Fetching {}

impl Fetching {
    /// Whether there is no network, which is always so in this build.
    pub(crate) fn is_offline(&self) -> bool {
        true
    }
}

/// The option to send what was built: there is none.
#[derive(Debug, Args)]
pub(crate) struct Pushing {}

impl Pushing {
    /// Returns no target, in this build without a network.
    pub(crate) fn targets(&self, _tags: &[String]) -> Result<Option<Vec<Reference>>> {
        Ok(None)
    }
}

/// Sends nothing, in this build without a network.
pub(crate) fn push_built<K: Kind>(
    _store: &Store,
    _digest: &Digest,
    _targets: &[Reference],
    _context: &Context,
) -> Result<serde_json::Value> {
    Err(Error::new(ErrorKind::InvalidOption, "this build has no network"))
}

/// Checks nothing, in this build without a network.
pub(crate) fn check_signer(_store: &Store, entry: &Entry, _context: &Context) -> Result<Signer> {
    Ok(if entry.provenance.is_some() { Signer::NotChecked } else { Signer::NoneNamed })
}

/// Fetches nothing, in this build without a network.
pub(crate) fn fetch_pins<K: Kind>(
    _pins: &[Reference],
    _store: &Store,
    _context: &Context,
) -> Result<Vec<Result<()>>> {
    Err(Error::new(ErrorKind::InvalidOption, "this build has no network"))
}

/// The commands for registries: there are none.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {}

/// The verbs for registries: there are none.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {}

pub(crate) fn run(command: Command, _context: &Context) -> Result<Outcome> {
    match command {}
}

pub(crate) fn run_verb<K: Kind>(verb: Verb, _context: &Context) -> Result<Outcome> {
    match verb {}
}

/// The error as it is: there is nowhere else to look.
pub(crate) fn elsewhere(_reference: &str, error: Error) -> Error {
    error
}

/// An artifact in a registry: there is none.
pub(crate) struct RemoteSource(Infallible);

impl RemoteSource {
    pub(crate) fn attached(&self, _subject: &Digest) -> Result<Vec<Attached>> {
        match self.0 {}
    }
}

impl ContentSource for RemoteSource {
    fn resolve(&self, _reference: &str) -> Result<Descriptor> {
        match self.0 {}
    }

    fn document(&self, _descriptor: &Descriptor) -> Result<Vec<u8>> {
        match self.0 {}
    }

    fn stream(&self, _descriptor: &Descriptor) -> Result<Box<dyn Read + '_>> {
        match self.0 {}
    }
}

#[cfg(test)]
mod tests {
    use crate::args::all_commands;

    #[test]
    fn no_help_names_what_this_build_does_not_have() {
        let mut commands = vec![all_commands()];
        let mut seen = 0;
        while let Some(mut command) = commands.pop() {
            let help = command.render_long_help().to_string();
            for word in ["registr", "--remote", "--plain-http", "login", "pull", "push"] {
                assert!(!help.contains(word), "{word:?} in {help}");
            }
            commands.extend(command.get_subcommands().cloned());
            seen += 1;
        }
        assert!(seen > 10, "{seen}");
    }
}
