// SPDX-License-Identifier: Apache-2.0
//! Checks the dependencies between crates: what each may use, as cargo sees it. ARCHITECTURE.md says what each is.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, PackageId};

use super::Finding;

/// A crate of the workspace, and which others its code (not its tests) may use.
struct Room {
    name: &'static str,
    may_use: &'static [&'static str],
    /// Crates that must not be reached, through whatever else.
    never: &'static [&'static str],
}

/// No clock, no network, no async runtime, no environment.
const PRIMITIVE: &[&str] =
    &["async-trait", "clap", "hyper", "mio", "reqwest", "rustls", "socket2", "tokio", "xdg"];

const ROOMS: &[Room] = &[
    Room { name: "go-deflate", may_use: &[], never: PRIMITIVE },
    Room { name: "held-directory", may_use: &[], never: PRIMITIVE },
    Room { name: "toolhive-diagnostics", may_use: &[], never: PRIMITIVE },
    Room {
        name: "oci-layout",
        may_use: &["held-directory", "toolhive-diagnostics"],
        never: PRIMITIVE,
    },
    Room {
        name: "oci-artifact",
        may_use: &["go-deflate", "held-directory", "oci-layout", "toolhive-diagnostics"],
        never: PRIMITIVE,
    },
    Room { name: "toolhive-frontmatter", may_use: &["toolhive-diagnostics"], never: PRIMITIVE },
    Room {
        name: "agent-plugin",
        may_use: &["oci-artifact", "toolhive-diagnostics", "toolhive-frontmatter"],
        never: PRIMITIVE,
    },
    Room { name: "signatures", may_use: &["oci-artifact"], never: PRIMITIVE },
    Room {
        name: "toolhive-lockfile",
        may_use: &["held-directory", "oci-artifact", "toolhive-frontmatter"],
        never: PRIMITIVE,
    },
    Room {
        name: "toolhive-places",
        may_use: &["held-directory", "oci-artifact", "toolhive-lockfile"],
        never: PRIMITIVE,
    },
    Room {
        name: "toolhive-report",
        may_use: &["agent-plugin", "toolhive-diagnostics"],
        never: PRIMITIVE,
    },
    Room { name: "toolhive-offload", may_use: &["oci-artifact"], never: &["reqwest", "hyper"] },
    Room { name: "oci-registry-http", may_use: &["oci-artifact", "toolhive-offload"], never: &[] },
    Room { name: "oci-registry-server", may_use: &["oci-artifact"], never: &[] },
    // For development: nothing but tests may use these.
    Room { name: "sigstore-lab", may_use: &[], never: PRIMITIVE },
    Room {
        name: "oci-registry-faults",
        may_use: &["oci-artifact", "oci-registry-server"],
        never: &[],
    },
    Room {
        name: "toolhive-plugins",
        may_use: &[
            "agent-plugin",
            "oci-artifact",
            "oci-registry-http",
            "toolhive-diagnostics",
            "toolhive-offload",
        ],
        never: &["clap"],
    },
    Room {
        name: "toolhive-skills",
        may_use: &["agent-plugin", "oci-artifact", "oci-registry-http", "toolhive-offload"],
        never: &["clap"],
    },
    Room {
        name: "toolhive-oci",
        may_use: &[
            "agent-plugin",
            "oci-artifact",
            "oci-registry-http",
            "oci-registry-server",
            "signatures",
            "toolhive-lockfile",
            "toolhive-places",
            "toolhive-plugins",
            "toolhive-report",
            "toolhive-skills",
        ],
        never: &[],
    },
    Room { name: "test-support", may_use: &[], never: &["oci-artifact"] },
    Room {
        name: "fuzz-targets",
        may_use: &[
            "agent-plugin",
            "go-deflate",
            "oci-artifact",
            "oci-registry-http",
            "signatures",
            "test-support",
            "toolhive-frontmatter",
            "toolhive-lockfile",
            "toolhive-plugins",
            "toolhive-skills",
        ],
        never: &["clap"],
    },
    Room {
        name: "xtask",
        // Its archives are made as layers are, and signed as artifacts are; all it says of artifacts it learns from the binary.
        may_use: &["go-deflate", "oci-artifact", "signatures", "test-support"],
        never: &["reqwest", "tokio"],
    },
];

pub(super) fn check(metadata: &Metadata) -> Vec<Finding> {
    let members: BTreeSet<&str> =
        metadata.workspace_packages().iter().map(|package| package.name.as_str()).collect();
    let graph = Graph::new(metadata);
    let mut findings = Vec::new();
    for package in metadata.workspace_packages() {
        let name = package.name.as_str();
        let Some(room) = ROOMS.iter().find(|room| room.name == name) else {
            findings.push(format!("{name}: no layer: give it a room in {}", file!()));
            continue;
        };
        let in_code = package.dependencies.iter().filter(|dependency| {
            dependency.kind != DependencyKind::Development
                && members.contains(dependency.name.as_str())
        });
        let used: BTreeSet<&str> = in_code.map(|dependency| dependency.name.as_str()).collect();
        let permitted: BTreeSet<&str> = room.may_use.iter().copied().collect();
        for wrong in used.difference(&permitted) {
            findings.push(format!("{name}: must not depend on {wrong}"));
        }
        for idle in permitted.difference(&used) {
            findings.push(format!("{name}: need not be allowed to use {idle}"));
        }
        let reached = graph.reached(&package.id);
        for never in room.never.iter().filter(|never| reached.contains(*never)) {
            findings.push(format!("{name}: must not reach {never}, through whatever else"));
        }
    }
    findings
}

/// The dependencies of each crate, without those of tests and build scripts.
struct Graph<'a> {
    edges: BTreeMap<&'a PackageId, Vec<&'a PackageId>>,
    names: BTreeMap<&'a PackageId, &'a str>,
}

impl<'a> Graph<'a> {
    fn new(metadata: &'a Metadata) -> Self {
        let nodes = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
        let edges = nodes.map(|node| {
            let normal = node.deps.iter().filter(|edge| {
                edge.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal)
            });
            (&node.id, normal.map(|edge| &edge.pkg).collect())
        });
        let names = metadata.packages.iter().map(|package| (&package.id, package.name.as_str()));
        Self { edges: edges.collect(), names: names.collect() }
    }

    /// The names of all that `from` reaches.
    fn reached(&self, from: &'a PackageId) -> BTreeSet<&'a str> {
        let mut seen = BTreeSet::new();
        let mut open = vec![from];
        while let Some(id) = open.pop() {
            for next in self.edges.get(id).into_iter().flatten() {
                if seen.insert(*next) {
                    open.push(next);
                }
            }
        }
        seen.into_iter().filter_map(|id| self.names.get(id).copied()).collect()
    }
}
