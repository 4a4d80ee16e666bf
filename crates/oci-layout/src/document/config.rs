// SPDX-License-Identifier: Apache-2.0
//! Image configs, as far as an artifact's metadata goes (CFG-1 to CFG-6, CX-6).

use std::collections::BTreeMap;

use oci_spec::image::Platform;

use super::fields;
use super::names::{self, Shape};
use crate::digest::Digest;
use crate::epoch::Epoch;
use crate::error::{Error, ErrorKind, Result};
use crate::json::Value;

/// An image config, read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// The time that it states: RFC 3339.
    pub created: Option<String>,
    /// The platform that it states; members that it lacks are empty.
    pub platform: Platform,
    /// Its labels, where it has a map of them.
    pub labels: Option<BTreeMap<String, String>>,
    /// The digests of its uncompressed layers, as it says them.
    pub diff_ids: Vec<String>,
}

impl Config {
    /// Reads an image config.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDocument`], with the place, where it is not a JSON object in UTF-8, has an
    /// ambiguous key (MAN-5), a member is of the wrong kind, or `created` is not a time of RFC 3339
    /// (CX-6).
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let image = names::read(bytes, "an image config", Shape::Config)?;
        let config = fields::object(image, "config")?;
        let root = fields::object(image, "rootfs")?;
        Ok(Self {
            created: fields::member(image, "created").map(time).transpose()?,
            platform: fields::platform(image)?,
            labels: config.map(|config| fields::texts(config, "Labels")).transpose()?.flatten(),
            diff_ids: root
                .map(|root| fields::strings(root, "diff_ids"))
                .transpose()?
                .unwrap_or_default(),
        })
    }

    /// Returns the digest of its one uncompressed layer (CFG-5).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDocument`] if it has none, several, or one that is no digest.
    pub fn diff_id(&self) -> Result<Digest> {
        match self.diff_ids.as_slice() {
            [diff_id] => crate::digest::parse(diff_id)
                .map_err(|error| error.with_kind(ErrorKind::InvalidDocument)),
            ids => {
                let message = format!("the config has {} diff IDs instead of one", ids.len());
                Err(Error::new(ErrorKind::InvalidDocument, message))
            }
        }
    }
}

fn time(value: Value<'_>) -> Result<String> {
    let text = fields::string(value)?;
    // The reference does not decode this string, so that an escape is an error.
    if Epoch::from_rfc3339(&text).is_some() && value.raw().len() == text.len() + 2 {
        return Ok(text);
    }
    let diagnostic = value.diagnostic("the time is not written as RFC 3339 says");
    Err(fields::invalid(diagnostic.with_help("as in 2023-11-14T22:13:20Z")))
}

#[cfg(test)]
mod tests {
    use super::Epoch;

    #[test]
    fn times_of_rfc_3339_cx_6() {
        let is_rfc3339 = |text: &str| Epoch::from_rfc3339(text).is_some();
        for time in [
            "2023-11-14T22:13:20Z",
            "0000-01-01T00:00:00Z",
            "2024-02-29T23:59:59.123456789Z",
            "2000-02-29T00:00:00.5+23:59",
            "9999-12-31T23:59:59-00:00",
        ] {
            assert!(is_rfc3339(time), "{time}");
        }
        for text in [
            "",
            "2023-11-14",
            "2023-11-14t22:13:20Z",
            "2023-11-14T22:13:20z",
            "2023-11-14T22:13:20",
            "2023-11-14 22:13:20Z",
            "2023-11-14T22:13Z",
            "2023-13-14T22:13:20Z",
            "2023-00-14T22:13:20Z",
            "2023-02-29T22:13:20Z",
            "1900-02-29T00:00:00Z",
            "2023-04-31T00:00:00Z",
            "2023-11-00T22:13:20Z",
            "2023-11-14T24:00:00Z",
            "2023-11-14T22:60:00Z",
            "2023-11-14T22:13:60Z",
            "2023-11-14T2:13:20Z",
            "2023-11-14T22:13:20.Z",
            "2023-11-14T22:13:20,5Z",
            "2023-11-14T22:13:20+24:00",
            "2023-11-14T22:13:20+01:60",
            "2023-11-14T22:13:20+0100",
            "2023-11-14T22:13:20Z ",
            "+023-11-14T22:13:20Z",
            "２023-11-14T22:13:20Z",
        ] {
            assert!(!is_rfc3339(text), "{text}");
        }
    }
}
