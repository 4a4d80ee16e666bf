// SPDX-License-Identifier: Apache-2.0
//! The verbs that need no registry, one a file, generic over the kind; the others are in
//! [`network`].

pub(crate) mod build;
mod build_all;
mod builds;
mod validate;
pub(crate) mod reading;
pub(crate) mod inspect;
mod extract;
mod init;
mod parts;
mod stored;
pub(crate) mod changes;
mod verify;
pub(crate) mod diff;
mod store;
mod marketplace;
pub(crate) mod project;
pub(crate) mod content;
pub(crate) mod placing;
pub(crate) mod catalogue;
mod list;
mod lock;
mod places;
pub(crate) mod sync;
mod uninstall;
mod manual;

use oci_artifact::Result;
use toolhive_plugins::Plugin;
use toolhive_skills::Skill;

use crate::args::{BuildsVerb, Command, Lazy, MarketplaceVerb, Verb};
use crate::context::Context;
use crate::kind::Kind;
use crate::network;
use crate::output::Outcome;

/// Runs a command. Errors are for the caller to print.
pub(crate) fn run(command: Command, context: &Context) -> Result<Outcome> {
    match command {
        Command::Plugin { verb: Lazy(verb) } => run_verb::<Plugin>(verb, context),
        Command::Skill { verb: Lazy(verb) } => run_verb::<Skill>(verb, context),
        Command::Store { verb: Lazy(verb) } => store::run(&verb, context),
        Command::Marketplace { verb: Lazy(MarketplaceVerb::Validate(validate)) } => {
            marketplace::validate(&validate, context)
        }
        Command::Marketplace { verb: Lazy(MarketplaceVerb::Generate(generate)) } => {
            marketplace::generate(&generate, context)
        }
        Command::Lock { verb: Lazy(verb) } => lock::run(&verb, context),
        Command::Places(Lazy(args)) => places::run(&args, context),
        Command::Network(command) => network::run(command, context),
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
            Some(BuildsVerb::Remove(args)) => builds::remove::<K>(&args, context),
        },
        Verb::Init(Lazy(init)) => init::run::<K>(&init, context),
        Verb::Manifest(Lazy(args)) => parts::manifest::<K>(&args, context),
        Verb::Blob(Lazy(args)) => parts::blob::<K>(&args, context),
        Verb::Validate(Lazy(validate)) => validate::run::<K>(&validate, context),
        Verb::Inspect(Lazy(inspect)) => inspect::run::<K>(&inspect, context),
        Verb::Extract(Lazy(extract)) => extract::run::<K>(&extract, context),
        Verb::Verify(Lazy(verify)) => verify::run::<K>(&verify, context),
        Verb::Diff(Lazy(diff)) => diff::run::<K>(&diff, context),
        Verb::List(Lazy(list)) if list.stored => stored::of_kind::<K>(context),
        Verb::List(Lazy(list)) => list::run::<K>(&list, context),
        Verb::Sync(Lazy(sync)) => sync::run::<K>(&sync, context),
        Verb::Uninstall(Lazy(uninstall)) => uninstall::run::<K>(&uninstall, context),
        Verb::Network(verb) => network::run_verb::<K>(*verb, context),
    }
}
