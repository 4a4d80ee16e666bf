// SPDX-License-Identifier: Apache-2.0
//! One handler (S-30 to S-36).

use oci_artifact::json::{Kind, Value};

use super::{Map, matcher};
use crate::command::{self, Analysis, Base, Place, Problem, env};
use crate::discover::builder::Builder;
use crate::discover::typed::{self, Is};
use crate::discover::url::Url;
use crate::document;
use crate::inventory::event::{self, Event};
use crate::inventory::{
    Component, ComponentType, Hook, HookKind, Launch, LaunchKind, Setting, What,
};

/// The fields of each type besides the common ones, and their types; of a handler with another one, nothing
/// loads (S-110).
const TYPES: [(&str, &[(&str, Is)]); 5] = [
    (
        "command",
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
    ("http", &[("url", Is::Url), ("headers", Is::TextMap), ("allowedEnvVars", Is::Texts)]),
    ("mcp_tool", &[("server", Is::Text), ("tool", Is::Text), ("input", Is::Object)]),
    ("prompt", &[("prompt", Is::Text), ("model", Is::Text), ("continueOnBlock", Is::Switch)]),
    ("agent", &[("prompt", Is::Text), ("model", Is::Text)]),
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

/// The faults of a handler.
struct Findings(Vec<(&'static str, String)>);

impl Findings {
    fn add(&mut self, code: &'static str, message: impl Into<String>) {
        self.0.push((code, message.into()));
    }
}

/// Adds a handler.
pub(super) fn add(
    builder: &mut Builder<'_>,
    event_name: &str,
    matcher_text: Option<&str>,
    value: Value<'_>,
    at: String,
    map: &Map<'_>,
) {
    if builder.has_no_room(LaunchKind::Hook) {
        return;
    }
    if value.kind() != Kind::Object {
        let message = format!("a handler is an object, not {}", value.kind());
        super::shape(builder, event_name, value, map, message);
        return;
    }
    let mut findings = Findings(Vec::new());
    let mut why_not = map.why_not;
    let text = |key: &str| document::text(value, key);
    let condition = text("if");
    let kind = HookKind::of(kind(value, &mut findings, &mut why_not));
    let name = kind.as_str();
    let own = TYPES.iter().find(|(known, _)| *known == name).map(|(_, types)| *types);
    let faults = typed::faults(value, own.unwrap_or_default());
    for fault in faults.into_iter().chain(typed::faults(value, &COMMON_TYPES)) {
        findings.add("hook-type", format!("in a handler of type {name}, {fault}"));
        why_not = why_not.or(Some("hook-type"));
    }
    let event = event::find(event_name);
    if why_not == Some("hook-type") && map.is_guarded(event_name) {
        findings.add("hook-guard", super::guard(event_name));
    }
    if event.is_none() {
        findings.add("hook-event", format!("no host knows the event {event_name:?}"));
        why_not = why_not.or(Some("hook-event"));
    }
    if let Some(event) = event {
        check_event(event, &kind, matcher_text, condition.as_deref(), &mut findings);
    }
    check_matcher(builder, matcher_text, &mut findings);
    if let Some(own) = own {
        fields(value, name, own, &mut findings);
    }

    let args = value.get("args").map(|args| document::texts(args).unwrap_or_default());
    let place =
        Place { skill: map.component.as_ref().and_then(|(_, d)| d.as_deref()), ..builder.place() };
    let shell = text("shell");
    let mut analysis = match (text("command"), &args) {
        (Some(command), Some(args)) => exec(&command, args, place, &mut findings),
        (Some(command), None) => shell_form(&command, shell.as_deref(), place, &mut findings),
        (None, _) => Analysis::default(),
    };
    // What runs by itself at an event, nobody looks at first.
    let pipes = |one: &&mut Problem| one.code == "pipe-to-shell" && why_not.is_none();
    for problem in analysis.problems.iter_mut().filter(pipes) {
        problem.code = "hook-pipe-to-shell";
    }
    let headers = headers(value);
    let timeout = value.get("timeout").and_then(|timeout| timeout.as_integer());
    let timeout = timeout.and_then(|seconds| u64::try_from(seconds).ok());
    if let Some(seconds) = timeout.filter(|seconds| *seconds > LONG) {
        let message = format!(
            "the timeout is in seconds: {seconds} s = {}; were milliseconds meant?",
            duration(seconds)
        );
        findings.add("hook-timeout", message);
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
    let line = map.line(builder, value);
    builder.reads(headers.iter().flat_map(|header| header.from.clone()));
    let url = text("url");
    if let Some(url) = url.as_deref().and_then(Url::parse) {
        builder.endpoint(&url.host, &url.scheme, url.port, &id);
    }
    for (code, message) in findings.0 {
        builder.warn_at(code, message, map.file, line, Some(&id));
    }
    let mut component = Component::new(ComponentType::Hook, &id, map.file, map.source);
    component = component.not_loading(why_not);
    builder.component(component);
    let flag = |key: &str| value.get(key).and_then(|value| value.as_bool()).unwrap_or(false);
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
        is_async: flag("async"),
        once: flag("once"),
    };
    let launch = Launch {
        trigger: map.trigger,
        component: map.component.as_ref().map(|(label, _)| label.clone()),
        command: text("command").map(|command| env::redact(&command)),
        args,
        shell,
        url: url.map(|url| env::redact(&url)),
        headers,
        input: value.get("input").map(document::shown),
        loads: why_not.map_or(Ok(()), Err),
        ..Launch::new(What::Hook(Box::new(hook)), id, map.declared(at, line))
    };
    builder.launch(launch, analysis);
}

/// Returns the type and what it requires (S-30).
fn kind(value: Value<'_>, findings: &mut Findings, why_not: &mut Option<&'static str>) -> String {
    let missing = |findings: &mut Findings, message: String| {
        findings.add("hook-type", message);
    };
    let Some(kind) = document::text(value, "type") else {
        missing(findings, "a handler has a \"type\"".to_owned());
        *why_not = why_not.or(Some("hook-type"));
        // For showing it: what it looks like.
        let looks = [("command", "command"), ("url", "http"), ("prompt", "prompt")];
        let looks = looks.iter().find(|(key, _)| value.get(key).is_some());
        return looks.map_or("unknown", |(_, kind)| kind).to_owned();
    };
    let required: &[&str] = match kind.as_str() {
        "command" => &["command"],
        "http" => &["url"],
        "mcp_tool" => &["server", "tool"],
        "prompt" | "agent" => &["prompt"],
        _ => {
            missing(findings, format!("no host knows the type {kind:?}"));
            *why_not = why_not.or(Some("hook-type"));
            return kind;
        }
    };
    for key in required {
        if value.get(key).is_none() {
            missing(findings, format!("a handler of type {kind} needs {key:?}"));
            *why_not = why_not.or(Some("hook-type"));
        }
    }
    kind
}

/// Notes what the event makes of the type, the matcher and the condition (S-25, S-27, S-31).
fn check_event(
    event: Event,
    kind: &HookKind,
    matcher: Option<&str>,
    condition: Option<&str>,
    findings: &mut Findings,
) {
    let name = event.name;
    let runs = match kind {
        HookKind::Prompt | HookKind::Agent => event.prompts,
        HookKind::Http => !matches!(name, "SessionStart" | "Setup"),
        _ => true,
    };
    if !runs {
        // It loads all the same [observed].
        findings.add("hook-type-event", format!("{} does not run on {name}", kind.as_str()));
    }
    if condition.is_some() && !event.has_tool() {
        let message = format!("\"if\" works on tool events only, so on {name} it never runs");
        findings.add("hook-if-event", message);
    }
    if matcher.is_some_and(|text| !matches!(text, "" | "*")) && !event.matches {
        let message = format!("{name} has no matcher, so it is ignored");
        findings.add("hook-matcher-ignored", message);
    }
}

fn check_matcher(builder: &Builder<'_>, text: Option<&str>, findings: &mut Findings) {
    let Some(text) = text else { return };
    if matcher::is_rule(text) {
        let message = format!("{text:?} is a permission rule, which no tool's name ever matches");
        findings.add("hook-matcher-rule", message);
    }
    let servers = builder.inventory.mcp_servers();
    let servers: Vec<String> = servers.iter().map(|server| server.name().to_owned()).collect();
    if let Some(server) = matcher::bare_server(text, &servers) {
        let plugin = &builder.inventory.subject.name;
        let message = format!(
            "the tools of this plugin's own server are called mcp__plugin_{plugin}_{server}__…, \
             so {text:?} never matches them"
        );
        findings.add("hook-matcher-server", message);
    }
}

/// Fields that the type does not have (S-30).
fn fields(value: Value<'_>, kind: &str, own: &[(&str, Is)], findings: &mut Findings) {
    for member in value.members() {
        let key = member.key.as_ref();
        let is_known = own.iter().chain(&COMMON_TYPES).any(|(known, _)| *known == key);
        if !is_known && key != "type" {
            let message = format!("a handler of type {kind} has no field {key:?}");
            findings.add("hook-field", message);
        }
    }
}

fn exec(command: &str, args: &[String], place: Place<'_>, findings: &mut Findings) -> Analysis {
    if command.contains(' ') && !command.contains(['/', '\\']) {
        let message = format!("without a shell, {command:?} is the name of one program");
        findings.add("hook-exec-space", message);
    }
    command::exec(command, args, place)
}

/// Returns the shell form: quoting, options of the user, variables that no one sets (S-33 to S-35).
fn shell_form(
    command: &str,
    shell: Option<&str>,
    place: Place<'_>,
    findings: &mut Findings,
) -> Analysis {
    let analysis = command::shell(command, place);
    if !analysis.options.is_empty() {
        let message = "${user_config.…} makes a shell command fail; use \"args\"";
        findings.add("user-config-shell", message);
    }
    let bare = command::references(&without_single_quoted(command)).into_iter().any(|reference| {
        !reference.quoted && matches!(reference.base, Base::Plugin | Base::Data | Base::Project)
    });
    if bare && shell != Some("powershell") {
        let message = "a path of the plugin that is not in double quotes breaks if it contains a \
                       space";
        findings.add("hook-unquoted", message);
    }
    for read in &analysis.usage.reads {
        if UNDOCUMENTED.contains(&read.name.as_str()) {
            let message =
                format!("no host sets ${}; the event arrives as JSON on stdin", read.name);
            findings.add("hook-env-undocumented", message);
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

fn headers(value: Value<'_>) -> Vec<Setting> {
    let headers = value.get("headers");
    let members = headers.into_iter().flat_map(|headers| headers.members());
    members
        .map(|member| env::header(&member.key, &member.value.as_str().unwrap_or_default()))
        .collect()
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
