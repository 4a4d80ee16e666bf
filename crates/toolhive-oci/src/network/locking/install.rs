// SPDX-License-Identifier: Apache-2.0
//! `KIND install REF…` and `KIND lock REF…`: fetched and checked, then placed, then in the lock file; all
//! or nothing for each name.

use oci_artifact::store::Store;
use oci_artifact::{Error, ErrorKind, Result};
use serde::Serialize;
use toolhive_lockfile::{Entry, LockFile, Session};
use toolhive_places::{Place, Task};

use super::gate;
use super::hosts::name_clients;
use super::ignored;
use super::obtain::Expecting;
use super::tree::{Node, resolve};
use super::trust::{Policy, admit};
use crate::args::ScopeArg;
use crate::commands::catalogue;
use crate::commands::diff::needs_acceptance;
use crate::commands::placing::{Placing, Tree};
use crate::commands::project::Project;
use crate::commands::sync::report::Failed;
use crate::context::Context;
use crate::kind::Kind;
use crate::network::args::{Install, Wanted};
use crate::network::signers::keys;
use crate::output::{self, Outcome, harmless, short};

#[derive(Default, Serialize)]
struct Report {
    installed: Vec<Installed>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failed: Vec<Failed>,
}

#[derive(Serialize)]
pub(super) struct Installed {
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    version: String,
    digest: String,
    resolved_reference: String,
    unsigned: bool,
    places: Vec<String>,
}

pub(in crate::network) fn install<K: Kind>(args: &Install, context: &Context) -> Result<Outcome> {
    let force = args.force;
    if args.scope == ScopeArg::User {
        let project = Project::of_user(&args.clients)?;
        let places = project.places::<K>(&args.clients)?;
        if catalogue::is_among(&places) {
            let message = "the marketplace belongs to a project";
            return Err(Error::new(ErrorKind::InvalidOption, message)
                .with_help("name claude-code, or a directory"));
        }
        let work = Work { args: &args.wanted, context, force, places: &places, clients: None };
        return work.run::<K>(project, Recorded::Nowhere, args.dry_run);
    }
    let mut project = Project::open_or_new(&args.wanted.project)?;
    let clients = project.clients_with::<K>(&args.clients)?;
    if let Some(clients) = &clients {
        name_clients(&mut project.lock, K::READ, clients);
    }
    let places = project.places::<K>(&[])?;
    let work =
        Work { args: &args.wanted, context, force, places: &places, clients: clients.as_deref() };
    work.run::<K>(project, Recorded::InLock, args.dry_run)
}

pub(in crate::network) fn lock<K: Kind>(args: &Wanted, context: &Context) -> Result<Outcome> {
    let project = Project::open_or_new(&args.project)?;
    let work = Work { args, context, force: false, places: &[], clients: None };
    work.run::<K>(project, Recorded::InLock, false)
}

/// The record of what was installed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Recorded {
    InLock,
    Nowhere,
}

/// The way in which it is installed.
pub(super) struct Work<'a> {
    pub(super) args: &'a Wanted,
    pub(super) context: &'a Context,
    /// Whether a directory that was edited may be replaced.
    pub(super) force: bool,
    pub(super) places: &'a [Place],
    /// The clients that the lock file is to name.
    pub(super) clients: Option<&'a [String]>,
}

impl Work<'_> {
    fn run<K: Kind>(
        &self,
        mut project: Project,
        recorded: Recorded,
        dry_run: bool,
    ) -> Result<Outcome> {
        let keys = keys(&self.args.trusting.public_key)?;
        let policy = self.args.trusting.policy.as_deref();
        let expecting = Expecting { keys: &keys, policy };
        let store = self.context.store::<K>()?;
        let mut report = Report::default();
        // What takes long is done before anybody else has to wait.
        let mut trees = Vec::new();
        for source in &self.args.references {
            match resolve::<K>(source, None, &expecting, &store, self.context) {
                Ok(nodes) => trees.push(nodes),
                Err(error) if error.kind() == ErrorKind::Cancelled => return Err(error),
                Err(error) if self.args.references.len() == 1 => return Err(error),
                Err(error) => report.failed.push(Failed::of(source, &error)),
            }
        }
        let session = match recorded {
            Recorded::InLock => Some(Session::begin(&project.root, self.context.stop())?),
            Recorded::Nowhere => None,
        };
        if let Some(session) = &session {
            project.lock = session.read()?;
        }
        if let Some(clients) = self.clients {
            name_clients(&mut project.lock, K::READ, clients);
        }
        if dry_run {
            let trees = trees.iter().flatten().map(|node| {
                let old = project.entry::<K>(&node.obtained.content.name);
                tree_of(node, old, &store)
            });
            return self.placing(&project, &store).preview::<K>(Task::Install, trees);
        }
        for node in trees.iter().flatten() {
            match self.put::<K>(&mut project, node, session.as_ref(), &store) {
                Ok(Ok(installed)) => report.installed.push(installed),
                Ok(Err(failed)) => report.failed.push(failed),
                Err(error) if error.kind() == ErrorKind::Cancelled => return Err(error),
                Err(error) => report.failed.push(Failed::of(&node.obtained.content.name, &error)),
            }
        }
        catalogue::update::<K>(&project, self.places)?;
        let placed = || report.installed.iter().flat_map(|one| &one.places).map(String::as_str);
        let outcome = self.finish::<K>(&report);
        if recorded == Recorded::InLock {
            ignored::tell(&project.root, placed(), self.context);
        }
        Ok(outcome)
    }

    /// Places one, and writes its entry.
    pub(super) fn put<K: Kind>(
        &self,
        project: &mut Project,
        node: &Node,
        session: Option<&Session>,
        store: &Store,
    ) -> Result<Result<Installed, Failed>> {
        let record = |lock: &LockFile| session.map_or(Ok(()), |session| session.write(lock));
        let obtained = &node.obtained;
        let content = &obtained.content;
        let old = project.entry::<K>(&content.name).cloned();
        let refuse = |reason, error: String| {
            Ok(Err(Failed { is_refused: true, ..Failed::new(&content.name, reason, error) }))
        };
        // What is locked stays as it is where somebody else needs it, too (LK-5).
        let is_needed = |old: &&Entry| !node.explicit && old.digest != obtained.digest;
        if let Some(old) = old.as_ref().filter(is_needed) {
            let mut entry = old.clone();
            entry.required_by = required_by(node, Some(old));
            LockFile::put(K::locked_mut(&mut project.lock), entry);
            record(&project.lock)?;
            return Ok(Ok(installed(old, Vec::new())));
        }
        let policy = Policy {
            allow_unsigned: self.args.trusting.allow_unsigned,
            allow_signer_change: false,
        };
        let (provenance, unsigned) = match admit(&obtained.trust, old.as_ref(), policy) {
            Ok(admitted) => admitted,
            Err(refusal) => return refuse(refusal.reason, refusal.message),
        };
        // Another version in the place of one is an upgrade (LK-4).
        if let Some(old) = old.as_ref().filter(|old| old.digest != obtained.digest)
            && !self.args.accept_new_executables
        {
            let difference = gate::difference::<K>(old, content, store, self.context)?;
            if needs_acceptance(&difference) {
                let text = difference.render_within(output::line());
                self.context.output.note(text.trim_end());
                let message = "it would run what the installed version does not; \
                               --accept-new-executables accepts that";
                return refuse("validation-rejected", message.to_owned());
            }
        }
        let mut entry = entry(node, old.as_ref(), provenance, unsigned);
        if let Some(old) = old.as_ref().filter(|_| !node.explicit) {
            entry.source.clone_from(&old.source);
            entry.resolved_reference.clone_from(&old.resolved_reference);
            entry.other.clone_from(&old.other);
        }
        let mut next = project.lock.clone();
        LockFile::put(K::locked_mut(&mut next), entry.clone());
        if self.args.frozen && next != project.lock {
            let message = "the lock file would change, which --frozen forbids";
            return refuse("validation-rejected", message.to_owned());
        }
        let mut places = Vec::new();
        if self.places.is_empty() {
            record(&next)?;
        } else {
            let placing = self.placing(project, store);
            let tree = tree_of(node, old.as_ref(), store);
            let steps = placing.change::<K>(Task::Install, &tree, || record(&next))?;
            places.extend(steps.iter().map(|step| project.shown(&step.path)));
        }
        project.lock = next;
        Ok(Ok(installed(&entry, places)))
    }

    fn placing<'p>(&'p self, project: &'p Project, store: &'p Store) -> Placing<'p> {
        Placing::new(project, self.places, Some(store), self.force, self.context)
    }

    fn finish<K: Kind>(&self, report: &Report) -> Outcome {
        let output = self.context.output;
        let done = match (report.failed.is_empty(), report.installed.is_empty()) {
            (true, _) => Outcome::Done,
            _ if report.failed.iter().all(|failed| failed.is_refused) => Outcome::Refused,
            (false, true) => Outcome::Failed,
            (false, false) => Outcome::DoneInPart,
        };
        if output.is_json() {
            output.json(report);
            return done;
        }
        for one in &report.installed {
            let (name, digest) = (&one.name, short(&one.digest));
            let unsigned = if one.unsigned { ", unsigned" } else { "" };
            output.print(&harmless(&format!("{name} {} ({digest}{unsigned})", one.version)));
            one.places.iter().for_each(|place| output.print(&harmless(&format!("  {place}"))));
        }
        report.failed.iter().for_each(|one| output.note(&format!("failed: {}", one.line())));
        if catalogue::lists::<K>(self.places) && !report.installed.is_empty() {
            let names: Vec<&str> = report.installed.iter().map(|one| one.name.as_str()).collect();
            print_commands(&names, self.context);
        }
        done
    }
}

fn tree_of<'t>(node: &'t Node, old: Option<&'t Entry>, store: &'t Store) -> Tree<'t> {
    Tree {
        name: &node.obtained.content.name,
        wanted: Some((store, &node.obtained.content)),
        locked: old.map(|old| old.content_digest.as_str()),
    }
}

fn installed(entry: &Entry, places: Vec<String>) -> Installed {
    Installed {
        name: entry.name.clone(),
        version: entry.version.clone(),
        digest: entry.digest.clone(),
        resolved_reference: entry.resolved_reference.clone(),
        unsigned: entry.unsigned,
        places,
    }
}

/// Returns the artifacts that need it, with those that did before.
fn required_by(node: &Node, old: Option<&Entry>) -> Vec<String> {
    let mut names: Vec<String> = node.required_by.iter().cloned().collect();
    names.extend(old.into_iter().flat_map(|old| old.required_by.iter().cloned()));
    names.sort();
    names.dedup();
    names
}

/// The entry of one that was installed, in the place of the old one.
fn entry(
    node: &Node,
    old: Option<&Entry>,
    provenance: Option<toolhive_lockfile::Provenance>,
    unsigned: bool,
) -> Entry {
    let obtained = &node.obtained;
    let required_by = required_by(node, old);
    Entry {
        name: obtained.content.name.clone(),
        version: obtained.content.version.clone(),
        source: obtained.source.clone(),
        resolved_reference: obtained.resolved.clone(),
        digest: obtained.digest.clone(),
        content_digest: obtained.content.content_digest.clone(),
        provenance,
        unsigned,
        required_by,
        explicit: node.explicit || old.is_some_and(|old| old.explicit),
        other: Vec::new(),
    }
}

/// Prints the commands that make a host read the marketplace; none is run, and no settings are written
/// (PL-11).
fn print_commands(names: &[&str], context: &Context) {
    let (marketplace, root) = (catalogue::NAME, ".toolhive/marketplace");
    let line =
        |name: &&str| format!("\n  claude plugin install {name}@{marketplace} --scope local");
    let lines: String = names.iter().map(line).collect();
    context.output.note(&format!(
        "Nothing is enabled yet. To let Claude Code run it, in the project's root:\n  \
         claude plugin marketplace add ./{root} --scope local{lines}"
    ));
}
