// SPDX-License-Identifier: Apache-2.0
//! Files that are code (S-77), and other machines.

use serde::Serialize;

/// A file that is code (S-77).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Executable {
    /// The path of the file in the plugin.
    pub path: String,
    /// The reason for listing it.
    pub kind: ExecutableKind,
    /// The interpreter, from its shebang or its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interpreter: Option<String>,
    /// The mode, `0755` or `0644`.
    pub mode: &'static str,
    /// The size in bytes.
    pub size: u64,
    /// Its digest in hexadecimal digits.
    pub sha256: String,
    /// The ids of what names it.
    pub used_by: Vec<String>,
}

/// The kind of code in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExecutableKind {
    /// A machine's own code: ELF, Mach-O, PE, wasm.
    Binary,
    /// A text that an interpreter runs.
    Script,
    /// An archive that can hold code.
    Archive,
    /// A file with an execute bit, or one that configuration runs, of no known form.
    Other,
}

/// A host on the network that a plugin would reach.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Endpoint {
    /// Its name or address.
    pub host: String,
    /// The protocol, such as `https`.
    pub scheme: String,
    /// The port, if the URL names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// The ids of what talks to it.
    pub via: Vec<String>,
}
