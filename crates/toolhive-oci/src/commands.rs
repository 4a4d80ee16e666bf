// SPDX-License-Identifier: Apache-2.0
//! The verbs, one a file, generic over the kind.

mod build;
mod build_all;
mod builds;
mod validate;
mod reading;
mod inspect;
mod extract;
mod changes;
mod verify;
mod diff;
mod store;
mod marketplace;
#[cfg(feature = "network")]
mod push;
#[cfg(feature = "network")]
mod pull;
#[cfg(feature = "network")]
mod tags;
#[cfg(feature = "network")]
mod resolve;
#[cfg(feature = "network")]
mod copy;
#[cfg(feature = "network")]
mod login;
#[cfg(feature = "network")]
mod registry;
#[cfg(feature = "network")]
mod keys;
#[cfg(feature = "network")]
mod material;
#[cfg(feature = "network")]
mod sign;
#[cfg(feature = "network")]
mod verify_signature;
#[cfg(feature = "network")]
mod verified;
mod manual;

use oci_artifact::Result;
use toolhive_plugins::Plugin;
use toolhive_skills::Skill;

#[cfg(feature = "network")]
use crate::args::RegistryVerb;
use crate::args::{BuildsVerb, Command, Lazy, MarketplaceVerb, Verb};
use crate::context::Context;
use crate::kind::Kind;
use crate::output::Outcome;

/// Does what was asked for. Errors are for the caller to print.
pub(crate) fn run(command: Command, context: &Context) -> Result<Outcome> {
    match command {
        Command::Plugin { verb: Lazy(verb) } => run_verb::<Plugin>(verb, context),
        Command::Skill { verb: Lazy(verb) } => run_verb::<Skill>(verb, context),
        Command::Store { verb: Lazy(verb) } => store::run(&verb, context),
        Command::Marketplace { verb: Lazy(MarketplaceVerb::Generate(generate)) } => {
            marketplace::generate(&generate, context)
        }
        #[cfg(feature = "network")]
        Command::Login(Lazy(args)) => login::login(&args, context),
        #[cfg(feature = "network")]
        Command::Logout(Lazy(args)) => login::logout(&args, context),
        #[cfg(feature = "network")]
        Command::Keys { verb: Lazy(verb) } => keys::run(&verb, context),
        #[cfg(feature = "network")]
        Command::Registry { verb: Lazy(RegistryVerb::Serve(serve)) } => {
            registry::run(&serve, context)
        }
        Command::Completions { shell } => manual::completions(shell, context),
        Command::Man { directory } => manual::man_pages(&directory, context),
    }
}

fn run_verb<K: Kind>(verb: Verb, context: &Context) -> Result<Outcome> {
    match verb {
        Verb::Build(Lazy(build)) if build.all => build_all::run::<K>(&build, context),
        Verb::Build(Lazy(build)) => build::run::<K>(&build, context),
        Verb::Builds(Lazy(builds)) => match builds.verb {
            None => builds::list::<K>(context),
            Some(BuildsVerb::Remove { tags }) => builds::remove::<K>(&tags, context),
        },
        Verb::Validate(Lazy(validate)) => validate::run::<K>(&validate, context),
        Verb::Inspect(Lazy(inspect)) => inspect::run::<K>(&inspect, context),
        Verb::Extract(Lazy(extract)) => extract::run::<K>(&extract, context),
        Verb::Verify(Lazy(verify)) => verify::run::<K>(&verify, context),
        Verb::Diff(Lazy(diff)) => diff::run::<K>(&diff, context),
        #[cfg(feature = "network")]
        Verb::Push(Lazy(push)) => push::run::<K>(&push, context),
        #[cfg(feature = "network")]
        Verb::Pull(Lazy(pull)) => pull::run::<K>(&pull, context),
        #[cfg(feature = "network")]
        Verb::Tags(Lazy(tags)) => tags::run(&tags, context),
        #[cfg(feature = "network")]
        Verb::Resolve(Lazy(resolve)) => resolve::run::<K>(&resolve, context),
        #[cfg(feature = "network")]
        Verb::Sign(Lazy(sign)) => sign::run::<K>(&sign, context),
        #[cfg(feature = "network")]
        Verb::VerifySignature(Lazy(args)) => verify_signature::run::<K>(&args, context),
        #[cfg(feature = "network")]
        Verb::Copy(Lazy(copy)) => copy::run::<K>(&copy, context),
    }
}
