// SPDX-License-Identifier: Apache-2.0
//! Registries, as the command line reaches them: a client made of the options and the environment,
//! and work that signals stop.

mod environment;
mod options;
mod source;

use std::time::Duration;

use oci_artifact::{Error, ErrorKind, Result};
use oci_registry_http::auth::credential::CredentialStore;
use oci_registry_http::{Client, ClientBuilder};
use tokio::time::Instant;

use super::progress::Transfer;
use crate::args::When;
use crate::context::Context;
use crate::signals::Stop;

pub(crate) use environment::{environment, helper};
pub(crate) use options::{Said, check_pem};
pub(crate) use source::RemoteSource;

/// A client, and what runs it.
pub(crate) struct Remote {
    pub(crate) client: Client,
    runtime: tokio::runtime::Runtime,
    stop: Stop,
    /// The time at which it has to end, and the seconds that were given.
    deadline: Option<(Instant, u64)>,
    progress: When,
    /// The registries, for people.
    asked: String,
}

/// The time that it may take to end uploads in registries that nobody needs any more (VB-3).
const END_TIMEOUT: Duration = Duration::from_secs(2);

impl Remote {
    /// Creates a client with the credentials of Docker and Podman, for a command that names these
    /// registries.
    pub(crate) fn new<'a>(
        context: &Context,
        registries: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self> {
        let change =
            |client: ClientBuilder| client.credentials(CredentialStore::discover(&environment()));
        Self::with(context, registries, change)
    }

    /// Creates a client with further settings.
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
            Error::new(ErrorKind::Io, "the network runtime cannot start").caused_by(error)
        })?;
        let (deadline, stop) = (context.network.deadline(), context.stop().clone());
        let (progress, asked) = (context.progress, registries.join(", "));
        Ok(Self { client, runtime, stop, deadline, progress, asked })
    }

    /// Runs the work to its end, or until a signal or the time limit ends it: then it is dropped, and leaves nothing
    /// half done. Whatever became of it, the uploads that it gave up are ended in the registry, too, as far as two
    /// seconds are enough (VB-3).
    pub(crate) fn run<T, E: Into<Error>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T> {
        let shown = self.asking();
        let result = self.runtime.block_on(async {
            let result = tokio::select! {
                biased;
                result = work => result.map_err(Into::into),
                () = self.stop.asked() => {
                    Err(Error::new(ErrorKind::Cancelled, "stopped; nothing is half done"))
                }
                error = self.time_is_over() => Err(error),
            };
            // What could not be ended in time expires there by itself.
            let _ = tokio::time::timeout(END_TIMEOUT, self.client.settled()).await;
            result
        });
        drop(shown);
        result
    }

    /// A line that says on a terminal who is asked, while it lives, once that takes long.
    fn asking(&self) -> Option<Transfer> {
        Transfer::asking(self.progress, &self.asked)
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

/// The error of a registry that does not have what is wanted from it, with what to do.
pub(crate) fn not_there(error: Error) -> Error {
    match error.kind() {
        ErrorKind::NotFound => {
            error.with_help("check the name; `tags` lists the tags of a repository")
        }
        _ => error,
    }
}
