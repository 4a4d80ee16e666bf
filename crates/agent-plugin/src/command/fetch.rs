// SPDX-License-Identifier: Apache-2.0
//! Code that is fetched at run time (S-57 to S-59).

mod container;
mod download;
pub(super) mod inline;
mod install;
mod pin;
mod remote;
mod words;

use super::{Analysis, Place, reference, target};
use crate::files::{LOCK_FILES, OTHER_LOCK_FILES};
use crate::inventory::{Fetch, Pin, Position};
use crate::path::{self, child};
use crate::shell::{self, Simple, Word};
pub(super) use remote::Watch;
use words::Arguments;

/// Options of the runners of npm packages that take a value.
const NPM_VALUES: [&str; 9] = [
    "--registry",
    "--cache",
    "--prefix",
    "--userconfig",
    "--node-options",
    "-w",
    "--workspace",
    "--loglevel",
    "--cwd",
];
/// Options of uv and pipx that take a value.
const PY_VALUES: [&str; 20] = [
    "--python",
    "-p",
    "--index-url",
    "-i",
    "--extra-index-url",
    "--default-index",
    "--index",
    "--with-requirements",
    "--with-editable",
    "--project",
    "--directory",
    "--cache-dir",
    "--group",
    "--extra",
    "--env-file",
    "--pip-args",
    "--constraints",
    "-c",
    "--refresh-package",
    "--config-file",
];

/// Notes what the command fetches.
pub(super) fn recognise(simple: &Simple, place: Place<'_>, analysis: &mut Analysis) {
    let Some((program, arguments)) = simple.program() else { return };
    let text = |at: usize| arguments.get(at).map_or("", |word| word.text.as_str());
    let first = text(0);
    let after = |count: usize| arguments.get(count..).unwrap_or_default();
    install::recognise(&program, arguments, analysis);
    let by_xargs = simple.words.iter().any(|word| shell::base_name(&word.text) == "xargs");
    let runs_packages = matches!(program.as_str(), "npx" | "bunx" | "pnpx" | "uvx");
    if by_xargs && runs_packages && arguments.iter().all(|word| word.text.starts_with('-')) {
        add(analysis, &program, "whatever it is given", Pin::Moving, "npm");
    }
    match (program.as_str(), first) {
        ("npx" | "bunx" | "pnpx", _) => npm_run(&program, after(0), analysis),
        ("pnpm" | "yarn", "dlx") => npm_run(&format!("{program} dlx"), after(1), analysis),
        ("npm", "exec" | "x") | ("bun", "x") => {
            npm_run(&format!("{program} {first}"), after(1), analysis);
        }
        ("tsx" | "ts-node", _) => deno_specifier(&program, arguments, analysis),
        ("uvx", _) => python_run("uvx", after(0), analysis),
        ("pipx", "run") => python_run("pipx run", after(1), analysis),
        ("uv", _) => uv(arguments, place, analysis),
        ("docker" | "podman" | "nerdctl", _) => container::recognise(&program, arguments, analysis),
        ("go", "run" | "install") => go(first, after(1), analysis),
        ("deno", _) => deno(arguments, analysis),
        ("npm" | "pnpm" | "yarn" | "bun", _) => npm(&program, arguments, place, analysis),
        ("pip" | "pip3", "install") => pip_install(&program, after(1), analysis),
        (python, "-m") if python.starts_with("python") || python == "py" => {
            match (text(1), text(2)) {
                ("pip", "install") => pip_install(&format!("{python} -m pip"), after(3), analysis),
                ("pipx", "run") => python_run("pipx run", after(3), analysis),
                (tool, _) => install::recognise(tool, after(2), analysis),
            }
        }
        ("git", _) => git(arguments, analysis),
        _ => {}
    }
}

fn npm_run(tool: &str, arguments: &[Word], analysis: &mut Analysis) {
    let mut words = Arguments::of(arguments, &NPM_VALUES);
    let mut packages = words.values(&["-p", "--package"]);
    let call = words.values(&["-c", "--call"]);
    let program = words.next();
    let before = program.map_or(arguments.len(), |word| words.index_of(word));
    let mut flags = arguments.iter().take(before).map(|word| word.text.as_str());
    if flags.any(|flag| matches!(flag, "--no-install" | "--no")) {
        return;
    }
    if let Some(call) = call.first().filter(|_| packages.is_empty()) {
        packages.extend(call.split_whitespace().next().map(str::to_owned));
    } else if packages.is_empty() {
        packages.extend(program.map(|word| word.text.clone()));
    }
    add_packages(analysis, tool, packages.iter().map(String::as_str), "npm");
    // `npx mcp-remote URL`: a bridge to another machine.
    if let Some(program) = program
        && ["mcp-remote", "supergateway", "mcp-proxy"].iter().any(|b| program.text.contains(b))
    {
        let rest = arguments.get(before..).unwrap_or_default();
        let urls = rest.iter().filter(|word| word.text.contains("://"));
        analysis.urls.extend(urls.map(|word| word.text.clone()));
    }
}

fn python_run(tool: &str, arguments: &[Word], analysis: &mut Analysis) {
    let mut words = Arguments::of(arguments, &PY_VALUES);
    let mut packages = words.values(&["--from", "--spec"]);
    let with = words.values(&["--with"]);
    if packages.is_empty() {
        packages.extend(words.next().map(|word| word.text.clone()));
    }
    let with = with.iter().flat_map(|list| list.split(','));
    add_packages(analysis, tool, packages.iter().map(String::as_str).chain(with), "pypi");
}

/// uv, whose options may stand before its verb.
fn uv(arguments: &[Word], place: Place<'_>, analysis: &mut Analysis) {
    let mut words = Arguments::of(arguments, &PY_VALUES);
    let Some(verb) = words.next() else { return };
    let at = words.index_of(verb);
    let after = |count: usize| arguments.get(at + count..).unwrap_or_default();
    let second = after(1).first().map_or("", |word| word.text.as_str());
    match (verb.text.as_str(), second) {
        ("run", _) => uv_run(arguments.get(..at).unwrap_or_default(), after(1), place, analysis),
        ("tool", "run") => python_run("uv tool run", after(2), analysis),
        ("pip", "install") => pip_install("uv pip", after(2), analysis),
        _ => {}
    }
}

/// `uv run`: what `--with` asks for, and what the project or the script needs.
fn uv_run(before: &[Word], arguments: &[Word], place: Place<'_>, analysis: &mut Analysis) {
    let mut words = Arguments::of(arguments, &PY_VALUES);
    let with = words.values(&["--with"]);
    add_packages(analysis, "uv run", with.iter().flat_map(|list| list.split(',')), "pypi");
    let program = words.next();
    let flags = program.map_or(arguments.len(), |word| words.index_of(word));
    let flags = || before.iter().chain(arguments.get(..flags).unwrap_or_default());
    let has = |wanted: &[&str]| flags().any(|word| wanted.contains(&word.text.as_str()));
    let Some(program) = program else { return };
    let value = |option: &str| {
        let at = flags().position(|word| word.text == option)?;
        target::directory(flags().nth(at + 1)?, place)
    };
    let (directory, project) = (value("--directory"), value("--project"));
    let inner = Place { directory: directory.as_deref().or(place.directory), ..place };
    let file = reference::references(&program.raw);
    let path = match file.first().filter(|file| file.base == reference::Base::Plugin) {
        Some(file) => path::join("", &file.path),
        None => inner.directory.and_then(|directory| path::join(directory, &program.text)),
    };
    let path = path.filter(|path| place.files.get(path).is_some());
    if file.is_empty() && path.is_some() && directory.is_some() {
        target::runs(&program.text, Position::Argument, inner, analysis);
    }
    let project = project.or(directory).or_else(|| place.directory.map(str::to_owned));
    let project = project.and_then(|directory| project_of(&directory, place));
    let script = path.as_ref().and_then(|path| Some((place.files.get(path)?, path)));
    // A script of the plugin says itself what it needs; without that, the project decides.
    let (what, project) = match script {
        Some((script, path)) if script.names_packages => (path.clone(), None),
        Some((_, path)) => {
            let above = || project_of(path::parent(path), place);
            let Some(project) = project.or_else(above) else { return };
            (path.clone(), Some(project))
        }
        None if has(&["--no-project"]) => return,
        // The interpreter itself is no package.
        None if project.is_none() && shell::base_name(&program.text).starts_with("python") => {
            return;
        }
        None => match project {
            Some(project) => (child(&project, "pyproject.toml"), Some(project)),
            None => (program.text.clone(), None),
        },
    };
    // S-57: a lock file is there, which the command may rewrite.
    let locked = |project: &String| place.files.get(&child(project, "uv.lock")).is_some();
    let is_locked = has(&["--locked", "--frozen"]) || project.as_ref().is_some_and(locked);
    let pin = if is_locked { Pin::Locked } else { Pin::Moving };
    add(analysis, "uv run", &what, pin, "pypi");
}

/// Returns the directory with a pyproject.toml of the plugin that decides for a directory: itself,
/// or one above it.
fn project_of(directory: &str, place: Place<'_>) -> Option<String> {
    let is_project = |path: &&str| place.files.get(&child(path, "pyproject.toml")).is_some();
    let found = std::iter::once(directory).chain(path::above(directory)).find(is_project);
    found.map(str::to_owned)
}

fn go(verb: &str, arguments: &[Word], analysis: &mut Analysis) {
    let package = Arguments::of(arguments, &["-o", "-ldflags", "-tags", "-mod"]).next();
    if let Some(package) = package
        && let Some((_, version)) = package.text.split_once('@')
    {
        add(analysis, &format!("go {verb}"), &package.text, pin::go(version), "go");
    }
}

fn deno(arguments: &[Word], analysis: &mut Analysis) {
    let verb = Arguments::of(arguments, &[]).next().map_or("", |word| word.text.as_str());
    let tool = match verb {
        "add" | "cache" | "compile" | "install" | "serve" | "test" | "x" => format!("deno {verb}"),
        _ => "deno run".to_owned(),
    };
    deno_specifier(&tool, arguments, analysis);
}

/// A module that is named by where it is.
fn deno_specifier(tool: &str, arguments: &[Word], analysis: &mut Analysis) {
    let specifier = arguments.iter().find(|word| {
        let kinds = ["http:", "https:", "npm:", "jsr:"];
        kinds.iter().any(|kind| word.text.starts_with(kind))
    });
    if let Some(specifier) = specifier {
        let pin = pin::deno(&specifier.text);
        add(analysis, tool, &specifier.text, pin, "deno");
    }
}

/// npm and its like: what is installed, and what makes a new project.
fn npm(program: &str, arguments: &[Word], place: Place<'_>, analysis: &mut Analysis) {
    const INSTALL: [&str; 12] = [
        "add",
        "ci",
        "cit",
        "clean-install",
        "ic",
        "install-clean",
        "install-test",
        "isntall",
        "it",
        "up",
        "update",
        "upgrade",
    ];
    let mut words = Arguments::of(arguments, &NPM_VALUES);
    let Some(mut verb) = words.next() else {
        if program == "yarn" {
            npm_install(program, "install", &[], place, analysis);
        }
        return;
    };
    if verb.text == "global" {
        verb = words.next().unwrap_or(verb);
    }
    let rest = words.rest();
    // It takes any beginning of `install`.
    let installs =
        |name: &str| INSTALL.contains(&name) || (!name.is_empty() && "install".starts_with(name));
    match verb.text.as_str() {
        name if installs(name) => npm_install(program, name, rest, place, analysis),
        name @ ("create" | "init" | "innit" | "c") if !(name == "c" && program != "bun") => {
            if let Some(package) = Arguments::of(rest, &NPM_VALUES).next() {
                let pin = pin::npm(&package.text);
                add(analysis, &format!("{program} {name}"), &package.text, pin, "npm");
            }
        }
        "run" if program == "bun" => deno_specifier("bun run", rest, analysis),
        _ => {}
    }
}

fn npm_install(
    program: &str,
    verb: &str,
    arguments: &[Word],
    place: Place<'_>,
    analysis: &mut Analysis,
) {
    let tool = format!("{program} {verb}");
    let packages: Vec<&Word> = Arguments::of(arguments, &NPM_VALUES).collect();
    if packages.is_empty() {
        let frozen = |word: &Word| {
            matches!(word.text.as_str(), "--frozen-lockfile" | "--immutable" | "--ci")
        };
        let pin = if verb == "ci" || arguments.iter().any(frozen) {
            Pin::Content
        } else if has_lock_file(place) {
            Pin::Locked
        } else {
            Pin::Moving
        };
        add(analysis, &tool, "package.json", pin, "npm");
    }
    add_packages(analysis, &tool, packages.iter().map(|package| package.text.as_str()), "npm");
}

fn has_lock_file(place: Place<'_>) -> bool {
    let directory = place.directory.unwrap_or_default();
    let full = |name: &str| path::join(directory, name).unwrap_or_default();
    LOCK_FILES.iter().chain(&OTHER_LOCK_FILES).any(|name| place.files.get(&full(name)).is_some())
}

fn pip_install(program: &str, arguments: &[Word], analysis: &mut Analysis) {
    let tool = format!("{program} install");
    let hashes = arguments.iter().any(|word| word.text == "--require-hashes");
    let mut words = Arguments::of(arguments, &PY_VALUES);
    let files = words.values(&["-r", "--requirement"]);
    for file in files {
        let pin = if hashes { Pin::Content } else { Pin::Moving };
        add(analysis, &tool, &file, pin, "pypi");
    }
    for package in words.filter(|package| !is_local(&package.text)) {
        let pin = if hashes { Pin::Content } else { pin::python(&package.text) };
        add(analysis, &tool, &package.text, pin, "pypi");
    }
}

/// git, as far as it brings other files.
fn git(arguments: &[Word], analysis: &mut Analysis) {
    const VALUES: [&str; 9] =
        ["-C", "-c", "--git-dir", "--work-tree", "-b", "--branch", "--depth", "-o", "--namespace"];
    let mut words = Arguments::of(arguments, &VALUES);
    let verb = words.next().map_or("", |word| word.text.as_str());
    let next = words.next().map(|word| word.text.as_str());
    let (tool, what) = match (verb, next) {
        ("clone", Some(url)) => ("git clone", url),
        ("pull", remote) => ("git pull", remote.unwrap_or("its remote")),
        ("submodule", Some("update" | "add")) => {
            ("git submodule", words.next().map_or("its submodules", |word| word.text.as_str()))
        }
        _ => return,
    };
    add(analysis, tool, what, Pin::Moving, "git");
}

/// Whether a package is a file of this machine.
fn is_local(package: &str) -> bool {
    package.is_empty()
        || package.starts_with(['.', '/', '~'])
        || package.starts_with("file:")
        || package.contains(":\\")
        || !reference::references(package).is_empty()
}

fn add(analysis: &mut Analysis, tool: &str, what: &str, pin: Pin, ecosystem: &'static str) {
    let (tool, what) = (tool.to_owned(), what.to_owned());
    analysis.usage.fetches.push(Fetch { tool, what, pin, ecosystem, indirect: None });
}

/// Notes packages, but those that are files of this machine.
fn add_packages<'p>(
    analysis: &mut Analysis,
    tool: &str,
    packages: impl IntoIterator<Item = &'p str>,
    ecosystem: &'static str,
) {
    for package in packages.into_iter().filter(|package| !is_local(package)) {
        let pin = if ecosystem == "npm" { pin::npm(package) } else { pin::python(package) };
        add(analysis, tool, package, pin, ecosystem);
    }
}

/// Returns the registry that a tool's configuration names (S-60).
pub(crate) fn registry(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let line = text.lines().find(|line| {
        let line = line.trim_start();
        !line.starts_with(['#', ';']) && line.contains("registry") && line.contains("://")
    })?;
    let rest = line.split_once("://")?.1;
    let host = rest.split(['/', '"', '\'', ' ', '?', '#']).next()?;
    Some(host.rsplit('@').next().unwrap_or(host).to_owned())
}

#[cfg(test)]
mod tests;
