// SPDX-License-Identifier: Apache-2.0
//! The scenarios of registry.md, part F, against a registry that misbehaves on command. A test's
//! name has the scenario's number.

mod support;
mod basics;
mod thrift;
mod auth;
mod helpers;
mod redirects;
mod uploads;
mod downloads;
mod manifests;
mod lists;
mod retries;
mod hygiene;
mod secrets;
mod journeys;
mod docker_registry;
mod peers;
mod levels;
mod proxies;
mod login;
mod shown;
mod loopback;
mod attached;
mod carried;
mod table;
