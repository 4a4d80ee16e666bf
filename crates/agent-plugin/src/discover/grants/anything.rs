// SPDX-License-Identifier: Apache-2.0
//! Patterns of Bash that let any command through (S-62), each with the reason.

use crate::shell::{Simple, Word};

/// The reason for which programs amount to any command: by themselves, or with one of these fixed between a program and
/// the pattern's star.
type Reason = (&'static str, &'static [(&'static [&'static str], &'static [&'static str])]);

/// The table of commands that can run anything. What only an unusual option would let through (`git push
/// --receive-pack`) is not in it: then everything would be.
const ANYTHING: &[Reason] = &[
    (
        "it runs the code that it is given",
        &[
            (&["sh", "bash", "zsh"], &["-c", "-lc", "-ic"]),
            (&["dash", "ksh", "fish", "ash", "csh", "expect", "nu", "tcsh", "xonsh"], &["-c"]),
            (&["psql"], &["-c"]),
            (&["cmd"], &["/c", "/k"]),
            (&["powershell", "pwsh"], &["-c", "-Command", "-File", "-EncodedCommand"]),
            (&["python", "python2", "python3"], &["-c", "-m"]),
            (&["node"], &["-e", "--eval", "-p", "--print"]),
            (&["deno"], &["run", "eval", "task"]),
            (&["bun"], &["-e", "run", "x", "install", "add"]),
            (&["tsx", "ts-node", "ruby", "lua", "elixir", "groovy", "julia", "Rscript"], &["-e"]),
            (&["scala"], &["-e"]),
            (&["osascript"], &["-e"]),
            (&["perl"], &["-e", "-E"]),
            (&["php"], &["-r"]),
            (&["awk", "gawk", "mawk", "nawk", ".", "eval", "iex", "source", "tclsh"], &[]),
            (&["sqlite3", "gdb"], &[]),
            (&["Invoke-Expression"], &[]),
            (&["sed"], &["-e", "-n", "-i"]),
            (&["dotnet"], &["run", "exec", "fsi"]),
            (&["java"], &["-jar", "-cp"]),
            (&["swift"], &["run"]),
        ],
    ),
    (
        "it starts the program that it is given",
        &[
            (&["find"], &["."]),
            (&["claude"], &["-p", "mcp add", "plugin install"]),
            (&["fd"], &["-x", "-X"]),
            (&["scp", "sftp", "parallel", "ssh", "at", "batch", "crontab", "socat", "nc"], &[]),
            (&["ncat", "tar", "ed", "ex"], &[]),
            (&["Invoke-Command", "launchctl", "Start-Process", "systemctl"], &[]),
            (&["su", "script", "vi", "vim", "nvim"], &["-c"]),
            (&["rsync"], &["-e"]),
            (&["emacs"], &["--batch"]),
            (&["docker"], &["run", "exec", "compose", "build", "container run", "container exec"]),
            (&["podman", "nerdctl"], &["run", "exec", "build"]),
            (&["kubectl"], &["exec", "run", "debug"]),
        ],
    ),
    (
        "it runs what a recipe says, and an option chooses the recipe",
        &[
            (&["make", "gmake", "ninja"], &["-f", "-C"]),
            (&["cmake"], &["-P", "-E"]),
            (&["just", "rake", "ant"], &["-f"]),
            (&["task"], &["-t"]),
            (&["gradle", "mvn", "ansible", "ansible-playbook"], &[]),
        ],
    ),
    (
        "an alias, a hook or a configuration of its own runs anything",
        &[
            (
                &["git"],
                &[
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
            (&["gh"], &["alias", "alias set", "extension", "extension install"]),
        ],
    ),
    (
        "it runs packages, or their installation scripts",
        &[
            (&["npx"], &["-y", "--yes", "-c", "-p"]),
            (&["bunx", "pnpx"], &[]),
            (&["uvx"], &["--from"]),
            (
                &["npm"],
                &["exec", "exec --", "x", "install", "i", "add", "create", "init", "explore"],
            ),
            (&["pnpm"], &["exec", "dlx", "install", "i", "add", "create"]),
            (&["yarn"], &["exec", "dlx", "add", "create"]),
            (&["uv"], &["run", "tool run", "tool install", "pip install", "run --with"]),
            (&["pipx"], &["run", "install"]),
            (&["pip", "pip3", "gem", "cargo", "apt", "apt-get", "brew", "dnf"], &["install"]),
            (&["yum"], &["install"]),
            (&["go"], &["run", "install", "generate"]),
            (&["apk"], &["add"]),
            (&["composer"], &["exec", "require", "install"]),
            (&["nix"], &["run", "shell", "develop"]),
            (&["nix-shell"], &["-p", "--run"]),
            (&["pacman"], &["-S"]),
        ],
    ),
    (
        "it writes any file, including those that a shell reads at its start",
        &[
            (&["curl"], &["-o"]),
            (&["wget"], &["-O"]),
            (&["tee"], &["-a"]),
            (&["dd", "cp", "install", "mv"], &[]),
            (&["ln"], &["-s"]),
        ],
    ),
];

const STARTS: &str = "it starts the program that it is given";
const FREE: &str = "the program itself is not fixed";

/// Programs whose own options change nothing about what they run: `git --no-pager *`, `npm --prefix x *`.
const WITH_OPTIONS: [&str; 17] = [
    "bash", "bun", "cargo", "dash", "deno", "docker", "gh", "git", "ksh", "kubectl", "npm", "pnpm",
    "podman", "sh", "uv", "yarn", "zsh",
];
/// Options after which nothing is run.
const HARMLESS: [&str; 6] = ["--help", "--version", "-V", "-h", "-n", "-v"];
/// Options of these that take a value.
const VALUES: [&str; 12] = [
    "--context",
    "--cwd",
    "--directory",
    "--dir",
    "--git-dir",
    "--namespace",
    "--prefix",
    "--project",
    "--work-tree",
    "-C",
    "-R",
    "-c",
];

/// Returns the reason for which a pattern lets any command through; `None` if it does not.
pub(super) fn reason(pattern: &str) -> Option<&'static str> {
    // Each star may be any words, and behind an operator a command of its own. Without one it is one command.
    pattern.match_indices('*').find_map(|(at, _)| {
        let before = pattern.get(..at)?;
        let command = before.rsplit([';', '&', '|', '(', '`', '\n']).next().unwrap_or(before);
        open_behind(command)
    })
}

/// Returns the reason for which any words behind these make any command of them.
fn open_behind(fixed: &str) -> Option<&'static str> {
    let is_cut = fixed.ends_with(|c: char| !c.is_whitespace() && c != ':');
    let fixed = fixed.trim_end().trim_end_matches(':');
    let simple = Simple::of(fixed.split_whitespace().map(Word::plain).collect());
    let Some((program, words)) = simple.program() else {
        let asks = simple.only_asks();
        return (!asks).then_some(if simple.words.is_empty() { FREE } else { STARTS });
    };
    // `python3.12` is python3.
    let versioned = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let is_program = |name: &str| name == program || (name == versioned && name != ".");
    let rest = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
    // A name that is not written to its end: `s*` is sh, too.
    let begins = |name: &str| is_cut && name.starts_with(&program);
    let mut all =
        ANYTHING.iter().flat_map(|(why, programs)| programs.iter().map(move |one| (why, one)));
    let own = all.clone().find(|(_, (names, _))| names.iter().any(|name| is_program(name)));
    match own {
        Some((why, (_, places))) => {
            let begins = |place: &&str| is_cut && !rest.is_empty() && place.starts_with(&rest);
            let is_open = places.iter().any(|place| *place == rest || begins(place));
            (rest.is_empty() || is_open || only_options(&program, words)).then_some(*why)
        }
        None if rest.is_empty() => {
            all.any(|(_, (names, _))| names.iter().any(|name| begins(name))).then_some(FREE)
        }
        None => None,
    }
}

/// Whether nothing but options of its own stand behind a program that takes some.
fn only_options(program: &str, words: &[Word]) -> bool {
    let mut takes_value = false;
    WITH_OPTIONS.contains(&program)
        && words.iter().all(|word| {
            let text = word.text.as_str();
            if std::mem::take(&mut takes_value) {
                return true;
            }
            takes_value = VALUES.contains(&text);
            text.starts_with('-') && !HARMLESS.contains(&text)
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
            let all =
                programs.iter().flat_map(|(names, places)| names.iter().map(move |n| (n, places)));
            for (program, places) in all {
                assert!(seen.insert(program), "{program} stands twice");
                assert!(!wrappers().any(|name| name == *program), "{program}");
                for place in [""].iter().chain(*places) {
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
            "git --version *",
            "bash -n *",
            "git log * -- *",
            "pytest*",
            "ls*",
        ] {
            assert_eq!(reason(pattern), None, "{pattern}");
        }
        for pattern in [
            "* --help",
            "node*",
            "git config *",
            "npm exec -- *",
            "timeout 5 *",
            "python3.12 *",
            "s*",
            "b*",
            "sh -x *",
            "git -C /x *",
            "git --no-pager *",
            "git -c x=y *",
            "npm --prefix x *",
            "cd * && *",
            "true; *",
            "ls $(*",
            "cp *",
            "nix run *",
            "claude -p *",
        ] {
            assert!(reason(pattern).is_some(), "{pattern}");
        }
    }
}
