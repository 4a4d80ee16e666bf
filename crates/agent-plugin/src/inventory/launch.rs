// SPDX-License-Identifier: Apache-2.0
//! Everything that would run, as one thing (S-20 to S-72): a hook, a server, a command in a text, a module.

use serde::Serialize;

use super::hook::Hook;
use super::{Declared, EnvRead, Fetch, Inventory, PluginFile, RuleCode, Setting, Trigger, Usage};

/// Something that would run, or would if it loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Launch {
    /// The kind, and what only that has.
    pub what: What,
    /// The id from version to version (S-86).
    pub id: String,
    /// The occasion on which it runs.
    pub trigger: Trigger,
    /// The component that brings it, if it is not the plugin itself.
    pub component: Option<String>,
    /// The program, the command line or the file, whole; secrets in it are replaced by `…`.
    pub command: Option<String>,
    /// Its arguments, where no shell takes them apart.
    pub args: Option<Vec<String>>,
    /// The shell that is asked for.
    pub shell: Option<String>,
    /// The address that it connects to. Secrets in it are replaced by `…`.
    pub url: Option<String>,
    /// Headers that are sent there.
    pub headers: Vec<Setting>,
    /// Environment variables that are set for it.
    pub env: Vec<Setting>,
    /// The data that it is given besides, as JSON: for the call of a tool, for a language server.
    pub input: Option<String>,
    /// The needs: files of the plugin, code that it fetches, variables that it reads.
    pub usage: Usage,
    /// The place of the declaration.
    pub declared_in: Declared,
    /// Whether the host would run it; else the rule that says why not (S-10).
    pub loads: Result<(), RuleCode>,
}

/// The kind of something that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// A handler of an event (S-20 to S-36).
    Hook(Box<Hook>),
    /// An MCP server (S-45 to S-55).
    McpServer(Box<McpServer>),
    /// A language server (S-56), and the file extensions that start it.
    LspServer(Vec<String>),
    /// A command in a text (S-61).
    Inline(Form),
    /// A module, which the host loads into its own process (S-43, S-44).
    Module {
        /// Events that it registers for.
        events: Vec<String>,
        /// The calls into the host.
        calls: Vec<String>,
    },
    /// A command that stays, whose every line goes to the model (S-63).
    Monitor,
    /// The command of a status line (S-65).
    Statusline,
    /// A command that makes headers at each connection (S-50).
    HeadersHelper,
    /// A file that joins the path of the model's shell (S-64).
    PathExecutable,
    /// A script that the host runs (S-67).
    Workflow,
    /// Packages that the host installs (S-70).
    PackageInstall,
    /// A command of a catalogue, before any file of the plugin is there (S-72).
    CatalogueCommand,
}

/// The form of a command in a text (S-61).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// A command between backquotes.
    Inline,
    /// A command in a fence of its own.
    Fenced,
    /// Between backquotes in another fence, which does not protect it.
    InlineInFence,
}

/// The kind of something that runs, in the order of JSON: hooks, servers, then the rest (S-79).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names of the specification")]
pub enum LaunchKind {
    Hook,
    McpServer,
    LspServer,
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

impl LaunchKind {
    /// The lists of JSON.
    pub(crate) const LISTS: [&str; 4] = ["hooks", "mcp_servers", "lsp_servers", "runs"];

    /// Returns the list of JSON that has it, by its place in [`LISTS`](Self::LISTS); what a difference calls it; what
    /// it is in words.
    fn facts(self) -> (usize, &'static str, &'static str) {
        match self {
            Self::Hook => (0, "hook", "a hook"),
            Self::McpServer => (1, "mcp", "an MCP server"),
            Self::LspServer => (2, "lsp", "a language server"),
            Self::Inline => (3, "run", "a command in a text"),
            Self::Module => (3, "run", "a module in the host's process"),
            Self::Monitor => (3, "run", "a monitor"),
            Self::Statusline => (3, "run", "a status line"),
            Self::HeadersHelper => (3, "run", "a helper for headers"),
            Self::PathExecutable => (3, "run", "a command on the path"),
            Self::Workflow => (3, "run", "a workflow"),
            Self::PackageInstall => (3, "run", "packages that the host installs"),
            Self::CatalogueCommand => (3, "run", "a command of the catalogue"),
        }
    }

    /// Returns the number of the list of JSON that has it.
    pub(crate) fn list(self) -> usize {
        self.facts().0
    }

    /// Returns its name in a difference: `hook`, `mcp`, `lsp`, `run`.
    pub(crate) fn short(self) -> &'static str {
        self.facts().1
    }

    /// Returns its name in words: `an MCP server`.
    pub(crate) fn words(self) -> &'static str {
        self.facts().2
    }
}

/// The parts that only an MCP server has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct McpServer {
    /// The protocol between the host and the server.
    pub transport: Transport,
    /// The directory in which it is started, if that is said.
    pub cwd: Option<String>,
    /// The package script that stands behind the command (S-54).
    pub indirect: Option<String>,
    /// The bundle that holds it (S-53).
    pub bundle: Option<String>,
    /// The commands of the bundle on some platforms.
    pub overrides: Vec<Override>,
    /// Whether the bundle could not be looked into.
    pub opaque: bool,
    /// The machine in the address.
    pub host: Option<String>,
    /// Scopes that are asked for by OAuth, if it is set up.
    pub oauth_scopes: Option<String>,
    /// Whether it looks like a channel, which pushes messages into the session (S-68).
    pub looks_like_channel: bool,
}

/// The server of a bundle on one platform; what is absent is as on the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Override {
    /// The platform, as the bundle calls it: `win32`.
    pub platform: String,
    /// The program that the system overrides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The arguments that the system overrides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub args: Option<Vec<String>>,
    /// Environment variables that are set for it.
    pub env: Vec<Setting>,
}

/// The protocol of a server (S-48).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// A process of this machine.
    Stdio,
    /// HTTP, with streams of answers.
    Http,
    /// Server-sent events over HTTP.
    Sse,
    /// A WebSocket.
    Ws,
    /// A transport that no host documents.
    #[default]
    Unknown,
}

impl Transport {
    /// Whether it is a process, not another machine.
    pub fn is_local(self) -> bool {
        self == Self::Stdio
    }
}

impl Launch {
    /// Creates a launch that runs by itself and names nothing else; the caller adds what it knows.
    pub(crate) fn new(what: What, id: impl Into<String>, declared_in: Declared) -> Self {
        Self {
            what,
            id: id.into(),
            trigger: Trigger::Automatic,
            component: None,
            command: None,
            args: None,
            shell: None,
            url: None,
            headers: Vec::new(),
            env: Vec::new(),
            input: None,
            usage: Usage::default(),
            declared_in,
            loads: Ok(()),
        }
    }

    /// Returns the kind of thing.
    pub fn kind(&self) -> LaunchKind {
        match self.what {
            What::Hook(_) => LaunchKind::Hook,
            What::McpServer(_) => LaunchKind::McpServer,
            What::LspServer(_) => LaunchKind::LspServer,
            What::Inline(_) => LaunchKind::Inline,
            What::Module { .. } => LaunchKind::Module,
            What::Monitor => LaunchKind::Monitor,
            What::Statusline => LaunchKind::Statusline,
            What::HeadersHelper => LaunchKind::HeadersHelper,
            What::PathExecutable => LaunchKind::PathExecutable,
            What::Workflow => LaunchKind::Workflow,
            What::PackageInstall => LaunchKind::PackageInstall,
            What::CatalogueCommand => LaunchKind::CatalogueCommand,
        }
    }

    /// Returns the handler, of a hook.
    pub fn hook(&self) -> Option<&Hook> {
        match &self.what {
            What::Hook(hook) => Some(hook),
            _ => None,
        }
    }

    /// Returns the server, of an MCP server.
    pub fn server(&self) -> Option<&McpServer> {
        match &self.what {
            What::McpServer(server) => Some(server),
            _ => None,
        }
    }

    /// Returns the server's name, without the plugin's: its id without its kind.
    pub fn name(&self) -> &str {
        self.id.split_once('/').map_or("", |(_, name)| name)
    }

    /// Whether enabling the plugin is enough for it to run.
    pub fn is_automatic(&self) -> bool {
        self.loads.is_ok() && self.trigger == Trigger::Automatic
    }

    /// Returns the command as it is written, or the empty text.
    pub(crate) fn text(&self) -> &str {
        self.command.as_deref().unwrap_or_default()
    }

    /// Returns the files of the plugin that it names.
    pub fn plugin_files(&self) -> &[PluginFile] {
        &self.usage.plugin_files
    }

    /// Code that it fetches.
    pub fn fetches(&self) -> &[Fetch] {
        &self.usage.fetches
    }

    /// Environment variables that it reads.
    pub fn reads(&self) -> &[EnvRead] {
        &self.usage.reads
    }

    /// Returns the deed in one line: the command with its arguments, the prompt, the address, the
    /// tool.
    pub fn line(&self) -> String {
        let text = match &self.what {
            What::Hook(hook) => hook.line(self),
            What::McpServer(server) => match (&self.command, &server.bundle) {
                (Some(command), _) if server.transport.is_local() => Some(command.as_str()),
                (_, Some(bundle)) => Some(bundle.as_str()),
                _ => return self.url.clone().unwrap_or_default(),
            },
            _ => self.command.as_deref(),
        };
        let words = text.into_iter().chain(self.args.iter().flatten().map(String::as_str));
        words.collect::<Vec<_>>().join(" ")
    }

    /// Takes from it that it loads, unless it did not before.
    pub(crate) fn stop(&mut self, code: RuleCode) {
        self.loads = self.loads.and(Err(code));
    }
}

impl Inventory {
    /// Returns the launches of one list of JSON.
    fn list(&self, number: usize) -> Vec<&Launch> {
        self.launches.iter().filter(|launch| launch.kind().list() == number).collect()
    }

    /// Returns every hook handler.
    pub fn hooks(&self) -> Vec<&Launch> {
        self.list(0)
    }

    /// Returns every MCP server.
    pub fn mcp_servers(&self) -> Vec<&Launch> {
        self.list(1)
    }

    /// Returns every language server.
    pub fn lsp_servers(&self) -> Vec<&Launch> {
        self.list(2)
    }

    /// Returns the other things that the host would run.
    pub fn runs(&self) -> Vec<&Launch> {
        self.list(3)
    }

    /// Takes from everything that would run, but what is spared, that it does (S-10).
    pub(crate) fn load_nothing(&mut self, code: RuleCode, spared: LaunchKind) {
        self.components.iter_mut().for_each(|one| one.loads = one.loads.and(Err(code)));
        let launches = self.launches.iter_mut().filter(|launch| launch.kind() != spared);
        launches.for_each(|launch| launch.stop(code));
    }
}
