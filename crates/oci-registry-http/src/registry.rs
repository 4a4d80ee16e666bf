// SPDX-License-Identifier: Apache-2.0
//! Artifacts of one kind to and from registries: what the crates of the kinds give their own name.

use std::fmt;
use std::marker::PhantomData;

use async_trait::async_trait;
use oci_artifact::kind::ArtifactKind;
use oci_artifact::reference::{Defaults, Reference};
use oci_artifact::store::Store;
use oci_artifact::{Digest, media_type, reader};

use crate::auth::credential::CredentialSource;
use crate::client::{Client, ClientBuilder};
use crate::error::Result;
use crate::transfer::{
    Expectation, PullOptions, Pulled, PushOptions, Pushed, pull, pull_attached, push, push_attached,
};
use crate::transport::connection::Scheme;

/// Makes a [`Registry`].
#[must_use]
#[derive(Debug)]
pub struct RegistryBuilder<K> {
    client: ClientBuilder,
    kind: PhantomData<fn() -> K>,
}

impl<K> Default for RegistryBuilder<K> {
    fn default() -> Self {
        Self { client: ClientBuilder::default(), kind: PhantomData }
    }
}

impl<K> RegistryBuilder<K> {
    /// Speaks plain HTTP to every registry: anybody on the way can read and change everything (PUSH-3, R-31).
    /// Loopback hosts do not need it. Credentials go over plain HTTP only to loopback hosts and to those that
    /// [`client`](Self::client) names as ones that speak it.
    pub fn plain_http(mut self) -> Self {
        self.client = self.client.scheme(Scheme::PlainHttp);
        self
    }

    /// Sets the source of credentials; there is none by default. `CredentialStore::discover` makes a
    /// source of what Docker and Podman have (PUSH-3, R-21).
    pub fn credential_store(mut self, source: impl CredentialSource + 'static) -> Self {
        self.client = self.client.credentials(source);
        self
    }

    /// Any other option of a client: per host, time-outs, proxies, limits.
    pub fn client(mut self, change: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Self {
        self.client = change(self.client);
        self
    }

    /// Returns the registry's client for artifacts of one kind.
    ///
    /// # Errors
    /// Those of [`ClientBuilder::build`].
    pub fn build(self) -> Result<Registry<K>> {
        Ok(Registry::new(self.client.loopback(Scheme::PlainHttp).build()?))
    }
}

/// Moves artifacts of one kind between a store and registries. Clones share their client.
pub struct Registry<K> {
    client: Client,
    kind: PhantomData<fn() -> K>,
}

impl<K> Clone for Registry<K> {
    fn clone(&self) -> Self {
        Self::new(self.client.clone())
    }
}

impl<K> fmt::Debug for Registry<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").finish_non_exhaustive()
    }
}

impl<K> Registry<K> {
    /// Starts making one.
    pub fn builder() -> RegistryBuilder<K> {
        RegistryBuilder::default()
    }

    /// Over a client that is there.
    pub fn new(client: Client) -> Self {
        Self { client, kind: PhantomData }
    }

    /// Returns the client.
    pub fn client(&self) -> &Client {
        &self.client
    }
}

impl<K: ArtifactKind> Registry<K> {
    /// Sends the artifact of that digest to one or several references: what it needs first and once,
    /// the tags last.
    ///
    /// # Errors
    /// [`ErrorKind`](crate::ErrorKind)`::Store` where the store has no artifact of this kind under
    /// that digest, and those of [`transfer::push`](crate::transfer::push()).
    pub async fn push_to(
        &self,
        store: &Store,
        digest: &Digest,
        references: &[Reference],
        options: &PushOptions,
    ) -> Result<Pushed> {
        let (from, root) = (store.clone(), *digest);
        toolhive_offload::run(move |_| reader::read_at::<K>(&from, from.describe(&root)?)).await?;
        push(&self.client, store, digest, references, options).await
    }

    /// Fetches the artifact at that reference into the store and tags it: with the options' tag, or else
    /// with the reference as it was written (PULL-1). Nothing is listed or tagged unless all of it is
    /// there, is of this kind, whatever the options expect, and keeps to the limits.
    ///
    /// # Errors
    /// Those of [`transfer::pull`](crate::transfer::pull()).
    pub async fn pull_as(
        &self,
        store: &Store,
        reference: &Reference,
        options: &PullOptions,
    ) -> Result<Pulled> {
        pull(&self.client, reference, store, &of_kind::<K>(options)).await
    }

    /// Fetches what is attached to an artifact that was pulled, of whatever kind.
    ///
    /// # Errors
    /// Those of [`transfer::pull_attached`](crate::transfer::pull_attached()).
    pub async fn pull_attached(
        &self,
        store: &Store,
        reference: &Reference,
        digest: &Digest,
        options: &PullOptions,
    ) -> Result<Vec<Pulled>> {
        pull_attached(&self.client, reference, digest, store, &of_kind::<K>(options)).await
    }

    /// Sends what the store has that is attached to an artifact which was pushed, of whatever kind.
    ///
    /// # Errors
    /// Those of [`transfer::push_attached`](crate::transfer::push_attached()).
    pub async fn push_attached(
        &self,
        store: &Store,
        digest: &Digest,
        reference: &Reference,
        options: &PushOptions,
    ) -> Result<Vec<(Digest, Pushed)>> {
        push_attached(&self.client, store, digest, reference, options).await
    }
}

/// Moves artifacts between a local store and a registry: what programs depend on, so that their tests
/// can put something else in its place (`mocks`, behind the feature of that name).
///
/// Errors are those of `oci-artifact`, as everywhere at this level. How far a transfer is, is for the
/// options' `on_event`; dropping the future stops it.
#[async_trait]
pub trait RegistryClient: Send + Sync {
    /// Sends the artifact with that digest, and all that it needs, to `reference`.
    ///
    /// # Errors
    /// Whatever the store or the registry has against it.
    async fn push(
        &self,
        store: &Store,
        digest: &Digest,
        reference: &str,
        options: &PushOptions,
    ) -> oci_artifact::Result<()>;

    /// Fetches the artifact at `reference` into the store, tags it with the options' tag or else with
    /// `reference`, and returns its digest.
    ///
    /// # Errors
    /// Whatever the registry or the store has against it; nothing is listed or tagged then.
    async fn pull(
        &self,
        store: &Store,
        reference: &str,
        options: &PullOptions,
    ) -> oci_artifact::Result<Digest>;
}

/// References are strict: `registry/repository:tag`, `registry/repository@digest`, nothing is filled in
/// (REF-1 to REF-3).
#[async_trait]
impl<K: ArtifactKind> RegistryClient for Registry<K> {
    async fn push(
        &self,
        store: &Store,
        digest: &Digest,
        reference: &str,
        options: &PushOptions,
    ) -> oci_artifact::Result<()> {
        let reference = Reference::parse(reference, Defaults::Strict)?;
        self.push_to(store, digest, &[reference], options).await?;
        Ok(())
    }

    async fn pull(
        &self,
        store: &Store,
        reference: &str,
        options: &PullOptions,
    ) -> oci_artifact::Result<Digest> {
        let reference = Reference::parse(reference, Defaults::Strict)?;
        Ok(self.pull_as(store, &reference, options).await?.digest)
    }
}

/// Returns the options restricted to artifacts of that kind.
fn of_kind<K: ArtifactKind>(options: &PullOptions) -> PullOptions {
    PullOptions { expectation: Some(expectation::<K>()), ..options.clone() }
}

/// Returns the expectation that holds an artifact to that kind.
pub fn expectation<K: ArtifactKind>() -> Expectation {
    Expectation {
        artifact_type: K::ARTIFACT_TYPE.to_owned(),
        layer_media_type: media_type::IMAGE_LAYER_GZIP.to_owned(),
    }
}
