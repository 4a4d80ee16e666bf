// SPDX-License-Identifier: Apache-2.0
//! Commands that speak to a registry, or are one.

mod served;

mod said;
mod remote;
mod loopback;
mod registry;
mod pages;
mod hostile_registry;
mod kinds;
mod locking;
mod one_content;
mod signals;
mod signatures;
mod material;
mod action;
mod policies;
#[cfg(feature = "certificates")]
mod keyless;
#[cfg(not(feature = "certificates"))]
mod uncertified;
mod moving;
mod sides;
