// SPDX-License-Identifier: Apache-2.0
//! Modules, which the host loads into its own process (S-43, S-44).

use std::collections::BTreeSet;

use oci_artifact::json::Kind;

use super::builder::Builder;
use crate::inventory::{Component, ComponentType, Declared, Launch, RuleCode, Source, What};
use crate::path;

const EXTENSIONS: [&str; 8] = ["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx"];
/// Words that a path to import follows.
const IMPORTS: [&str; 3] = ["from", "import", "require"];
/// The most words of a file that may be imports.
const MAX_WORDS: usize = 5_000;
/// The most files of one module.
const MAX_FILES: usize = 200;

/// Finds the module that each of the hooks files names.
pub(super) fn discover(builder: &mut Builder<'_>, files: &BTreeSet<String>) {
    files.iter().for_each(|file| of_file(builder, file));
}

fn of_file(builder: &mut Builder<'_>, hooks: &str) {
    // It was read for its hooks, so what is wrong with it is noted already.
    let Some(value) = builder.quietly(hooks) else { return };
    let Some(modules) = value.get("modules") else { return };
    let refuse = |builder: &mut Builder<'_>, code: RuleCode, message: String| {
        builder.warn_of(code, message, hooks, modules);
    };
    let paths: Vec<_> = modules.elements().collect();
    if modules.kind() != Kind::Array || paths.len() != 1 {
        let message = "\"modules\" is an array with exactly one path".to_owned();
        refuse(builder, "module-missing", message);
    }
    let count = paths.len();
    for (index, element) in paths.into_iter().enumerate().take(MAX_FILES) {
        let Some(text) = element.as_string() else {
            let message = format!("a module is a path, not {}", element.kind());
            refuse(builder, "module-missing", message);
            continue;
        };
        // What looks absolute is below the file's directory, too [observed].
        let below = text.trim_start_matches('/');
        let Some(file) = path::join(path::parent(hooks), below) else {
            let message = format!("the module {text:?} leads out of the plugin");
            refuse(builder, "module-missing", message);
            continue;
        };
        let extension = path::name(&file).rsplit_once('.').map_or("", |(_, end)| end);
        let is_alone = count == 1 && builder.inventory.subject.manifest.is_some();
        let fault = if builder.files.get(&file).is_none() || !EXTENSIONS.contains(&extension) {
            Some(("module-missing", "does not exist, or is not a script".to_owned()))
        } else if is_alone && let Some(source) = builder.content(&file) {
            unfit(&code(&String::from_utf8_lossy(source)), path::parent(&file))
        } else {
            None
        };
        let why_not = fault.as_ref().map(|(code, _)| *code);
        let why_not = why_not.or((!is_alone).then_some("module-missing"));
        if let Some((code, problem)) = fault {
            refuse(builder, code, format!("the module {text:?} {problem}"));
        }
        add(builder, hooks, &file, format!("/modules/{index}"), why_not);
    }
}

fn add(
    builder: &mut Builder<'_>,
    hooks: &str,
    file: &str,
    pointer: String,
    why_not: Option<RuleCode>,
) {
    let id = format!("module/{file}");
    let mut seen = Seen::default();
    let mut todo = vec![file.to_owned()];
    let mut done = BTreeSet::new();
    while let Some(next) = todo.pop() {
        if done.len() >= MAX_FILES || !done.insert(next.clone()) {
            continue;
        }
        builder.names(&next, &id);
        let Some(source) = builder.content(&next) else { continue };
        let source = code(&String::from_utf8_lossy(source));
        seen.read(&source);
        if IMPORTS.iter().any(|word| source.matches(word).nth(MAX_WORDS).is_some()) {
            builder.unread(&next);
        }
        todo.extend(imports(&source, path::parent(&next), builder));
    }
    let name = path::name(file).to_owned();
    let mut component = Component::new(ComponentType::Module, name, file, Source::Default);
    component.bytes = builder.files.get(file).map(|entry| entry.size);
    component = component.not_loading(why_not);
    let label = component.label();
    builder.component(component);
    let what = What::Module {
        events: seen.events.into_iter().collect(),
        calls: seen.calls.into_iter().collect(),
    };
    builder.push(Launch {
        component: Some(label),
        command: Some(file.to_owned()),
        loads: why_not.map_or(Ok(()), Err),
        ..Launch::new(what, id, Declared::json(hooks, pointer, None))
    });
}

/// Returns the rule by which the host refuses to load a module, and the reason.
fn unfit(source: &str, directory: &str) -> Option<(RuleCode, String)> {
    if !registers(source) {
        return Some(("module-register", "does not export a function register".to_owned()));
    }
    Some(("module-static", unreadable(source, directory)?))
}

/// Returns the reason for which the host refuses to load a module whose calls and imports cannot be read in its text
/// [observed].
fn unreadable(source: &str, directory: &str) -> Option<String> {
    if !is_balanced(source) {
        return Some("has an unclosed bracket, or one too many".to_owned());
    }
    for (at, _) in words(source, "import") {
        let rest = source.get(at + "import".len()..).unwrap_or_default().trim_start();
        if rest.starts_with('(') {
            return Some("imports something while it runs".to_owned());
        }
        let from = match quoted(rest) {
            Some(text) => Some(text),
            None => rest.split_once("from").and_then(|(_, rest)| quoted(rest.trim_start())),
        };
        let Some(from) = from else { continue };
        let outside = from.starts_with('.') && path::join(directory, from).is_none();
        if outside || (!from.starts_with('.') && from != "claude-code") {
            return Some(format!("imports {from:?}, which is not a file of the plugin"));
        }
        let end = path::name(from).rsplit_once('.').map_or("", |(stem, end)| match stem {
            "" | "." => "",
            _ => end,
        });
        if from.starts_with('.') && matches!(end, "json" | "css" | "txt" | "md" | "wasm" | "node") {
            return Some(format!("imports {from:?}, whose name is not that of a script"));
        }
    }
    for (at, _) in words(source, "on") {
        let before = source.get(..at).unwrap_or_default().trim_end();
        let rest = source.get(at + "on".len()..).unwrap_or_default().trim_start();
        // A parameter, a property and a name in a list are no use of it.
        let is_use = !before.ends_with(['.', '(', ',', '{', ':']) || rest.starts_with('(');
        if before.ends_with('.') || !is_use {
            continue;
        }
        let Some(argument) = rest.strip_prefix('(').map(str::trim_start) else {
            return Some("uses `on` without calling it".to_owned());
        };
        let after = quoted(argument)
            .and_then(|text| argument.get(text.len() + 2..))
            .map_or("", str::trim_start);
        if !after.starts_with([',', ')']) {
            return Some("calls `on` with an event that is not a text".to_owned());
        }
    }
    None
}

/// Whether brackets are closed, as far as that can be found out without parsing the language: a template or what may
/// be a regular expression can hold any.
fn is_balanced(source: &str) -> bool {
    if source.contains(['`', '/']) {
        return true;
    }
    let (mut open, mut quote, mut chars) = (Vec::new(), None, source.chars());
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(_), '\\') => drop(chars.next()),
            (Some(mark), c) if c == mark => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(') => open.push(')'),
            (None, '[') => open.push(']'),
            (None, '{') => open.push('}'),
            (None, ')' | ']' | '}') if open.pop() != Some(c) => return false,
            _ => {}
        }
    }
    open.is_empty()
}

/// Returns the places of a word that is no part of a longer one, nor of a text.
fn words<'s>(source: &'s str, word: &'static str) -> impl Iterator<Item = (usize, &'s str)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '"' | '\'' | '-');
    source.match_indices(word).take(MAX_WORDS).filter(move |(at, found)| {
        let before = source.get(..*at).unwrap_or_default().chars().next_back();
        let after = source.get(at + found.len()..).unwrap_or_default().chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

/// Whether a module has the export that the host calls.
fn registers(source: &str) -> bool {
    let follows = |start: &str| -> Vec<&str> {
        let found = source.match_indices(start);
        let rest = found.filter_map(|(at, _)| source.get(at + start.len()..));
        let own = rest.filter_map(|rest| rest.trim_start().strip_prefix("register"));
        let goes_on = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$');
        own.filter(|rest| !rest.starts_with(goes_on)).map(str::trim_start).collect()
    };
    let function = ["export function ", "export async function ", "export function* "]
        .iter()
        .any(|start| follows(start).iter().any(|rest| rest.starts_with('(')));
    let constant = follows("export const ").into_iter().any(|rest| {
        let value = rest.split_once('=').map_or("", |(_, value)| value.trim_start());
        let value = value.strip_prefix("async").map_or(value, str::trim_start);
        let is_arrow = value.split(['{', '\n']).next().is_some_and(|start| start.contains("=>"));
        is_arrow || value.starts_with("function")
    });
    let named = source.split("export").skip(1).any(|rest| {
        let list = rest.trim_start().strip_prefix('{').and_then(|rest| rest.split('}').next());
        list.is_some_and(|list| {
            list.split(',').any(|one| one.split_whitespace().next_back() == Some("register"))
        })
    });
    named || function || constant
}

/// The calls of a module's sources into the host.
#[derive(Default)]
struct Seen {
    events: BTreeSet<String>,
    calls: BTreeSet<String>,
}

impl Seen {
    fn read(&mut self, source: &str) {
        for (at, _) in source.match_indices("on(") {
            let before = source.get(..at).unwrap_or_default().chars().next_back();
            let own_word = before.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '_');
            let argument = source.get(at + 3..).unwrap_or_default().trim_start();
            if let (true, Some(event)) = (own_word, quoted(argument)) {
                self.events.insert(event.to_owned());
            }
        }
        for (at, _) in source.match_indices("$.") {
            let rest = source.get(at + 2..).unwrap_or_default();
            let part = |c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '.' | '$');
            let call = rest.get(..rest.find(part).unwrap_or(rest.len())).unwrap_or_default();
            let mut names = call.split('.');
            if let (Some(space), Some(method)) = (names.next(), names.next())
                && !space.is_empty()
                && !method.is_empty()
                && self.calls.len() < 1_000
            {
                self.calls.insert(format!("{space}.{method}"));
            }
        }
    }
}

/// Returns the text of the string literal that a source starts with.
fn quoted(source: &str) -> Option<&str> {
    let quote = source.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let text = source.get(1..)?.split(quote).next()?;
    (text.len() < 200 && !text.contains('\n')).then_some(text)
}

/// Returns the plugin's files that a source imports.
fn imports(source: &str, directory: &str, builder: &Builder<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for word in IMPORTS {
        for (at, _) in source.match_indices(word).take(MAX_WORDS) {
            let rest = source.get(at + word.len()..).unwrap_or_default();
            let rest = rest.trim_start_matches([' ', '\t', '\n', '\r', '(']);
            let Some(text) = quoted(rest).filter(|text| text.starts_with('.')) else { continue };
            let Some(path) = path::join(directory, text) else { continue };
            let names = std::iter::once(path.clone())
                .chain(EXTENSIONS.iter().map(|extension| format!("{path}.{extension}")))
                .chain(EXTENSIONS.iter().map(|extension| format!("{path}/index.{extension}")))
                // TypeScript is imported under the name that it is compiled to.
                .chain(path.strip_suffix(".js").map(|stem| format!("{stem}.ts")));
            found.extend(names.into_iter().find(|name| builder.files.get(name).is_some()));
            if found.len() > MAX_FILES {
                return found;
            }
        }
    }
    found
}

/// Returns the source without comments.
pub(super) fn code(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut chars = source.chars().peekable();
    let mut quote = None;
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(_), '\\') => {
                out.push(c);
                out.extend(chars.next());
                continue;
            }
            (Some(open), c) if c == open => quote = None,
            // A line break ends a string that is no template.
            (Some('"' | '\''), '\n') => quote = None,
            (None, '"' | '\'' | '`') => quote = Some(c),
            (None, '/') if chars.peek() == Some(&'/') => {
                while chars.peek().is_some_and(|c| *c != '\n') {
                    chars.next();
                }
                continue;
            }
            (None, '/') if chars.peek() == Some(&'*') => {
                let mut last = ' ';
                chars.next();
                for c in chars.by_ref() {
                    if last == '*' && c == '/' {
                        break;
                    }
                    last = c;
                }
                out.push(' ');
                continue;
            }
            _ => {}
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_module_registers_and_calls_s_44() {
        let source = "// on('no')\n/* $.no.no() */ export default ({ on, $ }) => {\n\
            on('tool.call', { matcher: 'Bash' }, async () => $.process.run(['ls']));\n\
            on(\"prompt.submit\", () => $.env.get('X')); button('no'); x = '// y'; $.fs.read() }";
        let mut seen = Seen::default();
        seen.read(&code(source));
        assert_eq!(seen.events.iter().collect::<Vec<_>>(), ["prompt.submit", "tool.call"]);
        assert_eq!(seen.calls.iter().collect::<Vec<_>>(), ["env.get", "fs.read", "process.run"]);
    }
}
