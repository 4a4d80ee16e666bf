// SPDX-License-Identifier: Apache-2.0
//! The local store (store.md; format.md, 9).

mod fixture;
mod open;
mod blobs;
mod ingest;
mod tags;
mod go_stores;
mod delete;
mod gc;
// Links, pipes, sockets, modes and files of other users.
#[cfg(unix)]
mod hostile;
mod check;
mod too_large;
// Mounts, other users and umasks, by way of a shell.
#[cfg(unix)]
mod trouble;
mod locked;
mod wanted;
