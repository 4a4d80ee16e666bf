// SPDX-License-Identifier: Apache-2.0
//! The registry of `oci-registry-server` that misbehaves on command, for the tests of clients. It is
//! for development only: nothing that is shipped depends on it.
//!
//! A rule is a [`When`], which says what requests it is about and which of them, and a [`Fault`],
//! which says what becomes of them:
//!
//! ```
//! # async fn run() -> oci_artifact::Result<()> {
//! use std::time::Duration;
//! use oci_registry_faults::{Cut, Endpoint, Fault, Server, When};
//!
//! let server = Server::builder()
//!     .store("registry")
//!     // The first two uploads that begin are asked to come back.
//!     .script(When::method("POST").on(Endpoint::Uploads).first(2),
//!             Fault::status(429).set("retry-after", "1"))
//!     .start().await?;
//! // The next download of a blob breaks off after 1,000 bytes.
//! let rule = server.script(When::get(Endpoint::Blob).nth(1), Fault::pass().cut(1_000, Cut::Reset));
//! // A commit is carried out, but its response is lost.
//! server.script(When::method("PUT").on(Endpoint::Upload).nth(1), Fault::pass().lose(Cut::Reset));
//! // ... the client works ...
//! assert_eq!(rule.fired(), 1);
//! for request in server.requests() {
//!     println!("{} {} {:?}", request.seen.method, request.seen.path, request.status());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Every rule counts the requests that it describes, whether another rule acts on them or not. Of
//! the rules that fire on one request each has its say: what they change adds up in the order in
//! which they were added; of several that answer in the registry's stead, the last one does.
//!
//! | wanted | how |
//! | --- | --- |
//! | the n-th, the first n, all after n, every n-th, some | [`When::nth`], [`first`](When::first), [`after`](When::after), [`every`](When::every), [`chance`](When::chance) |
//! | until the test says so | [`Rule::stop`] |
//! | a status, any response | [`Fault::status`], [`Fault::reply`], [`Fault::respond`] |
//! | the same after the request's body was taken | [`Fault::after_body`] |
//! | delays, never an answer | [`Fault::delay`], [`delay_response`](Fault::delay_response), [`Fault::hang`] |
//! | resets before, in the middle of, after the request | [`Fault::reset`], [`reset_at`](Fault::reset_at), [`lose`](Fault::lose) |
//! | truncated, stalling, trickling, flipped, longer bodies | [`cut`](Fault::cut), [`throttle`](Fault::throttle), [`flip`](Fault::flip), [`append`](Fault::append), [`body`](Fault::body) |
//! | wrong and missing headers | [`set`](Fault::set), [`add`](Fault::add), [`remove`](Fault::remove), [`map`](Fault::map) |
//! | redirects, chains over several servers | [`Fault::redirect`], [`Fault::redirect_to`] |
//! | hostile challenges, realms, links | [`Fault::challenge`], [`set`](Fault::set) |
//! | bytes that are not HTTP | [`Fault::raw`] |
//! | resets of one HTTP/2 stream | [`Fault::reset_stream`] |
//! | connections that fail before a request | [`Door`] |
//! | the ways of known registries | [`Dialect`] |
//! | certificates | [`Authority`] |
//! | a forward proxy | [`Proxy`] |
//! | listeners that only do as they are told | a [`Builder`] without a store |

mod server;
mod seen;
mod when;
mod fault;
mod script;
mod act;
mod altered;
mod door;
mod dialect;
mod certificates;
mod proxy;

pub use certificates::Authority;
pub use dialect::Dialect;
pub use door::Door;
pub use fault::{Cut, Fault, Reply};
/// The types of a server's settings.
pub use oci_registry_server::{
    Access, Accounts, Bearer, Clock, Counters, Endpoint, Http, Limits, Mode, Rights, Tls,
};
pub use proxy::Proxy;
pub use script::Rule;
pub use seen::{Logged, Seen};
pub use server::{Builder, Running, Server};
pub use when::{Times, When};
