// SPDX-License-Identifier: Apache-2.0
//! One MCP server (S-48 to S-54).

use std::collections::BTreeSet;

use oci_artifact::json::{Kind, Value};

use crate::command::{self, Analysis, Place, Problem, env};
use crate::discover::builder::Builder;
use crate::discover::manifest::Field;
use crate::discover::parts;
use crate::discover::typed::{self, Is};
use crate::discover::url::{self, Url};
use crate::document;
use crate::host::Host;
use crate::inventory::{
    ComponentType, Declared, Fetch, Launch, McpServer, Pin, RuleCode, Setting, Transport, What,
};
use crate::path;

/// Variables of a bundle's manifest: its own directory, and the user's.
const BUNDLE_VARIABLES: [&str; 6] =
    ["__dirname", "HOME", "DESKTOP", "DOCUMENTS", "DOWNLOADS", "pathSeparator"];

/// The types of a process' fields, of another machine's, and of what that says of OAuth (S-110).
const LOCAL: [(&str, Is); 5] = [
    ("command", Is::Text),
    ("args", Is::Texts),
    ("env", Is::TextMap),
    ("timeout", Is::Whole),
    ("alwaysLoad", Is::Switch),
];
const REMOTE: [(&str, Is); 6] = [
    ("url", Is::Text),
    ("headers", Is::TextMap),
    ("headersHelper", Is::Text),
    ("oauth", Is::Object),
    ("timeout", Is::Whole),
    ("alwaysLoad", Is::Switch),
];
const OAUTH: [(&str, Is); 4] = [
    ("clientId", Is::Text),
    ("callbackPort", Is::Positive),
    ("authServerMetadataUrl", Is::HttpsUrl),
    ("scopes", Is::Text),
];

/// A server that is read: what all that runs has, and its own; what its command needs, and what is wrong with it.
pub(super) struct Server {
    pub(super) launch: Launch,
    pub(super) own: McpServer,
    analysis: Analysis,
}

impl Server {
    /// Creates a server of which only the name is known.
    pub(super) fn new(
        builder: &mut Builder<'_>,
        name: &str,
        transport: Transport,
        field: &Field<'_>,
    ) -> Self {
        let bundle = field.bundle.map(str::to_owned);
        let what = What::McpServer(Box::default());
        Self {
            launch: field.launch(builder, what, format!("mcp/{name}")),
            own: McpServer { transport, bundle, ..McpServer::default() },
            analysis: Analysis::default(),
        }
    }

    /// Returns the finished launch.
    pub(super) fn done(self) -> Launch {
        Launch { what: What::McpServer(Box::new(self.own)), ..self.launch }
    }

    /// Notes a finding about it.
    fn warn(&mut self, code: RuleCode, message: impl Into<String>) {
        self.analysis.problems.push(Problem::new(code, message.into()));
    }

    /// Notes what keeps it from loading.
    pub(super) fn refuse(&mut self, code: RuleCode, message: String) {
        self.warn(code, message);
        self.launch.stop(code);
    }

    /// Notes a secret.
    fn secret(&mut self, place: &str) {
        let name = self.launch.name();
        let message = format!("{place} of {name} contains what looks like a secret");
        self.warn("literal-secret", message);
    }

    /// Notes what it uses, and lists it among the components.
    pub(super) fn finish(&mut self, builder: &mut Builder<'_>, field: &Field<'_>) {
        let Self { launch, own, analysis } = self;
        let analysis = std::mem::take(analysis);
        builder.uses(&launch.id, &analysis, field.file, launch.declared_in.at);
        for url in analysis.urls.iter().filter_map(|url| Url::parse(url)) {
            builder.endpoint(&url, &launch.id);
        }
        launch.usage = analysis.usage;
        own.indirect = analysis.indirect;
        own.looks_like_channel = own.transport.is_local()
            && !launch.usage.plugin_files.is_empty()
            && builder.speaks_channel();
        let mut component = field.component(ComponentType::McpServer, launch.name());
        component.loads = launch.loads;
        builder.component(component);
    }
}

/// Returns the fetch of a bundle's URL (S-53).
pub(super) fn bundle_fetch(url: &str) -> Fetch {
    let hex = |c: char| c.is_ascii_hexdigit();
    let digest = url.split(|c| !hex(c)).any(|part| part.len() == 64);
    let pin = if digest { Pin::Content } else { Pin::Moving };
    Fetch { tool: "bundle".into(), what: url.into(), pin, ecosystem: "url", indirect: None }
}

/// Reads a server's object, and which options of its bundle it uses.
pub(super) fn found(
    builder: &mut Builder<'_>,
    name: &str,
    field: &Field<'_>,
) -> (Server, BTreeSet<String>) {
    let value = field.value;
    let kind = document::text(value, "type");
    let has = |key: &str| value.get(key).is_some();
    let transport = match kind.as_deref() {
        None if builder.host == Host::Codex && has("url") && !has("command") => Transport::Http,
        None | Some("stdio") => Transport::Stdio,
        Some("http" | "streamable-http") => Transport::Http,
        Some("sse") => Transport::Sse,
        Some("ws") => Transport::Ws,
        Some(_) => Transport::Unknown,
    };
    let mut server = Server::new(builder, name, transport, field);
    if builder.host == Host::Claude {
        let own: &[(&str, Is)] = if transport.is_local() { &LOCAL } else { &REMOTE };
        let mut faults = typed::faults(value, own);
        if let Some(oauth) = value.get("oauth").filter(|_| !transport.is_local()) {
            faults.extend(typed::faults(oauth, &OAUTH));
        }
        for fault in faults {
            server.refuse("mcp-value", format!("in {name}, {fault}"));
        }
    }
    if transport == Transport::Unknown || (has("type") && kind.is_none()) {
        let message = format!("no host knows the type {:?}", kind.unwrap_or_default());
        server.refuse("mcp-type", message);
    }
    let url = document::text(value, "url");
    let command = document::text(value, "command").filter(|command| !command.is_empty());
    match (transport, &command, &url) {
        (Transport::Stdio, None, Some(_)) => {
            let message =
                format!("{name} has a url and no type: the host takes it for stdio, and drops it");
            server.refuse("mcp-type", message);
        }
        (Transport::Stdio, None, None) => {
            server.refuse("mcp-command", format!("{name} has no command"));
        }
        (Transport::Http | Transport::Sse | Transport::Ws, _, None) => {
            server.refuse("mcp-url", format!("{name} has no url"));
        }
        _ => {}
    }
    if let Some(network) = value.get("network") {
        if transport.is_local() {
            parts::network(builder, network, field.file);
        } else {
            let at = field.part(network, "/network").at(builder);
            let message = "\"network\" is read only for local servers; a remote one has its url";
            builder.warn_at("mcp-network", message, field.file, at, Some(&server.launch.id));
        }
    }
    if let Some(command) = command {
        local(builder, &mut server, &command, value);
    }
    if let Some(url) = url {
        remote(builder, &mut server, &url);
    }
    settings(builder.host, &mut server, value);
    let helper = document::text(value, "headersHelper");
    if let Some(text) = helper {
        if !env::options_of(&text).is_empty() {
            let message = format!("the headersHelper of {name} contains a user option");
            server.refuse("helper-options", message);
        }
        headers_helper(builder, &server, &text, field);
    }
    // What is a bundle's own: its options, and the variables that its host sets.
    let mut options = BTreeSet::new();
    if field.bundle.is_some() {
        let analysis = &mut server.analysis;
        analysis.usage.reads.retain(|read| !BUNDLE_VARIABLES.contains(&read.name.as_str()));
        options = std::mem::take(&mut analysis.options);
    }
    server.finish(builder, field);
    (server, options)
}

/// Reads a process of this machine (S-49).
fn local(builder: &mut Builder<'_>, server: &mut Server, command: &str, value: Value<'_>) {
    let args = value.get("args").and_then(document::texts).unwrap_or_default();
    server.own.cwd = document::text(value, "cwd");
    let directory = server.own.cwd.as_deref().and_then(|cwd| {
        let reference = command::references(cwd).into_iter().next()?;
        (reference.base == command::Base::Plugin).then_some(reference.path)
    });
    let directory = directory.map(|path| path.trim_end_matches('/').to_owned());
    let directory = directory.or_else(|| own_directory(builder.host, server.own.cwd.as_deref()));
    let place = Place { directory: directory.as_deref(), ..builder.place() };
    let has_space = command.contains(' ') && command::references(command).is_empty();
    let mut analysis = if has_space && !command.starts_with('/') && args.is_empty() {
        let message =
            format!("without a shell, {command:?} is the name of one program; use \"args\"");
        server.warn("mcp-command-space", message);
        command::shell(command, place)
    } else {
        command::exec(command, &args, place)
    };
    analysis.problems.append(&mut server.analysis.problems);
    server.analysis = analysis;
    server.launch.command = Some(env::redact(command));
    server.launch.args = Some(args.iter().map(|text| env::redact(text)).collect());
    let mut all = std::iter::once(command).chain(args.iter().map(String::as_str));
    if all.any(env::looks_secret) {
        server.secret("an argument");
    }
}

/// Returns the working directory in the plugin that a relative `cwd` names to hosts other than
/// Claude Code; without one, a host of Agent Plugins starts its servers in the plugin's root.
fn own_directory(host: Host, cwd: Option<&str>) -> Option<String> {
    match (host, cwd) {
        (Host::Claude, _) | (Host::Codex, None) => None,
        (Host::AgentPlugins, None) => Some(String::new()),
        (_, Some(cwd)) => path::join("", cwd),
    }
}

/// Reads a server on another machine (S-50).
fn remote(builder: &mut Builder<'_>, server: &mut Server, url: &str) {
    env::argument(url, &mut server.analysis);
    let default = url::by_default(url);
    match Url::parse(default.as_deref().unwrap_or(url).trim()) {
        Some(parsed) => {
            server.launch.url = match default {
                Some(_) => Some(env::redact(url)),
                None => Some(env::redact(&parsed.shown())),
            };
            server.own.host = Some(parsed.host.clone());
            builder.endpoint(&parsed, &server.launch.id);
            if matches!(parsed.scheme.as_str(), "http" | "ws") && !parsed.is_loopback() {
                server.warn("url-plain", format!("{} is reached without encryption", parsed.host));
            }
            if parsed.has_user {
                server.warn("literal-secret", "the url contains a user name or a password");
            } else if env::looks_secret(url) {
                server.secret("the url");
            }
        }
        None => {
            server.launch.url = Some(env::redact(url));
            // An empty one is a placeholder; a variable may hold a whole one.
            if !url.is_empty() && !url.starts_with("${") && !url::has_other_scheme(url) {
                server.warn("url-invalid", format!("{url:?} is not an absolute URL"));
            }
        }
    }
}

/// Variables, headers, OAuth (S-50 to S-52).
fn settings(host: Host, server: &mut Server, value: Value<'_>) {
    for key in ["env", "headers"] {
        let mut list: Vec<Setting> = Vec::new();
        for member in document::members(value, key) {
            let text = match member.value.kind() {
                Kind::String => member.value.as_string().unwrap_or_default(),
                _ => member.value.preview(),
            };
            env::argument(&text, &mut server.analysis);
            let setting = match key {
                "env" => env::setting(&member.key, &text),
                _ => env::header(&member.key, &text),
            };
            if let Some(effect) = setting.effect {
                let name = server.launch.name();
                let message = format!("{name} is started with {}, {}", member.key, effect.as_str());
                server.warn(effect.code(), message);
            }
            if env::is_literal_secret(&setting, &text) {
                server.secret(&format!("{:?}", member.key));
            }
            list.push(setting);
        }
        list.sort();
        match key {
            "env" => server.launch.env = list,
            _ => server.launch.headers = list,
        }
    }
    if host == Host::Codex
        && let Some(variable) = document::text(value, "bearer_token_env_var")
    {
        let text = format!("${{{variable}}}");
        env::argument_reads(&text, &mut server.analysis);
        server.launch.headers.push(env::header("Authorization", &text));
    }
    if let Some(scopes) = value.get("oauth").and_then(|oauth| oauth.get("scopes")) {
        let list = document::texts(scopes).map(|list| list.join(" "));
        server.own.oauth_scopes = list.or_else(|| scopes.as_string());
    }
}

/// `headersHelper`: a shell command at each connection (S-50).
fn headers_helper(builder: &mut Builder<'_>, server: &Server, text: &str, field: &Field<'_>) {
    let place = Place { directory: Some(""), ..builder.place() };
    let (name, pointer) = (server.launch.name(), format!("{}/headersHelper", field.pointer));
    let declared = Declared::json(field.file, pointer, server.launch.declared_in.at);
    let helper = Launch {
        trigger: server.launch.trigger,
        component: Some(format!("mcp-server {name}")),
        shell: Some("sh".to_owned()),
        loads: server.launch.loads,
        ..Launch::new(What::HeadersHelper, format!("headers-helper/{name}"), declared)
    };
    builder.shell(helper, text, place);
}
