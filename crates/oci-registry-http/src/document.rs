// SPDX-License-Identifier: Apache-2.0
//! The contents of a manifest or index: its type, and the digests it refers to. The one reader of the project reads
//! it (R-54, MAN-5); its bytes stay as they came. What it refuses is an
//! [`InvalidManifest`](crate::ErrorKind::InvalidManifest) here.

pub use oci_artifact::document::{Document, Link};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, ErrorKind};

    #[test]
    fn what_is_ambiguous_or_malformed_is_refused_f_94() {
        for text in [
            "",
            "[]",
            "{}",
            r#"{"manifests":[],"layers":[]}"#,
            r#"{"manifests":[],"manifests":[]}"#,
            r#"{"manifests":[],"Manifests":[]}"#,
            r#"{"manifeſts":[]}"#,
            r#"{"manifests":[]} x"#,
        ] {
            let error = Document::parse(text.as_bytes(), None).expect_err(text);
            assert_eq!(Error::from(error).kind(), ErrorKind::InvalidManifest, "{text}");
        }
    }
}
