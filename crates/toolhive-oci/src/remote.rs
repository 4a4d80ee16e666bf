// SPDX-License-Identifier: Apache-2.0
//! Registries, as the command line reaches them: a client made of the options and the environment,
//! and work that Ctrl-C stops.

mod environment;
mod source;

use std::fs;
use std::sync::Arc;

use oci_artifact::{Error, ErrorKind, Result};
use oci_registry_http::auth::credential::CredentialStore;
use oci_registry_http::transport::connection::Scheme;
use oci_registry_http::{Client, ClientBuilder};

use crate::context::Context;

pub(crate) use environment::{environment, helper};
pub(crate) use source::RemoteSource;

/// A client, and what runs it.
pub(crate) struct Remote {
    pub(crate) client: Client,
    runtime: tokio::runtime::Runtime,
}

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
        Ok(Self { client, runtime })
    }

    /// Does the work to its end, or to Ctrl-C: then it is dropped, and leaves nothing half done.
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
            }
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
