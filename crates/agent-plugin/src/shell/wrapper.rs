// SPDX-License-Identifier: Apache-2.0
//! Programs that start the one whose name follows, as one table (S-55).

use super::{Word, base_name};

/// A program that starts another: its name; the word that has to follow, one of these, if there are any (`poetry run`);
/// the number of words of its own before the program, options aside (a duration, a file); and its options that take a
/// value.
type Wrapper = (&'static str, &'static [&'static str], usize, &'static [&'static str]);

const WRAPPERS: &[Wrapper] = &[
    ("asdf", &["exec"], 0, &[]),
    ("aws-vault", &["exec"], 1, &[]),
    ("builtin", &[], 0, &[]),
    ("bundle", &["exec"], 0, &[]),
    ("busybox", &[], 0, &[]),
    ("caffeinate", &[], 0, &[]),
    ("chronic", &[], 0, &[]),
    ("chroot", &[], 1, &[]),
    ("chrt", &[], 1, &[]),
    ("command", &[], 0, &[]),
    ("conda", &["run"], 0, &["-n", "--name", "-p", "--prefix", "--cwd"]),
    ("coproc", &[], 0, &[]),
    ("corepack", &[], 0, &[]),
    ("cpulimit", &[], 0, &["-l", "--limit"]),
    ("cross-env", &[], 0, &[]),
    ("direnv", &["exec"], 1, &[]),
    ("doas", &[], 0, &[]),
    ("doppler", &["run"], 0, &["-p", "-c"]),
    ("dotenv", &[], 0, &[]),
    ("dotenvx", &["run"], 0, &["-f"]),
    ("dumb-init", &[], 0, &[]),
    ("env", &[], 0, &["-u", "--unset", "-C", "--chdir"]),
    ("exec", &[], 0, &["-a"]),
    ("fakeroot", &[], 0, &[]),
    ("flock", &[], 1, &["-w", "--timeout", "-E"]),
    ("fnm", &["exec"], 0, &["--using"]),
    ("gosu", &[], 1, &[]),
    ("hatch", &["run"], 0, &["-e"]),
    ("ionice", &[], 0, &["-n", "-p"]),
    ("ltrace", &[], 0, &["-o", "-e"]),
    ("mamba", &["run"], 0, &["-n", "-p"]),
    ("micromamba", &["run"], 0, &["-n", "-p"]),
    ("mise", &["exec", "x"], 1, &[]),
    ("nice", &[], 0, &["-n"]),
    ("nohup", &[], 0, &[]),
    ("nsenter", &[], 0, &["-t"]),
    ("nvm", &["exec"], 1, &[]),
    ("op", &["run"], 0, &["--env-file"]),
    ("pdm", &["run"], 0, &["-p"]),
    ("pipenv", &["run"], 0, &[]),
    ("pixi", &["run"], 0, &["-e"]),
    ("poetry", &["run"], 0, &["-C", "-P"]),
    ("proxychains", &[], 0, &[]),
    ("proxychains4", &[], 0, &[]),
    ("pyenv", &["exec"], 0, &[]),
    ("rbenv", &["exec"], 0, &[]),
    ("rlwrap", &[], 0, &[]),
    ("rtx", &["exec", "x"], 1, &[]),
    ("runuser", &[], 0, &["-u", "--user", "-g"]),
    ("rye", &["run"], 0, &[]),
    ("setarch", &[], 0, &[]),
    ("setsid", &[], 0, &[]),
    ("start-stop-daemon", &[], 0, &["--pidfile", "-p"]),
    ("stdbuf", &[], 0, &["-i", "-o", "-e"]),
    ("strace", &[], 0, &["-o", "-e", "-p", "-s"]),
    ("su-exec", &[], 1, &[]),
    ("sudo", &[], 0, &["-u", "-g", "-h", "-p", "-C"]),
    ("systemd-run", &[], 0, &["-p", "--property", "-u", "--unit", "--uid", "--slice"]),
    ("taskset", &[], 1, &[]),
    ("time", &[], 0, &[]),
    ("timeout", &[], 1, &["-s", "--signal", "-k", "--kill-after"]),
    ("tini", &[], 0, &[]),
    ("torsocks", &[], 0, &[]),
    ("unbuffer", &[], 0, &[]),
    ("unshare", &[], 0, &[]),
    ("valgrind", &[], 0, &[]),
    ("volta", &["run"], 0, &["--node", "--npm"]),
    ("watch", &[], 0, &["-n", "--interval"]),
    ("winpty", &[], 0, &[]),
    ("wsl", &[], 0, &["-d", "-u", "--distribution"]),
    ("xargs", &[], 0, &["-n", "-I", "-P", "-L", "-d", "-s", "-a"]),
    ("xvfb-run", &[], 0, &[]),
];

/// Returns the number of words before the program that a wrapper starts, the wrapper's name the first of them; `None`
/// if the first word is no wrapper, or starts nothing.
pub(super) fn passed(words: &[Word]) -> Option<usize> {
    let name = base_name(&words.first()?.text);
    let &(_, mut verbs, mut left, values) = WRAPPERS.iter().find(|(known, ..)| *known == name)?;
    let mut at = 1;
    while let Some(word) = words.get(at) {
        let text = word.text.as_str();
        if text.starts_with('-') && text.len() > 1 {
            at += 1 + usize::from(values.contains(&text));
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
    WRAPPERS.iter().map(|(name, ..)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::commands;

    #[test]
    fn every_wrapper_of_the_table_is_passed_over_s_55() {
        for (name, verbs, passes, values) in WRAPPERS {
            let option = values.first().map_or(String::new(), |option| format!("{option} v "));
            let verb = verbs.first().map_or(String::new(), |verb| format!("{verb} "));
            let own = "own ".repeat(*passes);
            let text = format!("{name} {verb}{option}{own}npx evil");
            let found = commands(&text);
            let program = found.first().and_then(|simple| simple.program()).map(|(name, _)| name);
            assert_eq!(program.as_deref(), Some("npx"), "{text}");
        }
    }
}
