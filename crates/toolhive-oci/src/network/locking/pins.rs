// SPDX-License-Identifier: Apache-2.0
//! Pins: what the lock file names by digest is fetched, and nothing else (lock.md, 3.1 and 4).

use futures_util::stream::{self, StreamExt as _};
use oci_artifact::reference::Reference;
use oci_artifact::store::Store;
use oci_artifact::{Error, ErrorKind, Result};
use oci_registry_http::Registry;
use oci_registry_http::auth::credential::CredentialStore;
use oci_registry_http::transfer::PullOptions;
use serde::Serialize;

use crate::commands::project::Project;
use crate::commands::sync::report::Failed;
use crate::context::Context;
use crate::kind::Kind;
use crate::network::admission::InForce;
use crate::network::args::Fetch;
use crate::network::remote::{Remote, RemoteSource, environment};
use crate::output::{Outcome, harmless};

/// The most that is asked for at once.
pub(super) const AT_ONCE: usize = 8;

/// The clients of these registries, with as many requests under way as may be.
pub(super) fn remote<'r>(
    context: &Context,
    registries: impl IntoIterator<Item = &'r str>,
) -> Result<Remote> {
    Remote::with(context, registries, |client| {
        client.credentials(CredentialStore::discover(&environment())).max_in_flight(AT_ONCE)
    })
}

/// Fetches pins into a store, with the signatures that are attached, eight at a time. One that fails is
/// no reason for the others to.
pub(crate) fn fetch_pins<K: Kind>(
    pins: &[Reference],
    store: &Store,
    context: &Context,
) -> Result<Vec<Result<()>>> {
    // A policy in force speaks of all that comes from a registry (SIG-32).
    let policy = InForce::find(None)?;
    let admit = |pin: &Reference| match &policy {
        Some(policy) => policy.admit(&RemoteSource::new(pin.as_str(), context)?, context).map(drop),
        None => Ok(()),
    };
    let admitted: Vec<Result<()>> = pins.iter().map(admit).collect();
    let remote = remote(context, pins.iter().map(Reference::registry))?;
    let registry = Registry::<K>::new(remote.client.clone());
    let fetch = |pin: &Reference| {
        let (registry, store, pin) = (registry.clone(), store.clone(), pin.clone());
        async move {
            let mut options = PullOptions::default();
            options.tag = Some(pin.as_str().to_owned());
            let pulled = registry.pull_as(&store, &pin, &options).await?;
            registry.pull_attached(&store, &pin, &pulled.digest, &options).await?;
            Ok::<_, oci_registry_http::Error>(())
        }
    };
    let allowed = pins.iter().zip(&admitted).filter(|(_, admitted)| admitted.is_ok());
    let futures: Vec<_> = allowed.map(|(pin, _)| fetch(pin)).collect();
    let all = stream::iter(futures).buffered(AT_ONCE).collect::<Vec<_>>();
    let mut fetched = remote.run(async { Ok::<_, Error>(all.await) })?.into_iter();
    let outcome = |admitted: Result<()>| {
        admitted?;
        match fetched.next() {
            Some(fetched) => fetched.map_err(Error::from),
            None => Err(Error::new(ErrorKind::NotFound, "it was not fetched")),
        }
    };
    Ok(admitted.into_iter().map(outcome).collect())
}

#[derive(Serialize)]
struct Report {
    fetched: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failed: Vec<Failed>,
}

/// `KIND fetch --locked`: all that the lock file names into a layout that can be carried away.
pub(in crate::network) fn fetch_locked<K: Kind>(
    args: &Fetch,
    context: &Context,
) -> Result<Outcome> {
    let project = Project::open(&args.project)?;
    let store = match &args.to {
        Some(layout) => Store::open(layout)?,
        None => context.store::<K>()?,
    };
    let mut report = Report { fetched: Vec::new(), failed: Vec::new() };
    let mut wanted: Vec<(String, Reference)> = Vec::new();
    for entry in project.entries::<K>() {
        match entry.pin() {
            Some(pin) if !entry.is_from_git() => wanted.push((entry.name.clone(), pin)),
            _ => {
                let why = "unsupported-source: it has no reference of a registry";
                report.failed.push(Failed::new(&entry.name, "validation-rejected", why));
            }
        }
    }
    let pins: Vec<Reference> = wanted.iter().map(|(_, pin)| pin.clone()).collect();
    let fetched =
        if pins.is_empty() { Vec::new() } else { fetch_pins::<K>(&pins, &store, context)? };
    for ((name, _), fetched) in wanted.into_iter().zip(fetched) {
        match fetched {
            Ok(()) => report.fetched.push(name),
            Err(error) => report.failed.push(Failed::of(&name, &error)),
        }
    }
    let outcome = if report.failed.is_empty() { Outcome::Done } else { Outcome::DoneInPart };
    context.output.result(&report, |output| {
        report.fetched.iter().for_each(|name| output.print(&harmless(name)));
        report.failed.iter().for_each(|one| output.note(&format!("failed: {}", one.line())));
    });
    Ok(outcome)
}
