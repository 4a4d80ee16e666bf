// SPDX-License-Identifier: Apache-2.0
//! Names as bytes. Windows' are text of 16-bit units, of which those that are UTF-8 as bytes are taken, and no
//! others are found.

use std::ffi::{CStr, CString, OsStr, OsString};
use std::path::{Path, PathBuf};

use super::errno::Errno;

/// A name that no file can have: for bytes that are no text.
const IMPOSSIBLE: &str = "?";

/// Names from bytes, and back.
pub trait OsStrExt {
    /// Returns the name that these bytes are. Those that are no UTF-8 are one that no file has.
    fn from_bytes(bytes: &[u8]) -> &Self;
    /// Returns its bytes: UTF-8, where it is text.
    fn as_bytes(&self) -> &[u8];
}

impl OsStrExt for OsStr {
    fn from_bytes(bytes: &[u8]) -> &Self {
        Self::new(std::str::from_utf8(bytes).unwrap_or(IMPOSSIBLE))
    }

    fn as_bytes(&self) -> &[u8] {
        self.as_encoded_bytes()
    }
}

/// The conversions of names that are owned.
pub trait OsStringExt {
    /// Makes a name of bytes, as [`OsStrExt::from_bytes`] does.
    fn from_vec(bytes: Vec<u8>) -> Self;
    /// Returns the bytes of a name, as [`OsStrExt::as_bytes`] does.
    fn into_vec(self) -> Vec<u8>;
}

impl OsStringExt for OsString {
    fn from_vec(bytes: Vec<u8>) -> Self {
        String::from_utf8(bytes).unwrap_or_else(|_| IMPOSSIBLE.into()).into()
    }

    fn into_vec(self) -> Vec<u8> {
        self.into_encoded_bytes()
    }
}

/// A type that can be a name.
pub trait Name {
    /// Returns the name as the system's string.
    fn name(&self) -> OsString;
}

macro_rules! names {
    ($($type:ty),*) => {$(
        impl Name for $type {
            fn name(&self) -> OsString {
                AsRef::<OsStr>::as_ref(self).to_owned()
            }
        }
    )*};
}

names!(&str, &OsStr, &Path, &PathBuf, &OsString, &String, String);

impl Name for &[u8] {
    fn name(&self) -> OsString {
        OsStr::from_bytes(self).to_owned()
    }
}

impl Name for &CStr {
    fn name(&self) -> OsString {
        OsStr::from_bytes(self.to_bytes()).to_owned()
    }
}

/// Whether text can be one name of a path: no stream of a file, no pattern, no way elsewhere.
pub(super) fn is_name(text: &str) -> bool {
    let is_special = |c: char| c.is_control() || r#"<>:"/\|?*"#.contains(c);
    !matches!(text, "" | "." | "..") && !text.contains(is_special)
}

/// Returns a name as the bytes that a directory shows.
pub(super) fn c_string(name: &OsStr) -> Result<CString, Errno> {
    CString::new(name.as_bytes()).map_err(|_| Errno::INVAL)
}
