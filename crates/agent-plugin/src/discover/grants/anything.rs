// SPDX-License-Identifier: Apache-2.0
//! Patterns of Bash that let any command through (S-62), each with the reason.

use crate::shell::{Simple, Word};

/// Why programs amount to any command, and what may stand fixed between each and the pattern's star; the empty
/// text is nothing.
type Reason = (&'static str, &'static [(&'static str, &'static [&'static str])]);

/// The table. What only an unusual option would let through (`git push --receive-pack`) is not in it: then
/// everything would be.
const ANYTHING: &[Reason] = &[
    (
        "it runs the code that it is given",
        &[
            ("sh", &["", "-c", "-lc", "-ic"]),
            ("bash", &["", "-c", "-lc", "-ic"]),
            ("dash", &["", "-c"]),
            ("ksh", &["", "-c"]),
            ("zsh", &["", "-c", "-lc", "-ic"]),
            ("fish", &["", "-c"]),
            ("cmd", &["", "/c", "/k"]),
            ("powershell", &["", "-c", "-Command", "-File", "-EncodedCommand"]),
            ("pwsh", &["", "-c", "-Command", "-File", "-EncodedCommand"]),
            ("python", &["", "-c", "-m"]),
            ("python2", &["", "-c", "-m"]),
            ("python3", &["", "-c", "-m"]),
            ("node", &["", "-e", "--eval", "-p", "--print"]),
            ("deno", &["", "run", "eval", "task"]),
            ("bun", &["", "-e", "run", "x", "install", "add"]),
            ("tsx", &["", "-e"]),
            ("ts-node", &["", "-e"]),
            ("ruby", &["", "-e"]),
            ("perl", &["", "-e", "-E"]),
            ("php", &["", "-r"]),
            ("lua", &["", "-e"]),
            ("osascript", &["", "-e"]),
            ("awk", &[""]),
            ("gawk", &[""]),
            ("mawk", &[""]),
            ("nawk", &[""]),
            ("sed", &["", "-e", "-n", "-i"]),
            ("eval", &[""]),
            ("source", &[""]),
            ("sqlite3", &[""]),
            ("psql", &["", "-c"]),
            ("gdb", &[""]),
        ],
    ),
    (
        "it starts the program that it is given",
        &[
            ("find", &["", "."]),
            ("fd", &["", "-x", "-X"]),
            ("parallel", &[""]),
            ("ssh", &[""]),
            ("su", &["", "-c"]),
            ("script", &["", "-c"]),
            ("at", &[""]),
            ("batch", &[""]),
            ("crontab", &[""]),
            ("socat", &[""]),
            ("nc", &[""]),
            ("ncat", &[""]),
            ("rsync", &["", "-e"]),
            ("tar", &[""]),
            ("vi", &["", "-c"]),
            ("vim", &["", "-c"]),
            ("nvim", &["", "-c"]),
            ("emacs", &["", "--batch"]),
            ("ed", &[""]),
            ("ex", &[""]),
            ("docker", &["", "run", "exec", "compose", "build", "container run", "container exec"]),
            ("podman", &["", "run", "exec", "build"]),
            ("nerdctl", &["", "run", "exec", "build"]),
            ("kubectl", &["", "exec", "run", "debug"]),
        ],
    ),
    (
        "it runs what a recipe says, and can be told which",
        &[
            ("make", &["", "-f", "-C"]),
            ("gmake", &["", "-f", "-C"]),
            ("cmake", &["", "-P", "-E"]),
            ("ninja", &["", "-f", "-C"]),
            ("just", &["", "-f"]),
            ("task", &["", "-t"]),
            ("rake", &["", "-f"]),
            ("gradle", &[""]),
            ("mvn", &[""]),
            ("ant", &["", "-f"]),
            ("ansible", &[""]),
            ("ansible-playbook", &[""]),
        ],
    ),
    (
        "an alias, a hook or a configuration of its own runs anything",
        &[
            (
                "git",
                &[
                    "",
                    "-c",
                    "-C",
                    "--exec-path",
                    "config",
                    "config --global",
                    "config --local",
                    "config --system",
                    "config set",
                    "submodule foreach",
                    "rebase",
                    "rebase -x",
                    "rebase --exec",
                    "bisect",
                    "bisect run",
                    "difftool",
                    "difftool -x",
                    "mergetool",
                    "filter-branch",
                ],
            ),
            ("gh", &["", "alias", "alias set", "extension", "extension install"]),
        ],
    ),
    (
        "it runs packages, or what packages do when they are installed",
        &[
            ("npx", &["", "-y", "--yes", "-c", "-p"]),
            ("bunx", &[""]),
            ("pnpx", &[""]),
            ("uvx", &["", "--from"]),
            (
                "npm",
                &["", "exec", "exec --", "x", "install", "i", "add", "create", "init", "explore"],
            ),
            ("pnpm", &["", "exec", "dlx", "install", "i", "add", "create"]),
            ("yarn", &["", "exec", "dlx", "add", "create"]),
            ("uv", &["", "run", "tool run", "tool install", "pip install", "run --with"]),
            ("pipx", &["", "run", "install"]),
            ("pip", &["", "install"]),
            ("pip3", &["", "install"]),
            ("gem", &["", "install"]),
            ("cargo", &["", "install"]),
            ("go", &["", "run", "install", "generate"]),
            ("brew", &["", "install"]),
        ],
    ),
    (
        "it writes any file, and so what a shell reads when it starts",
        &[("curl", &["", "-o"]), ("wget", &["", "-O"]), ("tee", &["", "-a"]), ("dd", &[""])],
    ),
];

const STARTS: &str = "it starts the program that it is given";
const FREE: &str = "the program itself is left open";

/// Why a pattern lets any command through; `None` if it does not.
pub(super) fn reason(pattern: &str) -> Option<&'static str> {
    // Without a star it is one command.
    let (fixed, _) = pattern.split_once('*')?;
    let fixed = fixed.trim_end().trim_end_matches(':');
    let simple = Simple::of(fixed.split_whitespace().map(Word::plain).collect());
    let Some((program, rest)) = simple.program() else {
        let asks = simple.only_asks();
        return (!asks).then_some(if simple.words.is_empty() { FREE } else { STARTS });
    };
    let rest = rest.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
    ANYTHING.iter().find_map(|(why, programs)| {
        let (_, places) = programs.iter().find(|(name, _)| *name == program)?;
        places.contains(&rest.as_str()).then_some(*why)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::shell::wrappers;

    #[test]
    fn every_program_of_the_table_is_any_by_itself_and_after_each_of_its_words_s_62() {
        let mut seen = BTreeSet::new();
        for (why, programs) in ANYTHING {
            for (program, places) in *programs {
                assert!(seen.insert(program), "{program} stands twice");
                assert!(!wrappers().any(|name| name == *program), "{program}");
                for place in *places {
                    let words = format!("{program} {place}");
                    let words = words.trim_end();
                    for pattern in [
                        format!("{words} *"),
                        format!("{words}:*"),
                        format!("/usr/bin/{words} *"),
                        format!("sudo {words} *"),
                        format!("env A=1 {words}:*"),
                    ] {
                        assert_eq!(reason(&pattern), Some(*why), "{pattern}");
                    }
                    assert_eq!(reason(words), None, "{words}: without a star it is one command");
                }
                let own = format!("{program} some-word-of-its-own *");
                assert_eq!(reason(&own), None, "{own}");
            }
        }
        for wrapper in wrappers() {
            assert_eq!(reason(&format!("{wrapper} *")), Some(STARTS), "{wrapper}");
            assert_eq!(reason(&format!("sudo {wrapper} -q *")), Some(STARTS), "{wrapper}");
        }
        for pattern in
            ["flock /tmp/x *", "timeout -k 5 30 *", "poetry run *", "mise x node@20 -- *"]
        {
            assert_eq!(reason(pattern), Some(STARTS), "{pattern}");
        }
        for pattern in ["flock /tmp/x git log *", "timeout 5 git log *", "sudo -u x git log *"] {
            assert_eq!(reason(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn patterns_of_one_command_are_not_any_s_62() {
        for pattern in [
            "git log *",
            "git push *",
            "git status:*",
            "npm run test:*",
            "npm test *",
            "command -v *",
            "python3 scripts/x.py *",
            "npx prettier *",
            "docker ps *",
            "gh pr view *",
            "make test",
            "ls *",
            "nodejs *",
        ] {
            assert_eq!(reason(pattern), None, "{pattern}");
        }
        for pattern in ["* --help", "node*", "git config *", "npm exec -- *", "timeout 5 *"] {
            assert!(reason(pattern).is_some(), "{pattern}");
        }
    }
}
