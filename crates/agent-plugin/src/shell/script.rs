// SPDX-License-Identifier: Apache-2.0
//! Commands that stand in the arguments of other programs: `sh -c …`, `find -exec …`, `git -c alias.x=!…`
//! (S-55, S-111).

use super::{Simple, Word, base_name};

/// The shells whose `-c` is followed by a script.
pub(crate) const SHELLS: [&str; 14] = [
    "ash", "bash", "csh", "dash", "elvish", "fish", "ksh", "mksh", "nu", "rbash", "sh", "tcsh",
    "xonsh", "zsh",
];

/// Whether a program is a shell that takes a script after `-c`.
pub(crate) fn is_shell(program: &str) -> bool {
    SHELLS.contains(&program)
}

/// Programs that take a command as the value of an option, and the option as it begins; of `exec=` and the like,
/// what follows is the command.
const OPTIONS: &[(&[&str], &[&str])] = &[
    (&["docker"], &["--ssh="]),
    (&["ed"], &["-c"]),
    (&["ex", "vi", "vim", "nvim"], &["-c", "+", "--cmd"]),
    (&["flock", "script"], &["-c", "--command"]),
    (&["nodemon"], &["-x", "--exec"]),
    (&["rsync"], &["-e", "--rsh", "--rsync-path"]),
    (&["runuser", "su"], &["-c", "--command", "--session-command"]),
    (&["ssh"], &["-oProxyCommand", "-oLocalCommand", "ProxyCommand", "LocalCommand"]),
    (
        &["tar"],
        &[
            "--to-command",
            "--checkpoint-action=exec",
            "--use-compress-program",
            "-I",
            "--rsh-command",
        ],
    ),
];

/// Returns the scripts in a command: each is a text for a shell.
pub(crate) fn scripts(simple: &Simple) -> Vec<String> {
    if let Some(text) = split_by_env(&simple.words) {
        return vec![text];
    }
    let Some((program, arguments)) = simple.program() else { return Vec::new() };
    let is = |word: &Word, names: &[&str]| names.contains(&word.text.as_str());
    let mut found = options(&program, arguments);
    match program.as_str() {
        name if is_shell(name) => found.extend(of_shell(arguments)),
        "find" | "fd" | "fdfind" => {
            let runs = ["-exec", "-execdir", "-ok", "-okdir", "-x", "-X", "--exec", "--exec-batch"];
            let mut parts = arguments.split(|word| is(word, &runs));
            parts.next();
            let ends = |word: &&Word| !matches!(word.text.as_str(), ";" | "\\;" | "+");
            found.extend(parts.map(|words| raw(words.iter().take_while(ends))));
        }
        "parallel" => {
            let mut parts = arguments.split(|word| word.text.starts_with(":::"));
            let command = raw(parts.next().unwrap_or_default().iter());
            let first = parts.next().and_then(<[Word]>::first).map_or("", |word| word.raw.as_str());
            found.push(match command.contains("{}") {
                true => command.replace("{}", first),
                false => format!("{command} {first}"),
            });
        }
        "awk" | "gawk" | "mawk" | "nawk" => found.push(awk(arguments)),
        "expect" => found.extend(arguments.iter().flat_map(|word| spawned(&word.text))),
        "eval" => found.push(texts(arguments)),
        "trap" => found.extend(arguments.first().map(|word| word.text.clone())),
        "alias" => {
            let values = arguments.iter().filter_map(|word| word.text.split_once('='));
            found.extend(values.map(|(_, value)| value.to_owned()));
        }
        // The command that it will run later.
        "claude" => {
            let mut parts = arguments.splitn(2, |word| word.text == "--").skip(1);
            found.extend(parts.next().map(texts));
        }
        "concurrently" => found.extend(arguments.iter().map(|word| word.text.clone())),
        "git" => {
            let pairs = arguments.windows(2);
            let pairs = pairs.filter_map(|pair| match pair {
                [option, value] if option.text == "-c" => value.text.split_once('='),
                _ => None,
            });
            // What it takes for a command; other values are none.
            let is_command = |name: &str, value: &str| {
                value.starts_with('!')
                    || ["command", "pager", "editor", "fsmonitor", "askpass", "cmd", "program"]
                        .iter()
                        .any(|end| name.to_ascii_lowercase().ends_with(end))
            };
            let commands = pairs.filter(|(name, value)| is_command(name, value));
            found.extend(commands.map(|(_, value)| value.trim_start_matches('!').to_owned()));
        }
        // Whatever machine it runs on.
        "ssh" => {
            let mut words = arguments.iter();
            words.find(|word| !word.text.starts_with('-'));
            found.push(texts(words.as_slice()));
        }
        "docker" | "podman" | "nerdctl" | "kubectl" | "oc" => found.extend(shell_within(arguments)),
        "cmd" => {
            let slash = |text: &str| ["/c", "/k"].iter().any(|one| text.eq_ignore_ascii_case(one));
            let at = arguments.iter().position(|word| slash(&word.text));
            found.extend(at.and_then(|at| arguments.get(at + 1..)).map(texts));
        }
        "pwsh" | "powershell" => found.extend(powershell(&program, arguments)),
        "osascript" => {
            for word in arguments {
                let parts = word.text.split("do shell script").skip(1);
                found.extend(parts.filter_map(quoted).map(|(text, _)| text));
            }
        }
        _ => {}
    }
    found.retain(|text| !text.trim().is_empty());
    found
}

/// Returns the command that an option of a program holds.
fn options(program: &str, arguments: &[Word]) -> Vec<String> {
    let Some((_, names)) = OPTIONS.iter().find(|(programs, _)| programs.contains(&program)) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (at, word) in arguments.iter().enumerate() {
        for name in *names {
            let Some(rest) = word.text.strip_prefix(name) else { continue };
            let value = match rest.strip_prefix('=') {
                Some(value) => Some(value),
                None if rest.is_empty() => arguments.get(at + 1).map(|word| word.text.as_str()),
                None if *name == "+" => Some(rest),
                None => None,
            };
            // An editor's commands for the shell begin so.
            found.extend(value.map(|value| value.trim_start_matches([':', '!']).to_owned()));
        }
    }
    found
}

/// Returns the script of `env -S`, which stands before any program.
fn split_by_env(words: &[Word]) -> Option<String> {
    let at = words.iter().position(|word| word.assignment().is_none())?;
    let (program, rest) = words.get(at..)?.split_first()?;
    if base_name(&program.text) != "env" {
        return None;
    }
    let option = rest.iter().position(|word| {
        !word.text.starts_with('-')
            || word.text.starts_with("-S")
            || word.text.starts_with("--split-string")
    })?;
    let (word, after) = rest.get(option..)?.split_first()?;
    let value = word.text.strip_prefix("--split-string").or(word.text.strip_prefix("-S"))?;
    Some(format!("{} {}", value.trim_start_matches('='), texts(after)))
}

/// Returns the script after a shell's `-c`; words before it must be flags or their values, or they are a script's
/// name.
fn of_shell(arguments: &[Word]) -> Option<String> {
    let mut takes_value = false;
    for (at, word) in arguments.iter().enumerate() {
        let text = word.text.as_str();
        if std::mem::take(&mut takes_value) {
            continue;
        }
        let flags = text.strip_prefix('-').filter(|flags| !flags.starts_with('-'));
        if flags.is_some_and(|flags| flags.contains('c')) || text == "--command" {
            // `-euxoc pipefail` takes its value first.
            let skipped = usize::from(flags.is_some_and(|flags| flags.contains('o')));
            let (script, given) = arguments.get(at + 1 + skipped..)?.split_first()?;
            return Some(with_parameters(&script.text, given));
        }
        if !text.starts_with(['-', '+']) {
            return None;
        }
        takes_value = matches!(text, "--rcfile" | "--init-file")
            || (!text.starts_with("--") && text.ends_with(['o', 'O']));
    }
    None
}

/// Returns a script with the words that it is given in place of `$0`, `$1` and `$@`.
fn with_parameters(script: &str, given: &[Word]) -> String {
    let mut script = script.to_owned();
    if given.is_empty() || !script.contains('$') {
        return script;
    }
    let all = raw(given.iter().skip(1));
    let numbered = given.iter().enumerate().take(10);
    let numbered = numbered.map(|(number, word)| (number.to_string(), word.raw.clone()));
    let both = ["@", "*"].map(|name| (name.to_owned(), all.clone()));
    for (name, value) in both.into_iter().chain(numbered) {
        for written in [format!("\"${name}\""), format!("${{{name}}}"), format!("${name}")] {
            script = script.replace(&written, &value);
        }
    }
    script
}

/// Returns the script of a shell that stands among the arguments: `docker exec x sh -c …`.
fn shell_within(arguments: &[Word]) -> Option<String> {
    let at = arguments.iter().position(|word| is_shell(&base_name(&word.text)))?;
    of_shell(arguments.get(at + 1..)?)
}

/// Returns the script of PowerShell, whose options can be cut short.
fn powershell(program: &str, arguments: &[Word]) -> Option<String> {
    const VALUES: [&str; 9] = [
        "-configurationname",
        "-custompipename",
        "-executionpolicy",
        "-inputformat",
        "-outputformat",
        "-settingsfile",
        "-version",
        "-windowstyle",
        "-workingdirectory",
    ];
    let mut at = 0;
    while let Some(word) = arguments.get(at) {
        let option = word.text.to_ascii_lowercase().replace('/', "-");
        let rest = arguments.get(at + 1..).unwrap_or_default();
        let is = |name: &str| option.len() > 1 && name.starts_with(&option);
        if !option.starts_with('-') {
            // Only the one of Windows takes a bare word for a command.
            return (program == "powershell" || word.text.contains(' '))
                .then(|| texts(arguments.get(at..).unwrap_or_default()));
        } else if is("-encodedcommand") || option == "-ec" {
            return decoded(&rest.first()?.text);
        } else if is("-command") {
            return Some(texts(rest));
        } else if is("-file") {
            return None;
        }
        at += 1 + usize::from(
            VALUES.iter().any(|name| is(name)) || matches!(option.as_str(), "-ep" | "-ex"),
        );
    }
    None
}

/// Returns the commands in an awk program: `system("…")`, `"…" | getline`, `print | "…"`.
fn awk(arguments: &[Word]) -> String {
    let mut found: Vec<String> = Vec::new();
    let text = |rest: &str| rest.strip_prefix('"')?.split('"').next().map(str::to_owned);
    for word in arguments {
        found.extend(word.text.split("system(").skip(1).filter_map(|rest| text(rest.trim_start())));
        for (at, _) in word.text.match_indices("getline") {
            let before = word.text.get(..at).unwrap_or_default().trim_end();
            let command = before.strip_suffix('|').map(str::trim_end);
            let command = command.and_then(|text| text.strip_suffix('"'));
            found.extend(command.and_then(|text| text.rsplit('"').next()).map(str::to_owned));
        }
        for (at, _) in word.text.match_indices('|') {
            let rest = word.text.get(at + 1..).unwrap_or_default();
            found.extend(text(rest.trim_start_matches(['&', ' '])));
        }
        // What it reads, it runs.
        let runs =
            word.text.split("system(").skip(1).any(|rest| !rest.trim_start().starts_with('"'));
        if runs && let Some(command) = found.last_mut() {
            command.push_str(" | sh");
        }
    }
    found.join("\n")
}

/// Returns the commands that a script of `expect` starts.
fn spawned(script: &str) -> impl Iterator<Item = String> {
    let commands = script.split([';', '\n', '{', '}', '[', ']']).map(str::trim_start);
    commands.filter_map(|command| {
        let (verb, rest) = command.split_once(char::is_whitespace)?;
        matches!(verb, "spawn" | "exec" | "system").then(|| rest.to_owned())
    })
}

/// Returns the text between the quotes that a text begins with, and what follows.
pub(crate) fn quoted(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start();
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let (mut out, mut is_escaped) = (String::new(), false);
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if is_escaped => {
                out.push(if c == 'n' { '\n' } else { c });
                is_escaped = false;
            }
            '\\' => is_escaped = true,
            c if c == quote => return Some((out, text.get(at + 1..).unwrap_or_default())),
            c => out.push(c),
        }
    }
    None
}

/// Returns a text with the escapes of C undone.
pub(crate) fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let Some(c) = after.chars().next() else {
            out.push('\\');
            return out;
        };
        let digits = |from: usize, most: usize, radix: u32| {
            let digits: String =
                after.chars().skip(from).take(most).take_while(|c| c.is_digit(radix)).collect();
            let number = u32::from_str_radix(&digits, radix).ok().and_then(char::from_u32);
            number.map(|number| (number, from + digits.len()))
        };
        let found = match c {
            'x' => digits(1, 2, 16),
            'u' => digits(1, 4, 16),
            'U' => digits(1, 8, 16),
            '0'..='7' => digits(0, 4, 8),
            'n' => Some(('\n', 1)),
            't' => Some(('\t', 1)),
            'r' => Some(('\r', 1)),
            c => Some((c, c.len_utf8())),
        };
        let (c, length) = found.unwrap_or((c, c.len_utf8()));
        out.push(c);
        rest = after.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// Returns the text of PowerShell's `-EncodedCommand`: base64 of UTF-16.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut bits, mut count) = (0_u32, 0_u32);
    for c in text.bytes().filter(|c| *c != b'=') {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    let (pairs, _) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
    String::from_utf16(&units).ok()
}

fn texts(words: &[Word]) -> String {
    words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
}

fn raw<'w>(words: impl Iterator<Item = &'w Word>) -> String {
    words.map(|word| word.raw.as_str()).collect::<Vec<_>>().join(" ")
}
