// SPDX-License-Identifier: Apache-2.0
//! Registries, as the command line reaches them: a client made of the options and the environment,
//! and work that Ctrl-C stops.

mod environment;
mod options;
mod source;

use oci_artifact::{Error, ErrorKind, Result};
use oci_registry_http::auth::credential::CredentialStore;
use oci_registry_http::{Client, ClientBuilder};
use tokio::time::Instant;

use crate::context::Context;

pub(crate) use environment::{environment, helper};
pub(crate) use options::Said;
pub(crate) use source::RemoteSource;

/// A client, and what runs it.
pub(crate) struct Remote {
    pub(crate) client: Client,
    runtime: tokio::runtime::Runtime,
    /// When the time is over, and how many seconds it was.
    deadline: Option<(Instant, u64)>,
}

impl Remote {
    /// With the credentials that Docker and Podman have; for a command that names these registries.
    pub(crate) fn new<'a>(
        context: &Context,
        registries: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self> {
        let change =
            |client: ClientBuilder| client.credentials(CredentialStore::discover(&environment()));
        Self::with(context, registries, change)
    }

    /// With whatever else the client is told.
    pub(crate) fn with<'a>(
        context: &Context,
        registries: impl IntoIterator<Item = &'a str>,
        change: impl FnOnce(ClientBuilder) -> ClientBuilder,
    ) -> Result<Self> {
        let registries: Vec<&str> = registries.into_iter().collect();
        let client = options::client(context, &registries)?.proxies(environment::proxies());
        let client = change(client).build()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| {
            Error::new(ErrorKind::Io, "what drives connections cannot start").caused_by(error)
        })?;
        let deadline = context.network.deadline();
        Ok(Self { client, runtime, deadline })
    }

    /// Does the work to its end, to Ctrl-C, or until the time is over: then it is dropped, and leaves
    /// nothing half done.
    pub(crate) fn run<T, E: Into<Error>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T> {
        self.runtime.block_on(async {
            tokio::select! {
                result = work => result.map_err(Into::into),
                _ = tokio::signal::ctrl_c() => {
                    Err(Error::new(ErrorKind::Cancelled, "stopped; nothing is half done"))
                }
                error = self.time_is_over() => Err(error),
            }
        })
    }

    /// Waits for the end of the time that registries may take; for ever where nobody set one.
    async fn time_is_over(&self) -> Error {
        let Some((deadline, seconds)) = self.deadline else { return std::future::pending().await };
        tokio::time::sleep_until(deadline).await;
        let message =
            format!("the registry took longer than {seconds} s, the --timeout that was set");
        Error::new(ErrorKind::Registry, message)
            .with_help("-v shows each request and how long its answer took; nothing is half done")
    }
}

/// What would mend it that a registry does not have what is wanted from it.
pub(crate) fn not_there(error: Error) -> Error {
    match error.kind() {
        ErrorKind::NotFound => {
            error.with_help("look at the name again; `tags` lists what a repository has")
        }
        _ => error,
    }
}
