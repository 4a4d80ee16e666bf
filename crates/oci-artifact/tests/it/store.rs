// SPDX-License-Identifier: Apache-2.0
//! A store under processes that package and extract, and are killed (LS-15).

#[allow(dead_code, reason = "the tests of the store itself use all of it")]
#[path = "../../../oci-layout/tests/it/store/fixture.rs"]
mod fixture;
mod tree;
mod worker;
mod crash;
mod crowd;
mod summaries;
