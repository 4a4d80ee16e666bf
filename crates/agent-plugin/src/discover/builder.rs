// SPDX-License-Identifier: Apache-2.0
//! The builder of an inventory: what is found so far, and the files that are asked for.

use std::collections::{BTreeMap, BTreeSet};

use oci_artifact::json::Value;
use sha2::{Digest as _, Sha256};
use toolhive_frontmatter::Problem;

use super::Root;
use super::place::Found;
use super::url::Url;
use crate::command::{self, Analysis, Follow, Place, env};
use crate::document::{self, Fault};
use crate::files::{Files, Packed, hexadecimal};
use crate::host::Host;
use crate::inventory::{
    At, Behaviour, Component, ComponentType, Counts, Endpoint, Extent, Fetch, Finding, Inventory,
    Launch, LaunchKind, RuleCode, SCHEMA, Severity, Subject, Usage, What, event,
};
use crate::text::{ascii, is_foreign};
use crate::{bundle, rule};

/// Gathers an inventory.
pub(super) struct Builder<'f> {
    pub(super) files: &'f Files,
    pub(super) host: Host,
    pub(super) inventory: Inventory,
    /// The files of skills, commands and agents that were found so far.
    pub(super) seen: BTreeSet<(ComponentType, String)>,
    ids: BTreeMap<String, usize>,
    /// The length of each list of what runs.
    listed: [usize; LaunchKind::LISTS.len()],
    unread: BTreeSet<String>,
    /// The number of bytes that were reported so far (S-82).
    told: usize,
    /// The bytes that are left for manifests of bundles.
    bundle_manifests: u64,
    lines: document::Lines,
    /// The users of each file that configuration names.
    pub(super) used_by: BTreeMap<String, BTreeSet<String>>,
    /// The users of each of the user's options.
    pub(super) options: BTreeMap<String, BTreeSet<String>>,
    env_read: BTreeSet<String>,
    speaks_channel: Option<bool>,
    endpoints: BTreeMap<(String, String, Option<u16>), BTreeSet<String>>,
}

impl<'f> Builder<'f> {
    pub(super) fn new(files: &'f Files, root: &Root) -> Self {
        let (name, host) = (root.name.clone(), root.host);
        let inventory = Inventory {
            schema: SCHEMA,
            subject: Subject { name, host, ..Subject::default() },
            counts: Counts::default(),
            declared_counts: BTreeMap::new(),
            components: Vec::new(),
            launches: Vec::new(),
            executables: Vec::new(),
            endpoints: Vec::new(),
            behaviour: Behaviour::default(),
            warnings: Vec::new(),
            limits: Extent::default(),
            dropped_by_packer: files.dropped().to_vec(),
        };
        Self {
            files,
            host,
            inventory,
            seen: BTreeSet::new(),
            ids: BTreeMap::new(),
            listed: Default::default(),
            unread: BTreeSet::new(),
            told: 0,
            bundle_manifests: files.limits().bundle_manifests,
            lines: document::Lines::default(),
            used_by: BTreeMap::new(),
            options: BTreeMap::new(),
            env_read: BTreeSet::new(),
            speaks_channel: None,
            endpoints: BTreeMap::new(),
        }
    }

    /// Notes a finding about a file.
    pub(super) fn warn(&mut self, code: RuleCode, message: impl Into<String>, path: &str) {
        self.warn_at(code, message, path, None, None);
    }

    /// Notes what is wrong with a document.
    pub(super) fn fault(&mut self, path: &str, fault: Fault) {
        let before = self.inventory.warnings.len();
        self.warn_at(fault.code, fault.message, path, fault.at, None);
        if let (Some(found), Some(help)) = (self.inventory.warnings.get_mut(before), fault.help) {
            found.diagnostic.help = Some(help.into());
        }
    }

    /// Notes what is wrong with the form of a text.
    pub(super) fn problem(&mut self, path: &str, problem: &Problem) {
        let Problem { rule: code, message, help, span, .. } = problem.clone();
        let text = self.files.bytes(path).map(document::without_mark).unwrap_or_default();
        let above = text.get(..span.start).unwrap_or_default();
        let line = 1 + above.iter().filter(|byte| **byte == b'\n').count();
        let at = Some(At { line, start: span.start, end: span.end });
        self.fault(path, Fault { code, message, at, help });
    }

    /// Notes a finding about a line, or about what an id names.
    pub(super) fn warn_at(
        &mut self,
        code: RuleCode,
        message: impl Into<String>,
        path: &str,
        at: Option<At>,
        reference: Option<&str>,
    ) {
        if self.is_full(self.inventory.warnings.len(), "warnings") {
            return;
        }
        let message = message.into();
        self.tell(message.len() + path.len() + reference.map_or(0, str::len));
        debug_assert!(rule::find(code).is_some(), "{code} is not a rule");
        // A rule that does not count under a host's profile is still good to know.
        let severity = rule::severity(code, self.host.profile()).unwrap_or(Severity::Info);
        let finding = Finding::new(code, message, path).placed(at);
        let reference = reference.map(str::to_owned);
        self.inventory.warnings.push(Finding { severity, reference, ..finding });
    }

    /// Whether a list has as many items as it may, or too much was reported (S-82); if so, that is noted.
    pub(super) fn is_full(&mut self, length: usize, list: &str) -> bool {
        let limits = self.files.limits();
        let full = length >= limits.items || self.told > limits.told;
        if full {
            self.unread.insert(format!("({list})"));
        }
        full
    }

    /// Whether no more of that kind can be listed; if so, that is noted.
    pub(super) fn has_no_room(&mut self, kind: LaunchKind) -> bool {
        let list = kind.list();
        let length = self.listed.get(list).copied().unwrap_or_default();
        self.is_full(length, LaunchKind::LISTS.get(list).copied().unwrap_or_default())
    }

    /// Lists something that runs.
    pub(super) fn push(&mut self, launch: Launch) {
        if let Some(length) = self.listed.get_mut(launch.kind().list()) {
            *length += 1;
        }
        self.inventory.launches.push(launch);
    }

    /// Lists something that runs, and notes what it uses for the lists of the whole.
    pub(super) fn launch(&mut self, launch: Launch, analysis: Analysis) {
        let declared = &launch.declared_in;
        self.uses(&launch.id, &analysis, &declared.file, declared.at);
        let usage = match launch.what {
            What::Hook(_) => analysis.usage,
            // It runs before any of them is there.
            What::CatalogueCommand => Usage { fetches: analysis.usage.fetches, ..Usage::default() },
            _ => Usage { reads: Vec::new(), runs_file_of: Vec::new(), ..analysis.usage },
        };
        self.push(Launch { usage, ..launch });
    }

    /// Lists a command line that a shell runs.
    pub(super) fn shell(&mut self, launch: Launch, text: &str, place: Place<'_>) {
        let analysis = command::shell(text, place);
        self.launch(Launch { command: Some(env::redact(text)), ..launch }, analysis);
    }

    /// Counts bytes that another item could have repeated.
    pub(super) fn tell(&mut self, bytes: usize) {
        self.told = self.told.saturating_add(bytes);
    }

    /// Notes that something was not read.
    pub(super) fn unread(&mut self, what: &str) {
        if self.unread.len() < self.files.limits().items {
            self.unread.insert(what.to_owned());
        }
    }

    pub(super) fn component(&mut self, component: Component) {
        if !self.is_full(self.inventory.components.len(), "components") {
            self.tell(component.name.len() + component.path.len());
            self.inventory.components.push(component);
        }
    }

    /// Whether no component of that type was found in that file before.
    pub(super) fn is_new(&mut self, kind: ComponentType, file: &str) -> bool {
        self.seen.insert((kind, file.to_owned()))
    }

    /// Returns the component that a file is, with the file's size and digest.
    pub(super) fn of_file(&self, kind: ComponentType, name: &str, file: &Found) -> Component {
        let entry = self.files.get(&file.path);
        Component {
            bytes: entry.map(|entry| entry.size),
            sha256: entry.map(|entry| entry.sha256.clone()),
            ..Component::new(kind, name, &file.path, file.source).not_loading(file.why_not)
        }
    }

    /// Returns the id of something from version to version: equal ones are numbered (S-86).
    pub(super) fn id(&mut self, base: String) -> String {
        self.tell(base.len());
        let count = self.ids.entry(base.clone()).or_default();
        let ordinal = *count;
        *count += 1;
        format!("{base}/{ordinal}")
    }

    /// Returns the content of a file, if it is there and not too large.
    pub(super) fn content(&mut self, path: &str) -> Option<&'f [u8]> {
        let bytes = self.files.bytes(path);
        if bytes.is_none() && self.files.get(path).is_some() {
            self.unread(path);
        }
        bytes
    }

    /// Returns the manifest of a bundle, or why it is not looked into (S-53).
    pub(super) fn bundle(&mut self, path: &str) -> Result<Vec<u8>, bundle::Refusal> {
        let Some(bytes) = self.content(path) else {
            let why =
                if self.files.get(path).is_some() { "it is too large" } else { "it is not a file" };
            return Err(why.to_owned());
        };
        let manifest = bundle::manifest(bytes, self.files.limits())?;
        match self.bundle_manifests.checked_sub(manifest.len() as u64) {
            Some(left) => {
                self.bundle_manifests = left;
                Ok(manifest)
            }
            None => {
                // One that is smaller shall not be read after one that is not.
                self.bundle_manifests = 0;
                self.unread(path);
                Err("the manifests of the bundles before it are too large".to_owned())
            }
        }
    }

    /// Returns a JSON file, if it is there and is JSON; what is wrong with it is noted.
    pub(super) fn document(&mut self, path: &str) -> Option<Value<'f>> {
        self.document_as(path, "json-syntax")
    }

    /// Reads a document that the host skips without a word if it is no JSON.
    pub(super) fn optional_document(&mut self, path: &str) -> Option<Value<'f>> {
        self.document_as(path, "json-unread")
    }

    /// Whether the host does not take a file for the byte order mark before its text, which that rule says.
    pub(super) fn is_marked(&mut self, path: &str, code: RuleCode) -> bool {
        let bytes = self.content(path).unwrap_or_default();
        let is_marked = document::without_mark(bytes).len() < bytes.len();
        if is_marked {
            let message = "the host does not accept the byte order mark at the start of this file";
            self.warn_at(code, message, path, Some(At::line(1)), None);
        }
        is_marked
    }

    /// Reads a document in which the host accepts no byte order mark, and returns why nothing in it loads.
    pub(super) fn strict_document(&mut self, path: &str) -> Option<(Value<'f>, Option<RuleCode>)> {
        let value = self.document(path)?;
        let is_marked = self.host == Host::Claude && self.is_marked(path, "json-bom");
        Some((value, is_marked.then_some("json-bom")))
    }

    fn document_as(&mut self, path: &str, syntax: RuleCode) -> Option<Value<'f>> {
        let bytes = self.content(path)?;
        self.dropped(path);
        match document::parse(bytes, self.files.limits()) {
            Ok(read) => {
                read.faults.into_iter().for_each(|fault| self.fault(path, fault));
                return Some(read.value);
            }
            Err(fault) if fault.code == "unread" => self.unread(path),
            Err(fault) if fault.code == "json-syntax" => {
                self.fault(path, Fault { code: syntax, ..fault });
            }
            Err(fault) => self.fault(path, fault),
        }
        None
    }

    /// Returns a JSON file of which nothing is noted.
    pub(super) fn quietly(&mut self, path: &str) -> Option<Value<'f>> {
        document::parse_quietly(self.content(path)?, self.files.limits())
    }

    /// Returns the place of a value in a file's document.
    pub(super) fn line(&mut self, value: Value<'_>) -> At {
        self.lines.of(value)
    }

    /// Notes a finding about a value in a file's document.
    pub(super) fn warn_of(
        &mut self,
        code: RuleCode,
        message: impl Into<String>,
        path: &str,
        value: Value<'_>,
    ) {
        let at = Some(self.line(value));
        self.warn_at(code, message, path, at, None);
    }

    /// Warns if the packager leaves out a file that matters (S-75).
    pub(super) fn dropped(&mut self, path: &str) {
        if self.files.get(path).is_some_and(|entry| entry.packed == Packed::Dropped) {
            let message = format!("{path} is hidden, so the packager leaves it out");
            self.warn("dropped-by-packer", message, path);
        }
    }

    /// Returns the plugin's root, for analysing a command.
    pub(super) fn place(&self) -> Place<'f> {
        Place { files: self.files, skill: None, directory: None, follow: Follow::Yes }
    }

    /// Notes what a command uses, for the lists of the whole.
    pub(super) fn uses(&mut self, id: &str, analysis: &Analysis, path: &str, line: Option<At>) {
        for file in &analysis.usage.plugin_files {
            self.names(&file.path, id);
        }
        for read in &analysis.usage.reads {
            self.env_read.insert(read.name.clone());
        }
        if analysis.is_cut {
            self.unread(path);
        }
        for option in &analysis.options {
            if !self.is_full(0, "user_config") {
                self.tell(option.len() + id.len());
                self.options.entry(option.clone()).or_default().insert(id.to_owned());
            }
        }
        for problem in &analysis.problems {
            self.warn_at(problem.code, problem.message.clone(), path, line, Some(id));
        }
    }

    /// Whether a source of the plugin says that it is a channel (S-68). Looked for once.
    pub(super) fn speaks_channel(&mut self) -> bool {
        const MARK: &[u8] = b"claude/channel";
        let is_source = |path: &str| {
            [".js", ".mjs", ".cjs", ".ts", ".mts"].iter().any(|end| path.ends_with(end))
        };
        let files = self.files;
        *self.speaks_channel.get_or_insert_with(|| {
            let mut sources = files.iter().filter(|entry| is_source(&entry.path));
            sources.any(|entry| {
                let text = files.bytes(&entry.path).unwrap_or_default();
                text.windows(MARK.len()).any(|found| found == MARK)
            })
        })
    }

    /// Notes that configuration names a file.
    pub(super) fn names(&mut self, file: &str, id: &str) {
        if !self.is_full(0, "used_by") {
            self.tell(file.len() + id.len());
            self.used_by.entry(file.to_owned()).or_default().insert(id.to_owned());
        }
    }

    /// Notes that variables of the user are read.
    pub(super) fn reads(&mut self, names: impl IntoIterator<Item = String>) {
        self.env_read.extend(names);
    }

    /// Notes another machine.
    pub(super) fn endpoint(&mut self, url: &Url, id: &str) {
        if self.is_full(0, "endpoints") {
            return;
        }
        let host = url.host.as_str();
        self.tell(host.len() + id.len());
        if is_foreign(host) {
            let message = format!(
                "the host {} has letters of another alphabet, which may look like familiar ones",
                ascii(host)
            );
            let mut finding = Finding::new("host-alphabet", message, "");
            (finding.diagnostic.path, finding.reference) = (None, Some(id.to_owned()));
            self.inventory.warnings.push(finding);
        }
        let key = (host.to_owned(), url.scheme.clone(), url.port);
        self.endpoints.entry(key).or_default().insert(id.to_owned());
    }

    /// Warns of code that is decided on when it runs, by what runs by itself (S-59).
    fn warn_of_moving(&mut self) {
        let mut found = Vec::new();
        for launch in self.inventory.launches.iter().filter(|launch| launch.is_automatic()) {
            for message in launch.fetches().iter().filter_map(Fetch::moving) {
                found.push((message, launch.declared_in.clone(), launch.id.clone()));
            }
        }
        for (message, declared, id) in found {
            self.warn_at("fetch-moving", message, &declared.file, declared.at, Some(&id));
        }
    }

    /// Everything in its order (S-80).
    pub(super) fn finish(mut self) -> Inventory {
        self.warn_of_moving();
        let inventory = &mut self.inventory;
        inventory.counts = Counts::of(&inventory.components);
        let loading = inventory.components.iter().filter(|component| component.loads.is_ok());
        inventory.behaviour.html_comments = loading.map(|found| found.html_comments).sum();
        inventory.components.sort_by(|a, b| {
            (a.kind, &a.name, &a.path, a.source).cmp(&(b.kind, &b.name, &b.path, b.source))
        });
        inventory.launches.sort_by(|a, b| order(a).cmp(&order(b)));
        inventory.executables.sort_by(|a, b| a.path.as_bytes().cmp(b.path.as_bytes()));
        inventory.sort_warnings();
        inventory.behaviour.env_read = self.env_read.into_iter().collect();
        let endpoints = self.endpoints.into_iter();
        inventory.endpoints = endpoints
            .map(|((host, scheme, port), via)| Endpoint {
                host,
                scheme,
                port,
                via: via.into_iter().collect(),
            })
            .collect();
        if self.files.is_truncated() {
            self.unread.insert("(entries)".to_owned());
        }
        let truncated = !self.unread.is_empty();
        inventory.limits = Extent { truncated, unread: self.unread.into_iter().collect() };
        inventory.subject.content_digest = content_digest(self.files);
        self.inventory
    }
}

/// Returns the place in its list of something that runs (S-80).
fn order(launch: &Launch) -> (LaunchKind, usize, &str, usize, &str, Option<usize>) {
    let (kind, declared) = (launch.kind(), &launch.declared_in);
    let (rank, name, shadowed) = match &launch.what {
        What::Hook(hook) => (event::rank(&hook.event), hook.event.as_str(), 0),
        // Of equal names, those that load come first.
        What::McpServer(_) | What::LspServer(_) => {
            let shadowed = usize::from(launch.loads.is_err());
            return (kind, 0, launch.name(), shadowed, "", None);
        }
        _ => (0, "", 0),
    };
    (kind, rank, name, shadowed, &declared.file, declared.line)
}

/// ToolHive's lock-file digest (S-81): blind to modes.
fn content_digest(files: &Files) -> String {
    let mut hasher = Sha256::new();
    for entry in files.iter().filter(|entry| entry.packed == Packed::Kept) {
        hasher.update(&entry.raw_path);
        hasher.update([0]);
        hasher.update(entry.digest);
        hasher.update("\n");
    }
    format!("sha256:{}", hexadecimal(&hasher.finalize()))
}
