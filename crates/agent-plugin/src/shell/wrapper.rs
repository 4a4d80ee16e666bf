// SPDX-License-Identifier: Apache-2.0
//! Programs that start the one whose name follows, as one table (S-55).

use super::{Word, base_name};

/// A program that starts another.
struct Wrapper {
    name: &'static str,
    /// The word that has to follow, one of these, if there are any: `poetry run`.
    verbs: &'static [&'static str],
    /// The words of its own before the program, options aside: a duration, a file.
    passes: usize,
    /// The options that take a value.
    values: &'static [&'static str],
}

const fn plain(name: &'static str) -> Wrapper {
    with(name, 0, &[])
}

const fn with(name: &'static str, passes: usize, values: &'static [&'static str]) -> Wrapper {
    Wrapper { name, verbs: &[], passes, values }
}

const fn verb(
    name: &'static str,
    verbs: &'static [&'static str],
    passes: usize,
    values: &'static [&'static str],
) -> Wrapper {
    Wrapper { name, verbs, passes, values }
}

const WRAPPERS: &[Wrapper] = &[
    verb("asdf", &["exec"], 0, &[]),
    verb("aws-vault", &["exec"], 1, &[]),
    plain("builtin"),
    verb("bundle", &["exec"], 0, &[]),
    plain("busybox"),
    plain("caffeinate"),
    plain("chronic"),
    with("chroot", 1, &[]),
    with("chrt", 1, &[]),
    plain("command"),
    verb("conda", &["run"], 0, &["-n", "--name", "-p", "--prefix", "--cwd"]),
    plain("coproc"),
    plain("corepack"),
    with("cpulimit", 0, &["-l", "--limit"]),
    plain("cross-env"),
    verb("direnv", &["exec"], 1, &[]),
    plain("doas"),
    verb("doppler", &["run"], 0, &["-p", "-c"]),
    plain("dotenv"),
    verb("dotenvx", &["run"], 0, &["-f"]),
    plain("dumb-init"),
    with("env", 0, &["-u", "--unset", "-C", "--chdir"]),
    with("exec", 0, &["-a"]),
    plain("fakeroot"),
    with("flock", 1, &["-w", "--timeout", "-E"]),
    verb("fnm", &["exec"], 0, &["--using"]),
    with("gosu", 1, &[]),
    verb("hatch", &["run"], 0, &["-e"]),
    with("ionice", 0, &["-n", "-p"]),
    with("ltrace", 0, &["-o", "-e"]),
    verb("mamba", &["run"], 0, &["-n", "-p"]),
    verb("micromamba", &["run"], 0, &["-n", "-p"]),
    verb("mise", &["exec", "x"], 1, &[]),
    with("nice", 0, &["-n"]),
    plain("nohup"),
    with("nsenter", 0, &["-t"]),
    verb("nvm", &["exec"], 1, &[]),
    verb("op", &["run"], 0, &["--env-file"]),
    verb("pdm", &["run"], 0, &["-p"]),
    verb("pipenv", &["run"], 0, &[]),
    verb("pixi", &["run"], 0, &["-e"]),
    verb("poetry", &["run"], 0, &["-C", "-P"]),
    plain("proxychains"),
    plain("proxychains4"),
    verb("pyenv", &["exec"], 0, &[]),
    verb("rbenv", &["exec"], 0, &[]),
    plain("rlwrap"),
    verb("rtx", &["exec", "x"], 1, &[]),
    with("runuser", 0, &["-u", "--user", "-g"]),
    verb("rye", &["run"], 0, &[]),
    plain("setarch"),
    plain("setsid"),
    with("start-stop-daemon", 0, &["--pidfile", "-p"]),
    with("stdbuf", 0, &["-i", "-o", "-e"]),
    with("strace", 0, &["-o", "-e", "-p", "-s"]),
    with("su-exec", 1, &[]),
    with("sudo", 0, &["-u", "-g", "-h", "-p", "-C"]),
    with("systemd-run", 0, &["-p", "--property", "-u", "--unit", "--uid", "--slice"]),
    with("taskset", 1, &[]),
    plain("time"),
    with("timeout", 1, &["-s", "--signal", "-k", "--kill-after"]),
    plain("tini"),
    plain("torsocks"),
    plain("unbuffer"),
    plain("unshare"),
    plain("valgrind"),
    verb("volta", &["run"], 0, &["--node", "--npm"]),
    with("watch", 0, &["-n", "--interval"]),
    plain("winpty"),
    with("wsl", 0, &["-d", "-u", "--distribution"]),
    with("xargs", 0, &["-n", "-I", "-P", "-L", "-d", "-s", "-a"]),
    plain("xvfb-run"),
];

/// Returns the number of words before the program that a wrapper starts, the wrapper's name the first of them; `None`
/// if the first word is no wrapper, or starts nothing.
pub(super) fn passed(words: &[Word]) -> Option<usize> {
    let name = base_name(&words.first()?.text);
    let mut names = WRAPPERS.iter();
    let wrapper = names.find(|wrapper| wrapper.name == name)?;
    let mut left = wrapper.passes;
    let mut verbs = wrapper.verbs;
    let mut at = 1;
    while let Some(word) = words.get(at) {
        let text = word.text.as_str();
        if text.starts_with('-') && text.len() > 1 {
            at += 1 + usize::from(wrapper.values.contains(&text));
        } else if word.assignment().is_some() {
            at += 1;
        } else if !verbs.is_empty() {
            if !verbs.contains(&text) {
                return None;
            }
            (verbs, at) = (&[], at + 1);
        } else if left > 0 {
            (left, at) = (left - 1, at + 1);
        } else {
            break;
        }
    }
    Some(at)
}

/// Whether words only ask whether there is a program: `command -v x`.
pub(super) fn only_asks(words: &[Word]) -> bool {
    let mut words = words.iter().map(|word| word.text.as_str());
    let is_command = words.next().is_some_and(|word| base_name(word) == "command");
    let flags = words.next().and_then(|word| word.strip_prefix('-'));
    is_command && flags.is_some_and(|flags| flags.contains(['v', 'V']))
}

/// The names of the table.
#[cfg(test)]
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    WRAPPERS.iter().map(|wrapper| wrapper.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::commands;

    #[test]
    fn every_wrapper_of_the_table_is_passed_over_s_55() {
        for wrapper in WRAPPERS {
            let option =
                wrapper.values.first().map_or(String::new(), |option| format!("{option} v "));
            let verb = wrapper.verbs.first().map_or(String::new(), |verb| format!("{verb} "));
            let own = "own ".repeat(wrapper.passes);
            let text = format!("{} {verb}{option}{own}npx evil", wrapper.name);
            let found = commands(&text);
            let program = found.first().and_then(|simple| simple.program()).map(|(name, _)| name);
            assert_eq!(program.as_deref(), Some("npx"), "{text}");
        }
    }
}
