// SPDX-License-Identifier: Apache-2.0
//! `marketplace generate`: a catalogue of plugins that are in the store, in registries, or in
//! directories beside it (plugin-surface.md, 7.2).

mod checked;
mod listed;

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use agent_plugin::marketplace::{Catalogue, Owner};
use oci_artifact::builds::{self, Build};
use oci_artifact::observer::check;
use oci_artifact::{Diagnostic, Digest, Error, ErrorKind, Result};
use serde::Serialize;
use toolhive_plugins::Plugin;

pub(super) use self::checked::validate;
use self::listed::Listed;
use super::build::absolute;
use crate::args::Generate;
use crate::context::Context;
use crate::output::{Outcome, harmless, visible_json, write};
use crate::place::{Origin, Place, names_a_directory};

/// The name of the catalogue's directory, below its root (S-91).
const CATALOGUE_DIRECTORY: &str = ".claude-plugin";

#[derive(Serialize)]
struct Report<'a> {
    path: String,
    name: &'a str,
    plugins: Vec<PluginJson<'a>>,
}

#[derive(Serialize)]
struct PluginJson<'a> {
    name: &'a str,
    reference: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<&'a Digest>,
}

pub(super) fn generate(args: &Generate, context: &Context) -> Result<Outcome> {
    let stop = context.stop();
    let root = match &args.output {
        Some(file) => root(&absolute(file)?),
        None => Some(absolute(Path::new("."))?),
    };
    let plugins = plugins(args, root.as_deref(), context)?;
    let owner =
        Owner { name: args.owner.clone(), email: args.owner_email.clone(), ..Owner::default() };
    let entries = plugins.iter().map(|plugin| plugin.entry.clone()).collect();
    let mut catalogue = Catalogue::new(&args.name, owner, entries)?;
    catalogue.description.clone_from(&args.description);
    context.output.warnings(&catalogue.warnings(), None);

    let Some(file) = &args.output else {
        context.output.print_json(catalogue.to_json().trim_end());
        return Ok(Outcome::Done);
    };
    if args.extract {
        let root = root.as_deref().ok_or_else(|| no_root().at_path(file))?;
        plugins.iter().try_for_each(|plugin| plugin.extract_below(root, stop))?;
    }
    check(stop)?;
    write(file, &visible_json(&catalogue.to_json()))?;
    for plugin in &plugins {
        if let Some(root) = &root {
            context.output.warnings(plugin.check(root, stop)?.as_slice(), None);
        }
    }
    let path = file.display().to_string();
    let plugins = plugins.iter().map(|plugin| PluginJson {
        name: &plugin.entry.name,
        reference: &plugin.reference,
        digest: plugin.digest(),
    });
    let report = Report { path, name: &catalogue.name, plugins: plugins.collect() };
    context.output.result(&report, |output| output.print(&harmless(&report.path)));
    Ok(Outcome::Done)
}

/// The plugins that are asked for.
fn plugins(args: &Generate, root: Option<&Path>, context: &Context) -> Result<Vec<Listed>> {
    let origin = args.from.origin();
    if args.all {
        let store = context.existing_store::<Plugin>()?;
        let (builds, left) = newest(builds::list::<Plugin>(&store)?);
        context.output.warnings(&left, None);
        let place = |tag: &str| Place::new::<Plugin>(&args.from, tag, context);
        let listed = |Build { tag, .. }: &Build| Listed::artifact(place(tag)?, tag);
        return builds.iter().map(listed).collect();
    }
    let listed = |reference: &String| {
        let path = Path::new(reference);
        if origin == Origin::Store && names_a_directory(path) {
            return Listed::directory(path, root.ok_or_else(no_root)?);
        }
        Listed::artifact(Place::new::<Plugin>(&args.from, reference, context)?, reference)
    };
    args.references.iter().map(listed).collect()
}

/// Chooses of the builds of each name the one with the greatest version, under one of its tags, and reports the
/// others: a catalogue has one plugin of a name (VB-9). What has no name that is read here, or two contents of one
/// version, is left for the catalogue to refuse.
fn newest(builds: Vec<Build>) -> (Vec<Build>, Vec<Diagnostic>) {
    let (mut chosen, mut left): (Vec<Build>, Vec<Build>) = (Vec::new(), Vec::new());
    for build in builds {
        if chosen.iter().any(|other| other.digest == build.digest) {
            continue;
        }
        let same = |other: &&mut Build| build.name.is_some() && other.name == build.name;
        match chosen.iter_mut().find(same) {
            None => chosen.push(build),
            Some(other) => match version(&other.version).cmp(&version(&build.version)) {
                Ordering::Less => left.push(std::mem::replace(other, build)),
                Ordering::Greater => left.push(build),
                Ordering::Equal => chosen.push(build),
            },
        }
    }
    let left = left.into_iter().map(|build| {
        let version = build.version.as_deref().unwrap_or("without a version");
        let message = format!("{} ({version}) is left out: there is a newer version", build.tag);
        Diagnostic::new(message)
            .with_rule("catalogue-older")
            .with_help("to list another one, name the tags instead of --all")
    });
    (chosen, left.collect())
}

/// A version as it is compared: its numbers, then whether it is a release, then the rest.
fn version(text: &Option<String>) -> (Vec<u64>, bool, &str) {
    let text = text.as_deref().unwrap_or_default();
    let text = text.split_once('+').map_or(text, |(version, _)| version);
    let (numbers, rest) = text.split_once('-').unwrap_or((text, ""));
    let numbers = numbers.trim_start_matches('v').split('.');
    (numbers.map(|number| number.parse().unwrap_or(0)).collect(), rest.is_empty(), rest)
}

fn no_root() -> Error {
    let message = "hosts look for plugins next to .claude-plugin, and this catalogue is not in one";
    Error::new(ErrorKind::InvalidOption, message)
        .with_help("write the catalogue to .claude-plugin/marketplace.json")
}

/// The directory from which a host resolves the catalogue's paths (S-91), if the file is where hosts
/// look for it.
fn root(file: &Path) -> Option<PathBuf> {
    let directory = file.parent().filter(|directory| directory.ends_with(CATALOGUE_DIRECTORY))?;
    directory.parent().map(Path::to_owned)
}
