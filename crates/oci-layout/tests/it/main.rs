// SPDX-License-Identifier: Apache-2.0
//! The tests of the public surface.

mod store;
mod referrers;
