// SPDX-License-Identifier: Apache-2.0
//! `KIND sync`: the places of hosts become what the lock file says. No tag is ever asked for
//! (lock.md, 3.1).

pub(crate) mod report;
pub(crate) mod strays;

use oci_artifact::reference::Reference;
use oci_artifact::store::Store;
use oci_artifact::{Error, ErrorKind, Result};
use toolhive_lockfile::{Entry, Session};
use toolhive_places::{Place, Task};

use self::report::Report;
use super::catalogue;
use super::content::{Content, has_same_entries};
use super::placing::{Placing, Tree};
use super::project::Project;
use crate::args::Sync;
use crate::context::Context;
use crate::kind::Kind;
use crate::network;
use crate::output::{Outcome, harmless, short};

pub(super) fn run<K: Kind>(args: &Sync, context: &Context) -> Result<Outcome> {
    let project = Project::open(&args.placed.project)?;
    let places = project.places::<K>(&args.placed.clients)?;
    project.check_count::<K>(&places)?;
    let mut report = Report::default();
    let mut todo = Vec::new();
    for entry in project.entries::<K>() {
        let found = project.look(entry, &places)?;
        let has = |state: &str| found.iter().any(|found| found.state == state);
        if found.iter().all(|found| found.state == "current") {
            report.already_current.push(entry.name.clone());
            continue;
        }
        if has("drifted") || has("foreign") || has("unknown") {
            report.drifted.push(entry.name.clone());
        } else {
            report.missing.push(entry.name.clone());
        }
        todo.push(entry);
    }
    let strays = strays::find::<K>(&project, &places, context)?;
    report.strays(&strays);
    if args.check {
        if catalogue::lists::<K>(&places) && !catalogue::is_current(&project)? {
            report.drifted.push("marketplace.json".to_owned());
        }
        return Ok(report.check(context));
    }
    let prunes = args.prune && !report.removed_from_lock.is_empty();
    let adopts = args.adopt && !strays.is_empty();
    if !todo.is_empty() || prunes || adopts {
        let mut lines: Vec<String> = todo.iter().map(|entry| line(entry)).collect();
        if prunes {
            lines.extend(report.removed_from_lock.iter().map(|name| format!("{name}: removed")));
        }
        if adopts {
            lines.extend(strays.iter().map(|stray| format!("{}: into the lock file", stray.name)));
        }
        if !confirm(&lines, args.yes, context)? {
            return Ok(Outcome::Refused);
        }
    }
    (report.drifted, report.missing) = (Vec::new(), Vec::new());
    let work = Work { args, context, project: &project, places: &places };
    work.restore::<K>(&todo, &mut report)?;
    if args.prune {
        work.prune::<K>(&strays, &mut report)?;
    }
    if args.adopt {
        strays::adopt::<K>(&project, &strays, args, context, &mut report)?;
    }
    if catalogue::lists::<K>(&places) {
        catalogue::write(&Project::open(&args.placed.project)?)?;
    }
    let is_signed = !args.require_signatures || work.is_signed::<K>()?;
    Ok(match report.done(context) {
        Outcome::Done if !is_signed => Outcome::Refused,
        outcome => outcome,
    })
}

/// The line for people about what is going to happen to an entry.
fn line(entry: &Entry) -> String {
    let signer = match &entry.provenance {
        Some(provenance) if provenance.public_key.is_empty() => {
            format!("signed by {}", provenance.signer_identity)
        }
        Some(_) => "signed by a key".to_owned(),
        None => "unsigned".to_owned(),
    };
    format!("{}: {} ({signer})", entry.name, short(&entry.digest))
}

/// Asks on stderr whether that may be done; without a terminal only `--yes` says so.
pub(crate) fn confirm(lines: &[String], yes: bool, context: &Context) -> Result<bool> {
    use std::io::{BufRead as _, IsTerminal as _};
    for line in lines {
        context.output.note(&harmless(line));
    }
    if yes {
        return Ok(true);
    }
    if !std::io::stdin().is_terminal() {
        context
            .output
            .note("nothing was changed: there is no terminal to ask on; --yes answers yes");
        return Ok(false);
    }
    context.output.note("Continue? [y/N]");
    let mut answer = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| Error::new(ErrorKind::Io, "the answer cannot be read").caused_by(error))?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// The places where content is looked for, one after the other.
struct Sources {
    store: Option<Store>,
    cache: Option<Store>,
}

impl Sources {
    /// The artifact, and the store that has it; `None` if none has.
    fn find<K: Kind>(&self, digest: &str) -> Result<Option<(&Store, Content)>> {
        for store in [&self.store, &self.cache].into_iter().flatten() {
            match Content::read::<K>(store, digest) {
                Ok(content) => return Ok(Some((store, content))),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }
}

struct Work<'a> {
    args: &'a Sync,
    context: &'a Context,
    project: &'a Project,
    places: &'a [Place],
}

impl Work<'_> {
    /// Puts the trees of these entries in place.
    fn restore<K: Kind>(&self, todo: &[&Entry], report: &mut Report) -> Result<()> {
        let mut sources = self.sources::<K>()?;
        let mut missing: Vec<(&Entry, Reference)> = Vec::new();
        let mut ready = Vec::new();
        for &entry in todo {
            if entry.is_from_git() {
                let why = "unsupported-source: it comes from git";
                report.fail(&entry.name, "validation-rejected", why);
            } else if entry.content_digest.is_empty() {
                let why = "its entry has no contentDigest";
                report.fail(&entry.name, "validation-rejected", why);
            } else {
                match sources.find::<K>(&entry.digest) {
                    Ok(Some(_)) => ready.push(entry),
                    Ok(None) => match entry.pin() {
                        Some(pin) => missing.push((entry, pin)),
                        None => {
                            let why = "it has no resolvedReference";
                            report.fail(&entry.name, "digest-missing", why);
                        }
                    },
                    Err(error) => report.fail_with(&entry.name, &error),
                }
            }
        }
        if !missing.is_empty() && self.args.network.is_offline() {
            for (entry, pin) in missing {
                let pin = pin.as_str();
                let message = format!(
                    "neither the store nor a cache has {pin}; `fetch --locked --to LAYOUT` writes \
                     it on a machine with a network, and --cache LAYOUT reads it here"
                );
                report.fail(&entry.name, "digest-missing", &message);
            }
        } else if !missing.is_empty() {
            let store = self.context.store::<K>()?;
            let pins: Vec<Reference> = missing.iter().map(|(_, pin)| pin.clone()).collect();
            let fetched = network::fetch_pins::<K>(&pins, &store, self.context)?;
            for ((entry, _), fetched) in missing.into_iter().zip(fetched) {
                match fetched {
                    Ok(()) => ready.push(entry),
                    Err(error) => report.fail_with(&entry.name, &error),
                }
            }
            sources.store = Some(store);
        }
        self.place::<K>(&ready, &sources, report)
    }

    fn place<K: Kind>(
        &self,
        ready: &[&Entry],
        sources: &Sources,
        report: &mut Report,
    ) -> Result<()> {
        let session = Session::begin(&self.project.root, self.context.stop())?;
        if !has_same_entries::<K>(&session.read()?, &self.project.lock) {
            return Err(Error::new(ErrorKind::Locked, "the lock file changed meanwhile")
                .at_path(&self.project.root)
                .with_help("try again"));
        }
        let placing = self.placing(sources.store.as_ref());
        placing.sweep();
        for &entry in ready {
            let place = || -> Result<Placed> {
                let found = sources.find::<K>(&entry.digest)?;
                let (store, content) = found.ok_or_else(|| gone(entry))?;
                content.check(entry)?;
                match network::check_signer(store, entry, self.context)? {
                    Signer::NoneNamed | Signer::Checked => {}
                    Signer::Wrong(why) => return Ok(Placed::Mistrusted(why)),
                    Signer::NotChecked => self.not_checked(entry),
                }
                let tree = Tree {
                    name: &entry.name,
                    wanted: Some((store, &content)),
                    locked: Some(&entry.content_digest),
                };
                placing.change::<K>(Task::Sync, &tree, || Ok(()))?;
                Ok(Placed::Done)
            };
            match place() {
                Ok(Placed::Done) => report.installed.push(entry.name.clone()),
                Ok(Placed::Mistrusted(why)) => report.fail(&entry.name, "signer-mismatch", &why),
                Err(error) if error.kind() == ErrorKind::Cancelled => return Err(error),
                Err(error) => report.fail_with(&entry.name, &error),
            }
        }
        Ok(())
    }

    /// Whether every entry that names a signer has a signature here by whom it names; it is said which has
    /// none.
    fn is_signed<K: Kind>(&self) -> Result<bool> {
        let sources = self.sources::<K>()?;
        let mut is_signed = true;
        for entry in self.project.entries::<K>().iter().filter(|one| one.provenance.is_some()) {
            let stores = [&sources.store, &sources.cache].into_iter().flatten();
            let mut found = Signer::NotChecked;
            for store in stores.filter(|store| store.resolve(&entry.digest).is_ok()) {
                found = network::check_signer(store, entry, self.context)?;
                if matches!(found, Signer::Checked) {
                    break;
                }
            }
            if !matches!(found, Signer::Checked) {
                self.not_checked(entry);
                is_signed = false;
            }
        }
        Ok(is_signed)
    }

    fn not_checked(&self, entry: &Entry) {
        self.context.output.note(&format!("{}: signature not checked", entry.name));
    }

    /// Removes trees that were installed and that the lock file names no more.
    fn prune<K: Kind>(&self, strays: &[strays::Stray], report: &mut Report) -> Result<()> {
        let store = self.context.existing_store::<K>().ok();
        let session = Session::begin(&self.project.root, self.context.stop())?;
        let lock = session.read()?;
        let placing = self.placing(store.as_ref());
        for stray in strays.iter().filter(|stray| stray.was_installed) {
            if K::locked(&lock).iter().any(|entry| entry.name == stray.name) {
                continue;
            }
            let tree = Tree { name: &stray.name, wanted: None, locked: None };
            match placing.change::<K>(Task::Remove, &tree, || Ok(())) {
                Ok(_) => report.pruned.push(stray.name.clone()),
                Err(error) => report.fail_with(&stray.name, &error),
            }
        }
        report.removed_from_lock.retain(|name| !report.pruned.contains(name));
        Ok(())
    }

    fn placing<'p>(&'p self, store: Option<&'p Store>) -> Placing<'p> {
        Placing::new(self.project, self.places, store, self.args.force, self.context)
    }

    fn sources<K: Kind>(&self) -> Result<Sources> {
        let store = self.context.store_if_there::<K>()?;
        let cache = self.args.cache.as_deref().map(Store::open_existing).transpose()?;
        Ok(Sources { store, cache })
    }
}

/// Whether an artifact was signed as the lock file says.
#[cfg_attr(
    not(feature = "network"),
    expect(dead_code, reason = "without the network no signature can be checked")
)]
pub(crate) enum Signer {
    /// The lock file says nobody.
    NoneNamed,
    /// Signed by the key that the entry names.
    Checked,
    /// The entry names a signer that cannot be checked, or whose signature is not here.
    NotChecked,
    /// Signed by somebody else. The text says what was found.
    Wrong(String),
}

/// The fate of a tree.
enum Placed {
    Done,
    /// An artifact with a signature of another signer than the lock file's.
    Mistrusted(String),
}

fn gone(entry: &Entry) -> Error {
    Error::new(ErrorKind::NotFound, format!("{} is gone from the store", entry.digest))
}
