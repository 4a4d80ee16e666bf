// SPDX-License-Identifier: Apache-2.0
//! Code that comes from somewhere while a command runs (S-58, S-111): what is downloaded and run or unpacked,
//! and any data that does not stand in the command, on its way into an interpreter.

use std::collections::BTreeMap;

use super::download::{answers, downloaded};
use super::{add, inline};
use crate::command::{Analysis, Problem};
use crate::inventory::Pin;
use crate::shell::{self, Simple, Word};

/// Programs that run what they read, besides the shells.
const INTERPRETERS: [&str; 22] = [
    ".",
    "bun",
    "cmd",
    "crontab",
    "deno",
    "eval",
    "expect",
    "iex",
    "Invoke-Expression",
    "lua",
    "node",
    "osascript",
    "perl",
    "php",
    "powershell",
    "psql",
    "pwsh",
    "ruby",
    "source",
    "tclsh",
    "ts-node",
    "tsx",
];
/// Programs that make files of what they read, or install it.
const UNPACKERS: [&str; 14] = [
    "7z", "ar", "bsdtar", "cpio", "dpkg", "funzip", "gtar", "helm", "jar", "patch", "pax", "rpm",
    "tar", "unzip",
];
/// Programs that bring data from another machine, whatever it is.
const CARRIERS: [&str; 7] = ["nc", "ncat", "netcat", "scp", "sftp", "socat", "ssh"];
/// The data that flows from one command to the next.
#[derive(Clone)]
enum Data {
    /// The answer of a URL.
    Answer(String),
    /// A text that stands in the command.
    Literal(String),
    /// The output of a program.
    Written(String),
}

/// A command, and the program that it starts.
#[derive(Clone, Copy)]
struct Run<'s> {
    simple: &'s Simple,
    program: &'s str,
    arguments: &'s [Word],
}

/// The watch over what was downloaded so far, and what is on its way.
#[derive(Default)]
pub(in crate::command) struct Watch {
    data: Option<Data>,
    /// The names of files that were downloaded or computed, and from where.
    files: Vec<(String, Data)>,
    /// The values of variables.
    variables: BTreeMap<String, Data>,
    /// A connection that is open.
    socket: Option<String>,
    /// PowerShell's `iex (…)`: what stands in the parentheses comes next.
    waits: bool,
}

impl Watch {
    /// Notes what the commands of a text run that came from elsewhere.
    fn see_all(mut self, text: &str, analysis: &mut Analysis) {
        shell::commands(text).iter().for_each(|one| self.see(one, analysis));
    }

    /// Notes what the next command of a text runs that came from elsewhere.
    pub(in crate::command) fn see(&mut self, simple: &Simple, analysis: &mut Analysis) {
        let files = simple.reads.iter().chain(&simple.writes);
        let socket = files.map(|word| word.text.as_str()).find(|text| is_socket(text));
        self.assign(simple);
        let Some((program, arguments)) = simple.program() else {
            // `exec 3<>/dev/tcp/…` opens it for all that follows.
            self.socket = socket.map(str::to_owned).or(self.socket.take());
            return;
        };
        let run = Run { simple, program: &program, arguments };
        let is_interpreter = is_interpreter(&program)
            || is_make(&program)
                && rules(arguments)
                    .any(|(file, word)| is_standard_input(file) || !word.substitutions.is_empty());
        let answer = downloaded(&program, arguments);
        if std::mem::take(&mut self.waits)
            && let Some(url) = &answer
        {
            runs(url, "iex $(irm)", &program, analysis);
        }
        if is_interpreter {
            self.interpreter(run, analysis);
        }
        if UNPACKERS.contains(&program.as_str()) {
            self.unpacked(run, analysis);
        }
        self.written_into(run, analysis);
        let connects = matches!(program.as_str(), "nc" | "ncat" | "netcat" | "socat");
        let hands_over = |word: &Word| {
            matches!(word.text.as_str(), "-e" | "-c" | "--exec" | "--sh-exec")
                || word.text.to_ascii_uppercase().contains("EXEC:")
        };
        if connects && arguments.iter().any(hands_over) {
            runs("another machine", &program, "a shell", analysis);
        }
        let takes_url = ["mshta", "regsvr32", "rundll32", "msiexec", "javaws"];
        let url = arguments.iter().find(|word| word.text.contains("://"));
        if let (true, Some(url)) = (takes_url.contains(&program.as_str()), url) {
            runs(&url.text, &program, &program, analysis);
        }
        self.called(run, analysis);
        inline::recognise(simple, analysis);
        self.keep(run, answer.as_deref());
        let names = ["iex", "Invoke-Expression"];
        self.waits = arguments.is_empty() && names.iter().any(|n| n.eq_ignore_ascii_case(&program));
        // A filter between the two passes an answer on, and the end of a group what its commands wrote.
        let ends_group = shell::CLOSING.contains(&program.as_str());
        self.data = match (simple.pipes, answer) {
            (false, _) => None,
            (true, Some(url)) => Some(Data::Answer(url)),
            (true, None) => match self.data.take() {
                Some(data) if ends_group || matches!(data, Data::Answer(_)) => Some(data),
                _ => Some(written(run)),
            },
        };
    }

    /// Notes what variables hold from now on.
    fn assign(&mut self, simple: &Simple) {
        const MOST: usize = 100;
        if self.variables.len() > MOST {
            return;
        }
        for word in &simple.words {
            let Some((name, value)) = word.assignment() else { continue };
            let data = match word.substitutions.as_slice() {
                [] if !value.contains('$') => Data::Literal(value.to_owned()),
                [] => continue,
                all => {
                    let urls = all.iter().flat_map(|text| answers(text)).next();
                    urls.map_or_else(|| Data::Written(format!("${name}")), Data::Answer)
                }
            };
            self.variables.insert(name.to_owned(), data);
        }
        // `curl … | read X`, `while read X`.
        let mut words = simple.words.iter().map(|word| word.text.as_str());
        if words.any(|word| word == "read") {
            let data = self.data.clone().filter(|data| matches!(data, Data::Answer(_)));
            for name in words.filter(|word| shell::is_name(word)) {
                let unknown = || Data::Written(format!("${name}"));
                self.variables.insert(name.to_owned(), data.clone().unwrap_or_else(unknown));
            }
        }
    }

    /// Returns the commands of texts that a variable of this command holds, or a file that it runs.
    pub(in crate::command) fn held(&self, simple: &Simple) -> Vec<String> {
        let written = self.files.iter().filter(|(file, _)| calls(simple, file));
        let mut texts: Vec<String> = written
            .filter_map(|(_, data)| match data {
                Data::Literal(text) if !text.is_empty() => Some(text.clone()),
                _ => None,
            })
            .collect();
        let literal = |name: &str| match self.variables.get(name) {
            Some(Data::Literal(text)) => Some(text.clone()),
            _ => None,
        };
        // A shell splits what a variable holds at the characters of `IFS`.
        let ends = literal("IFS").unwrap_or_default();
        let literal = |word: &Word| {
            let text = literal(word.variable()?)?;
            Some(text.replace(|c| ends.contains(c), " "))
        };
        let mut words = simple.words.iter().skip(simple.program_at().unwrap_or(usize::MAX));
        let Some(first) = words.next() else { return texts };
        let name = shell::base_name(&first.text);
        if let Some(text) = literal(first) {
            let rest: Vec<&str> = words.map(|word| word.raw.as_str()).collect();
            texts.push(format!("{text} {}", rest.join(" ")));
        } else if shell::is_shell(&name) || name == "eval" {
            texts.extend(words.filter_map(literal));
        }
        texts
    }

    fn interpreter(&mut self, run: Run<'_>, analysis: &mut Analysis) {
        let Run { simple, program, arguments } = run;
        if reads_standard_input(program, arguments) {
            match self.data.take() {
                Some(Data::Answer(url)) => {
                    runs(&url, &format!("curl | {program}"), program, analysis);
                }
                Some(Data::Literal(text)) => Watch::default().see_all(&text, analysis),
                Some(Data::Written(by)) => {
                    computed(&by, &format!("{by} | {program}"), program, analysis);
                }
                None => {}
            }
            for read in &simple.reads {
                let is_open = read.text.starts_with("/dev/fd/");
                let open = self.socket.as_deref().filter(|_| is_open);
                if let Some(socket) =
                    open.or(Some(read.text.as_str()).filter(|text| is_socket(text)))
                {
                    runs(socket, &format!("{program} </dev/tcp"), program, analysis);
                }
            }
        }
        for word in simple.writes.iter().filter(|word| is_socket(&word.text)) {
            runs(&word.text, &format!("{program} >/dev/tcp"), program, analysis);
        }
        found_files(run, analysis);
        for word in arguments.iter().chain(&simple.reads).filter(|word| is_all_substitution(word)) {
            for text in &word.substitutions {
                given(text, program, analysis);
            }
        }
        for url in substituted(simple) {
            runs(&url, &format!("{program} $(curl)"), program, analysis);
        }
        self.variable(run, analysis);
    }

    /// A variable is all that an interpreter runs, and what it holds does not stand in the text.
    fn variable(&self, Run { program, arguments, .. }: Run<'_>, analysis: &mut Analysis) {
        let takes_code = matches!(program, "eval" | "iex" | "Invoke-Expression" | "." | "source")
            || arguments.iter().any(|word| {
                let flag = word.text.strip_prefix('-').filter(|flag| !flag.starts_with('-'));
                flag.is_some_and(|flag| flag.ends_with(['c', 'e', 'C']))
            });
        for word in arguments.iter().filter(|_| takes_code) {
            let Some(name) = word.variable() else { continue };
            match self.variables.get(name) {
                Some(Data::Answer(url)) => {
                    runs(url, &format!("{program} $(curl)"), program, analysis);
                }
                Some(Data::Literal(_)) => {}
                // A file of that name is not what was meant.
                _ if matches!(program, "." | "source") => {}
                _ => computed(&word.text, &format!("{program} {}", word.text), program, analysis),
            }
        }
    }

    /// Notes what is downloaded and unpacked: by a pipe, by `<(…)`, or as a file.
    fn unpacked(&self, Run { simple, program, arguments }: Run<'_>, analysis: &mut Analysis) {
        let mut note = |tool: &str, what: &str| {
            add(analysis, &format!("{tool} | {program}"), what, Pin::Moving, "url");
        };
        match &self.data {
            Some(Data::Answer(url)) => note("curl", url),
            Some(Data::Written(by)) if CARRIERS.contains(&by.as_str()) => note(by, by),
            _ => {}
        }
        substituted(simple).iter().for_each(|url| note("curl", url));
        for read in simple.reads.iter().filter(|word| is_socket(&word.text)) {
            note("/dev/tcp", &read.text);
        }
        for (file, data) in &self.files {
            let mut names = arguments.iter().chain(&simple.reads).map(|word| name(&word.text));
            if let (true, Data::Answer(url)) = (names.any(|name| name == file), data) {
                note("curl", url);
            }
        }
    }

    /// Notes what the command in `>(…)` reads.
    fn written_into(&self, run: Run<'_>, analysis: &mut Analysis) {
        let Run { simple, program, arguments } = run;
        let words = simple.words.iter().chain(&simple.writes);
        for text in words.filter(|word| word.raw.contains(">()")).flat_map(|w| &w.substitutions) {
            let data = match (downloaded(program, arguments), &self.data) {
                (Some(url), _) => Data::Answer(url),
                (None, Some(data)) => data.clone(),
                (None, None) => written(run),
            };
            Watch { data: Some(data), ..Watch::default() }.see_all(text, analysis);
        }
    }

    /// A file or a variable that was downloaded or computed, and is run.
    fn called(&self, Run { simple, program, .. }: Run<'_>, analysis: &mut Analysis) {
        for (_, data) in self.files.iter().filter(|(file, _)| calls(simple, file)) {
            match data {
                Data::Answer(url) => runs(url, "download, then run", program, analysis),
                Data::Written(by) => computed(by, "write, then run", program, analysis),
                Data::Literal(_) => {}
            }
        }
        let word = simple.program_at().and_then(|at| simple.words.get(at));
        let held = word.and_then(Word::variable).and_then(|name| self.variables.get(name));
        if let Some(Data::Answer(url)) = held {
            runs(url, "download, then run", program, analysis);
        }
    }

    /// Notes the files that a download, or a program that computes, writes.
    fn keep(&mut self, run: Run<'_>, answer: Option<&str>) {
        const MOST: usize = 100;
        let Run { simple, program, arguments } = run;
        let copies = matches!(program, "tee" | "dd" | "Out-File" | "Set-Content" | "sponge");
        let data = match (answer, &self.data) {
            (Some(url), _) => Data::Answer(url.to_owned()),
            (None, Some(data)) if copies || matches!(data, Data::Answer(_)) => data.clone(),
            // `cat >x <<EOF`: what stands in the command is read where it stands.
            (None, _) => written(run),
        };
        let mut files: Vec<&str> = simple.writes.iter().map(|word| name(&word.text)).collect();
        if answer.is_some() || copies {
            for word in arguments.iter().filter(|word| !word.text.contains("://")) {
                let text = word.text.as_str();
                let value = text.split_once('=').map_or(text, |(_, value)| value);
                let is_flag = value.starts_with('-') || is_interpreter(value);
                files.extend(Some(name(value)).filter(|_| !is_flag));
            }
        }
        // Without a name, it is the URL's last part.
        files.extend(answer.and_then(|url| url.split(['?', '#']).next()).map(name));
        for file in files.into_iter().filter(|file| !file.is_empty()) {
            if self.files.len() < MOST {
                self.files.push((file.to_owned(), data.clone()));
            }
        }
    }
}

/// Files that find or xargs comes upon, each run by an interpreter; one that only checks runs nothing.
fn found_files(Run { simple, program, arguments }: Run<'_>, analysis: &mut Analysis) {
    let is_flag = |word: &&Word| word.text.starts_with('-');
    let checks = arguments.iter().any(|word| matches!(word.text.as_str(), "-n" | "--check"));
    let script = arguments.iter().find(|word| !is_flag(word));
    let is_found = script.is_some_and(|word| word.text.trim_matches('"') == "{}");
    let by_xargs = simple.words.first().is_some_and(|word| word.text == "xargs");
    let bare = by_xargs && arguments.iter().all(|word| is_flag(&word));
    if !checks && (is_found || bare) {
        add(analysis, &format!("{program} {{}}"), "whatever is found", Pin::Moving, "data");
        let message = format!("whatever files are found are run by {program}");
        analysis.problems.push(Problem::new("pipe-to-shell", message));
    }
}

/// Whether a command runs the file of that name.
fn calls(simple: &Simple, file: &str) -> bool {
    let Some((program, arguments)) = simple.program() else { return false };
    let first = arguments.iter().find(|word| !word.text.starts_with('-'));
    let script = first.filter(|_| is_interpreter(&program)).map(|word| name(&word.text));
    let word = simple.program_at().and_then(|at| simple.words.get(at));
    // What Windows takes for the end of a directory, a shell takes for an escape.
    let own = word.map_or("", |word| name(&word.raw));
    // A program's name has lost its directory.
    script == Some(file) || program == file || program == shell::base_name(file) || own == file
}

/// Returns the URLs that the commands in a command's own substitutions download.
fn substituted(simple: &Simple) -> Vec<String> {
    let words = simple.words.iter().chain(&simple.reads).filter(|word| !word.raw.contains(">()"));
    words.flat_map(|word| &word.substitutions).flat_map(|text| answers(text)).collect()
}

/// Whether a program runs what it reads.
fn is_interpreter(program: &str) -> bool {
    shell::is_shell(program)
        || program.starts_with("python")
        || INTERPRETERS.iter().any(|name| name.eq_ignore_ascii_case(program))
}

/// Whether a program is a `make`, which reads its rules from standard input only if that is said.
fn is_make(program: &str) -> bool {
    matches!(program, "make" | "gmake" | "bmake")
}

/// The files with rules that `make` is given, each with the word that names it.
fn rules(arguments: &[Word]) -> impl Iterator<Item = (&str, &Word)> {
    arguments.iter().enumerate().filter_map(|(at, word)| match word.text.as_str() {
        "-f" | "--file" | "--makefile" => arguments.get(at + 1).map(|word| (&*word.text, word)),
        text => {
            let mut names = ["--makefile=", "--file=", "-f"].iter();
            names.find_map(|name| text.strip_prefix(name)).map(|file| (file, word))
        }
    })
}

/// Whether a path is a connection to another machine, to bash.
fn is_socket(path: &str) -> bool {
    let path = path.trim_start_matches('&');
    path.starts_with("/dev/tcp/") || path.starts_with("/dev/udp/")
}

/// Whether nothing stands in a word but what a command writes.
fn is_all_substitution(word: &Word) -> bool {
    let text = word.text.trim();
    word.substitutions.len() == 1
        && (text.starts_with("$(") || text.starts_with('`') || text.starts_with("<("))
        && (text.ends_with(')') || text.ends_with('`'))
}

/// Notes a command whose output is all that an interpreter runs.
fn given(text: &str, program: &str, analysis: &mut Analysis) {
    let commands = shell::commands(text);
    let Some(last) = commands.iter().rfind(|one| one.depth == 0 && !one.pipes) else { return };
    let Some((by, arguments)) = last.program() else { return };
    let own = arguments.iter().any(|word| word.text.contains("CLAUDE_PLUGIN_ROOT"));
    if downloaded(&by, arguments).is_none() && shell::literal(last).is_none() && !own {
        computed(&by, &format!("{program} $({by})"), program, analysis);
    }
}

/// Notes data that does not stand in the command, and what runs it.
fn computed(by: &str, tool: &str, program: &str, analysis: &mut Analysis) {
    add(analysis, tool, by, Pin::Moving, "data");
    let message = format!("what {by} writes is run by {program}");
    analysis.problems.push(Problem::new("pipe-to-shell", message));
}

/// Returns the last part of a path, of either kind of system.
fn name(path: &str) -> &str {
    path.trim_matches('"').rsplit(['/', '\\', ':']).next().unwrap_or(path)
}

fn runs(url: &str, tool: &str, program: &str, analysis: &mut Analysis) {
    add(analysis, tool, url, Pin::Moving, "url");
    let message = format!("what {url} answers is run by {program}");
    analysis.problems.push(Problem::new("pipe-to-shell", message));
}

fn is_standard_input(path: &str) -> bool {
    matches!(path, "-" | "/dev/stdin" | "/dev/fd/0")
}

/// Whether an interpreter has no script of its own: `sh`, `bash -s -- x`, `python3 -`.
fn reads_standard_input(program: &str, arguments: &[Word]) -> bool {
    if is_make(program) {
        return rules(arguments).any(|(file, _)| is_standard_input(file));
    }
    match arguments.iter().find(|word| !word.text.starts_with('-') || word.text == "-") {
        None => !arguments.iter().any(|word| {
            matches!(word.text.as_str(), "-c" | "-e" | "-m" | "-p" | "-r" | "--version")
        }),
        Some(word) => {
            is_standard_input(&word.text)
                || arguments.iter().any(|word| word.text.starts_with("-s"))
        }
    }
}

/// Returns the output of a program: only what it is given in words stands in the command.
fn written(Run { simple, program, arguments }: Run<'_>) -> Data {
    // A file of the plugin is code that is listed.
    let is_own = |word: &Word| {
        word.text.contains("CLAUDE_PLUGIN_ROOT") || word.text.contains("CLAUDE_SKILL_DIR")
    };
    if let Some(text) = shell::literal(simple) {
        Data::Literal(text)
    } else if matches!(program, "cat" | "type")
        && !arguments.is_empty()
        && arguments.iter().all(is_own)
    {
        Data::Literal(String::new())
    } else {
        Data::Written(program.to_owned())
    }
}
