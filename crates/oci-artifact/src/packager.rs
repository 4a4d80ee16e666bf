// SPDX-License-Identifier: Apache-2.0
//! The whole flow, directory to index.
