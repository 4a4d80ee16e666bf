// SPDX-License-Identifier: Apache-2.0
//! Everything that would run, as one thing: a hook, a server, a command in a text, a module.

use super::{
    Declared, Fetch, Hook, Inventory, LspServer, McpServer, PluginFile, Run, RunKind, Trigger,
};

/// What something that runs is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum LaunchKind {
    /// A handler of an event.
    Hook,
    /// An MCP server.
    McpServer,
    /// A language server.
    LspServer,
    /// What else the host runs.
    Run(RunKind),
}

/// Something that would run: what all kinds of it have in common.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Launch<'i> {
    /// What it is.
    pub kind: LaunchKind,
    /// What it is known by from version to version (S-86).
    pub id: &'i str,
    /// When it runs.
    pub trigger: Trigger,
    /// The command, the prompt or the URL, whole; empty where there is none.
    pub command: &'i str,
    /// Its arguments, where no shell takes them apart.
    pub args: &'i [String],
    /// Code that it fetches.
    pub fetches: &'i [Fetch],
    /// Files of the plugin that it names.
    pub plugin_files: &'i [PluginFile],
    /// Where it is declared.
    pub declared_in: &'i Declared,
    /// Whether the host would run it; else the rule that says why not.
    pub loads: Result<(), &'static str>,
}

impl Launch<'_> {
    /// Whether enabling the plugin is enough for it to run.
    pub fn is_automatic(&self) -> bool {
        self.loads.is_ok()
            && (self.trigger == Trigger::Automatic || self.kind == LaunchKind::LspServer)
    }
}

impl Inventory {
    /// Everything that would run, or would if it loaded: hooks, servers, the rest.
    pub fn launches(&self) -> impl Iterator<Item = Launch<'_>> {
        let hooks = self.hooks.iter().map(Launch::from);
        let mcp = self.mcp_servers.iter().map(Launch::from);
        let lsp = self.lsp_servers.iter().map(Launch::from);
        let runs = self.runs.iter().map(Launch::from);
        hooks.chain(mcp).chain(lsp).chain(runs)
    }

    /// Takes from everything that would run, but what is spared, that it does (S-10).
    pub(crate) fn load_nothing(&mut self, code: &'static str, spared: RunKind) {
        let stop = |loads: &mut bool, why_not: &mut Option<&'static str>| {
            (*loads, *why_not) = (false, why_not.or(Some(code)));
        };
        self.components.iter_mut().for_each(|one| stop(&mut one.loads, &mut one.why_not));
        self.hooks.iter_mut().for_each(|one| stop(&mut one.loads, &mut one.why_not));
        self.mcp_servers.iter_mut().for_each(|one| stop(&mut one.loads, &mut one.why_not));
        self.lsp_servers.iter_mut().for_each(|one| stop(&mut one.loads, &mut one.why_not));
        let runs = self.runs.iter_mut().filter(|run| run.kind != spared);
        runs.for_each(|one| stop(&mut one.loads, &mut one.why_not));
    }
}

fn loads(loads: bool, why_not: Option<&'static str>) -> Result<(), &'static str> {
    match why_not {
        None if loads => Ok(()),
        why => Err(why.unwrap_or_default()),
    }
}

impl<'i> From<&'i Hook> for Launch<'i> {
    fn from(hook: &'i Hook) -> Self {
        let command = [&hook.command, &hook.url, &hook.prompt, &hook.tool];
        Self {
            kind: LaunchKind::Hook,
            id: &hook.id,
            trigger: hook.trigger,
            command: command.into_iter().flatten().next().map_or("", String::as_str),
            args: hook.args.as_deref().unwrap_or_default(),
            fetches: &hook.fetches,
            plugin_files: &hook.plugin_files,
            declared_in: &hook.declared_in,
            loads: loads(hook.loads, hook.why_not),
        }
    }
}

impl<'i> From<&'i McpServer> for Launch<'i> {
    fn from(server: &'i McpServer) -> Self {
        let command = [&server.command, &server.url, &server.bundle];
        Self {
            kind: LaunchKind::McpServer,
            id: &server.id,
            trigger: server.trigger,
            command: command.into_iter().flatten().next().map_or("", String::as_str),
            args: server.args.as_deref().unwrap_or_default(),
            fetches: &server.fetches,
            plugin_files: &server.plugin_files,
            declared_in: &server.declared_in,
            loads: loads(server.loads, server.why_not),
        }
    }
}

impl<'i> From<&'i LspServer> for Launch<'i> {
    fn from(server: &'i LspServer) -> Self {
        Self {
            kind: LaunchKind::LspServer,
            id: &server.id,
            trigger: server.trigger,
            command: &server.command,
            args: &server.args,
            fetches: &server.fetches,
            plugin_files: &server.plugin_files,
            declared_in: &server.declared_in,
            loads: loads(server.loads, server.why_not),
        }
    }
}

impl<'i> From<&'i Run> for Launch<'i> {
    fn from(run: &'i Run) -> Self {
        Self {
            kind: LaunchKind::Run(run.kind),
            id: &run.id,
            trigger: run.trigger,
            command: &run.command,
            args: &[],
            fetches: &run.fetches,
            plugin_files: &run.plugin_files,
            declared_in: &run.declared_in,
            loads: loads(run.loads, run.why_not),
        }
    }
}
