// SPDX-License-Identifier: Apache-2.0
//! Sections on what runs, when, and from where.

use std::collections::BTreeMap;

use super::when;
use crate::discover::duration;
use crate::host::Host;
use crate::inventory::{
    Connector, Declared, Elsewhere, Endpoint, Fetch, Form, HookKind, Inventory, Launch, LaunchKind,
    McpServer, Override, Pin, PluginFile, Position, Setting, Trigger, What,
};
use crate::section::Section;
use crate::text::{ascii, is_foreign};

/// The number of commands of one component beyond which only their first words are shown (S-84).
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
    let mut section = Section::always(title);
    let is_shown = |launch: &&Launch| {
        launch.is_automatic() && launch.server().is_none_or(|server| server.transport.is_local())
    };
    let mut launches: Vec<&Launch> = inventory.launches.iter().filter(is_shown).collect();
    // What runs before there is a plugin, then what runs inside the host.
    launches.sort_by_key(|launch| match launch.kind() {
        LaunchKind::CatalogueCommand => 0,
        LaunchKind::Module => 1,
        LaunchKind::Hook => 2,
        LaunchKind::McpServer => 3,
        LaunchKind::LspServer => 5,
        _ => 4,
    });
    let rows = launches.into_iter().map(row).collect();
    collapse(rows, &mut section);
    section
}

pub(super) fn connects(inventory: &Inventory) -> Section {
    let mut section = Section::always("CONNECTS TO");
    for Endpoint { host, scheme, port, via } in &inventory.endpoints {
        let users: Vec<String> = via.iter().filter_map(|id| user(inventory, id)).collect();
        if !users.is_empty() {
            let port = port.map(|port| format!(":{port}")).unwrap_or_default();
            let note = match is_foreign(host) {
                true => "! letters of another alphabet, which may look like familiar ones",
                false => "",
            };
            let host = ascii(host);
            section.row([&format!("{host}{port} ({scheme})"), &users.join("; "), note]);
        }
    }
    for Connector { name, id } in &inventory.behaviour.connectors {
        section.row([id, &format!("app {name}, a connector that the host's maker runs"), ""]);
    }
    // Where a variable decides, or nothing is said yet.
    for launch in inventory.mcp_servers().into_iter().filter(|launch| launch.loads.is_ok()) {
        let is_open = |server: &&McpServer| !server.transport.is_local() && server.host.is_none();
        if launch.server().filter(is_open).is_some() {
            let place = match launch.url.as_deref() {
                Some("") | None => "(no address yet)",
                Some(url) => url,
            };
            section.row([place, &user(inventory, &launch.id).unwrap_or_default(), ""]);
        }
    }
    section
}

/// Returns the user of an endpoint, if it loads, and what it sends.
fn user(inventory: &Inventory, id: &str) -> Option<String> {
    let mut launches = inventory.launches.iter();
    let launch = launches.find(|launch| launch.id == id && launch.loads.is_ok())?;
    let sent = sends(&launch.headers);
    if let Some(hook) = launch.hook() {
        return Some(format!("the event, {}{sent}", when::phrase(hook)));
    }
    let url = launch.url.as_deref().unwrap_or_default();
    let other = match url.strip_prefix("${").and_then(|url| url.split_once(":-")) {
        Some((name, _)) => format!(", unless ${name} says another"),
        None => String::new(),
    };
    Some(format!("MCP server {}{other}{sent}", launch.name()))
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
    let mut section = Section::new("RUNS WHEN YOU USE IT");
    let used = |one: &&Launch| one.loads.is_ok() && one.trigger != Trigger::Automatic;
    let mut components: BTreeMap<&str, Vec<&Launch>> = BTreeMap::new();
    for found in inventory.runs().into_iter().filter(used) {
        components.entry(found.component.as_deref().unwrap_or_default()).or_default().push(found);
    }
    for (component, runs) in components {
        let inline = runs.iter().filter(|run| run.kind() == LaunchKind::Inline).count();
        if inline > MANY {
            let mut words: BTreeMap<&str, usize> = BTreeMap::new();
            for found in &runs {
                let word = found.text().split_whitespace().next().unwrap_or_default();
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
        collapse(runs.into_iter().map(row).collect(), &mut section);
    }
    let rows = inventory.hooks().into_iter().filter(used).map(|found| {
        let component = found.component.clone().unwrap_or_default();
        let row = row(found);
        Row { when: format!("{component}, then {}", row.when), ..row }
    });
    collapse(rows.collect(), &mut section);
    section
}

pub(super) fn not_loading(inventory: &Inventory) -> Section {
    let title = "WOULD RUN, but is written so that this host does not load it";
    let mut section = Section::new(title);
    let why = |launch: &Launch| {
        let (why, row) = (launch.loads.err()?, row(launch));
        let note = match row.note.as_str() {
            "" => why.to_owned(),
            note => format!("{why}: {note}"),
        };
        Some(Row { note, ..row })
    };
    collapse(inventory.launches.iter().filter_map(why).collect(), &mut section);
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

/// Returns the row of something that runs: when, what, and what should be known of it.
fn row(launch: &Launch) -> Row {
    let (when, mut notes) = occasion(launch);
    notes.extend(files(launch.plugin_files()));
    notes.extend(launch.usage.runs_file_of.iter().map(|place| elsewhere(*place).to_owned()));
    if launch.kind() != LaunchKind::PackageInstall {
        notes.extend(launch.fetches().iter().map(fetch));
    }
    if let Some(hook) = launch.hook() {
        notes.extend(hook.may_block().then(|| "may block".to_owned()));
        notes.extend(hook.may_approve().then(|| "may approve without asking".to_owned()));
        notes.extend(hook.timeout.map(|seconds| format!("up to {}", duration(seconds))));
    }
    notes.extend(settings(&launch.env));
    notes.extend(variables(launch.reads().iter().map(|read| read.name.as_str())));
    match &launch.what {
        What::Hook(hook) if hook.is_async => notes.push("in the background".to_owned()),
        What::McpServer(server) => notes.extend(of_server(launch, server)),
        _ => {}
    }
    let places = vec![launch.declared_in.clone()];
    Row { when, command: command(launch), note: notes.join(", "), places }
}

/// Returns the command as a person reads it.
fn command(launch: &Launch) -> String {
    let args = launch.args.as_deref();
    match (&launch.command, &launch.what) {
        (Some(command), _) => args.map_or_else(|| command.clone(), |args| line(command, args)),
        (None, What::Hook(hook)) => {
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            match &hook.kind {
                HookKind::Http => format!("POST {}", text(&launch.url)),
                HookKind::McpTool => {
                    let input = launch.input.as_ref().map(|input| format!(", given {input}"));
                    let (tool, server) = (text(&hook.tool), text(&hook.server));
                    format!("tool {tool} of MCP server {server}{}", input.unwrap_or_default())
                }
                kind => format!("{}: {}", kind.as_str(), text(&hook.prompt)),
            }
        }
        (None, What::McpServer(server)) => {
            server.bundle.clone().or_else(|| launch.url.clone()).unwrap_or_default()
        }
        (None, _) => String::new(),
    }
}

/// Returns the occasion in words, and what is special about it.
fn occasion(launch: &Launch) -> (String, Vec<String>) {
    const STAYS: &str = "at session start, stays up";
    let component = launch.component.as_deref().unwrap_or_default();
    let with = |when: &str, note: &str| (when.to_owned(), vec![note.to_owned()]);
    match &launch.what {
        What::Hook(hook) => (when::phrase(hook), Vec::new()),
        What::McpServer(server) => {
            let mut notes = vec![format!("MCP server {}", launch.name())];
            notes.extend(server.indirect.as_ref().map(|script| format!("which runs: {script}")));
            (STAYS.to_owned(), notes)
        }
        What::LspServer(extensions) => {
            let when = match extensions.as_slice() {
                [] => "as a language server".to_owned(),
                extensions => format!("when a {} file is worked on", extensions.join(", ")),
            };
            with(&when, &format!("language server {}", launch.name()))
        }
        What::Module { events, calls } => {
            let mut notes = vec!["loaded INTO the host's own process".to_owned()];
            for (what, list) in [("on", events), ("calls", calls)] {
                notes.extend((!list.is_empty()).then(|| format!("{what} {}", list.join(", "))));
            }
            (STAYS.to_owned(), notes)
        }
        What::Inline(form) => {
            let line = launch.declared_in.line.unwrap_or_default();
            let kind = component.split(' ').next().unwrap_or_default();
            let mut notes = vec![format!("line {line}, before the model reads the {kind}")];
            if *form == Form::InlineInFence {
                notes.push("inside a code fence, which does not prevent that".to_owned());
            }
            (component.to_owned(), notes)
        }
        What::Monitor if launch.trigger == Trigger::Automatic => {
            with(STAYS, &format!("{component}, every line goes to the model"))
        }
        What::Monitor => {
            let when = format!("at the first use of {component}");
            with(&when, "a monitor, every line goes to the model")
        }
        What::Statusline => ("at each refresh of the status line".to_owned(), Vec::new()),
        What::HeadersHelper => {
            with("at each connection", &format!("makes headers for {component}"))
        }
        What::PathExecutable => with(component, "joins the path of the model's shell"),
        What::Workflow => with(component, "run by the host, starts sub-agents"),
        What::PackageInstall => {
            with("when it is installed", "the host fetches them; the lock file pins them")
        }
        What::CatalogueCommand => {
            let when = match component {
                "catalogue source" => "at install, at update, once per session",
                _ => "whenever the plugin is fetched",
            };
            with(when, "by the catalogue, before any file of the plugin exists")
        }
    }
}

/// Remarks on an MCP server alone.
fn of_server(launch: &Launch, server: &McpServer) -> Vec<String> {
    let bundle = server.bundle.iter().filter(|_| !server.opaque);
    let mut notes: Vec<String> = bundle.map(|bundle| format!("bundle {bundle}")).collect();
    for Override { platform, command, args, .. } in &server.overrides {
        let command = command.as_ref().or(launch.command.as_ref());
        let args = args.as_ref().or(launch.args.as_ref());
        if let (Some(command), Some(args)) = (command, args) {
            notes.push(format!("on {platform}: {}", line(command, args)));
        }
    }
    if server.opaque {
        notes.push("! a bundle that could not be examined".to_owned());
    }
    if server.looks_like_channel {
        notes.push("looks like a channel: it may push messages into the session".to_owned());
    }
    notes
}

/// Returns a program and its arguments, quoted where a shell would need it.
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

/// Returns the plugin's files that are run; others only if they are missing.
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

fn elsewhere(place: Elsewhere) -> &'static str {
    match place {
        Elsewhere::Project => "! runs a file of the open project, whichever that is",
        Elsewhere::Data => "runs a file of the plugin's data directory",
        Elsewhere::Home => "! runs a file of your home directory",
        Elsewhere::Absolute => "! runs a file by an absolute path",
    }
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

/// Returns the variables that a program is started with: names, and whole what does something to
/// it.
fn settings(settings: &[Setting]) -> Vec<String> {
    let effects = settings.iter().filter_map(|setting| Some((setting, setting.effect?)));
    let mut notes: Vec<String> = effects
        .map(|(Setting { name, value, .. }, effect)| {
            let value = value.as_deref().unwrap_or_default();
            format!("! sets {name}={value}, {}", effect.as_str())
        })
        .collect();
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
