// SPDX-License-Identifier: Apache-2.0
//! Tools that get packages, as one table (S-58).

use super::{add, is_local, pin, words::Arguments};
use crate::command::Analysis;
use crate::inventory::Pin;
use crate::shell::Word;

/// A tool: its name, the words with which it gets packages, whose packages these are, and the file that says
/// which where none is named.
type Tool = (&'static str, &'static [&'static str], &'static str, &'static str);

const TOOLS: &[Tool] = &[
    (
        "ansible-galaxy",
        &["install", "collection install", "role install"],
        "ansible",
        "requirements.yml",
    ),
    ("apk", &["add"], "alpine", ""),
    ("apt", &["install", "full-upgrade", "upgrade"], "debian", ""),
    ("apt-get", &["install", "dist-upgrade", "upgrade"], "debian", ""),
    ("aptitude", &["install"], "debian", ""),
    ("asdf", &["install", "plugin add", "plugin-add"], "asdf", ".tool-versions"),
    ("brew", &["install", "bundle", "reinstall", "tap", "upgrade"], "homebrew", "Brewfile"),
    ("bundle", &["install", "add", "update"], "rubygems", "Gemfile"),
    ("cabal", &["install"], "hackage", ""),
    ("cargo", &["install", "binstall", "add"], "crates.io", ""),
    ("choco", &["install", "upgrade"], "chocolatey", ""),
    (
        "claude",
        &["plugin install", "plugin i", "plugin marketplace add", "mcp add-json"],
        "claude",
        "",
    ),
    ("code", &["--install-extension"], "vscode", ""),
    (
        "composer",
        &["install", "update", "require", "global require", "create-project"],
        "packagist",
        "composer.json",
    ),
    (
        "conda",
        &["install", "create", "update", "env create", "env update"],
        "conda",
        "environment.yml",
    ),
    ("cpan", &[""], "cpan", ""),
    ("cpanm", &[""], "cpan", "cpanfile"),
    ("cursor", &["--install-extension"], "vscode", ""),
    ("dart", &["pub get", "pub add", "pub global activate"], "pub", "pubspec.yaml"),
    ("dnf", &["install", "upgrade"], "rpm", ""),
    (
        "dotnet",
        &["tool install", "tool restore", "add package", "restore", "new install"],
        "nuget",
        "the project",
    ),
    ("easy_install", &[""], "pypi", ""),
    ("flatpak", &["install", "run"], "flatpak", ""),
    ("flutter", &["pub get", "pub add"], "pub", "pubspec.yaml"),
    ("fnm", &["install", "use"], "node", ".nvmrc"),
    ("gem", &["install", "i", "update"], "rubygems", ""),
    (
        "gh",
        &["extension install", "extensions install", "ext install", "repo clone", "gist clone"],
        "github",
        "",
    ),
    ("go", &["get"], "go", ""),
    ("helm", &["install", "upgrade", "pull", "plugin install", "repo add"], "helm", ""),
    ("luarocks", &["install"], "luarocks", ""),
    ("mamba", &["install", "create", "update", "env create"], "conda", "environment.yml"),
    ("microdnf", &["install"], "rpm", ""),
    ("micromamba", &["install", "create", "update", "env create"], "conda", "environment.yml"),
    ("mise", &["install", "i", "use", "u"], "mise", "mise.toml"),
    ("mix", &["deps.get", "archive.install", "escript.install"], "hex", "mix.exs"),
    ("nimble", &["install"], "nimble", ""),
    (
        "nix",
        &["run", "shell", "develop", "build", "profile install", "profile add"],
        "nix",
        "flake.nix",
    ),
    ("nix-env", &["-i", "-iA", "--install"], "nix", ""),
    ("nix-shell", &["-p", "--packages"], "nix", ""),
    ("nvm", &["install"], "node", ".nvmrc"),
    ("opam", &["install"], "opam", ""),
    ("pacman", &["-S", "-Sy", "-Syu", "--sync"], "arch", ""),
    ("paru", &["-S", "-Sy", "-Syu", "--sync"], "arch", ""),
    ("pdm", &["add", "install", "sync", "update"], "pypi", "pyproject.toml"),
    ("pipenv", &["install", "sync", "update"], "pypi", "Pipfile"),
    ("pipx", &["install", "inject", "upgrade", "install-all"], "pypi", ""),
    ("pixi", &["add", "install", "global install"], "conda", "pixi.toml"),
    ("poetry", &["add", "install", "sync", "update", "self add"], "pypi", "pyproject.toml"),
    ("port", &["install"], "macports", ""),
    ("proto", &["install", "use"], "proto", ".prototools"),
    ("pyenv", &["install"], "python", ".python-version"),
    ("rbenv", &["install"], "ruby", ".ruby-version"),
    ("rtx", &["install", "use"], "mise", ".tool-versions"),
    (
        "rustup",
        &["install", "toolchain install", "component add", "target add", "update"],
        "rust",
        "",
    ),
    ("rye", &["add", "sync", "install", "tools install"], "pypi", "pyproject.toml"),
    ("scoop", &["install"], "scoop", ""),
    ("snap", &["install"], "snap", ""),
    ("stack", &["install"], "hackage", ""),
    ("terraform", &["init"], "terraform", "the configuration"),
    ("tofu", &["init"], "terraform", "the configuration"),
    (
        "uv",
        &["add", "sync", "lock", "tool install", "tool upgrade", "python install"],
        "pypi",
        "pyproject.toml",
    ),
    ("volta", &["install", "fetch"], "node", ""),
    ("winget", &["install", "upgrade"], "winget", ""),
    ("yay", &["-S", "-Sy", "-Syu", "--sync"], "arch", ""),
    ("yum", &["install", "update"], "rpm", ""),
    ("zypper", &["install", "in"], "rpm", ""),
];

/// Options that take a value, of any of them.
const VALUES: [&str; 18] = [
    "--git",
    "--path",
    "--root",
    "--source",
    "-t",
    "-n",
    "--name",
    "-p",
    "--prefix",
    "-C",
    "-c",
    "--channel",
    "-r",
    "--requirements-file",
    "--repo",
    "--registry",
    "--python",
    "--index-url",
];

/// Notes the packages that a tool of the table gets.
pub(super) fn recognise(program: &str, arguments: &[Word], analysis: &mut Analysis) {
    for (_, verbs, ecosystem, otherwise) in TOOLS.iter().filter(|(name, ..)| *name == program) {
        let Some(found) = verbs.iter().find_map(|verb| Some((verb, after(arguments, verb)?)))
        else {
            continue;
        };
        let (verb, rest) = found;
        let tool = format!("{program} {verb}");
        let tool = tool.trim_end();
        let mut words = Arguments::of(rest, &VALUES);
        let versions = words.values(&["--version", "-v"]);
        let sources = words.values(&["--git"]);
        let is_local_path = rest.iter().any(|word| word.text == "--path");
        let mut packages: Vec<String> = words.map(|word| word.text.clone()).collect();
        // What follows is the program's.
        if program == "nix" {
            packages.truncate(1);
        }
        packages.extend(sources);
        if packages.is_empty() && !otherwise.is_empty() {
            let frozen = |word: &Word| {
                matches!(
                    word.text.as_str(),
                    "--frozen" | "--locked" | "--frozen-lockfile" | "--deployment"
                )
            };
            let pin =
                if rest.iter().any(frozen) || *verb == "sync" { Pin::Locked } else { Pin::Moving };
            add(analysis, tool, otherwise, pin, ecosystem);
        }
        for package in packages.iter().filter(|package| !is_local(package) && !is_local_path) {
            let exact = match *ecosystem {
                "pypi" => pin::python(package),
                "go" => {
                    package.split_once('@').map_or(Pin::Moving, |(_, version)| pin::go(version))
                }
                _ if !versions.is_empty() || pin::has_version(package) => Pin::Version,
                _ => Pin::Moving,
            };
            add(analysis, tool, package, exact, ecosystem);
        }
    }
}

/// Returns the arguments behind these words, options before and between them aside; `None` if they are not there.
fn after<'w>(arguments: &'w [Word], verb: &str) -> Option<&'w [Word]> {
    let mut at = 0;
    for wanted in verb.split_whitespace() {
        loop {
            let word = arguments.get(at)?;
            at += 1;
            if word.text == wanted {
                break;
            }
            if !word.text.starts_with('-') {
                return None;
            }
            at += usize::from(VALUES.contains(&word.text.as_str()));
        }
    }
    arguments.get(at..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Follow, Place, shell};
    use crate::files::Files;

    fn fetches(text: &str) -> Vec<String> {
        let files = Files::default();
        let place = Place { files: &files, skill: None, directory: None, follow: Follow::Yes };
        shell(text, place).usage.fetches.into_iter().map(|fetch| fetch.what).collect()
    }

    #[test]
    fn every_tool_of_the_table_gets_what_it_is_told_s_58() {
        for (tool, verbs, ecosystem, otherwise) in TOOLS {
            for verb in *verbs {
                for text in [
                    format!("{tool} {verb} evil"),
                    format!("sudo {tool} {verb} -y evil"),
                    format!("bash -c '{tool} {verb} evil'"),
                    format!("true && /usr/bin/{tool} {verb} evil; false"),
                ] {
                    assert_eq!(fetches(&text), ["evil"], "{text} {ecosystem}");
                }
                if !otherwise.is_empty() {
                    assert_eq!(fetches(&format!("{tool} {verb}")), [*otherwise], "{tool} {verb}");
                }
                assert_eq!(fetches(&format!("echo {tool} {verb} evil")), [""; 0], "{tool}");
            }
        }
    }
}
