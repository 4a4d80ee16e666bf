// SPDX-License-Identifier: Apache-2.0
//! Code that comes from somewhere while a command runs (S-58, S-111): what is downloaded and run or unpacked,
//! and any data that does not stand in the command, on its way into an interpreter.

use super::add;
use crate::command::{Analysis, Problem};
use crate::inventory::Pin;
use crate::shell::{self, Simple, Word};

/// Programs that run what they read.
const INTERPRETERS: [&str; 26] = [
    ".",
    "bash",
    "bun",
    "cmd",
    "dash",
    "deno",
    "eval",
    "fish",
    "iex",
    "Invoke-Expression",
    "ksh",
    "lua",
    "node",
    "osascript",
    "perl",
    "php",
    "powershell",
    "psql",
    "pwsh",
    "python",
    "python2",
    "python3",
    "ruby",
    "sh",
    "source",
    "zsh",
];
/// Programs that make files of what they read, or install it.
const UNPACKERS: [&str; 14] = [
    "7z", "ar", "bsdtar", "cpio", "dpkg", "funzip", "gtar", "helm", "jar", "patch", "pax", "rpm",
    "tar", "unzip",
];
/// Programs that bring data from another machine, whatever it is.
const CARRIERS: [&str; 7] = ["nc", "ncat", "netcat", "scp", "sftp", "socat", "ssh"];
/// Words in inline code that reach another machine.
const NETWORK: [&str; 16] = [
    "fetch(",
    "http.get",
    "https.get",
    "urllib",
    "urlopen",
    "requests.",
    "httpx.",
    "socket",
    "XMLHttpRequest",
    "axios",
    "Net::HTTP",
    "open-uri",
    "LWP::",
    "file_get_contents(",
    "IO::Socket",
    "net.connect",
];

/// What flows from one command to the next.
#[derive(Clone)]
enum Data {
    /// What a URL answers.
    Answer(String),
    /// What stands in the command.
    Literal(String),
    /// What a program writes.
    Written(String),
}

/// What was downloaded so far, and what is on its way.
#[derive(Default)]
pub(in crate::command) struct Watch {
    data: Option<Data>,
    /// Files that were downloaded, and from where.
    files: Vec<(String, String)>,
    /// PowerShell's `iex (…)`: what stands in the parentheses comes next.
    waits: bool,
}

impl Watch {
    /// Notes what the next command of a text runs that came from elsewhere.
    pub(in crate::command) fn see(&mut self, simple: &Simple, analysis: &mut Analysis) {
        let Some((program, arguments)) = simple.program() else { return };
        let is_interpreter = INTERPRETERS.iter().any(|name| name.eq_ignore_ascii_case(&program));
        let answer = downloaded(&program, arguments);
        if std::mem::take(&mut self.waits)
            && let Some(url) = &answer
        {
            runs(url, "iex $(irm)", &program, analysis);
        }
        if is_interpreter {
            self.interpreter(simple, &program, arguments, analysis);
        }
        if UNPACKERS.contains(&program.as_str()) {
            self.unpacked(simple, &program, arguments, analysis);
        }
        self.written_into(simple, &program, arguments, analysis);
        let connects = matches!(program.as_str(), "nc" | "ncat" | "netcat" | "socat");
        let hands_over = |word: &Word| {
            matches!(word.text.as_str(), "-e" | "-c" | "--exec" | "--sh-exec")
                || word.text.to_ascii_uppercase().contains("EXEC:")
        };
        if connects && arguments.iter().any(hands_over) {
            runs("another machine", &program, "a shell", analysis);
        }
        self.downloaded_file(&program, arguments, analysis);
        inline(&program, arguments, analysis);
        if let Some(url) = &answer {
            self.keep(simple, arguments, url);
        }
        let names = ["iex", "Invoke-Expression"];
        self.waits = arguments.is_empty() && names.iter().any(|n| n.eq_ignore_ascii_case(&program));
        // A filter between the two passes an answer on.
        self.data = match (simple.pipes, answer) {
            (false, _) => None,
            (true, Some(url)) => Some(Data::Answer(url)),
            (true, None) => Some(match self.data.take() {
                Some(Data::Answer(url)) => Data::Answer(url),
                _ => written(&program, arguments, simple),
            }),
        };
    }

    fn interpreter(
        &mut self,
        simple: &Simple,
        program: &str,
        arguments: &[Word],
        analysis: &mut Analysis,
    ) {
        if reads_standard_input(arguments) {
            match self.data.take() {
                Some(Data::Answer(url)) => {
                    runs(&url, &format!("curl | {program}"), program, analysis);
                }
                Some(Data::Literal(text)) => {
                    let mut inner = Watch::default();
                    shell::commands(&text).iter().for_each(|one| inner.see(one, analysis));
                }
                Some(Data::Written(by)) => {
                    add(analysis, &format!("{by} | {program}"), &by, Pin::Moving, "data", None);
                    let message = format!("what {by} writes is run by {program}");
                    analysis.problems.push(Problem::new("pipe-to-shell", message));
                }
                None => {}
            }
            for read in &simple.reads {
                if is_socket(&read.text) {
                    runs(&read.text, &format!("{program} </dev/tcp"), program, analysis);
                }
            }
        }
        for word in simple.writes.iter().filter(|word| is_socket(&word.text)) {
            runs(&word.text, &format!("{program} >/dev/tcp"), program, analysis);
        }
        self.found_files(simple, program, arguments, analysis);
        for word in arguments.iter().chain(&simple.reads).filter(|word| is_all_substitution(word)) {
            for text in &word.substitutions {
                given(text, program, analysis);
            }
        }
        for url in substituted(simple) {
            runs(&url, &format!("{program} $(curl)"), program, analysis);
        }
    }

    /// What is downloaded and unpacked: by a pipe, by `<(…)`, or as a file.
    fn unpacked(
        &self,
        simple: &Simple,
        program: &str,
        arguments: &[Word],
        analysis: &mut Analysis,
    ) {
        let mut note = |tool: &str, what: &str| {
            add(analysis, &format!("{tool} | {program}"), what, Pin::Moving, "url", None);
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
        for (file, url) in &self.files {
            let names = arguments.iter().chain(&simple.reads).map(|word| plain(&word.text));
            if names.into_iter().any(|name| name == file) {
                note("curl", url);
            }
        }
    }

    /// What goes into `>(…)`, the command there reads.
    fn written_into(
        &self,
        simple: &Simple,
        program: &str,
        arguments: &[Word],
        analysis: &mut Analysis,
    ) {
        let words = simple.words.iter().chain(&simple.writes);
        for text in words.filter(|word| word.raw.contains(">()")).flat_map(|w| &w.substitutions) {
            let data = match (downloaded(program, arguments), &self.data) {
                (Some(url), _) => Data::Answer(url),
                (None, Some(data)) => data.clone(),
                (None, None) => written(program, arguments, simple),
            };
            let mut inner = Watch { data: Some(data), ..Watch::default() };
            shell::commands(text).iter().for_each(|one| inner.see(one, analysis));
        }
    }

    /// Files that find or xargs comes upon, each run by an interpreter; one that only checks runs nothing.
    fn found_files(
        &self,
        simple: &Simple,
        program: &str,
        arguments: &[Word],
        analysis: &mut Analysis,
    ) {
        let is_flag = |word: &&Word| word.text.starts_with('-');
        let checks = arguments.iter().any(|word| matches!(word.text.as_str(), "-n" | "--check"));
        let script = arguments.iter().find(|word| !is_flag(word));
        let is_found = script.is_some_and(|word| word.text.trim_matches('"') == "{}");
        let by_xargs = simple.words.first().is_some_and(|word| word.text == "xargs");
        let bare = by_xargs && arguments.iter().all(|word| is_flag(&word));
        if !checks && (is_found || bare) {
            add(analysis, &format!("{program} {{}}"), "what is found", Pin::Moving, "data", None);
            let message = format!("whatever files are found are run by {program}");
            analysis.problems.push(Problem::new("pipe-to-shell", message));
        }
    }

    /// A file that was downloaded, and is run.
    fn downloaded_file(&self, program: &str, arguments: &[Word], analysis: &mut Analysis) {
        let first = arguments.iter().find(|word| !word.text.starts_with('-'));
        let is_interpreter = INTERPRETERS.contains(&program);
        let script = first.filter(|_| is_interpreter).map(|word| plain(&word.text));
        for (file, url) in &self.files {
            // A program's name has lost its directory.
            let name = file.rsplit('/').next().unwrap_or(file);
            let called = shell::base_name(name);
            if script == Some(file) || program == name || program == called {
                runs(url, "download, then run", program, analysis);
            }
        }
    }

    /// Notes the files that a download writes.
    fn keep(&mut self, simple: &Simple, arguments: &[Word], url: &str) {
        const MOST: usize = 100;
        let mut files: Vec<String> =
            simple.writes.iter().map(|word| plain(&word.text).to_owned()).collect();
        let mut previous = "";
        for word in arguments {
            let text = word.text.as_str();
            let is_output = matches!(
                previous,
                "-o" | "-O" | "--output" | "--output-document" | "-OutFile" | "-outfile"
            );
            if is_output && !text.starts_with('-') && !text.contains("://") {
                files.push(plain(text).to_owned());
            }
            let value = text.strip_prefix("--output=");
            let value = value.or_else(|| text.strip_prefix("--output-document="));
            files.extend(value.map(|value| plain(value).to_owned()));
            previous = text;
        }
        // Without a name, it is the URL's last part.
        files.extend(
            url.split(['?', '#']).next().and_then(|url| url.rsplit('/').next()).map(String::from),
        );
        for file in files.into_iter().filter(|file| !file.is_empty() && file != "-") {
            if self.files.len() < MOST {
                self.files.push((file, url.to_owned()));
            }
        }
    }
}

/// The URLs that the commands in a command's own substitutions download.
fn substituted(simple: &Simple) -> Vec<String> {
    let words = simple.words.iter().chain(&simple.reads).filter(|word| !word.raw.contains(">()"));
    let inner = words.flat_map(|word| &word.substitutions).flat_map(|text| shell::commands(text));
    let url = |inner: Simple| {
        let (name, arguments) = inner.program()?;
        downloaded(&name, arguments)
    };
    inner.filter_map(url).collect()
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

/// What a command writes is all that an interpreter runs.
fn given(text: &str, program: &str, analysis: &mut Analysis) {
    let commands = shell::commands(text);
    let Some(last) = commands.iter().rfind(|one| one.depth == 0 && !one.pipes) else { return };
    let Some((by, arguments)) = last.program() else { return };
    let own = arguments.iter().any(|word| word.text.contains("CLAUDE_PLUGIN_ROOT"));
    if downloaded(&by, arguments).is_none() && shell::literal(last).is_none() && !own {
        add(analysis, &format!("{program} $({by})"), &by, Pin::Moving, "data", None);
        let message = format!("what {by} writes is run by {program}");
        analysis.problems.push(Problem::new("pipe-to-shell", message));
    }
}

fn plain(path: &str) -> &str {
    path.strip_prefix("./").unwrap_or(path)
}

fn runs(url: &str, tool: &str, program: &str, analysis: &mut Analysis) {
    add(analysis, tool, url, Pin::Moving, "url", None);
    let message = format!("what {url} answers is run by {program}");
    analysis.problems.push(Problem::new("pipe-to-shell", message));
}

/// Whether an interpreter has no script of its own: `sh`, `bash -s -- x`, `python3 -`.
fn reads_standard_input(arguments: &[Word]) -> bool {
    match arguments.iter().find(|word| !word.text.starts_with('-') || word.text == "-") {
        None => !arguments.iter().any(|word| {
            matches!(word.text.as_str(), "-c" | "-e" | "-m" | "-p" | "-r" | "--version")
        }),
        Some(word) => word.text == "-" || arguments.iter().any(|word| word.text.starts_with("-s")),
    }
}

/// What a program writes: only what it is given in words stands in the command.
fn written(program: &str, arguments: &[Word], simple: &Simple) -> Data {
    if let Some(text) = shell::literal(simple) {
        return Data::Literal(text);
    }
    match program {
        // A file of the plugin is code that is listed.
        "cat" | "type"
            if arguments.iter().all(|word| {
                word.text.contains("CLAUDE_PLUGIN_ROOT") || word.text.contains("CLAUDE_SKILL_DIR")
            }) && !arguments.is_empty() =>
        {
            Data::Literal(String::new())
        }
        other => Data::Written(other.to_owned()),
    }
}

/// The URL that a program gets, if it is one that downloads.
fn downloaded(program: &str, arguments: &[Word]) -> Option<String> {
    const NAMES: [&str; 12] = [
        "aria2c",
        "curl",
        "fetch",
        "http",
        "https",
        "iwr",
        "irm",
        "Invoke-RestMethod",
        "Invoke-WebRequest",
        "wget",
        "wget2",
        "xh",
    ];
    if !NAMES.iter().any(|name| name.eq_ignore_ascii_case(program)) {
        return None;
    }
    let url = arguments.iter().find(|word| {
        word.text.contains("://") || word.text.starts_with('$') || word.text.contains(".sh")
    });
    Some(url.map_or_else(|| program.to_owned(), |word| word.text.clone()))
}

/// Code on the command line that reaches another machine: `node -e`, `python -c`.
fn inline(program: &str, arguments: &[Word], analysis: &mut Analysis) {
    let flags: &[&str] = match program {
        "node" | "bun" | "deno" | "tsx" => &["-e", "--eval", "-p", "--print", "eval"],
        "perl" | "ruby" => &["-e", "-E"],
        "php" => &["-r"],
        name if name.starts_with("python") => &["-c"],
        _ => return,
    };
    let at = arguments.iter().position(|word| flags.contains(&word.text.as_str()));
    // A module that is loaded for the network.
    let loads = |word: &Word| {
        matches!(program, "perl" | "ruby")
            && word.text.starts_with('-')
            && ["LWP", "open-uri", "net/http", "HTTP::", "socket"]
                .iter()
                .any(|one| word.text.contains(one))
    };
    let is_loaded = arguments.iter().any(loads);
    let Some(code) = at.and_then(|at| arguments.get(at + 1)).map(|word| &word.text) else { return };
    if !is_loaded && !NETWORK.iter().any(|word| code.contains(word)) {
        return;
    }
    let url = code.find("://").map(|at| {
        let stops = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ')' | ',' | ';');
        let start = code.get(..at).unwrap_or_default();
        let start = start.rfind(|c: char| !c.is_ascii_alphanumeric()).map_or(0, |at| at + 1);
        let rest = code.get(start..).unwrap_or_default();
        rest.split(stops).next().unwrap_or(rest).to_owned()
    });
    let flag = at.and_then(|at| arguments.get(at)).map_or("", |word| word.text.as_str());
    let what = url.unwrap_or_else(|| "what its code asks for".to_owned());
    add(analysis, &format!("{program} {flag}"), &what, Pin::Moving, "url", None);
}
