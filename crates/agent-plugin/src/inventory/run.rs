// SPDX-License-Identifier: Apache-2.0
//! What runs besides hooks and servers (S-61 to S-72), and the files that are code (S-77).

use serde::Serialize;

use super::{Declared, Fetch, PluginFile, Trigger};

/// Something that the host runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Run {
    /// What it is known by from version to version (S-86).
    pub id: String,
    /// What it is.
    pub kind: RunKind,
    /// `inline`, `fenced` or `inline-in-fence`, of a command in a text (S-61).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<&'static str>,
    /// When it runs.
    pub trigger: Trigger,
    /// The component that brings it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// The command, whole; or the file's path.
    pub command: String,
    /// The shell of an inline command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shell: Option<String>,
    /// Events that a module registers for (S-44).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
    /// What a module calls in the host (S-44).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<String>,
    /// Files of the plugin that it names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub plugin_files: Vec<PluginFile>,
    /// Code that it fetches.
    pub fetches: Vec<Fetch>,
    /// Where it is declared.
    pub declared_in: Declared,
    /// Whether the host would run it.
    pub loads: bool,
    /// Why not: a warning's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why_not: Option<&'static str>,
}

impl Run {
    /// One that runs by itself and names nothing else; whoever knows more says it.
    pub(crate) fn new(kind: RunKind, id: String, command: String, declared_in: Declared) -> Self {
        Self {
            id,
            kind,
            form: None,
            trigger: Trigger::Automatic,
            component: None,
            command,
            shell: None,
            events: Vec::new(),
            calls: Vec::new(),
            plugin_files: Vec::new(),
            fetches: Vec::new(),
            declared_in,
            loads: true,
            why_not: None,
        }
    }
}

/// What a [`Run`] is (S-79), the most dangerous first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names of the specification")]
pub enum RunKind {
    Inline,
    Module,
    Monitor,
    Statusline,
    HeadersHelper,
    PathExecutable,
    Workflow,
    PackageInstall,
    CatalogueCommand,
}

/// A file that is code (S-77).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Executable {
    /// Its path.
    pub path: String,
    /// Why it is listed.
    pub kind: ExecutableKind,
    /// What runs it, from its shebang or its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interpreter: Option<String>,
    /// `0755` or `0644`.
    pub mode: &'static str,
    /// Bytes.
    pub size: u64,
    /// Its digest in hexadecimal digits.
    pub sha256: String,
    /// The ids of what names it.
    pub used_by: Vec<String>,
}

/// What kind of code a file is.
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

/// Another machine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Endpoint {
    /// Its name or address.
    pub host: String,
    /// How it is talked to.
    pub scheme: String,
    /// The port, if the URL names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// The ids of what talks to it.
    pub via: Vec<String>,
}
