// SPDX-License-Identifier: Apache-2.0
//! The end of every help: an example, and where the rest is.

use clap::Command;

use crate::network;

/// The end of the program's own help.
pub(super) const OF_ALL: &str = "\
Exit codes:
  0 done; 1 failed; 2 the answer is no (validate, verify, verify-signature, diff
  --exit-code, inspect --fail-on, store check, sync --check); 3 done in part;
  4 refused by a policy, or waiting for a person's consent; 64 wrong usage;
  129, 130, 143 stopped by a signal

Environment:
  XDG_DATA_HOME         where the stores are, in toolhive/
  SOURCE_DATE_EPOCH     the time that artifacts carry
  TOOLHIVE_OCI_ENCODER  the compressor of artifacts
  TOOLHIVE_OCI_POLICY   the policy that accepts artifacts
  DOCKER_CONFIG, REGISTRY_AUTH_FILE, HTTPS_PROXY, NO_PROXY, NO_COLOR
                        as other programs read them

Files:
  ~/.local/share/toolhive/plugins, ~/.local/share/toolhive/skills
                        the stores, OCI image layouts
  toolhive.lock.yaml    the lock file of a project";

/// An example for each command: the command that it belongs to, its name, and the example. For both
/// kinds it stands once, as for a plugin.
const EXAMPLES: &[(&str, &str, &str)] = &[
    ("toolhive-oci", "plugin", "plugin build ./my-plugin"),
    ("toolhive-oci", "skill", "skill build ./my-skill"),
    ("toolhive-oci", "store", "store list"),
    ("toolhive-oci", "marketplace", "marketplace validate ."),
    ("toolhive-oci", "lock", "lock check"),
    ("toolhive-oci", "places", "places"),
    ("toolhive-oci", "login", "login ghcr.io --username me"),
    ("toolhive-oci", "logout", "logout ghcr.io"),
    ("toolhive-oci", "keys", "keys generate --output release"),
    ("toolhive-oci", "registry", "--store registry registry serve"),
    ("toolhive-oci", "completions", "completions bash > toolhive-oci.bash"),
    ("toolhive-oci", "man", "man ~/.local/share/man/man1"),
    ("plugin", "init", "plugin init my-plugin"),
    ("plugin", "build", "plugin build ./my-plugin --tag ghcr.io/me/my-plugin:1.0.0"),
    ("plugin", "builds", "plugin builds"),
    ("builds", "remove", "plugin builds remove my-plugin"),
    ("plugin", "validate", "plugin validate ./my-plugin --profile toolhive"),
    ("plugin", "inspect", "plugin inspect ./my-plugin --fail-on moving"),
    ("plugin", "extract", "plugin extract my-plugin ./out"),
    ("plugin", "manifest", "plugin manifest my-plugin --platform linux/arm64"),
    ("plugin", "blob", "plugin blob my-plugin layer -o layer.tar.gz"),
    ("plugin", "verify", "plugin verify my-plugin ./my-plugin"),
    ("plugin", "diff", "plugin diff 1.2.0 ./my-plugin --exit-code surface"),
    ("plugin", "list", "plugin list --stored"),
    ("plugin", "sync", "plugin sync --check"),
    ("plugin", "uninstall", "plugin uninstall my-plugin"),
    ("plugin", "push", "plugin push my-plugin --to ghcr.io/me/my-plugin:1.0.0"),
    ("plugin", "pull", "plugin pull ghcr.io/me/my-plugin:1.0.0"),
    ("plugin", "tags", "plugin tags ghcr.io/me/my-plugin --digests"),
    ("plugin", "resolve", "plugin resolve ghcr.io/me/my-plugin:1.0.0"),
    ("plugin", "delete", "plugin delete registry.example.org/me/my-plugin:1.0.0"),
    ("plugin", "copy", "plugin copy ghcr.io/me/my-plugin:1 h.io/my-plugin:1"),
    ("plugin", "sign", "plugin sign ghcr.io/me/my-plugin:1.0.0 --key release.key"),
    ("plugin", "verify-signature", "plugin verify-signature my-plugin --key release.pub"),
    ("plugin", "install", "plugin install ghcr.io/me/my-plugin:1 --public-key me.pub"),
    ("plugin", "lock", "plugin lock ghcr.io/me/my-plugin:1 --public-key me.pub"),
    ("plugin", "upgrade", "plugin upgrade --preview"),
    ("plugin", "outdated", "plugin outdated"),
    ("plugin", "fetch", "plugin fetch --locked --to layout"),
    ("store", "list", "store list"),
    ("store", "check", "store check --repair"),
    ("store", "gc", "store gc --dry-run"),
    ("store", "path", "store path"),
    ("marketplace", "generate", "marketplace generate --all --name mine --owner Me"),
    ("marketplace", "validate", "marketplace validate ."),
    ("lock", "check", "lock check --against main.lock.yaml"),
    ("keys", "generate", "keys generate --output release"),
    ("registry", "serve", "--store registry registry serve --addr 127.0.0.1:5000"),
];

/// The command, whose subcommands say at the end of their help how they are used.
pub(super) fn dressed(command: Command) -> Command {
    let parent = command.get_name().to_owned();
    command.mut_subcommands(|subcommand| {
        let Some(example) = example(&parent, subcommand.get_name()) else { return subcommand };
        let example = format!("Example: toolhive-oci {example}");
        let rest = format!(
            "{example}\nAlso: --store, --format, -q, -v{}; --help explains all",
            network::GLOBAL
        );
        subcommand.after_help(rest).after_long_help(example)
    })
}

fn example(parent: &str, name: &str) -> Option<String> {
    let key = if parent == "skill" { "plugin" } else { parent };
    let mut examples = EXAMPLES.iter();
    let (_, _, example) = examples.find(|(of, called, _)| *of == key && *called == name)?;
    Some(match parent {
        "skill" => example.replace("plugin", "skill"),
        _ => (*example).to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use clap::error::ErrorKind;

    use super::super::{all_commands, joined, parse};

    /// The most lines of a help with `-h`.
    const SCREEN: usize = 40;

    #[test]
    fn help_fits_a_screen_and_ends_with_an_example_that_is_a_command() {
        let mut all = all_commands().disable_help_subcommand(true);
        all.build();
        let (mut seen, mut todo) = (0, vec![all]);
        while let Some(mut command) = todo.pop() {
            let name = command.get_bin_name().unwrap_or_default().to_owned();
            let help = command.render_help().to_string();
            let lines = help.lines().count();
            assert!(lines <= SCREEN, "{name}: {lines} lines");
            // A usage is one line, however long it is.
            let mut text = help.lines().filter(|line| !line.starts_with("Usage: "));
            assert!(text.all(|line| line.chars().count() <= 80), "{name}: {help}");
            todo.extend(command.get_subcommands().cloned());
            seen += 1;
            if seen == 1 {
                continue;
            }
            let ending = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let line = ending.lines().next().unwrap_or_default();
            assert!(help.lines().any(|shown| shown == line), "{name}: {line:?} is broken: {help}");
            let example = line.strip_prefix("Example: ");
            let example = example.unwrap_or_else(|| panic!("{name} has no example: {help}"));
            let words = example.split(" > ").next().unwrap_or_default().split(' ');
            match parse(joined(words.map(Into::into))) {
                Ok(_) => {}
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::DisplayHelp, "{name}: {example}: {error}");
                }
            }
            let long = command.render_long_help().to_string();
            assert!(long.contains("Example: "), "{name}");
        }
        assert!(seen > 25, "{seen}");
    }
}
