// SPDX-License-Identifier: Apache-2.0
//! Pushes or pulls one artifact, for measuring: in seconds, and with `time -v` in memory.
//!
//! ```text
//! throughput fill STORE MEBIBYTES       makes an artifact with a layer of that size, tagged `big`
//! throughput push STORE REFERENCE       pushes it
//! throughput pull REFERENCE STORE       pulls it
//! ```
#![expect(clippy::disallowed_methods, reason = "a program of its own: arguments and clock")]
#![expect(clippy::print_stdout, reason = "a program of its own: it tells what it measured")]

use std::io::Write;
use std::time::Instant;

use oci_artifact::media_type::{IMAGE_CONFIG, IMAGE_LAYER_GZIP, IMAGE_MANIFEST};
use oci_artifact::reference::{Defaults, Reference};
use oci_artifact::store::{Origin, Store};
use oci_registry_http::Client;
use oci_registry_http::transfer::{PullOptions, PushOptions, pull, push};
use oci_registry_http::transport::connection::Scheme;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const MIB: usize = 1 << 20;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let client = Client::builder().loopback(Scheme::PlainHttp).build()?;
    let start = Instant::now();
    let requests = match words.as_slice() {
        ["fill", store, mebibytes] => return fill(&Store::open(store)?, mebibytes.parse()?),
        ["push", store, reference] => {
            let (store, reference) =
                (Store::open(store)?, Reference::parse(reference, Defaults::Strict)?);
            let digest = store.resolve("big")?.digest;
            push(&client, &store, &digest, &[reference], &PushOptions::default()).await?.requests
        }
        ["pull", reference, store] => {
            let (store, reference) =
                (Store::open(store)?, Reference::parse(reference, Defaults::Strict)?);
            let mut options = PullOptions::default();
            options.limits.blob_size = 10 << 30;
            options.limits.total_size = 10 << 30;
            pull(&client, &reference, &store, &options).await?.requests
        }
        _ => return Err("see the top of the source".into()),
    };
    println!("{:.3} s, {requests} requests", start.elapsed().as_secs_f64());
    Ok(())
}

/// Bytes that do not compress, piece by piece.
fn fill(store: &Store, mebibytes: usize) -> Result<()> {
    let ingest = store.ingest()?;
    let mut writer = ingest.blob_writer();
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    for _ in 0..mebibytes {
        let mut piece = Vec::with_capacity(MIB);
        while piece.len() < MIB {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            piece.extend_from_slice(&state.to_le_bytes());
        }
        writer.write_all(&piece)?;
    }
    let (digest, size) = writer.finish()?;
    let config =
        br#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#;
    let config_digest = ingest.put_blob(config)?;
    let manifest = format!(
        r#"{{"schemaVersion":2,"mediaType":"{IMAGE_MANIFEST}","config":{{"mediaType":"{IMAGE_CONFIG}","digest":"{config_digest}","size":{}}},"layers":[{{"mediaType":"{IMAGE_LAYER_GZIP}","digest":"{digest}","size":{size}}}]}}"#,
        config.len(),
    );
    let digest = ingest.put_manifest(manifest.as_bytes())?;
    ingest.tag(&digest, "big", Origin::LocalBuild)?;
    ingest.commit()?;
    println!("{digest}");
    Ok(())
}
