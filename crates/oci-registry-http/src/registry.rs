// SPDX-License-Identifier: Apache-2.0
//! Artifacts of one kind to and from registries: what the crates of the kinds give their own name.

use std::fmt;
use std::marker::PhantomData;

use oci_artifact::kind::ArtifactKind;
use oci_artifact::reference::Reference;
use oci_artifact::store::Store;
use oci_artifact::{artifact, media_type};
use oci_spec::image::{Digest, Platform};

use crate::auth::credential::CredentialSource;
use crate::client::{Client, ClientBuilder};
use crate::error::Result;
use crate::transfer::{
    Expectation, OnEvent, PullLimits, PullOptions, Pulled, PushOptions, Pushed, pull,
    pull_attached, push, push_attached,
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
    /// Speaks plain HTTP to every registry: anybody on the way can read and change everything
    /// (PUSH-3, R-31). Loopback hosts want no such word. Credentials go over plain HTTP only to
    /// loopback hosts and to those that [`client`](Self::client) names as ones that speak it.
    pub fn plain_http(mut self) -> Self {
        self.client = self.client.scheme(Scheme::PlainHttp);
        self
    }

    /// Where credentials come from; from nowhere by default. `CredentialStore::discover` makes a
    /// source of what Docker and Podman have (PUSH-3, R-21).
    pub fn credential_store(mut self, source: impl CredentialSource + 'static) -> Self {
        self.client = self.client.credentials(source);
        self
    }

    /// Anything else that a client can be told: per host, time-outs, proxies, limits.
    pub fn client(mut self, change: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Self {
        self.client = change(self.client);
        self
    }

    /// The registry's client for artifacts of one kind.
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
    limits: PullLimits,
    platform: Option<Platform>,
    on_event: Option<OnEvent>,
    kind: PhantomData<fn() -> K>,
}

impl<K> Clone for Registry<K> {
    fn clone(&self) -> Self {
        Self {
            client: self.client.clone(),
            limits: self.limits.clone(),
            platform: self.platform.clone(),
            on_event: self.on_event.clone(),
            kind: PhantomData,
        }
    }
}

impl<K> fmt::Debug for Registry<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { limits, platform, .. } = self;
        f.debug_struct("Registry")
            .field("limits", limits)
            .field("platform", platform)
            .finish_non_exhaustive()
    }
}

impl<K> Registry<K> {
    /// Starts making one.
    pub fn builder() -> RegistryBuilder<K> {
        RegistryBuilder::default()
    }

    /// Over a client that is there.
    pub fn new(client: Client) -> Self {
        Self {
            client,
            limits: PullLimits::default(),
            platform: None,
            on_event: None,
            kind: PhantomData,
        }
    }

    /// What a pull takes at most; the limits of format.md 10.4 by default.
    #[must_use]
    pub fn with_limits(mut self, limits: PullLimits) -> Self {
        self.limits = limits;
        self
    }

    /// The one platform that is pulled of an index; all by default.
    #[must_use]
    pub fn with_platform(mut self, platform: Platform) -> Self {
        self.platform = Some(platform);
        self
    }

    /// Who is told how far a transfer is.
    #[must_use]
    pub fn with_progress(mut self, on_event: OnEvent) -> Self {
        self.on_event = Some(on_event);
        self
    }

    /// The client.
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
    ) -> Result<Pushed> {
        let (from, root) = (store.clone(), digest.to_string());
        toolhive_offload::run(move |_| artifact::read::<K>(&from, &root)).await?;
        let options = PushOptions { on_event: self.on_event.clone(), ..PushOptions::default() };
        push(&self.client, store, digest, references, &options).await
    }

    /// Fetches the artifact at that reference into the store and tags it: with `tag`, or else with
    /// the reference as it was written (PULL-1). Nothing is listed or tagged unless all of it is
    /// there, is of this kind, and keeps to the limits.
    ///
    /// # Errors
    /// Those of [`transfer::pull`](crate::transfer::pull()).
    pub async fn pull_as(
        &self,
        store: &Store,
        reference: &Reference,
        tag: Option<&str>,
    ) -> Result<Pulled> {
        let options = PullOptions { tag: tag.map(str::to_owned), ..self.pull_options() };
        pull(&self.client, reference, store, &options).await
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
    ) -> Result<Vec<Pulled>> {
        pull_attached(&self.client, reference, digest, store, &self.pull_options()).await
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
    ) -> Result<Vec<(Digest, Pushed)>> {
        let options = PushOptions { on_event: self.on_event.clone(), ..PushOptions::default() };
        push_attached(&self.client, store, digest, reference, &options).await
    }

    fn pull_options(&self) -> PullOptions {
        PullOptions {
            expectation: Some(expectation::<K>()),
            platform: self.platform.clone(),
            limits: self.limits.clone(),
            on_event: self.on_event.clone(),
            ..PullOptions::default()
        }
    }
}

/// What an artifact of that kind must be.
pub fn expectation<K: ArtifactKind>() -> Expectation {
    Expectation {
        artifact_type: K::ARTIFACT_TYPE.to_owned(),
        layer_media_type: media_type::IMAGE_LAYER_GZIP.to_owned(),
    }
}
