// SPDX-License-Identifier: Apache-2.0
//! A registry in the box: the OCI distribution specification 1.1 over the image layout of
//! [`oci_artifact::store`], for laptops, CI jobs, air gaps, and the tests of clients.
//!
//! A request's way: [`connection`](Http) → [`route`](Endpoint) → [`auth`](Access) → an endpoint →
//! sessions and storage → the store. The modules stand in that order.
//!
//! What it promises:
//! - Content is stored under a digest after its bytes were hashed, leaves it verified, and as the
//!   bytes that came.
//! - A blob is in a repository if it was pushed or mounted there. That another repository has it
//!   opens nothing.
//! - Memory is bounded by [`Limits`], not by content: bodies are streams both ways.
//! - A killed server loses no content that it confirmed, and shows none that it did not.
//!
//! ```
//! use oci_registry_server::Server;
//! use tokio::io::{AsyncReadExt, AsyncWriteExt};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! # let root = tempfile::tempdir()?;
//! // On a free port of 127.0.0.1, where nothing else is asked for.
//! let server = Server::builder().store(root.path()).start().await?;
//!
//! let mut client = tokio::net::TcpStream::connect(server.addr()).await?;
//! client.write_all(b"GET /v2/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
//! let mut answer = String::new();
//! client.read_to_string(&mut answer).await?;
//! assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"));
//!
//! server.shutdown().await;
//! # Ok(())
//! # })
//! # }
//! ```
//!
//! It knows nothing of plugins, skills, or the client. What the tests of clients need, faults on
//! command, stands at its [`seam`].

mod limits;
mod clock;
mod counters;
mod random;
mod server;
mod tls;
mod places;
mod connection;
pub mod seam;
mod body;
mod registry;
mod origin;
mod route;
mod query;
mod name;
mod refusal;
mod auth;
mod endpoints;
mod front;
mod range;
mod page;
mod manifest;
mod session;
mod storage;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use auth::{Access, Accounts, Bearer, Rights};
pub use clock::Clock;
pub use connection::Http;
pub use counters::Counters;
pub use front::{Asked, Attachment, Front, OneRepository, Page, Repositories};
pub use limits::Limits;
pub use route::Endpoint;
pub use server::{Builder, Running, Server, serve};
pub use storage::Mode;
pub use tls::Tls;

/// Locks what is whole after every change, also by a thread that panicked.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
