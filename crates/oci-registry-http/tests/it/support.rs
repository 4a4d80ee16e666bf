// SPDX-License-Identifier: Apache-2.0
//! A registry, a client, a store with an artifact, and a clock that does not wait.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use oci_artifact::Digest;
use oci_artifact::media_type::{IMAGE_CONFIG, IMAGE_INDEX, IMAGE_LAYER_GZIP, IMAGE_MANIFEST};
use oci_artifact::reference::{Defaults, Reference};
use oci_artifact::store::{Origin, Store};
use oci_registry_faults::When;
use oci_registry_faults::{Access, Accounts, Bearer, Builder, Rights, Running, Server};
use oci_registry_http::auth::credential::{Credential, CredentialStore};
use oci_registry_http::blobs::Blob;
use oci_registry_http::transport::connection::Scheme;
use oci_registry_http::transport::retry::{Clock, Jitter};
use oci_registry_http::{Client, ClientBuilder, Repository};
use tempfile::TempDir;

/// The password that must not turn up anywhere.
pub(crate) const CANARY: &str = "canary-password-7f3a";
/// The artifact type of the fixtures.
pub(crate) const ARTIFACT_TYPE: &str = "dev.toolhive.plugins.v1";

/// A clock on which sleeping takes no time, and is written down.
#[derive(Debug, Default)]
pub(crate) struct TestClock(Mutex<(Duration, Vec<Duration>)>);

impl TestClock {
    /// All sleeps so far.
    pub(crate) fn sleeps(&self) -> Vec<Duration> {
        self.0.lock().expect("no panic").1.clone()
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.0.lock().expect("no panic").0 += by;
    }
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
            + Duration::from_secs(1_800_000_000)
            + self.0.lock().expect("no panic").0
    }

    async fn sleep(&self, duration: Duration) {
        {
            let mut state = self.0.lock().expect("no panic");
            state.0 += duration;
            state.1.push(duration);
        }
        tokio::task::yield_now().await;
    }
}

/// The longest waits, always the same.
#[derive(Debug)]
pub(crate) struct NoJitter;

impl Jitter for NoJitter {
    fn draw(&self) -> f64 {
        1.0
    }
}

/// The registry, the client and the store of a test.
pub(crate) struct Lab {
    pub(crate) server: Running,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) client: Client,
    directory: TempDir,
}

impl Lab {
    /// An open registry.
    pub(crate) async fn open() -> Self {
        Self::with(|server| server, |client| client).await
    }

    /// A registry with tokens, and a client that knows its user's password.
    pub(crate) async fn with_tokens() -> Self {
        Self::with(|server| server.access(tokens()), |client| client.credentials(password())).await
    }

    /// A registry and a client as they are made here.
    pub(crate) async fn with(
        server: impl FnOnce(Builder) -> Builder,
        client: impl FnOnce(ClientBuilder) -> ClientBuilder,
    ) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let builder = Server::builder().store(directory.path().join("registry"));
        let server = server(builder).start().await.expect("it starts");
        let clock = Arc::new(TestClock::default());
        let client = client(client_builder(&clock)).build().expect("fine options");
        Self { server, clock, client, directory }
    }

    /// Ends client and server.
    pub(crate) async fn end(self) {
        drop(self.client);
        self.server.shutdown().await;
    }

    /// Another client, that knows nothing of what the first one learned.
    pub(crate) fn fresh_client(
        &self,
        change: impl FnOnce(ClientBuilder) -> ClientBuilder,
    ) -> Client {
        change(client_builder(&self.clock)).build().expect("fine options")
    }

    pub(crate) fn reference(&self, name: &str) -> Reference {
        reference(&self.server, name)
    }

    pub(crate) fn repository(&self, name: &str) -> Repository {
        repository(&self.client, &self.server, name)
    }

    /// A new store of that name.
    pub(crate) fn store(&self, name: &str) -> Store {
        Store::open(self.directory.path().join(name)).expect("it opens")
    }

    /// Returns the requests: method, path and status.
    pub(crate) fn log(&self) -> Vec<String> {
        log(&self.server)
    }

    /// Returns the number of requests that match.
    pub(crate) fn count(&self, when: &When) -> usize {
        self.server.requests_like(when).len()
    }

    /// Puts a blob into the repository `x`, and forgets the requests for it.
    pub(crate) async fn has_blob(&self, bytes: &[u8]) -> Blob {
        let client = self.fresh_client(|client| client.credentials(password()));
        let repository = repository(&client, &self.server, "x");
        let blob = blob(bytes);
        let source = Arc::new(bytes::Bytes::copy_from_slice(bytes));
        repository.put_blob(&blob, source, &Default::default()).await.expect("it takes it");
        self.server.clear_requests();
        blob
    }
}

pub(crate) fn blob(bytes: &[u8]) -> Blob {
    Blob { digest: oci_artifact::digest::sha256(bytes), size: bytes.len() as u64 }
}

pub(crate) fn reference(server: &Running, name: &str) -> Reference {
    let text = format!("{}/{name}", server.addr());
    Reference::parse(&text, Defaults::Strict).expect("a reference")
}

pub(crate) fn repository(client: &Client, server: &Running, name: &str) -> Repository {
    client.repository(&reference(server, &format!("{name}:x"))).expect("a repository")
}

pub(crate) fn client_builder(clock: &Arc<TestClock>) -> ClientBuilder {
    Client::builder()
        .loopback(Scheme::PlainHttp)
        .clock(Arc::clone(clock) as Arc<dyn Clock>)
        .jitter(Arc::new(NoJitter))
}

pub(crate) fn tokens() -> Access {
    Access::Bearer(Bearer::new(
        Accounts::new().user("ci", CANARY, Rights::All).expect("an account"),
    ))
}

pub(crate) fn password() -> CredentialStore {
    CredentialStore::new().with_credential_for_all(Credential::basic("ci", CANARY).expect("fine"))
}

/// `METHOD path status` of every request, with digests and session ids left out.
pub(crate) fn log(server: &Running) -> Vec<String> {
    let requests = server.requests();
    requests
        .iter()
        .map(|request| {
            let path = &request.seen.path;
            let path = match (path.find("sha256:"), path.find("/uploads/")) {
                (Some(at), _) => format!("{}DIGEST", &path[..at]),
                (_, Some(at)) => format!("{}/uploads/", &path[..at]),
                _ => path.clone(),
            };
            let status = request.status().map_or("-".to_owned(), |status| status.to_string());
            format!("{} {path} {status}", request.seen.method)
        })
        .collect()
}

/// Reads a blob to its end.
pub(crate) async fn fetch(
    repository: &Repository,
    blob: &Blob,
) -> oci_registry_http::Result<Vec<u8>> {
    let mut reader = repository.get_blob(blob).await?;
    let mut all = Vec::new();
    while let Some(chunk) = reader.next().await? {
        all.extend_from_slice(&chunk);
    }
    Ok(all)
}

/// Bytes that do not compress and are the same every time.
pub(crate) fn noise(size: usize, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    let mut bytes = Vec::with_capacity(size + 8);
    while bytes.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(size);
    bytes
}

pub(crate) fn descriptor(media_type: &str, bytes: &[u8]) -> String {
    let digest = oci_artifact::digest::sha256(bytes);
    format!(r#"{{"mediaType":"{media_type}","digest":"{digest}","size":{}}}"#, bytes.len())
}

/// The bytes of an artifact: as ToolHive makes them, an index, a manifest and a config for each of
/// two platforms, and one layer.
pub(crate) struct Artifact {
    pub(crate) index: Vec<u8>,
    pub(crate) manifests: Vec<Vec<u8>>,
    pub(crate) configs: Vec<Vec<u8>>,
    pub(crate) layer: Vec<u8>,
}

impl Artifact {
    pub(crate) fn new(layer_size: usize) -> Self {
        let layer = noise(layer_size, 7);
        let mut configs = Vec::new();
        let mut manifests = Vec::new();
        let mut entries = Vec::new();
        for arch in ["amd64", "arm64"] {
            let diff_id = oci_artifact::digest::sha256(&layer);
            let config = format!(
                r#"{{"architecture":"{arch}","os":"linux","rootfs":{{"type":"layers","diff_ids":["{diff_id}"]}}}}"#
            );
            let manifest = format!(
                r#"{{"schemaVersion":2,"mediaType":"{IMAGE_MANIFEST}","artifactType":"{ARTIFACT_TYPE}","config":{},"layers":[{}]}}"#,
                descriptor(IMAGE_CONFIG, config.as_bytes()),
                descriptor(IMAGE_LAYER_GZIP, &layer),
            );
            let entry = descriptor(IMAGE_MANIFEST, manifest.as_bytes());
            let platform = format!(r#","platform":{{"architecture":"{arch}","os":"linux"}}}}"#);
            entries.push(entry.replace('}', &platform));
            configs.push(config.into_bytes());
            manifests.push(manifest.into_bytes());
        }
        let index = format!(
            r#"{{"schemaVersion":2,"mediaType":"{IMAGE_INDEX}","artifactType":"{ARTIFACT_TYPE}","manifests":[{}]}}"#,
            entries.join(",")
        );
        Self { index: index.into_bytes(), manifests, configs, layer }
    }

    pub(crate) fn digest(&self) -> Digest {
        oci_artifact::digest::sha256(&self.index)
    }

    /// Puts it into a store under the tag `v1`.
    pub(crate) fn keep_in(&self, store: &Store) -> Digest {
        let ingest = store.ingest().expect("fine");
        ingest.put_blob(&self.layer).expect("fine");
        for config in &self.configs {
            ingest.put_blob(config).expect("fine");
        }
        for one in &self.manifests {
            ingest.put_manifest(one).expect("fine");
        }
        let digest = ingest.put_manifest(&self.index).expect("fine");
        ingest.tag(&digest, "v1", Origin::LocalBuild).expect("fine");
        ingest.commit().expect("fine");
        digest
    }
}
