// SPDX-License-Identifier: Apache-2.0
//! Names and their addresses: which of them are contacted (D7).

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::fmt;
use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::transport::redirect::Zone;

/// Resolves names, and refuses addresses that lie too far in: at the very moment of the connection,
/// so that a name cannot change its mind in between (D7).
pub(crate) struct Guard {
    /// The innermost zone in which an address may lie; [`Zone::Never`] for all.
    pub(crate) zone: Zone,
    /// Names whose address the caller says.
    pub(crate) overrides: BTreeMap<String, SocketAddr>,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let fixed = self.overrides.get(&host).copied();
        let zone = self.zone;
        Box::pin(async move {
            let found: Vec<SocketAddr> = match fixed {
                Some(address) => vec![address],
                None => tokio::net::lookup_host((host.as_str(), 0)).await?.collect(),
            };
            let allowed = |address: &SocketAddr| {
                let its = Zone::of(address.ip());
                zone == Zone::Never || (its <= zone && its != Zone::Never)
            };
            if found.iter().all(allowed) {
                Ok(Box::new(found.into_iter()) as Addrs)
            } else {
                Err(Box::new(Forbidden) as Box<dyn StdError + Send + Sync>)
            }
        })
    }
}

/// A name resolved to an address that must not be contacted.
#[derive(Debug)]
pub(crate) struct Forbidden;

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name resolves to an address that must not be contacted")
    }
}

impl StdError for Forbidden {}
