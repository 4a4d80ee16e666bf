// SPDX-License-Identifier: Apache-2.0
//! Files → inventory: each type of component in turn, in the order of S-18's table.

use crate::files::Files;
use crate::inventory::{Inventory, SCHEMA, Subject};

/// What the root of the files is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    kind: RootKind,
    name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RootKind {
    Plugin,
    Skill,
}

impl Root {
    /// A plugin, which is called so if its manifest does not say (S-3): the directory's name.
    pub fn plugin(name: impl Into<String>) -> Self {
        Self { kind: RootKind::Plugin, name: name.into() }
    }

    /// A skill by itself: the directory with SKILL.md.
    pub fn skill(name: impl Into<String>) -> Self {
        Self { kind: RootKind::Skill, name: name.into() }
    }
}

impl Inventory {
    /// Finds all that these files would bring and run. Never fails: what cannot be read is named in
    /// [`warnings`](Self::warnings) and [`limits`](Self::limits).
    pub fn of(files: &Files, root: &Root) -> Self {
        let _ = (files, root.kind);
        Self {
            schema: SCHEMA,
            subject: Subject { name: root.name.clone(), ..Subject::default() },
            counts: Default::default(),
            declared_counts: Default::default(),
            components: Vec::new(),
            hooks: Vec::new(),
            mcp_servers: Vec::new(),
            lsp_servers: Vec::new(),
            runs: Vec::new(),
            executables: Vec::new(),
            endpoints: Vec::new(),
            behaviour: Default::default(),
            warnings: Vec::new(),
            limits: Default::default(),
            dropped_by_packer: files.dropped().to_vec(),
        }
    }
}
