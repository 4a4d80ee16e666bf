// SPDX-License-Identifier: Apache-2.0
//! SOURCE_DATE_EPOCH: a warning or a value, the same as from the strict parser, and texts of it
//! that have their form.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use oci_artifact::epoch::Epoch;

/// Runs the target on an input.
pub fn run(value: &[u8]) {
    let (epoch, warning) = Epoch::from_source_date_epoch(Some(OsStr::from_bytes(value)));
    assert!(warning.is_none() || epoch == Epoch::UNIX);
    if let Ok(text) = std::str::from_utf8(value)
        && !text.is_empty()
    {
        assert_eq!(Epoch::parse(text).ok(), warning.is_none().then_some(epoch));
        // A time of any form is the same instant in ours.
        if let Some(epoch) = Epoch::from_rfc3339(text)
            && let Ok(written) = epoch.rfc3339()
        {
            assert_eq!(Epoch::from_rfc3339(&written), Some(epoch));
        }
    }
    if let Some(epoch) = value
        .first_chunk()
        .and_then(|nanos| Epoch::new(epoch.seconds(), u32::from_le_bytes(*nanos) % 1_000_000_000))
        && let Ok(text) = epoch.rfc3339()
    {
        let seconds = epoch.rfc3339_seconds().expect("has the same range");
        assert_eq!(Epoch::from_rfc3339(&text), Some(epoch));
        assert_eq!(seconds.len(), 20);
        assert!(text.starts_with(&seconds[..19]) && text.ends_with('Z'));
    }
}
