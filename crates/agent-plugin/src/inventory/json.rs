// SPDX-License-Identifier: Apache-2.0
//! The JSON form of what runs (S-78): four lists, each with the keys that its kind has always had.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::RuleCode;
use super::launch::{Launch, LaunchKind, What};

/// Whether a value says something; one that does not is left out.
trait Says {
    fn says(&self) -> bool;
}

impl<T> Says for Option<T> {
    fn says(&self) -> bool {
        self.is_some()
    }
}

impl<T> Says for Vec<T> {
    fn says(&self) -> bool {
        !self.is_empty()
    }
}

impl Says for bool {
    fn says(&self) -> bool {
        *self
    }
}

/// Writes keys and values: those that `is`, and those that `may` be left out where they say nothing.
macro_rules! entries {
    ($map:expr; $($mode:ident $key:literal = $value:expr;)*) => {
        $(entries!(@ $mode $map, $key, $value);)*
    };
    (@ is $map:expr, $key:literal, $value:expr) => {
        $map.serialize_entry($key, $value)?
    };
    (@ may $map:expr, $key:literal, $value:expr) => {
        if Says::says($value) {
            $map.serialize_entry($key, $value)?;
        }
    };
}

impl Serialize for Launch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let usage = &self.usage;
        match &self.what {
            What::Hook(hook) => {
                let form = if self.args.is_some() { "exec" } else { "shell" };
                let form = self.command.as_ref().map(|_| form);
                entries!(map;
                    is "id" = &self.id;
                    is "event" = &hook.event;
                    is "cadence" = hook.cadence();
                    is "may_block" = &hook.may_block();
                    is "may_approve" = &hook.may_approve();
                    is "matcher" = &hook.matcher;
                    is "matcher_kind" = &hook.matcher_kind();
                    is "if" = &hook.condition;
                    is "type" = hook.kind.as_str();
                    may "form" = &form;
                    may "command" = &self.command;
                    may "args" = &self.args;
                    may "shell" = &self.shell;
                    may "url" = &self.url;
                    may "headers" = &self.headers;
                    may "server" = &hook.server;
                    may "tool" = &hook.tool;
                    may "input" = &self.input;
                    may "prompt" = &hook.prompt;
                    may "timeout_s" = &hook.timeout_s();
                    is "async" = &hook.is_async;
                    may "once" = &hook.once;
                    is "plugin_files" = &usage.plugin_files;
                    may "runs_file_of" = &usage.runs_file_of;
                    is "fetches" = &usage.fetches;
                    is "env" = &usage.reads;
                    may "component" = &self.component;
                    is "declared_in" = &self.declared_in;
                    is "trigger" = &self.trigger;
                );
            }
            What::McpServer(server) => {
                entries!(map;
                    is "id" = &self.id;
                    is "name" = self.name();
                    is "transport" = &server.transport;
                    may "command" = &self.command;
                    may "args" = &self.args;
                    may "cwd" = &server.cwd;
                    may "indirect" = &server.indirect;
                    may "bundle" = &server.bundle;
                    may "overrides" = &server.overrides;
                    may "opaque" = &server.opaque;
                    may "url" = &self.url;
                    may "host" = &server.host;
                    may "headers" = &self.headers;
                    may "oauth_scopes" = &server.oauth_scopes;
                    may "plugin_files" = &usage.plugin_files;
                    may "runs_file_of" = &usage.runs_file_of;
                    may "fetches" = &usage.fetches;
                    is "env" = &self.env;
                    may "env_read" = &usage.reads;
                    may "looks_like_channel" = &server.looks_like_channel;
                    is "trigger" = &self.trigger;
                    is "declared_in" = &self.declared_in;
                );
            }
            What::LspServer(extensions) => {
                let args = self.args.clone().filter(|args| !args.is_empty());
                entries!(map;
                    is "id" = &self.id;
                    is "name" = self.name();
                    is "command" = self.text();
                    may "args" = &args;
                    is "extensions" = extensions;
                    may "options" = &self.input;
                    may "plugin_files" = &usage.plugin_files;
                    may "fetches" = &usage.fetches;
                    is "env" = &self.env;
                    is "trigger" = &self.trigger;
                    is "declared_in" = &self.declared_in;
                );
            }
            what => {
                let form = match what {
                    What::Inline(form) => Some(*form),
                    _ => None,
                };
                let nothing = Vec::new();
                let (events, calls) = match what {
                    What::Module { events, calls } => (events, calls),
                    _ => (&nothing, &nothing),
                };
                entries!(map;
                    is "id" = &self.id;
                    is "kind" = &self.kind();
                    may "form" = &form;
                    is "trigger" = &self.trigger;
                    may "component" = &self.component;
                    is "command" = self.text();
                    may "shell" = &self.shell;
                    may "events" = events;
                    may "calls" = calls;
                    may "plugin_files" = &usage.plugin_files;
                    is "fetches" = &usage.fetches;
                    is "declared_in" = &self.declared_in;
                );
            }
        }
        entries!(map;
            is "loads" = &self.loads.is_ok();
            may "why_not" = &self.loads.err();
        );
        map.end()
    }
}

/// Whether something loads, and why not.
pub(super) fn loads<S: Serializer>(
    loads: &Result<(), RuleCode>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    entries!(map;
        is "loads" = &loads.is_ok();
        may "why_not" = &loads.err();
    );
    map.end()
}

/// Writes what runs, as lists.
pub(super) fn launches<S: Serializer>(
    launches: &[Launch],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(LaunchKind::LISTS.len()))?;
    for (number, list) in LaunchKind::LISTS.iter().enumerate() {
        let own = launches.iter().filter(|launch| launch.kind().list() == number);
        map.serialize_entry(list, &own.collect::<Vec<_>>())?;
    }
    map.end()
}
