// SPDX-License-Identifier: Apache-2.0
//! Files → inventory: each type of component in turn, in the order of S-18's table.

mod builder;
mod manifest;
mod entry;
mod place;
mod case;
mod parts;
mod typed;
mod markdown;
mod yaml;
mod grants;
mod inline;
mod comments;
mod skills;
mod commands;
mod agents;
mod hooks;
mod modules;
mod url;
mod mcp;
mod lsp;
mod monitors;
mod plain;
mod settings;
mod options;
mod packages;
mod formats;
mod codex;
mod agent_plugins;
mod code;

use crate::catalogue::CatalogueEntry;
use crate::files::{Files, LinkState};
use crate::host::Host;
use crate::inventory::Inventory;
use builder::Builder;
pub(crate) use hooks::duration;
use manifest::Manifest;

/// Whether hosts know an event of that name (S-24).
pub fn is_event(name: &str) -> bool {
    crate::inventory::event::find(name).is_some()
}

/// The root of the files: a plugin or a skill, its name, and the host that reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    is_plugin: bool,
    name: String,
    host: Host,
    entry: Option<CatalogueEntry>,
}

impl Root {
    /// Returns a plugin, which is called so if its manifest does not say (S-3): the directory's
    /// name.
    pub fn plugin(name: impl Into<String>) -> Self {
        Self { is_plugin: true, name: name.into(), host: Host::default(), entry: None }
    }

    /// Returns a skill by itself: the directory with SKILL.md.
    pub fn skill(name: impl Into<String>) -> Self {
        Self { is_plugin: false, ..Self::plugin(name) }
    }

    /// The plugin as that host reads it (S-19), not Claude Code.
    #[must_use]
    pub fn for_host(self, host: Host) -> Self {
        Self { host, ..self }
    }

    /// Discovers the plugin with its entry in a catalogue (S-16), which only Claude Code reads.
    #[must_use]
    pub fn with_entry(self, entry: CatalogueEntry) -> Self {
        Self { entry: Some(entry), ..self }
    }

    /// Whether it is a plugin, not a skill by itself.
    pub fn is_plugin(&self) -> bool {
        self.is_plugin
    }

    /// Returns the plugin's name (S-3): by the host's manifest in these files, else as the root.
    pub fn plugin_name(&self, files: &Files) -> String {
        manifest::name(files, self.host).unwrap_or_else(|| self.name.clone())
    }
}

impl Inventory {
    /// Finds all that these files would bring and run. Never fails: what cannot be read is named in
    /// [`warnings`](Self::warnings) and [`limits`](Self::limits).
    pub fn of(files: &Files, root: &Root) -> Self {
        let mut builder = Builder::new(files, root);
        entries(&mut builder);
        match root.is_plugin {
            true => plugin(&mut builder, root),
            false => skills::alone(&mut builder),
        }
        code::list(&mut builder);
        builder.finish()
    }
}

fn plugin<'f>(builder: &mut Builder<'f>, root: &'f Root) {
    formats::detect(builder, root);
    // Other hosts have catalogues of another form.
    let entry = root.entry.as_ref().filter(|_| root.host == Host::Claude);
    let manifest = Manifest::read(builder, root.host, entry);
    match root.host {
        Host::Claude => {}
        // Without its manifest, a tree is nothing to them.
        _ if builder.inventory.subject.manifest.is_none() => return,
        Host::Codex => return codex::discover(builder, &manifest),
        Host::AgentPlugins => return agent_plugins::discover(builder, &manifest),
    }
    if root.entry.is_none() && formats::is_only_a_catalogue(builder) {
        return;
    }
    skills::discover(builder, &manifest);
    commands::discover(builder, &manifest);
    agents::discover(builder, &manifest);
    if !manifest.only_listed_skills {
        skills::unreached(builder);
    }
    mcp::discover(builder, &manifest);
    let files = hooks::discover(builder, &manifest);
    modules::discover(builder, &files);
    lsp::discover(builder, &manifest);
    monitors::discover(builder, &manifest);
    plain::output_styles(builder, &manifest);
    plain::themes(builder, &manifest);
    plain::workflows(builder, &manifest);
    plain::bin(builder);
    settings::discover(builder, &manifest);
    options::discover(builder, &manifest);
    packages::discover(builder);
    case::check(builder);
    formats::not_surface(builder);
    manifest.conflict(builder);
}

/// Links, what is neither file nor directory (S-8), and names that lie.
fn entries(builder: &mut Builder<'_>) {
    for link in builder.files.links() {
        let (code, why) = match link.state {
            LinkState::Inside => ("symlink", "is a link inside the tree"),
            LinkState::Dangling => ("symlink-dangling", "is a link to nothing"),
            LinkState::Outside => ("symlink-escape", "is a link out of the tree; it is not read"),
        };
        builder.warn(code, format!("{} {why}", link.path), &link.path);
    }
    for path in builder.files.specials() {
        let message = format!("{path} is neither a file nor a directory; it is not read");
        builder.warn("not-packaged", message, path);
    }
    // The content digest separates paths by line ends (S-81).
    for entry in builder.files.iter().filter(|entry| entry.path.chars().any(char::is_control)) {
        let message = format!("the name {:?} has control characters", entry.path);
        builder.warn("path-control", message, &entry.path);
    }
}
