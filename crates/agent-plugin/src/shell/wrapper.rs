// SPDX-License-Identifier: Apache-2.0
//! Programs that start the one whose name follows, as one table (S-55).

use super::{Word, base_name};

/// Programs that start another: their names; the word that has to follow, one of these, if there are any (`poetry run`);
/// the number of words of their own before the program, options aside (a duration, a file); and their options that take
/// a value.
type Wrapper = (&'static [&'static str], &'static [&'static str], usize, &'static [&'static str]);

const WRAPPERS: &[Wrapper] = &[
    (&["asdf", "bundle", "pyenv", "rbenv"], &["exec"], 0, &[]),
    (&["aws-vault", "direnv", "nvm"], &["exec"], 1, &[]),
    (&["builtin", "busybox", "caffeinate", "chronic", "command", "coproc"], &[], 0, &[]),
    (&["corepack", "cross-env", "doas", "dotenv", "dumb-init", "fakeroot", "nohup"], &[], 0, &[]),
    (&["proxychains", "proxychains4", "rlwrap", "setarch", "setsid", "time", "tini"], &[], 0, &[]),
    (&["torsocks", "unbuffer", "unshare", "valgrind", "winpty", "xvfb-run"], &[], 0, &[]),
    (&["chroot", "chrt", "gosu", "su-exec", "taskset"], &[], 1, &[]),
    (&["conda"], &["run"], 0, &["-n", "--name", "-p", "--prefix", "--cwd"]),
    (&["cpulimit"], &[], 0, &["-l", "--limit"]),
    (&["doppler"], &["run"], 0, &["-p", "-c"]),
    (&["dotenvx"], &["run"], 0, &["-f"]),
    (&["env"], &[], 0, &["-u", "--unset", "-C", "--chdir"]),
    (&["exec"], &[], 0, &["-a"]),
    (&["flock"], &[], 1, &["-w", "--timeout", "-E"]),
    (&["fnm"], &["exec"], 0, &["--using"]),
    (&["hatch", "pixi"], &["run"], 0, &["-e"]),
    (&["ionice"], &[], 0, &["-n", "-p"]),
    (&["ltrace"], &[], 0, &["-o", "-e"]),
    (&["mamba", "micromamba"], &["run"], 0, &["-n", "-p"]),
    (&["mise", "rtx"], &["exec", "x"], 1, &[]),
    (&["nice"], &[], 0, &["-n"]),
    (&["nsenter"], &[], 0, &["-t"]),
    (&["op"], &["run"], 0, &["--env-file"]),
    (&["pdm"], &["run"], 0, &["-p"]),
    (&["pipenv", "rye"], &["run"], 0, &[]),
    (&["poetry"], &["run"], 0, &["-C", "-P"]),
    (&["runuser"], &[], 0, &["-u", "--user", "-g"]),
    (&["start-stop-daemon"], &[], 0, &["--pidfile", "-p"]),
    (&["stdbuf"], &[], 0, &["-i", "-o", "-e"]),
    (&["strace"], &[], 0, &["-o", "-e", "-p", "-s"]),
    (&["sudo"], &[], 0, &["-u", "-g", "-h", "-p", "-C"]),
    (&["systemd-run"], &[], 0, &["-p", "--property", "-u", "--unit", "--uid", "--slice"]),
    (&["timeout"], &[], 1, &["-s", "--signal", "-k", "--kill-after"]),
    (&["volta"], &["run"], 0, &["--node", "--npm"]),
    (&["watch"], &[], 0, &["-n", "--interval"]),
    (&["wsl"], &[], 0, &["-d", "-u", "--distribution"]),
    (&["xargs"], &[], 0, &["-n", "-I", "-P", "-L", "-d", "-s", "-a"]),
];

/// Returns the number of words before the program that a wrapper starts, the wrapper's name the first of them; `None`
/// if the first word is no wrapper, or starts nothing.
pub(super) fn passed(words: &[Word]) -> Option<usize> {
    let name = base_name(&words.first()?.text);
    let mut wrappers = WRAPPERS.iter();
    let &(_, mut verbs, mut left, values) =
        wrappers.find(|(names, ..)| names.contains(&name.as_str()))?;
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
    WRAPPERS.iter().flat_map(|(names, ..)| names.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::commands;

    #[test]
    fn every_wrapper_of_the_table_is_passed_over_s_55() {
        for name in names() {
            let mut all = WRAPPERS.iter();
            let (_, verbs, passes, values) =
                all.find(|(names, ..)| names.contains(&name)).expect("is one");
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
