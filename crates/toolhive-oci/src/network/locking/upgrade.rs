// SPDX-License-Identifier: Apache-2.0
//! `KIND upgrade` and `KIND outdated`: what the references of the lock file name now, and that in the place of
//! what is there, unless it moved, has another signer, or would run something new.

use std::collections::BTreeSet;

use futures_util::stream::{self, StreamExt as _};
use oci_artifact::reference::Reference;
use oci_artifact::store::Store;
use oci_artifact::{Error, ErrorKind, Result};
use serde::Serialize;
use toolhive_lockfile::{Entry, LockFile, Session, graph};
use toolhive_places::{Place, Task};

use super::gate;
use super::install;
use super::obtain::{Expecting, Obtained, obtain, reference, resolved};
use super::outcome::{Status, Surface, Told, outcome};
use super::pins::{AT_ONCE, remote};
use super::tree::{Node, resolve};
use super::trust::{Policy, admit, key_of};
use crate::commands::catalogue;
use crate::commands::content::check_name;
use crate::commands::diff::needs_acceptance;
use crate::commands::placing::{Placing, Tree};
use crate::commands::project::Project;
use crate::commands::sync::confirm;
use crate::commands::sync::report::{reason, told};
use crate::context::Context;
use crate::kind::Kind;
use crate::network::args::{Outdated, Upgrade, Wanted};
use crate::network::signers::keys;
use crate::output::{Outcome, Table, short};

#[derive(Serialize)]
struct Report<'a> {
    outcomes: &'a [Told],
}

/// A version that takes the place of a locked one.
struct Next {
    /// The index of its outcome.
    at: usize,
    entry: Entry,
    obtained: Obtained,
    /// Its needs, with what those need.
    needs: Vec<Node>,
}

pub(in crate::network) fn upgrade<K: Kind>(args: &Upgrade, context: &Context) -> Result<Outcome> {
    let project = Project::open(&args.project)?;
    for name in &args.names {
        if project.entry::<K>(name).is_none() {
            let message = format!("the lock file has no {} {name:?}", K::NAME);
            let error = Error::new(ErrorKind::NotFound, message);
            return Err(error.with_help("`list` prints its entries"));
        }
    }
    let places = project.places::<K>(&args.clients)?;
    let store = context.store::<K>()?;
    let work = Work { args, context, project: &project, store: &store };
    let (mut all, next) = work.look::<K>()?;
    let is_only_told = args.preview || args.fail_on_changes;
    if !is_only_told && !next.is_empty() {
        let lines: Vec<String> = next.iter().map(|one| line::<K>(&project, one)).collect();
        if !confirm(&lines, args.yes, context)? {
            return Ok(Outcome::Refused);
        }
        work.carry_out::<K>(next, &places, &mut all)?;
    }
    let report = Report { outcomes: &all };
    context.output.result(&report, |output| all.iter().for_each(|one| one.print(output)));
    Ok(match is_only_told {
        true if all.iter().any(|one| one.status == Status::Failed) => Outcome::DoneInPart,
        true if args.fail_on_changes && all.iter().any(|one| one.status.is_change()) => {
            Outcome::Negative
        }
        true => Outcome::Done,
        false => outcome(&all),
    })
}

/// `upgrade --preview` as a table.
pub(in crate::network) fn outdated<K: Kind>(args: &Outdated, context: &Context) -> Result<Outcome> {
    let project = Project::open(&args.project)?;
    let store = context.store::<K>()?;
    let args = Upgrade { preview: true, ..Upgrade::default() };
    let (mut all, _) =
        Work { args: &args, context, project: &project, store: &store }.look::<K>()?;
    let is_failed = all.iter().any(|one| one.status == Status::Failed);
    all.retain(|one| one.status.is_change() || one.status == Status::Failed);
    context.output.result(&Report { outcomes: &all }, |output| {
        if all.is_empty() {
            return output.note("Everything is up to date");
        }
        let mut table = Table::new();
        table.row(["NAME", "LOCKED", "AVAILABLE", "NEWLY RUNS"]);
        for one in &all {
            let digest = |digest: &Option<String>| digest.as_deref().map_or("-".into(), short);
            let runs = match (&one.surface, &one.error) {
                (Some(surface), _) => surface.summary(),
                (None, Some(error)) => error.clone(),
                (None, None) => "nothing new".to_owned(),
            };
            let (old, new) = (digest(&one.old_digest), digest(&one.new_digest));
            table.row([one.name.as_str(), &old, &new, &runs]);
        }
        output.print(&table.render());
    });
    Ok(if is_failed { Outcome::DoneInPart } else { Outcome::Done })
}

fn line<K: Kind>(project: &Project, next: &Next) -> String {
    let entry = &next.entry;
    let old = project.entry::<K>(&entry.name).map(|old| short(&old.digest));
    let signer = if entry.provenance.is_some() { "signed by a key" } else { "unsigned" };
    let (name, old, new) = (&entry.name, old.unwrap_or_default(), short(&entry.digest));
    format!("{name}: {old} -> {new} ({signer})")
}

struct Work<'a> {
    args: &'a Upgrade,
    context: &'a Context,
    project: &'a Project,
    store: &'a Store,
}

impl Work<'_> {
    /// The present version of each name, and which versions may take the place of those that are locked.
    fn look<K: Kind>(&self) -> Result<(Vec<Told>, Vec<Next>)> {
        let is_named =
            |entry: &&Entry| self.args.names.is_empty() || self.args.names.contains(&entry.name);
        let mut all = Vec::new();
        let mut asked: Vec<(usize, &Entry, Reference)> = Vec::new();
        for entry in self.project.entries::<K>().iter().filter(is_named) {
            let at = all.len();
            if entry.is_from_git() || entry.source.starts_with("git://") {
                let why = "unsupported-source: it comes from git";
                let told = Told::new(&entry.name, Status::Failed);
                all.push(told.because("validation-rejected", why));
                continue;
            }
            match reference(&entry.source, self.context) {
                Ok(source) if source.digest().is_some() => {
                    let told = Told::new(&entry.name, Status::NotUpgradable);
                    all.push(Told { error: Some("its source is a digest".to_owned()), ..told });
                }
                Ok(source) => {
                    all.push(Told::new(&entry.name, Status::UpToDate));
                    asked.push((at, entry, source));
                }
                Err(error) => all.push(failed(&entry.name, &error)),
            }
        }
        let digests = self.heads(asked.iter().map(|(_, _, source)| source))?;
        let mut next = Vec::new();
        for ((at, entry, source), digest) in asked.into_iter().zip(digests) {
            let now = match digest {
                Ok(digest) if digest == entry.digest && !has_moved(entry, &source) => continue,
                Ok(digest) => self.compare::<K>(entry, &source, digest, at, &mut next),
                Err(error) => Ok(failed(&entry.name, &error)),
            };
            let now = match now {
                Err(error) if error.kind() == ErrorKind::Cancelled => return Err(error),
                now => now.unwrap_or_else(|error| failed(&entry.name, &error)),
            };
            if let Some(told) = all.get_mut(at) {
                *told = now;
            }
        }
        Ok((all, next))
    }

    /// Sends one HEAD request for each, eight at a time.
    fn heads<'r>(
        &self,
        sources: impl Iterator<Item = &'r Reference> + Clone,
    ) -> Result<Vec<Result<String>>> {
        let remote = remote(self.context, sources.clone().map(Reference::registry))?;
        let client = &remote.client;
        let ask = |source: &'r Reference| async move {
            let found = client.repository(source)?.resolve(&source.target()).await?;
            let missing = || {
                let message = format!("the registry has no {}", source.as_str());
                Error::new(ErrorKind::NotFound, message)
            };
            found.map(|found| found.digest.to_string()).ok_or_else(missing)
        };
        let futures: Vec<_> = sources.map(ask).collect();
        let all = stream::iter(futures).buffered(AT_ONCE).collect::<Vec<Result<String>>>();
        remote.run(async { Ok::<_, Error>(all.await) })
    }

    /// Fetches what a reference names now, and compares it with what is locked.
    fn compare<K: Kind>(
        &self,
        entry: &Entry,
        source: &Reference,
        digest: String,
        at: usize,
        next: &mut Vec<Next>,
    ) -> Result<Told> {
        let mut now = Told::new(&entry.name, Status::Upgraded);
        now.old_digest = Some(entry.digest.clone());
        now.new_digest = Some(digest.clone());
        now.new_resolved_reference = Some(resolved(source));
        if has_moved(entry, source) && !self.args.allow_ref_change {
            let (old, new) = (&entry.resolved_reference, source.as_str());
            let why = format!(
                "it came from {old}, and now comes from {new}; --allow-ref-change accepts that"
            );
            let blocked = Told { status: Status::RefChangeBlocked, ..now };
            return Ok(blocked.because("validation-rejected", why));
        }
        let mut keys = keys(&self.args.trusting.public_key)?;
        if let Some(known) = entry.provenance.as_ref().filter(|known| !known.public_key.is_empty())
        {
            keys.push(key_of(&known.public_key)?);
        }
        let policy = self.args.trusting.policy.as_deref();
        let expecting = Expecting { keys: &keys, policy };
        // What was asked for with one HEAD is what is fetched, whatever the tag names by now.
        let pinned = format!("{}/{}@{digest}", source.registry(), source.repository());
        let pinned = crate::network::args::reference(&pinned)?;
        let mut obtained =
            obtain::<K>(&entry.source, &pinned, &expecting, self.store, self.context)?;
        obtained.resolved = resolved(source);
        check_name(&obtained.content.name, &entry.name, Some(source.repository()))?;
        let policy = Policy {
            allow_unsigned: self.args.trusting.allow_unsigned,
            allow_signer_change: self.args.allow_signer_change,
        };
        let difference = gate::difference::<K>(entry, &obtained.content, self.store, self.context);
        let (mut blocks, difference) = match difference {
            Ok(difference) => (needs_acceptance(&difference), Surface::of(difference)),
            // Unseen it is taken only where somebody said so.
            Err(_) if self.args.accept_new_executables => (false, None),
            Err(error) => {
                let blocked = Told { status: Status::ExecutablesChangeBlocked, ..now };
                return Ok(blocked.because(reason(&error), told(&error)));
            }
        };
        now.surface = difference;
        let mut needs = Vec::new();
        for source in &obtained.content.requires {
            let name = Some(entry.name.as_str());
            needs.extend(resolve::<K>(source, name, &expecting, self.store, self.context)?);
        }
        // What only the new version needs is as new as what it has itself.
        for Node { obtained, .. } in &needs {
            if self.project.entry::<K>(&obtained.content.name).is_none() {
                let difference = gate::of_new::<K>(&obtained.content)?;
                if needs_acceptance(&difference) {
                    blocks = true;
                    now.add_surface(difference);
                }
            }
        }
        let (provenance, unsigned) = match admit(&obtained.trust, Some(entry), policy) {
            Ok(admitted) => admitted,
            Err(refusal) => {
                let status = match refusal.is_change {
                    true => Status::SignerChangeBlocked,
                    false => Status::Failed,
                };
                return Ok(Told { status, ..now }.because(refusal.reason, refusal.message));
            }
        };
        if blocks && !self.args.accept_new_executables {
            let why = "it would run what the locked version does not; --accept-new-executables \
                       accepts that";
            let blocked = Told { status: Status::ExecutablesChangeBlocked, ..now };
            return Ok(blocked.because("validation-rejected", why));
        }
        let entry = Entry {
            version: obtained.content.version.clone(),
            resolved_reference: obtained.resolved.clone(),
            digest: obtained.digest.clone(),
            content_digest: obtained.content.content_digest.clone(),
            provenance,
            unsigned,
            other: Vec::new(),
            ..entry.clone()
        };
        next.push(Next { at, entry, obtained, needs });
        Ok(now)
    }

    fn carry_out<K: Kind>(
        &self,
        all_next: Vec<Next>,
        places: &[Place],
        all: &mut Vec<Told>,
    ) -> Result<()> {
        let session = Session::begin(&self.project.root, self.context.stop())?;
        let mut project = Project::new(self.project.root.clone(), session.read()?);
        for Next { at, entry, obtained, needs } in all_next {
            let looked_at = self.project.entry::<K>(&entry.name);
            let changed = if project.entry::<K>(&entry.name) == looked_at {
                let locked = looked_at.map(|old| old.content_digest.as_str());
                let mut lock = project.lock.clone();
                LockFile::put(K::locked_mut(&mut lock), entry.clone());
                let placing = self.placing(places);
                let wanted = Some((self.store, &obtained.content));
                let tree = Tree { name: &entry.name, wanted, locked };
                let changed =
                    placing.change::<K>(Task::Install, &tree, || session.write(&lock)).map(|_| ());
                if changed.is_ok() {
                    project.lock = lock;
                }
                changed
            } else {
                Err(Error::new(ErrorKind::Locked, "its entry changed meanwhile: try again"))
            };
            match changed {
                Ok(()) => {
                    self.settle::<K>(&entry.name, &needs, places, &session, &mut project, all)?
                }
                Err(error) if error.kind() == ErrorKind::Cancelled => return Err(error),
                Err(error) => {
                    if let Some(told) = all.get_mut(at) {
                        *told = failed(&entry.name, &error);
                    }
                }
            }
        }
        catalogue::update::<K>(&project, places)
    }

    fn placing<'p>(&'p self, places: &'p [Place]) -> Placing<'p> {
        Placing::new(self.project, places, Some(self.store), self.args.force, self.context)
    }

    /// Installs what a new version needs, and removes what only the old one needed.
    fn settle<K: Kind>(
        &self,
        name: &str,
        needs: &[Node],
        places: &[Place],
        session: &Session,
        project: &mut Project,
        all: &mut Vec<Told>,
    ) -> Result<()> {
        let wanted = Wanted {
            trusting: self.args.trusting.clone(),
            accept_new_executables: self.args.accept_new_executables,
            ..Wanted::default()
        };
        let (context, force) = (self.context, self.args.force);
        let work = install::Work { args: &wanted, context, force, places, clients: None };
        for node in needs {
            let needed = &node.obtained.content.name;
            match work.put::<K>(project, node, Some(session), self.store) {
                Ok(Ok(_)) => {}
                Ok(Err(refused)) => {
                    let told = Told::new(needed, Status::Failed);
                    all.push(told.because(refused.reason, refused.error));
                }
                Err(error) if error.kind() == ErrorKind::Cancelled => return Err(error),
                Err(error) => all.push(failed(needed, &error)),
            }
        }
        let direct = needs.iter().filter(|node| node.required_by.contains(name));
        let needed: BTreeSet<String> =
            direct.map(|node| node.obtained.content.name.clone()).collect();
        let mut lock = project.lock.clone();
        let mut free = graph::release(K::locked_mut(&mut lock), name, &needed);
        if lock != project.lock {
            session.write(&lock)?;
            project.lock = lock;
        }
        while let Some(name) = free.pop() {
            let Some(old) = project.entry::<K>(&name).cloned() else { continue };
            let mut lock = project.lock.clone();
            let list = K::locked_mut(&mut lock);
            free.extend(graph::release(list, &name, &BTreeSet::new()));
            list.retain(|entry| entry.name != name);
            let locked = Some(old.content_digest.as_str());
            let tree = Tree { name: &name, wanted: None, locked };
            let removed =
                self.placing(places).change::<K>(Task::Remove, &tree, || session.write(&lock));
            match removed {
                Ok(_) => project.lock = lock,
                Err(error) if error.kind() == ErrorKind::Cancelled => return Err(error),
                Err(error) => all.push(failed(&name, &error)),
            }
        }
        Ok(())
    }
}

/// Whether a reference is in another repository than what is locked; another tag is no move.
fn has_moved(entry: &Entry, source: &Reference) -> bool {
    entry.resolved().is_some_and(|old| {
        old.api_host() != source.api_host() || old.repository() != source.repository()
    })
}

fn failed(name: &str, error: &Error) -> Told {
    let status = match error.kind() {
        ErrorKind::Refused => Status::SignerChangeBlocked,
        _ => Status::Failed,
    };
    Told::new(name, status).because(reason(error), told(error))
}
