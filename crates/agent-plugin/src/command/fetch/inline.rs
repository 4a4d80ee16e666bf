// SPDX-License-Identifier: Apache-2.0
//! Code on a command line, or in a here-document, of an interpreter that is no shell: whether it reaches another
//! machine, and the commands that it starts (S-111).

use super::add;
use crate::command::Analysis;
use crate::inventory::Pin;
use crate::shell::{self, Simple, Word};

/// Words of code that reaches another machine.
const NETWORK: &[&str] = &[
    "Bun.connect",
    "Deno.connect",
    "Excon",
    "Faraday",
    "HTTP::",
    "HTTPConnection",
    "HTTPSConnection",
    "HTTParty",
    "IO::Socket",
    "LWP",
    "Mojo::UserAgent",
    "Net::FTP",
    "Net::HTTP",
    "TCPSocket",
    "WebSocket",
    "XMLHttpRequest",
    "aiohttp",
    "asyncio.open_connection",
    "axios",
    "copy('http",
    "copy(\"http",
    "create_connection",
    "curl_exec",
    "curl_init",
    "dns.",
    "fetch(",
    "file_get_contents(",
    "fsockopen",
    "ftplib",
    "got(",
    "http.client",
    "http.get",
    "http.request",
    "http2",
    "https.get",
    "https.request",
    "httpx",
    "net.Socket",
    "net.connect",
    "net/http",
    "node:http",
    "open-uri",
    "paramiko",
    "pycurl",
    "requests",
    "socket",
    "tls.connect",
    "undici",
    "urllib",
    "urlopen",
];
/// Words of PowerShell that reach another machine, besides the commands that download, in small letters.
const POWERSHELL: [&str; 7] = [
    "[scriptblock]::create(",
    "downloaddata(",
    "downloadfile(",
    "downloadstring(",
    "net.http.httpclient",
    "net.webclient",
    "start-bitstransfer",
];
/// Words of code that starts commands.
const STARTS: &[&str] = &[
    "Deno.Command",
    "Popen",
    "`",
    "Bun.$",
    "child_process",
    "exec",
    "open(",
    "passthru",
    "popen",
    "qx",
    "spawn",
    "subprocess",
    "system",
];
/// The most texts of one code that are taken for commands.
const MOST: usize = 50;

/// Code and the option before it.
struct Code<'s> {
    program: String,
    flag: &'s str,
    text: &'s str,
}

/// Returns the code that an interpreter is given in words.
fn code(simple: &Simple) -> Option<Code<'_>> {
    let at = simple.program_at()?;
    let (program, arguments) = simple.program()?;
    let (letters, words): (&str, &[&str]) = match program.as_str() {
        "node" | "bun" | "tsx" | "ts-node" => ("ep", &["--eval", "--print"]),
        "deno" => ("", &["eval"]),
        "perl" => ("eE", &[]),
        "ruby" | "lua" | "Rscript" | "julia" | "elixir" => ("e", &[]),
        "php" => ("r", &["--run"]),
        name if name.starts_with("python") || name.starts_with("pypy") || name == "py" => {
            ("c", &[])
        }
        _ => return None,
    };
    let arguments = simple.words.get(at + 1..).filter(|found| found.len() == arguments.len())?;
    for (at, word) in arguments.iter().enumerate() {
        let flag = word.text.as_str();
        if let Some((name, text)) = flag.split_once('=')
            && words.contains(&name)
        {
            return Some(Code { program, flag: "--eval", text });
        }
        let short = flag.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
        let is_last = short.is_some_and(|rest| rest.ends_with(|c| letters.contains(c)));
        if words.contains(&flag) || is_last {
            return Some(Code { program, flag, text: &arguments.get(at + 1)?.text });
        }
        if !flag.starts_with('-') {
            return None;
        }
    }
    let text = simple.bodies.first()?;
    Some(Code { program, flag: "<<", text })
}

/// Notes what inline code gets from another machine.
pub(super) fn recognise(simple: &Simple, analysis: &mut Analysis) {
    let mut note = |tool: &str, text: &str| {
        let what = url(text).unwrap_or_else(|| "whatever its code downloads".to_owned());
        add(analysis, tool, &what, Pin::Moving, "url");
    };
    if let Some(Code { program, flag, text }) = code(simple) {
        let loads = |word: &&Word| word.text.starts_with('-') && word.text.len() > 2;
        let mut words =
            simple.words.iter().filter(loads).map(|word| word.text.as_str()).chain([text]);
        let imports = ["import", "require", "from"].iter().any(|word| text.contains(word));
        let by_import = imports && ["'http", "\"http"].iter().any(|word| text.contains(word));
        if by_import || words.any(|text| NETWORK.iter().any(|word| text.contains(word))) {
            note(&format!("{program} {flag}"), text);
        }
    }
    for word in &simple.words {
        if word.text.contains("data:") && word.text.contains("javascript") {
            note("import", word.text.rsplit("data:").next().unwrap_or_default());
        }
        let lower = word.text.to_ascii_lowercase();
        if POWERSHELL.iter().any(|known| lower.contains(known)) {
            note("powershell", &word.text);
        }
    }
}

/// Returns the first URL of a text.
fn url(text: &str) -> Option<String> {
    let at = text.find("://")?;
    let stops = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ')' | ',' | ';');
    let start = text.get(..at).unwrap_or_default();
    let start = start.rfind(|c: char| !c.is_ascii_alphanumeric()).map_or(0, |at| at + 1);
    let rest = text.get(start..).unwrap_or_default();
    Some(rest.split(stops).next().unwrap_or(rest).to_owned())
}

/// Returns the texts of inline code that may be commands: each alone, and lists of them in one.
pub(in crate::command) fn commands(simple: &Simple) -> Vec<String> {
    let Some(Code { text, .. }) = code(simple) else { return Vec::new() };
    if !STARTS.iter().any(|word| text.contains(word)) {
        return Vec::new();
    }
    let mut found: Vec<String> = Vec::new();
    let mut list: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\'', '`']) {
        let (before, from) = rest.split_at(at);
        let goes_on = before.chars().all(|c| c.is_whitespace() || matches!(c, ',' | '['));
        if !goes_on {
            found.extend(Some(list.join(" ")).filter(|_| list.len() > 1));
            list.clear();
        }
        match shell::quoted(from) {
            Some((text, after)) => {
                found.push(text.clone());
                list.push(text);
                rest = after;
            }
            None => rest = from.get(1..).unwrap_or_default(),
        }
        if found.len() > MOST {
            break;
        }
    }
    found.extend(Some(list.join(" ")).filter(|_| list.len() > 1));
    // Perl and Ruby have quotes of their own.
    for opening in ["q(", "qx(", "qx{", "%x("] {
        for (at, _) in text.match_indices(opening).take(MOST) {
            let inside = text.get(at + opening.len()..).unwrap_or_default();
            found.extend(inside.split([')', '}']).next().map(str::to_owned));
        }
    }
    found.retain(|text| text.contains(' '));
    found
}
