// SPDX-License-Identifier: Apache-2.0
//! One handler (S-30 to S-36).

use oci_artifact::json::{Kind, Value};

use super::{guard, is_guarded, matcher};
use crate::command::{self, Analysis, Base, Place, Problem, env};
use crate::discover::builder::Builder;
use crate::discover::manifest::Field;
use crate::discover::typed::{self, Is};
use crate::discover::url::Url;
use crate::document;
use crate::inventory::event::{self, Event};
use crate::inventory::{
    Component, ComponentType, Hook, HookKind, Launch, LaunchKind, RuleCode, Setting, What,
};

/// A type: its name, how many of its fields, the first, it requires, and its fields besides the common ones; of a
/// handler with a field of another type, nothing loads (S-110).
type Type = (&'static str, usize, &'static [(&'static str, Is)]);
const TYPES: [Type; 5] = [
    (
        "command",
        1,
        &[
            ("command", Is::Text),
            ("args", Is::Texts),
            ("async", Is::Switch),
            ("asyncRewake", Is::Switch),
            ("rewakeMessage", Is::Text),
            ("rewakeSummary", Is::Text),
            ("shell", Is::OneOf(&["bash", "powershell"])),
        ],
    ),
    ("http", 1, &[("url", Is::Url), ("headers", Is::TextMap), ("allowedEnvVars", Is::Texts)]),
    ("mcp_tool", 2, &[("server", Is::Text), ("tool", Is::Text), ("input", Is::Object)]),
    ("prompt", 1, &[("prompt", Is::Text), ("model", Is::Text), ("continueOnBlock", Is::Switch)]),
    ("agent", 1, &[("prompt", Is::Text), ("model", Is::Text)]),
];
const COMMON_TYPES: [(&str, Is); 4] = [
    ("if", Is::Text),
    ("timeout", Is::Positive),
    ("statusMessage", Is::Text),
    ("once", Is::Switch),
];
/// Variables that authors read and no host sets (S-34).
const UNDOCUMENTED: [&str; 4] = ["TOOL_NAME", "TOOL_INPUT", "TOOL_OUTPUT", "CLAUDE_TOOL_INPUT"];
/// The number of seconds above which milliseconds were probably meant.
const LONG: u64 = 600;

/// The faults of a handler, and the rule by which it does not load, if so.
struct Faults {
    all: Vec<Problem>,
    why_not: Option<RuleCode>,
}

impl Faults {
    fn add(&mut self, code: RuleCode, message: impl Into<String>) {
        self.all.push(Problem::new(code, message.into()));
    }

    /// Adds one because of which it does not load.
    fn refuse(&mut self, code: RuleCode, message: impl Into<String>) {
        self.add(code, message);
        self.why_not = self.why_not.or(Some(code));
    }
}

/// Adds a handler, which may be one of a component.
pub(super) fn add(
    builder: &mut Builder<'_>,
    event_name: &str,
    matcher_text: Option<&str>,
    field: &Field<'_>,
    component: Option<&Component>,
) {
    if builder.has_no_room(LaunchKind::Hook) {
        return;
    }
    let value = field.value;
    if value.kind() != Kind::Object {
        let message = format!("a handler is an object, not {}", value.kind());
        return super::shape(builder, event_name, field, message);
    }
    let mut faults = Faults { all: Vec::new(), why_not: field.why_not };
    let text = |key: &str| document::text(value, key);
    let condition = text("if");
    let kind = HookKind::of(kind(value, &mut faults));
    let name = kind.as_str();
    let own = TYPES.iter().find(|(known, ..)| *known == name).map(|(.., types)| *types);
    let wrong = typed::faults(value, own.unwrap_or_default());
    for fault in wrong.into_iter().chain(typed::faults(value, &COMMON_TYPES)) {
        faults.refuse("hook-type", format!("in a handler of type {name}, {fault}"));
    }
    if faults.why_not == Some("hook-type") && is_guarded(event_name, field) {
        faults.add("hook-guard", guard(event_name));
    }
    match event::find(event_name) {
        Some(event) => check_event(event, &kind, matcher_text, condition.as_deref(), &mut faults),
        None => faults.refuse("hook-event", format!("no host knows the event {event_name:?}")),
    }
    check_matcher(builder, matcher_text, &mut faults);
    if let Some(own) = own {
        fields(value, name, own, &mut faults);
    }
    let args = value.get("args").map(|args| document::texts(args).unwrap_or_default());
    let place = Place { skill: component.and_then(Component::skill), ..builder.place() };
    let shell = text("shell");
    let mut analysis = match (text("command"), &args) {
        (Some(command), Some(args)) => exec(&command, args, place, &mut faults),
        (Some(command), None) => shell_form(&command, shell.as_deref(), place, &mut faults),
        (None, _) => Analysis::default(),
    };
    // What runs by itself at an event, nobody looks at first.
    let pipes = |one: &&mut Problem| one.code == "pipe-to-shell" && faults.why_not.is_none();
    for problem in analysis.problems.iter_mut().filter(pipes) {
        problem.code = "hook-pipe-to-shell";
    }
    let headers = document::members(value, "headers");
    let headers: Vec<Setting> = headers
        .map(|member| env::header(&member.key, &member.value.as_str().unwrap_or_default()))
        .collect();
    let timeout = value.get("timeout").and_then(|timeout| timeout.as_integer());
    let timeout = timeout.and_then(|seconds| u64::try_from(seconds).ok());
    if let Some(seconds) = timeout.filter(|seconds| *seconds > LONG) {
        let message = format!(
            "the timeout is in seconds: {seconds} s = {}; were milliseconds meant?",
            duration(seconds)
        );
        faults.add("hook-timeout", message);
    }
    let identity = match kind {
        HookKind::Http => text("url").unwrap_or_default(),
        HookKind::McpTool => {
            format!("{}/{}", text("server").unwrap_or_default(), text("tool").unwrap_or_default())
        }
        HookKind::Prompt | HookKind::Agent => String::new(),
        _ => analysis.identity.clone(),
    };
    let id = builder.id(format!(
        "hook/{event_name}/{}/{}/{name}/{identity}",
        matcher_text.unwrap_or_default(),
        condition.as_deref().unwrap_or_default()
    ));
    builder.reads(headers.iter().flat_map(|header| header.from.clone()));
    let url = text("url");
    if let Some(url) = url.as_deref().and_then(Url::parse) {
        builder.endpoint(&url, &id);
    }
    analysis.problems.append(&mut faults.all);
    let field = Field { why_not: faults.why_not, ..field.clone() };
    builder.component(field.component(ComponentType::Hook, &id));
    let hook = Hook {
        event: event_name.to_owned(),
        matcher: matcher_text.map(str::to_owned),
        condition,
        kind,
        identity,
        server: text("server"),
        tool: text("tool"),
        prompt: text("prompt"),
        timeout,
        is_async: document::flag(value, "async"),
        once: document::flag(value, "once"),
    };
    let launch = Launch {
        component: component.map(Component::label),
        command: text("command").map(|command| env::redact(&command)),
        args,
        shell,
        url: url.map(|url| env::redact(&url)),
        headers,
        input: value.get("input").map(document::shown),
        ..field.launch(builder, What::Hook(Box::new(hook)), id)
    };
    builder.launch(launch, analysis);
}

/// Returns the type, with what it requires and lacks noted (S-30).
fn kind(value: Value<'_>, faults: &mut Faults) -> String {
    let Some(kind) = document::text(value, "type") else {
        faults.refuse("hook-type", "a handler has a \"type\"");
        // For showing it: what it looks like.
        let looks = [("command", "command"), ("url", "http"), ("prompt", "prompt")];
        let looks = looks.iter().find(|(key, _)| value.get(key).is_some());
        return looks.map_or("unknown", |(_, kind)| kind).to_owned();
    };
    let Some((_, required, fields)) = TYPES.iter().find(|(known, ..)| *known == kind) else {
        faults.refuse("hook-type", format!("no host knows the type {kind:?}"));
        return kind;
    };
    for (key, _) in fields.iter().take(*required).filter(|(key, _)| value.get(key).is_none()) {
        faults.refuse("hook-type", format!("a handler of type {kind} needs {key:?}"));
    }
    kind
}

/// Notes what the event makes of the type, the matcher and the condition (S-25, S-27, S-31).
fn check_event(
    event: Event,
    kind: &HookKind,
    matcher: Option<&str>,
    condition: Option<&str>,
    faults: &mut Faults,
) {
    let name = event.name;
    let runs = match kind {
        HookKind::Prompt | HookKind::Agent => event.prompts,
        HookKind::Http => !matches!(name, "SessionStart" | "Setup"),
        _ => true,
    };
    if !runs {
        // It loads all the same [observed].
        faults.add("hook-type-event", format!("{} does not run on {name}", kind.as_str()));
    }
    if condition.is_some() && !event.has_tool() {
        let message = format!("\"if\" works on tool events only, so on {name} it never runs");
        faults.add("hook-if-event", message);
    }
    if matcher.is_some_and(|text| !matches!(text, "" | "*")) && !event.matches {
        faults.add("hook-matcher-ignored", format!("{name} has no matcher, so it is ignored"));
    }
}

fn check_matcher(builder: &Builder<'_>, text: Option<&str>, faults: &mut Faults) {
    let Some(text) = text else { return };
    if matcher::is_rule(text) {
        let message = format!("{text:?} is a permission rule, which no tool's name ever matches");
        faults.add("hook-matcher-rule", message);
    }
    let servers = builder.inventory.mcp_servers();
    let servers: Vec<String> = servers.iter().map(|server| server.name().to_owned()).collect();
    if let Some(server) = matcher::bare_server(text, &servers) {
        let plugin = &builder.inventory.subject.name;
        let message = format!(
            "the tools of this plugin's own server are called mcp__plugin_{plugin}_{server}__…, \
             so {text:?} never matches them"
        );
        faults.add("hook-matcher-server", message);
    }
}

/// Fields that the type does not have (S-30).
fn fields(value: Value<'_>, kind: &str, own: &[(&str, Is)], faults: &mut Faults) {
    for member in value.members() {
        let key = member.key.as_ref();
        let is_known = own.iter().chain(&COMMON_TYPES).any(|(known, _)| *known == key);
        if !is_known && key != "type" {
            let message = format!("a handler of type {kind} has no field {key:?}");
            faults.add("hook-field", message);
        }
    }
}

fn exec(command: &str, args: &[String], place: Place<'_>, faults: &mut Faults) -> Analysis {
    if command.contains(' ') && !command.contains(['/', '\\']) {
        let message = format!("without a shell, {command:?} is the name of one program");
        faults.add("hook-exec-space", message);
    }
    command::exec(command, args, place)
}

/// Returns the shell form: quoting, options of the user, variables that no one sets (S-33 to S-35).
fn shell_form(
    command: &str,
    shell: Option<&str>,
    place: Place<'_>,
    faults: &mut Faults,
) -> Analysis {
    let analysis = command::shell(command, place);
    if !analysis.options.is_empty() {
        let message = "${user_config.…} makes a shell command fail; use \"args\"";
        faults.add("user-config-shell", message);
    }
    let bare = command::references(&without_single_quoted(command)).into_iter().any(|reference| {
        !reference.quoted && matches!(reference.base, Base::Plugin | Base::Data | Base::Project)
    });
    if bare && shell != Some("powershell") {
        let message = "a path of the plugin that is not in double quotes breaks if it contains a \
                       space";
        faults.add("hook-unquoted", message);
    }
    for read in &analysis.usage.reads {
        if UNDOCUMENTED.contains(&read.name.as_str()) {
            let message =
                format!("no host sets ${}; the event arrives as JSON on stdin", read.name);
            faults.add("hook-env-undocumented", message);
        }
    }
    analysis
}

/// A command without what stands between single quotes: the host puts paths in before a shell looks.
fn without_single_quoted(command: &str) -> String {
    let (mut single, mut double) = (false, false);
    let mut out = String::new();
    for c in command.chars() {
        match c {
            '\'' if !double => single = !single,
            '"' if !single => double = !double,
            _ => {}
        }
        if !single {
            out.push(c);
        }
    }
    out
}

/// Seconds in words.
pub(crate) fn duration(seconds: u64) -> String {
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let parts = [(hours, "h"), (minutes, "min"), (rest, "s")];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, unit)| format!("{number} {unit}"))
        .collect();
    if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") }
}
