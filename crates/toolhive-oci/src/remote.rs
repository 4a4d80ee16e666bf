// SPDX-License-Identifier: Apache-2.0
//! Registries, as the command line reaches them: a client made of the options and the environment,
//! and work that signals stop.

mod environment;
mod source;

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use oci_artifact::{Error, ErrorKind, Result};
use oci_registry_http::auth::credential::CredentialStore;
use oci_registry_http::transport::connection::Scheme;
use oci_registry_http::{Client, ClientBuilder};

use crate::context::Context;
use crate::signals::Stop;

pub(crate) use environment::{environment, helper};
pub(crate) use source::RemoteSource;

/// A client, and what runs it.
pub(crate) struct Remote {
    pub(crate) client: Client,
    runtime: tokio::runtime::Runtime,
    stop: Stop,
}

/// How long it may take to end uploads in registries that nobody wants any more (VB-3).
const END_TIMEOUT: Duration = Duration::from_secs(2);

impl Remote {
    /// With the credentials that Docker and Podman have.
    pub(crate) fn new(context: &Context) -> Result<Self> {
        Self::with(context, |client| client.credentials(CredentialStore::discover(&environment())))
    }

    /// With whatever else the client is told.
    pub(crate) fn with(
        context: &Context,
        change: impl FnOnce(ClientBuilder) -> ClientBuilder,
    ) -> Result<Self> {
        let output = context.output;
        let mut client = Client::builder()
            .application(concat!("toolhive-oci/", env!("CARGO_PKG_VERSION")))
            .loopback(Scheme::PlainHttp)
            .proxies(environment::proxies())
            .on_warning(Arc::new(move |text| output.warning(text)));
        if context.network.plain_http {
            client = client.scheme(Scheme::PlainHttp);
        }
        if let Some(file) = &context.network.ca_file {
            let pem = fs::read(file);
            client = client
                .authorities(pem.map_err(|error| Error::io("cannot read the file", file, error))?);
        }
        let client = change(client).build()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| {
            Error::new(ErrorKind::Io, "what drives connections cannot start").caused_by(error)
        })?;
        Ok(Self { client, runtime, stop: context.stop().clone() })
    }

    /// Does the work to its end, or until a signal asks the process to end: then it is dropped, and
    /// leaves nothing half done. Whatever became of it, the uploads that it gave up are ended in the
    /// registry, too, as far as two seconds are enough (VB-3).
    pub(crate) fn run<T, E: Into<Error>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T> {
        self.runtime.block_on(async {
            let result = tokio::select! {
                biased;
                result = work => result.map_err(Into::into),
                () = self.stop.asked() => {
                    Err(Error::new(ErrorKind::Cancelled, "stopped; nothing is half done"))
                }
            };
            // What could not be ended in time expires there by itself.
            let _ = tokio::time::timeout(END_TIMEOUT, self.client.settled()).await;
            result
        })
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
