// SPDX-License-Identifier: Apache-2.0
//! One MCP server (S-48 to S-54).

use std::collections::BTreeSet;

use oci_artifact::json::{Kind, Value};

use super::{Lines, Map};
use crate::command::{self, Analysis, Place, env};
use crate::discover::builder::Builder;
use crate::discover::parts;
use crate::discover::typed::{self, Is};
use crate::discover::url::{self, Url};
use crate::document;
use crate::host::Host;
use crate::inventory::{
    Component, ComponentType, Declared, Fetch, Launch, McpServer, Pin, RuleCode, Setting,
    Transport, What,
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

/// A server that is read: what all that runs has, and its own.
pub(super) struct Server {
    pub(super) launch: Launch,
    pub(super) own: McpServer,
}

impl Server {
    /// Creates a server of which only the name is known.
    pub(super) fn new(name: &str, transport: Transport, map: &Map<'_>) -> Self {
        let bundle = map.bundle.map(str::to_owned);
        let declared = Declared::json(map.file, &map.pointer, None);
        let what = What::McpServer(Box::default());
        Self {
            launch: Launch {
                trigger: map.trigger(),
                loads: map.why_not.map_or(Ok(()), Err),
                ..Launch::new(what, format!("mcp/{name}"), declared)
            },
            own: McpServer { transport, bundle, ..McpServer::default() },
        }
    }

    /// Returns the finished launch.
    pub(super) fn done(self) -> Launch {
        Launch { what: What::McpServer(Box::new(self.own)), ..self.launch }
    }

    /// Notes a finding about it.
    fn warn(
        &self,
        builder: &mut Builder<'_>,
        code: RuleCode,
        message: impl Into<String>,
        map: &Map<'_>,
    ) {
        let (line, id) = (self.launch.declared_in.at, Some(self.launch.id.as_str()));
        builder.warn_at(code, message, map.file, line, id);
    }

    /// Notes what keeps it from loading.
    fn refuse(
        &mut self,
        builder: &mut Builder<'_>,
        code: RuleCode,
        message: String,
        map: &Map<'_>,
    ) {
        self.warn(builder, code, message, map);
        self.launch.stop(code);
    }
}

/// Returns the fetch of a bundle's URL (S-53).
pub(super) fn bundle_fetch(url: &str) -> Fetch {
    let hex = |c: char| c.is_ascii_hexdigit();
    let digest = url.split(|c| !hex(c)).any(|part| part.len() == 64);
    let pin = if digest { Pin::Content } else { Pin::Moving };
    Fetch { tool: "bundle".into(), what: url.into(), pin, ecosystem: "url", indirect: None }
}

/// Reads a server's object.
pub(super) fn read(
    builder: &mut Builder<'_>,
    name: &str,
    value: Value<'_>,
    map: &Map<'_>,
) -> Launch {
    let pointer = format!("{}{}", map.pointer, document::pointer(name));
    found(builder, name, value, &Map { pointer, ..map.clone() }).0.done()
}

/// Reads a server's object, and which options of its bundle it uses.
pub(super) fn found(
    builder: &mut Builder<'_>,
    name: &str,
    value: Value<'_>,
    map: &Map<'_>,
) -> (Server, BTreeSet<String>) {
    let line = match map.lines {
        Lines::Lost => None,
        Lines::Own => builder.line(value),
    };
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
    let mut server = Server::new(name, transport, map);
    server.launch.declared_in.at = line;
    let mut analysis = Analysis::default();
    if builder.host == Host::Claude {
        let own: &[(&str, Is)] = if transport.is_local() { &LOCAL } else { &REMOTE };
        let mut faults = typed::faults(value, own);
        if let Some(oauth) = value.get("oauth").filter(|_| !transport.is_local()) {
            faults.extend(typed::faults(oauth, &OAUTH));
        }
        for fault in faults {
            server.refuse(builder, "mcp-value", format!("in {name}, {fault}"), map);
        }
    }
    if transport == Transport::Unknown || (has("type") && kind.is_none()) {
        let message = format!("no host knows the type {:?}", kind.unwrap_or_default());
        server.refuse(builder, "mcp-type", message, map);
    }
    let url = document::text(value, "url");
    let command = document::text(value, "command").filter(|command| !command.is_empty());
    match (transport, &command, &url) {
        (Transport::Stdio, None, Some(_)) => {
            let message =
                format!("{name} has a url and no type: the host takes it for stdio, and drops it");
            server.refuse(builder, "mcp-type", message, map);
        }
        (Transport::Stdio, None, None) => {
            server.refuse(builder, "mcp-command", format!("{name} has no command"), map);
        }
        (Transport::Http | Transport::Sse | Transport::Ws, _, None) => {
            server.refuse(builder, "mcp-url", format!("{name} has no url"), map);
        }
        _ => {}
    }
    if let Some(network) = value.get("network") {
        if transport.is_local() {
            parts::network(builder, network, map.file);
        } else {
            let line = builder.line(network).filter(|_| map.lines == Lines::Own);
            let message = "\"network\" is read only for local servers; a remote one has its url";
            builder.warn_at("mcp-network", message, map.file, line, Some(&format!("mcp/{name}")));
        }
    }
    if let Some(command) = command {
        analysis = local(builder, &mut server, &command, value, map);
    }
    if let Some(url) = url {
        remote(builder, &mut server, &url, &mut analysis, map);
    }
    settings(builder, &mut server, value, &mut analysis, map);
    if document::text(value, "headersHelper").is_some_and(|text| !env::options_of(&text).is_empty())
    {
        let message = format!("the headersHelper of {name} contains a user option");
        server.refuse(builder, "helper-options", message, map);
    }
    helper(builder, &server, value, map);
    let options = of_its_own(&mut analysis, map);
    finish(builder, &mut server, analysis, map);

    let mut component = Component::new(ComponentType::McpServer, name, map.file, map.source);
    component.loads = server.launch.loads;
    builder.component(component);
    (server, options)
}

/// Takes out what is a bundle's own: its options, and the variables that its host sets.
fn of_its_own(analysis: &mut Analysis, map: &Map<'_>) -> BTreeSet<String> {
    if map.bundle.is_none() {
        return BTreeSet::new();
    }
    analysis.usage.reads.retain(|read| !BUNDLE_VARIABLES.contains(&read.name.as_str()));
    std::mem::take(&mut analysis.options)
}

/// Returns a process of this machine (S-49).
fn local(
    builder: &mut Builder<'_>,
    server: &mut Server,
    command: &str,
    value: Value<'_>,
    map: &Map<'_>,
) -> Analysis {
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
    let analysis = if has_space && !command.starts_with('/') && args.is_empty() {
        let message =
            format!("without a shell, {command:?} is the name of one program; use \"args\"");
        server.warn(builder, "mcp-command-space", message, map);
        command::shell(command, place)
    } else {
        command::exec(command, &args, place)
    };
    server.launch.command = Some(env::redact(command));
    server.launch.args = Some(args.iter().map(|text| env::redact(text)).collect());
    let all = std::iter::once(command).chain(args.iter().map(String::as_str));
    if all.clone().any(env::looks_secret) {
        secret(builder, server, "an argument", map);
    }
    analysis
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
fn remote(
    builder: &mut Builder<'_>,
    server: &mut Server,
    url: &str,
    analysis: &mut Analysis,
    map: &Map<'_>,
) {
    env::argument_reads(url, analysis);
    env::options(url, analysis);
    let default = url::by_default(url);
    match Url::parse(default.as_deref().unwrap_or(url).trim()) {
        Some(parsed) => {
            server.launch.url = match default {
                Some(_) => Some(env::redact(url)),
                None => Some(env::redact(&parsed.shown())),
            };
            server.own.host = Some(parsed.host.clone());
            builder.endpoint(&parsed.host, &parsed.scheme, parsed.port, &server.launch.id);
            if matches!(parsed.scheme.as_str(), "http" | "ws") && !parsed.is_loopback() {
                let message = format!("{} is reached without encryption", parsed.host);
                server.warn(builder, "url-plain", message, map);
            }
            if parsed.has_user {
                let message = "the url contains a user name or a password";
                server.warn(builder, "literal-secret", message, map);
            } else if env::looks_secret(url) {
                secret(builder, server, "the url", map);
            }
        }
        None => {
            server.launch.url = Some(env::redact(url));
            // An empty one is a placeholder; a variable may hold a whole one.
            if !url.is_empty() && !url.starts_with("${") && !url::has_other_scheme(url) {
                let message = format!("{url:?} is not an absolute URL");
                server.warn(builder, "url-invalid", message, map);
            }
        }
    }
}

/// Variables, headers, OAuth (S-50 to S-52).
fn settings(
    builder: &mut Builder<'_>,
    server: &mut Server,
    value: Value<'_>,
    analysis: &mut Analysis,
    map: &Map<'_>,
) {
    for key in ["env", "headers"] {
        let members = value.get(key).into_iter().flat_map(|object| object.members());
        let mut list: Vec<Setting> = Vec::new();
        for member in members {
            let text = match member.value.kind() {
                Kind::String => member.value.as_string().unwrap_or_default(),
                _ => member.value.preview(),
            };
            env::argument_reads(&text, analysis);
            env::options(&text, analysis);
            let setting = match key {
                "env" => env::setting(&member.key, &text),
                _ => env::header(&member.key, &text),
            };
            if let Some(effect) = setting.effect {
                let name = server.launch.name();
                let message = format!("{name} is started with {}, {}", member.key, effect.as_str());
                server.warn(builder, effect.code(), message, map);
            }
            if env::is_literal_secret(&setting, &text) {
                secret(builder, server, &format!("{:?}", member.key), map);
            }
            list.push(setting);
        }
        list.sort();
        match key {
            "env" => server.launch.env = list,
            _ => server.launch.headers = list,
        }
    }
    if builder.host == Host::Codex
        && let Some(variable) = document::text(value, "bearer_token_env_var")
    {
        let text = format!("${{{variable}}}");
        env::argument_reads(&text, analysis);
        server.launch.headers.push(env::header("Authorization", &text));
    }
    if let Some(scopes) = value.get("oauth").and_then(|oauth| oauth.get("scopes")) {
        let list = document::texts(scopes).map(|list| list.join(" "));
        server.own.oauth_scopes = list.or_else(|| scopes.as_string());
    }
}

fn secret(builder: &mut Builder<'_>, server: &Server, place: &str, map: &Map<'_>) {
    let message = format!("{place} of {} contains what looks like a secret", server.launch.name());
    server.warn(builder, "literal-secret", message, map);
}

/// `headersHelper`: a shell command at each connection (S-50).
fn helper(builder: &mut Builder<'_>, server: &Server, value: Value<'_>, map: &Map<'_>) {
    let Some(text) = document::text(value, "headersHelper") else { return };
    let place = Place { directory: Some(""), ..builder.place() };
    let (name, pointer) = (server.launch.name(), format!("{}/headersHelper", map.pointer));
    let declared = Declared::json(map.file, pointer, server.launch.declared_in.at);
    let helper = Launch {
        trigger: server.launch.trigger,
        component: Some(format!("mcp-server {name}")),
        shell: Some("sh".to_owned()),
        loads: server.launch.loads,
        ..Launch::new(What::HeadersHelper, format!("headers-helper/{name}"), declared)
    };
    builder.shell(helper, &text, place);
}

fn finish(builder: &mut Builder<'_>, server: &mut Server, analysis: Analysis, map: &Map<'_>) {
    let Server { launch, own } = server;
    builder.uses(&launch.id, &analysis, map.file, launch.declared_in.at);
    for url in analysis.urls.iter().filter_map(|url| Url::parse(url)) {
        builder.endpoint(&url.host, &url.scheme, url.port, &launch.id);
    }
    launch.usage = analysis.usage;
    own.indirect = analysis.indirect;
    own.looks_like_channel = own.transport.is_local()
        && !launch.usage.plugin_files.is_empty()
        && builder.speaks_channel();
}
