// SPDX-License-Identifier: Apache-2.0
//! The tests of the registry, over real sockets: the specification requirement by requirement, then
//! what the project promises beyond it.

mod client;
mod end_1_base;
mod end_2_blobs;
mod end_3_manifests;
mod end_4_uploads;
mod end_8_tags;
mod end_9_deletes;
mod end_12_referrers;
mod one_content;
mod repositories;
mod hostile;
mod sessions;
mod access;
mod front;
mod gate;
mod passwords;
mod origins;
mod bounds;
mod tls;
mod crash;
mod load;
mod memory;
mod skopeo;
mod yardstick;

use oci_registry_server::{Builder, Running, Server};
