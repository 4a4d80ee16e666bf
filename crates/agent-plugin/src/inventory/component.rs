// SPDX-License-Identifier: Apache-2.0
//! Components (S-11 to S-18) and what they may do unasked (S-62).

use std::fmt;

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::{RuleCode, is_false, is_zero};
use crate::path;

/// Makes of one list the types of components, all of them, and their names.
macro_rules! component_types {
    ($($variant:ident $name:literal)*) => {
        /// A type of component, in the order of S-18's table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[expect(missing_docs, reason = "the names of the specification")]
        pub enum ComponentType {
            $(#[serde(rename = $name)] $variant,)*
        }

        impl ComponentType {
            /// All types, in order.
            pub const ALL: [Self; 16] = [$(Self::$variant),*];

            /// Returns the name in JSON: `mcp-server`.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

component_types! {
    Skill "skill"
    Command "command"
    Agent "agent"
    Hook "hook"
    Module "module"
    McpServer "mcp-server"
    LspServer "lsp-server"
    Monitor "monitor"
    OutputStyle "output-style"
    Theme "theme"
    Workflow "workflow"
    Bin "bin"
    Setting "setting"
    Channel "channel"
    PackageInstall "package-install"
    App "app"
}

impl fmt::Display for ComponentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One component of a plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Component {
    /// The type of the component.
    #[serde(rename = "type")]
    pub kind: ComponentType,
    /// Its name, without the plugin's.
    pub name: String,
    /// Its file, or the file that declares it.
    pub path: String,
    /// The way in which the host finds it.
    pub source: Source,
    /// Whether the host would load it; else the rule that says why not (S-10).
    #[serde(flatten, serialize_with = "super::json::loads")]
    pub loads: Result<(), RuleCode>,
    /// The name in its frontmatter, where the host uses another (S-15).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Whether its frontmatter cannot be read, so that it may hold anything (S-105).
    #[serde(skip_serializing_if = "is_false")]
    pub unread: bool,
    /// The digest of its file, for comparing what was not read.
    #[serde(skip)]
    pub sha256: Option<String>,
    /// The tools that it may use, or is limited to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grants: Option<Grants>,
    /// Tools that are taken away while it is used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub disallowed_tools: Vec<String>,
    /// The model that it asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// `fork`: it runs as a sub-agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// Whether only a person can invoke it.
    #[serde(skip_serializing_if = "is_false")]
    pub disable_model_invocation: bool,
    /// Whether a person can invoke it, where it says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_invocable: Option<bool>,
    /// Fields that the host ignores here (S-14), or that have no effect (S-65).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<String>,
    /// HTML comments in its text, which a rendered page does not show (S-73).
    #[serde(skip_serializing_if = "is_zero")]
    pub html_comments: usize,
    /// Its size, if it has a file of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

/// The way on which a component was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// A place where the host looks by itself.
    Default,
    /// The manifest names it.
    Manifest,
    /// The catalogue entry names it.
    Entry,
    /// A component's frontmatter declares it.
    Frontmatter,
}

impl Component {
    pub(crate) fn new(
        kind: ComponentType,
        name: impl Into<String>,
        path: impl Into<String>,
        source: Source,
    ) -> Self {
        Self {
            kind,
            name: name.into(),
            path: path.into(),
            source,
            loads: Ok(()),
            title: None,
            unread: false,
            sha256: None,
            grants: None,
            disallowed_tools: Vec::new(),
            model: None,
            context: None,
            disable_model_invocation: false,
            user_invocable: None,
            ignored: Vec::new(),
            html_comments: 0,
            bytes: None,
        }
    }

    /// Returns the component, which does not load for that reason (S-10).
    #[must_use]
    pub(crate) fn not_loading(self, why: Option<RuleCode>) -> Self {
        Self { loads: why.map_or(self.loads, Err), ..self }
    }

    /// Returns the directory of a skill.
    pub(crate) fn skill(&self) -> Option<&str> {
        (self.kind == ComponentType::Skill).then(|| path::parent(&self.path))
    }

    /// Returns the component in a sentence: `skill weekly`.
    pub fn label(&self) -> String {
        format!("{} {}", self.kind, self.name)
    }
}

/// Tools that a component may use without asking (skills, commands), or is limited to (agents).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Grants {
    /// The tools, as written.
    pub tools: Vec<String>,
    /// The share of Bash among them.
    pub bash: BashGrant,
    /// Tools that amount to any command: `Bash(python3 *)`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amounts_to_any: Vec<String>,
}

/// The share of Bash that is granted (S-62).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BashGrant {
    /// No command at all.
    None,
    /// Some commands only.
    Limited,
    /// Any command at all.
    Any,
}

/// The number of components of each type that load; types without any are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(pub Vec<(ComponentType, usize)>);

impl Counts {
    /// Counts the components that load.
    pub fn of(components: &[Component]) -> Self {
        let count = |kind: ComponentType| {
            components
                .iter()
                .filter(|component| component.loads.is_ok() && component.kind == kind)
                .count()
        };
        let counts = ComponentType::ALL.into_iter().map(|kind| (kind, count(kind)));
        Self(counts.filter(|(_, count)| *count > 0).collect())
    }

    /// Returns the number of that type.
    pub fn get(&self, kind: ComponentType) -> usize {
        self.0.iter().find(|(other, _)| *other == kind).map_or(0, |(_, count)| *count)
    }
}

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (kind, count) in &self.0 {
            map.serialize_entry(kind.as_str(), count)?;
        }
        map.end()
    }
}
