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
mod hostile;
mod check;
mod too_large;
mod trouble;
mod wanted;
