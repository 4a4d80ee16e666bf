// SPDX-License-Identifier: Apache-2.0
//! What runs, when, and from where.

use std::collections::BTreeMap;

use super::when;
use crate::discover::duration;
use crate::host::Host;
use crate::inventory::{
    Connector, Declared, Endpoint, Fetch, Hook, Inventory, LspServer, McpServer, Override, Pin,
    PluginFile, Position, Run, RunKind, Setting, Trigger,
};
use crate::section::{Always, Section};
use crate::text::ascii;

/// Commands of one component beyond which only their first words are shown (S-84).
const MANY: usize = 20;

/// One thing that runs.
struct Row {
    when: String,
    command: String,
    note: String,
    places: Vec<Declared>,
}

pub(super) fn by_itself(inventory: &Inventory) -> Section {
    let title = match inventory.subject.host {
        Host::Codex => "RUNS BY ITSELF once enabled; of hooks, Codex asks for a review first",
        _ => "RUNS BY ITSELF once enabled",
    };
    let mut section = Section::new(title, Always::Yes);
    let automatic = |run: &&Run| run.loads && run.trigger == Trigger::Automatic;
    let runs = inventory.runs.iter().filter(automatic);
    let (mut first, others): (Vec<&Run>, Vec<&Run>) =
        runs.partition(|run| matches!(run.kind, RunKind::CatalogueCommand | RunKind::Module));
    // What runs before there is a plugin, then what runs inside the host.
    first.sort_by_key(|run| std::cmp::Reverse(run.kind));
    let mut rows: Vec<Row> = first.into_iter().map(run).collect();
    let hooks = inventory.hooks.iter();
    rows.extend(hooks.filter(|h| h.loads && h.trigger == Trigger::Automatic).map(hook));
    let servers = inventory.mcp_servers.iter();
    rows.extend(servers.filter(|server| server.loads && server.transport.is_local()).map(mcp));
    rows.extend(others.into_iter().map(run));
    rows.extend(inventory.lsp_servers.iter().filter(|server| server.loads).map(lsp));
    collapse(rows, &mut section);
    section
}

pub(super) fn connects(inventory: &Inventory) -> Section {
    let mut section = Section::new("CONNECTS TO", Always::Yes);
    for Endpoint { host, scheme, port, via } in &inventory.endpoints {
        let loads = |id: &String| {
            inventory.mcp_servers.iter().any(|server| server.id == *id && server.loads)
                || inventory.hooks.iter().any(|hook| hook.id == *id && hook.loads)
        };
        let users: Vec<String> =
            via.iter().filter(|id| loads(id)).map(|id| user(inventory, id)).collect();
        if !users.is_empty() {
            let port = port.map(|port| format!(":{port}")).unwrap_or_default();
            let note =
                match host.is_ascii() && !host.split('.').any(|part| part.starts_with("xn--")) {
                    true => "",
                    false => "! letters of another alphabet, which may look like others",
                };
            let host = ascii(host);
            section.row([&format!("{host}{port} ({scheme})"), &users.join("; "), note]);
        }
    }
    for Connector { name, id } in &inventory.behaviour.connectors {
        section.row([id, &format!("app {name}, a connector that the host's maker runs"), ""]);
    }
    // Where a variable decides, or nothing is said yet.
    for server in inventory.mcp_servers.iter().filter(|server| server.loads) {
        if !server.transport.is_local() && server.host.is_none() {
            let place = match server.url.as_deref() {
                Some("") | None => "(no address yet)",
                Some(url) => url,
            };
            section.row([place, &user(inventory, &server.id), ""]);
        }
    }
    section
}

/// Who talks to an endpoint, and what it sends.
fn user(inventory: &Inventory, id: &str) -> String {
    if let Some(server) = inventory.mcp_servers.iter().find(|s| s.id == id && s.loads) {
        let url = server.url.as_deref().unwrap_or_default();
        let other = match url.strip_prefix("${").and_then(|url| url.split_once(":-")) {
            Some((name, _)) => format!(", unless ${name} says another"),
            None => String::new(),
        };
        return format!("MCP server {}{other}{}", server.name, sends(&server.headers));
    }
    match inventory.hooks.iter().find(|hook| hook.id == id) {
        Some(hook) => {
            format!("the event, {}{}", when::phrase(hook), sends(&hook.headers))
        }
        None => id.to_owned(),
    }
}

fn sends(headers: &[Setting]) -> String {
    let one = |header: &Setting| match header.from.as_slice() {
        [] => header.name.clone(),
        from => format!("{} from ${}", header.name, from.join(", $")),
    };
    match headers {
        [] => String::new(),
        headers => format!(", sends {}", headers.iter().map(one).collect::<Vec<_>>().join(", ")),
    }
}

pub(super) fn when_used(inventory: &Inventory) -> Section {
    let mut section = Section::new("RUNS WHEN YOU USE IT", Always::No);
    let used = |run: &&Run| run.loads && run.trigger != Trigger::Automatic;
    let mut components: BTreeMap<&str, Vec<&Run>> = BTreeMap::new();
    for found in inventory.runs.iter().filter(used) {
        components.entry(found.component.as_deref().unwrap_or_default()).or_default().push(found);
    }
    for (component, runs) in components {
        let inline = runs.iter().filter(|run| run.kind == RunKind::Inline).count();
        if inline > MANY {
            let mut words: BTreeMap<&str, usize> = BTreeMap::new();
            for found in &runs {
                let word = found.command.split_whitespace().next().unwrap_or_default();
                *words.entry(word).or_default() += 1;
            }
            let mut words: Vec<_> = words.into_iter().collect();
            words.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            let words: Vec<String> =
                words.iter().map(|(word, count)| format!("{word} ({count})")).collect();
            let note = format!("{inline} commands; --format json has all of them");
            section.row([component, &words.join(", "), &note]);
            continue;
        }
        collapse(runs.into_iter().map(run).collect(), &mut section);
    }
    let hooks = inventory.hooks.iter().filter(|h| h.loads && h.trigger != Trigger::Automatic);
    let rows = hooks.map(|found| {
        let component = found.component.clone().unwrap_or_default();
        let row = hook(found);
        Row { when: format!("{component}, then {}", row.when), ..row }
    });
    collapse(rows.collect(), &mut section);
    section
}

pub(super) fn not_loading(inventory: &Inventory) -> Section {
    let title = "WOULD RUN, but is written so that this host does not load it";
    let mut section = Section::new(title, Always::No);
    let why = |row: Row, why: Option<&str>| {
        let why = why.unwrap_or_default();
        let note = match row.note.as_str() {
            "" => why.to_owned(),
            note => format!("{why}: {note}"),
        };
        Row { note, ..row }
    };
    let mut rows: Vec<Row> = Vec::new();
    let hooks = inventory.hooks.iter().filter(|hook| !hook.loads);
    rows.extend(hooks.map(|found| why(hook(found), found.why_not)));
    let servers = inventory.mcp_servers.iter().filter(|server| !server.loads);
    rows.extend(servers.map(|found| why(mcp(found), found.why_not)));
    let servers = inventory.lsp_servers.iter().filter(|server| !server.loads);
    rows.extend(servers.map(|found| why(lsp(found), found.why_not)));
    let runs = inventory.runs.iter().filter(|run| !run.loads);
    rows.extend(runs.map(|found| why(run(found), found.why_not)));
    collapse(rows, &mut section);
    section
}

/// Equal commands become one row with all their occasions (S-84).
fn collapse(rows: Vec<Row>, section: &mut Section) {
    let mut merged: Vec<Row> = Vec::new();
    let mut places: BTreeMap<(String, String), usize> = BTreeMap::new();
    for row in rows {
        let key = (row.command.clone(), row.note.clone());
        match places.get(&key).and_then(|at| merged.get_mut(*at)) {
            Some(earlier) if earlier.when == row.when => {}
            Some(earlier) => {
                earlier.when.push_str("; ");
                earlier.when.push_str(&row.when);
                earlier.places.extend(row.places);
            }
            None => {
                places.insert(key, merged.len());
                merged.push(row);
            }
        }
    }
    for row in merged {
        section.row_at([&row.when, &row.command, &row.note], row.places);
    }
}

fn hook(hook: &Hook) -> Row {
    let command = match (&hook.command, &hook.args) {
        (Some(command), Some(args)) => line(command, args),
        (Some(command), None) => command.clone(),
        (None, _) => match hook.kind.as_str() {
            "http" => format!("POST {}", hook.url.as_deref().unwrap_or_default()),
            "mcp_tool" => format!(
                "tool {} of MCP server {}",
                hook.tool.as_deref().unwrap_or_default(),
                hook.server.as_deref().unwrap_or_default()
            ),
            kind => format!("{kind}: {}", hook.prompt.as_deref().unwrap_or_default()),
        },
    };
    let mut notes = files(&hook.plugin_files);
    notes.extend(elsewhere(&hook.runs_file_of));
    notes.extend(hook.fetches.iter().map(fetch));
    if hook.may_block {
        notes.push("may block".to_owned());
    }
    if hook.may_approve {
        notes.push("may approve unasked".to_owned());
    }
    if let Some(seconds) = hook.timeout_s.filter(|_| hook.timeout_is_own) {
        notes.push(format!("up to {}", duration(seconds)));
    }
    notes.extend(variables(hook.env.iter().map(|read| read.name.as_str())));
    if hook.is_async {
        notes.push("in the background".to_owned());
    }
    let places = vec![hook.declared_in.clone()];
    Row { when: when::phrase(hook), command, note: notes.join(", "), places }
}

fn mcp(server: &McpServer) -> Row {
    let command = match (&server.command, &server.bundle, &server.url) {
        (Some(command), _, _) => line(command, server.args.as_deref().unwrap_or_default()),
        (None, Some(bundle), _) => bundle.clone(),
        (None, None, url) => url.clone().unwrap_or_default(),
    };
    let mut notes = vec![format!("MCP server {}", server.name)];
    notes.extend(server.indirect.as_ref().map(|script| format!("which runs: {script}")));
    notes.extend(files(&server.plugin_files));
    notes.extend(elsewhere(&server.runs_file_of));
    notes.extend(server.fetches.iter().map(fetch));
    notes.extend(settings(&server.env));
    notes.extend(variables(server.env_read.iter().map(|read| read.name.as_str())));
    notes.extend(server.bundle.iter().filter(|_| !server.opaque).map(|b| format!("bundle {b}")));
    for Override { platform, command, args, .. } in &server.overrides {
        let command = command.as_ref().or(server.command.as_ref());
        let args = args.as_ref().or(server.args.as_ref());
        if let (Some(command), Some(args)) = (command, args) {
            notes.push(format!("on {platform}: {}", line(command, args)));
        }
    }
    if server.opaque {
        notes.push("! a bundle that was not looked into".to_owned());
    }
    if server.looks_like_channel {
        notes.push("looks like a channel: it may push messages into the session".to_owned());
    }
    let (when, places) =
        ("at session start, stays up".to_owned(), vec![server.declared_in.clone()]);
    Row { when, command, note: notes.join(", "), places }
}

fn lsp(server: &LspServer) -> Row {
    let mut notes = vec![format!("language server {}", server.name)];
    notes.extend(files(&server.plugin_files));
    notes.extend(server.fetches.iter().map(fetch));
    notes.extend(settings(&server.env));
    let when = match server.extensions.as_slice() {
        [] => "as a language server".to_owned(),
        extensions => format!("when a {} file is worked on", extensions.join(", ")),
    };
    let (command, places) = (line(&server.command, &server.args), vec![server.declared_in.clone()]);
    Row { when, command, note: notes.join(", "), places }
}

fn run(run: &Run) -> Row {
    let component = run.component.clone().unwrap_or_default();
    let mut notes = Vec::new();
    let when = match run.kind {
        RunKind::Module => {
            notes.push("loaded INTO the host's own process".to_owned());
            if !run.events.is_empty() {
                notes.push(format!("on {}", run.events.join(", ")));
            }
            if !run.calls.is_empty() {
                notes.push(format!("calls {}", run.calls.join(", ")));
            }
            "at session start, stays up".to_owned()
        }
        RunKind::Inline => {
            let line = run.declared_in.line.unwrap_or_default();
            let kind = component.split(' ').next().unwrap_or_default();
            notes.push(format!("line {line}, before the model reads the {kind}"));
            if run.form == Some("inline-in-fence") {
                notes.push("inside a code fence, which does not protect it".to_owned());
            }
            component
        }
        RunKind::Monitor if run.trigger == Trigger::Automatic => {
            notes.push(format!("{component}, every line goes to the model"));
            "at session start, stays up".to_owned()
        }
        RunKind::Monitor => {
            notes.push("a monitor, every line goes to the model".to_owned());
            format!("at the first use of {component}")
        }
        RunKind::Statusline => "at each refresh of the status line".to_owned(),
        RunKind::HeadersHelper => {
            notes.push(format!("makes headers for {component}"));
            "at each connection".to_owned()
        }
        RunKind::PathExecutable => {
            notes.push("joins the path of the model's shell".to_owned());
            component
        }
        RunKind::Workflow => {
            notes.push("run by the host, starts sub-agents".to_owned());
            component
        }
        RunKind::PackageInstall => {
            notes.push("the host fetches them; the lock file pins them".to_owned());
            "when it is installed".to_owned()
        }
        RunKind::CatalogueCommand => {
            notes.push("the catalogue's own, before any file of the plugin is there".to_owned());
            match component.as_str() {
                "catalogue source" => "at install, at update, once per session".to_owned(),
                _ => "whenever the plugin is fetched".to_owned(),
            }
        }
    };
    notes.extend(files(&run.plugin_files));
    if run.kind != RunKind::PackageInstall {
        notes.extend(run.fetches.iter().map(fetch));
    }
    let (command, places) = (run.command.clone(), vec![run.declared_in.clone()]);
    Row { when, command, note: notes.join(", "), places }
}

/// A program and its arguments, quoted where a shell would need it.
fn line(command: &str, args: &[String]) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "-_./:@=${}+,%^~!".contains(c);
    let word = |word: &str| match word {
        "" => "''".to_owned(),
        word if word.chars().all(safe) => word.to_owned(),
        word => format!("'{}'", word.replace('\'', "'\\''")),
    };
    let words = std::iter::once(command).chain(args.iter().map(String::as_str));
    words.map(word).collect::<Vec<_>>().join(" ")
}

/// The plugin's files that are run; others only if they are missing.
fn files(files: &[PluginFile]) -> Vec<String> {
    let one = |file: &PluginFile| {
        if !file.exists {
            Some(format!("! {} is MISSING", file.path))
        } else if file.path.is_empty() || file.mode.is_none() {
            None
        } else if file.position == Position::Program
            && file.mode == Some("0644")
            // Windows starts these by their names.
            && ![".bat", ".ps1", ".exe"].iter().any(|end| file.path.ends_with(end))
        {
            Some(format!("plugin file {} ! not executable", file.path))
        } else {
            Some(format!("plugin file {}", file.path))
        }
    };
    files.iter().filter_map(one).collect()
}

fn elsewhere(places: &[&'static str]) -> Vec<String> {
    let one = |place: &&str| match *place {
        "project" => "! runs a file of whatever project is open".to_owned(),
        "data" => "runs a file of the plugin's data directory".to_owned(),
        "home" => "! runs a file of your home directory".to_owned(),
        _ => "! runs a file by an absolute path".to_owned(),
    };
    places.iter().map(one).collect()
}

fn fetch(fetch: &Fetch) -> String {
    let Fetch { what, ecosystem, .. } = fetch;
    match fetch.pin {
        Pin::Moving => format!("! fetches {what}, not pinned ({ecosystem})"),
        Pin::Locked => format!("fetches {what} ({ecosystem}, lock file)"),
        Pin::Version => format!("fetches {what} ({ecosystem}, exact version)"),
        Pin::Content => format!("fetches {what} ({ecosystem}, fixed content)"),
    }
}

/// What a program is started with: names, and what does something to it, whole.
fn settings(settings: &[Setting]) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    for setting in settings {
        if let Some(effect) = setting.effect {
            let value = setting.value.as_deref().unwrap_or_default();
            notes.push(format!("! sets {}={value}, {}", setting.name, effect.as_str()));
        }
    }
    let plain = settings.iter().filter(|setting| setting.effect.is_none());
    let names: Vec<&str> = plain.map(|setting| setting.name.as_str()).collect();
    if !names.is_empty() {
        notes.push(format!("sets {}", names.join(", ")));
    }
    notes
}

fn variables<'a>(names: impl Iterator<Item = &'a str>) -> Option<String> {
    let names: Vec<&str> = names.collect();
    (!names.is_empty()).then(|| format!("reads ${}", names.join(", $")))
}
