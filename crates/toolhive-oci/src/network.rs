// SPDX-License-Identifier: Apache-2.0
//! All that speaks to a registry, or is one. Without the feature `network`, `network/absent.rs`
//! stands in its place; `main.rs` chooses, and nothing else in this crate knows which one it is.

mod args;
mod output;
mod progress;
mod signals;
mod remote;
mod explain;
mod push;
mod pull;
mod tags;
mod resolve;
mod delete;
mod copy;
mod keys;
mod material;
mod signers;
mod admission;
mod keyless;
mod sign;
mod verify_signature;
mod verified;
mod locking;
mod login;
mod registry;
mod pages;
#[cfg(test)]
mod guide;

use oci_artifact::reference::{Defaults, Reference};
use oci_artifact::{Error, ErrorKind, Result};

use crate::args::Lazy;
use crate::context::Context;
use crate::kind::Kind;
use crate::output::Outcome;

pub(crate) use args::{Command, Fetching, FromRegistries, Options, Pushing, Verb, Where};
pub(crate) use locking::{check_signer, fetch_pins};
pub(crate) use push::push_built;
pub(crate) use remote::RemoteSource;

/// The help of `--verbose`.
pub(crate) const VERBOSE: &str = "Print more details, with each request to a registry; -vv: with \
                                  its headers. Secrets are never shown";

/// The global options for registries, as short help names them.
pub(crate) const GLOBAL: &str = ", --plain-http";

/// The options that ask for an artifact of a registry, for those that go with a store only.
pub(crate) const REMOTE: [&str; 1] = ["remote"];

/// The commands that make a store.
pub(crate) const MAKERS: &str = "`build` and `pull` make it";

/// Runs a command.
pub(crate) fn run(command: Command, context: &Context) -> Result<Outcome> {
    match command {
        Command::Login(Lazy(args)) => login::login(&args, context),
        Command::Logout(Lazy(args)) => login::logout(&args, context),
        Command::Keys { verb: Lazy(verb) } => keys::run(&verb, context),
        Command::Registry { verb: Lazy(args::RegistryVerb::Serve(serve)) } => {
            registry::run(&serve, context)
        }
    }
}

/// Runs a verb.
pub(crate) fn run_verb<K: Kind>(verb: Verb, context: &Context) -> Result<Outcome> {
    match verb {
        Verb::Push(Lazy(push)) => push::run::<K>(&push, context),
        Verb::Pull(Lazy(pull)) => pull::run::<K>(&pull, context),
        Verb::Tags(Lazy(tags)) => tags::run(&tags, context),
        Verb::Resolve(Lazy(resolve)) => resolve::run::<K>(&resolve, context),
        Verb::Delete(Lazy(delete)) => delete::run::<K>(&delete, context),
        Verb::Copy(Lazy(copy)) => copy::run::<K>(&copy, context),
        Verb::Sign(Lazy(sign)) => sign::run::<K>(&sign, context),
        Verb::VerifySignature(Lazy(args)) => verify_signature::run::<K>(&args, context),
        Verb::Install(Lazy(args)) => locking::install::<K>(&args, context),
        Verb::Lock(Lazy(args)) => locking::lock::<K>(&args, context),
        Verb::Upgrade(Lazy(args)) => locking::upgrade::<K>(&args, context),
        Verb::Outdated(Lazy(args)) => locking::outdated::<K>(&args, context),
        Verb::Fetch(Lazy(args)) => locking::fetch_locked::<K>(&args, context),
    }
}

/// The error of a store that lacks something: the registry that the reference names may have it.
pub(crate) fn elsewhere(reference: &str, error: Error) -> Error {
    let names_a_registry = Reference::parse(reference, Defaults::Strict).is_ok();
    match error.kind() {
        ErrorKind::NotFound if names_a_registry => error.with_help(format!(
            "`pull {reference}` fetches it into the store; --remote asks the registry"
        )),
        _ => error,
    }
}
