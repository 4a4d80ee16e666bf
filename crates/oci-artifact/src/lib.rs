// SPDX-License-Identifier: Apache-2.0
//! Deterministic OCI artifacts.
//!
//! directory → files → tar → deflate/gzip → layer → config → manifest → index → store, and back.
//! The modules stand in that order.

pub mod limits;
pub mod error;
pub mod digest;
pub mod media_type;
pub mod observer;
pub mod reference;
pub mod epoch;
pub mod platform;
pub mod json;
pub mod directory;
pub mod tar;
pub mod deflate;
mod inflate;
pub mod gzip;
pub mod layer;
pub mod config;
pub mod labels;
pub mod manifest;
pub mod index;
pub mod content;
pub mod kind;
pub mod packager;
pub mod store;
pub mod artifact;
pub mod builds;
pub mod extract;
pub mod listing;
pub mod comparison;
pub mod original;
pub mod verify;
pub mod diff;
pub mod referrers;

pub use epoch::Epoch;
pub use error::{Diagnostic, Error, ErrorKind, Excerpt, Position, Result};
