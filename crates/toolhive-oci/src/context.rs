// SPDX-License-Identifier: Apache-2.0
//! The context of every command: the store, the output, the environment.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use oci_artifact::store::Store;
use oci_artifact::{Diagnostic, Encoder, Epoch, Error, ErrorKind, Result};
use toolhive_plugins::Plugin;
use toolhive_skills::Skill;

use crate::args::{Global, When};
use crate::kind::Kind;
use crate::network;
use crate::output::Output;
use crate::signals::Stop;

pub(crate) struct Context {
    pub(crate) output: Output,
    pub(crate) progress: When,
    pub(crate) network: network::Options,
    store: Option<PathBuf>,
    stop: Stop,
}

impl Context {
    pub(crate) fn new(global: Global) -> Self {
        match global.color {
            When::Auto => {}
            When::Always => anstream::ColorChoice::Always.write_global(),
            When::Never => anstream::ColorChoice::Never.write_global(),
        }
        Self {
            output: Output::new(global.format, global.verbosity()),
            progress: global.progress,
            network: global.network,
            store: global.store,
            stop: Stop::default(),
        }
    }

    /// Whether the process was asked to end. From the first call on signals are listened to, so
    /// that whatever calls this has to look at it again and again.
    pub(crate) fn stop(&self) -> &Stop {
        self.stop.listen();
        &self.stop
    }

    /// Directories of the user's that nothing takes the place of (EX-21).
    pub(crate) fn protected(&self) -> Vec<PathBuf> {
        std::env::home_dir().into_iter().filter(|home| !home.as_os_str().is_empty()).collect()
    }

    /// Opens the store that was named, or the kind's own; makes it if there is none.
    pub(crate) fn store<K: Kind>(&self) -> Result<Store> {
        let root = self.store_root::<K>()?;
        if self.store.is_none() {
            has_home(&root)?;
        }
        Store::open(root).map(|store| self.told(store))
    }

    /// Opens the store that was named, or the kind's own, to read what is in it.
    pub(crate) fn existing_store<K: Kind>(&self) -> Result<Store> {
        let store = Store::open_existing(self.store_root::<K>()?).map_err(no_store)?;
        Ok(self.told(store))
    }

    /// Opens the store to read what is in it; none if there is none yet.
    pub(crate) fn store_if_there<K: Kind>(&self) -> Result<Option<Store>> {
        match self.existing_store::<K>() {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            store => store.map(Some),
        }
    }

    fn store_root<K: Kind>(&self) -> Result<PathBuf> {
        self.named_store()?.map_or_else(K::default_store_root, Ok)
    }

    fn told(&self, store: Store) -> Store {
        self.output.detail(&format!("store: {}", store.root().display()));
        self.output.warnings(store.warnings(), None);
        store.with_observer(Arc::new(self.stop.clone()))
    }

    /// The root of the store that was named, or those of ToolHive's own.
    pub(crate) fn store_roots(&self) -> Result<Vec<PathBuf>> {
        match self.named_store()? {
            Some(root) => Ok(vec![root]),
            None => Ok(vec![Plugin::default_store_root()?, Skill::default_store_root()?]),
        }
    }

    /// The root of the store that the command line names, if it names one.
    pub(crate) fn named_store(&self) -> Result<Option<PathBuf>> {
        self.store.as_deref().map(named_root).transpose()
    }

    /// Whether the command line names a store.
    pub(crate) fn names_a_store(&self) -> bool {
        self.store.is_some()
    }

    /// The epoch that the environment asks for (EP-1), with a warning where it is no good.
    pub(crate) fn environment_epoch(&self) -> (Epoch, Option<Diagnostic>) {
        Epoch::from_source_date_epoch(std::env::var_os("SOURCE_DATE_EPOCH").as_deref())
    }

    /// The encoder that the environment asks for.
    pub(crate) fn environment_encoder(&self) -> Result<Encoder> {
        match std::env::var_os(ENCODER) {
            None => Ok(Encoder::default()),
            Some(name) if name.is_empty() => Ok(Encoder::default()),
            Some(name) => {
                let name = name.to_string_lossy();
                name.parse().map_err(|_| {
                    let names = Encoder::ALL.map(Encoder::as_str).join(", ");
                    let message = format!("{ENCODER} is {name:?}, which is not an encoder");
                    Error::new(ErrorKind::InvalidOption, message)
                        .with_help(format!("the encoders are {names}"))
                })
            }
        }
    }
}

/// The variable that says whose bytes artifacts get.
const ENCODER: &str = "TOOLHIVE_OCI_ENCODER";

/// The advice where there is no store.
pub(crate) fn no_store(error: Error) -> Error {
    match error.kind() {
        ErrorKind::NotFound => {
            error.with_help(format!("{}; --store names another", network::MAKERS))
        }
        _ => error,
    }
}

/// Checks that the home directory is there, where the store is below it: a mistyped one is not made.
fn has_home(root: &Path) -> Result<()> {
    match std::env::home_dir() {
        Some(home) if root.starts_with(&home) && !home.is_dir() => {
            let error = Error::new(ErrorKind::InvalidDir, "this home directory does not exist");
            Err(error.at_path(home).with_help(
                "HOME names it: set HOME or XDG_DATA_HOME to a directory, or name a store with --store",
            ))
        }
        _ => Ok(()),
    }
}

/// A store that was named, unless that is a file.
fn named_root(root: &Path) -> Result<PathBuf> {
    if root.is_file() {
        let error =
            Error::new(ErrorKind::InvalidStore, "this is a file, and a store is a directory");
        return Err(error.at_path(root).with_help("name a directory with --store"));
    }
    Ok(root.to_owned())
}
