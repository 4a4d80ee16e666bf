// SPDX-License-Identifier: Apache-2.0
//! The table of rules.

use super::Rule;
use crate::finding::Severity::{Error, Info, Warning};
use crate::profile::Checker::{AgentPlugins, Agentskills, Claude, Own, Toolhive};
use crate::profile::Profile;

const STRICT: &[Profile] = &[Profile::Toolhive];
const STRICT_SKILLS: &[Profile] = &[Profile::Toolhive, Profile::Agentskills];

/// All rules: those of the packaging, of plugins, of their components, of skills.
pub const RULES: &[Rule] = &[
    // What the packaging refuses or remarks; `build` says the same.
    Rule::new("manifest-missing", Error, &[Toolhive], "PD-2", "the directory has its manifest"),
    Rule::new(
        "marketplace",
        Error,
        &[Own],
        "S-2",
        "the directory is a plugin, not a catalogue of plugins",
    ),
    Rule::new(
        "not-packaged",
        Error,
        &[Toolhive],
        "PW-1",
        "everything in the directory is a regular file that can be read",
    ),
    Rule::new("thv-symlink", Error, &[Toolhive], "PW-3", "there is no symbolic link"),
    Rule::new(
        "thv-path",
        Error,
        &[Toolhive],
        "BUG-18",
        "names are UTF-8, without backslash, and not too long",
    ),
    Rule::new("thv-files", Error, &[Toolhive], "PW-6", "there are at most 1000 files"),
    Rule::new("thv-size", Error, &[Toolhive], "PW-7", "the files have at most 95 MiB together"),
    Rule::new("manifest-size", Error, &[Toolhive], "PD-3", "the manifest has at most 64 KiB"),
    Rule::new(
        "hidden-left-out",
        Info,
        &[Toolhive],
        "S-75",
        "no hidden entry is left out of the artifact",
    ),
    Rule::new(
        "inventory-empty",
        Info,
        &[Toolhive],
        "PC-3",
        "the manifest lists the components that the plugin has",
    ),
    Rule::new("key-spelling", Warning, &[Own], "PJ-7", "keys are spelled as they are documented"),
    Rule::new("duplicate-key", Warning, &[Own], "PJ-8", "no known key stands twice"),
    Rule::new("component-empty", Warning, &[Toolhive], "PC-1", "a component key names components"),
    Rule::new(
        "component-shape",
        Warning,
        &[Toolhive],
        "PC-1",
        "a component key has a path, a list, or an object",
    ),
    Rule::new(
        "dependencies-ignored",
        Warning,
        &[Toolhive],
        "PR-1",
        "dependencies are a list of references",
    ),
    Rule::new("dependency-keys-lost", Warning, &[Toolhive], "PR-1", "dependencies need no keys"),
    Rule::new("dependency-empty", Warning, &[Toolhive], "PR-1", "a dependency is not empty"),
    // JSON.
    Rule::new("json-syntax", Error, &[Claude, Toolhive], "S-4", "configuration files are JSON"),
    Rule::new(
        "json-duplicate-key",
        Error,
        &[Own],
        "S-4",
        "no object has two keys that differ at most in case",
    ),
    // The manifest.
    Rule::new(
        "name-missing",
        Warning,
        &[Claude, Toolhive, Agentskills],
        "PJ-10",
        "there is a name",
    )
    .error_for(STRICT_SKILLS),
    Rule::new(
        "name-chars",
        Error,
        &[Claude],
        "6.1",
        "the name has no blanks, none of `@ : / \\`, no control characters",
    ),
    Rule::new(
        "name-kebab",
        Warning,
        &[Claude],
        "6.1",
        "the name is lower-case words joined by `-`",
    ),
    Rule::new("name-install", Error, &[Claude], "S-92", "a catalogue can list the name"),
    Rule::new(
        "name-reserved",
        Error,
        &[Claude],
        "6.1",
        "the name is not reserved for the host's vendor",
    ),
    Rule::new(
        "thv-name",
        Warning,
        &[Toolhive],
        "6.1",
        "the name has 2 to 64 of `a-z 0-9 -`, no `-` at an end, no `--`",
    )
    .error_for(STRICT),
    Rule::new(
        "thv-name-dir",
        Warning,
        &[Toolhive],
        "6.1",
        "the directory is called as the plugin is",
    )
    .error_for(STRICT),
    Rule::new(
        "thv-array-fields",
        Warning,
        &[Toolhive],
        "6.1",
        "`commands`, `agents`, `skills` and `hooks` are arrays of paths that begin with `./`",
    )
    .error_for(STRICT),
    Rule::new(
        "thv-skill-entry",
        Warning,
        &[Toolhive],
        "6.1",
        "each entry of `skills` is a skill's own directory",
    )
    .error_for(STRICT),
    Rule::new(
        "thv-limits",
        Warning,
        &[Toolhive],
        "6.1",
        "no group of components has more than 100 entries",
    )
    .error_for(STRICT),
    Rule::new(
        "ap-name",
        Error,
        &[AgentPlugins],
        "6.1",
        "the name has 1 to 64 of `a-z 0-9 - .`, alphanumeric ends, no `--`, no `..`",
    )
    .only(Profile::AgentPlugins),
    Rule::new(
        "ap-schema",
        Error,
        &[AgentPlugins],
        "S-19",
        "a plugin.json at the root names the schema",
    )
    .only(Profile::AgentPlugins),
    Rule::new("field-type", Error, &[Claude, Toolhive], "S-5", "a known field has its type"),
    Rule::new(
        "field-ignored",
        Warning,
        &[Claude],
        "S-5",
        "`experimental` and `metadata` are objects",
    ),
    Rule::new("unknown-field", Warning, &[Claude], "S-5", "top-level keys are known ones"),
    Rule::new("missing-version", Warning, &[Claude], "6.1", "there is a version"),
    Rule::new("missing-description", Warning, &[Claude], "6.1", "there is a description"),
    Rule::new("missing-author", Warning, &[Claude], "6.1", "there is an author"),
    Rule::new("author-name", Error, &[Claude], "6.1", "the author has a name"),
    Rule::new("homepage-url", Error, &[Claude], "6.1", "the homepage is a URL"),
    Rule::new(
        "experimental-top",
        Warning,
        &[Claude],
        "S-6",
        "`themes` and `monitors` stand under `experimental`",
    ),
    Rule::new(
        "agents-dir",
        Error,
        &[Claude],
        "1.2",
        "`agents` names Markdown files, not directories",
    ),
    Rule::new("skills-file", Error, &[Claude], "1.2", "`skills` names directories, not files"),
    Rule::new(
        "path-prefix",
        Error,
        &[Claude, Toolhive],
        "S-7",
        "a component path begins with `./`",
    ),
    Rule::new(
        "path-escape",
        Error,
        &[Claude, Toolhive],
        "S-7",
        "a component path stays in the plugin",
    ),
    Rule::new("path-backslash", Error, &[Claude], "S-7", "a component path has forward slashes"),
    Rule::new("path-missing", Error, &[Claude], "S-7", "a component path leads to something"),
    Rule::new(
        "userconfig-schema",
        Error,
        &[Claude],
        "S-69",
        "an option of `userConfig` has a type, a title and a description",
    ),
    // The tree of a plugin.
    Rule::new("root-claude-md", Warning, &[Claude], "S-76", "there is no CLAUDE.md at the root"),
    Rule::new(
        "in-dot-claude-plugin",
        Warning,
        &[Claude],
        "S-76",
        "components lie outside `.claude-plugin`",
    ),
    Rule::new(
        "skill-unreached",
        Warning,
        &[Own],
        "S-15",
        "every SKILL.md is where skills are found",
    ),
    Rule::new("name-collision", Warning, &[Own], "6.1", "no skill has a command's name"),
    Rule::new(
        "agent-field-ignored",
        Warning,
        &[Own],
        "S-14",
        "a plugin's agent has no field that is ignored",
    ),
    Rule::new("other-format", Info, &[Own], "S-19", "other hosts' manifests are not checked"),
    // Texts with frontmatter.
    Rule::new(
        "no-frontmatter",
        Warning,
        &[Claude, Toolhive, Agentskills],
        "FM-1",
        "the text begins with frontmatter",
    )
    .error_for(STRICT_SKILLS),
    Rule::new(
        "frontmatter-yaml",
        Error,
        &[Claude, Toolhive, Agentskills],
        "FM-5",
        "the frontmatter is a YAML mapping",
    ),
    Rule::new(
        "frontmatter-unclosed",
        Error,
        &[Claude, Toolhive, Agentskills],
        "FM-2",
        "the frontmatter is closed by a line `---`",
    ),
    Rule::new(
        "frontmatter-too-large",
        Error,
        &[Toolhive],
        "FM-4",
        "the frontmatter has at most 64 KiB",
    ),
    Rule::new("frontmatter-duplicate", Error, &[Toolhive], "FM-17", "no key is set twice"),
    Rule::new(
        "frontmatter-alias",
        Error,
        &[Toolhive],
        "FM-14",
        "aliases name what stands above, and not too much of it",
    ),
    Rule::new("frontmatter-merge", Error, &[Toolhive], "FM-19", "`<<` merges mappings"),
    Rule::new("frontmatter-tag", Error, &[Toolhive], "FM-20", "tags fit their values"),
    Rule::new("frontmatter-type", Error, &[Toolhive], "FM-20", "values have the type that is read"),
    Rule::new("frontmatter-cut", Warning, &[Own], "FM-3", "nothing of the frontmatter is cut off"),
    Rule::new(
        "link-as-text",
        Error,
        &[Own],
        "S-9",
        "no file is a link that was written out as text",
    ),
    Rule::new("bom", Info, &[Own], "S-4", "there is no byte order mark"),
    Rule::new("text-unseen", Warning, &[Own], "S-73", "no text is there that a reader cannot see"),
    // Skills.
    Rule::new(
        "skill-name",
        Warning,
        &[Toolhive, Agentskills],
        "6.2",
        "the name has 1 to 64 of `a-z 0-9 -`, no `-` at an end, no `--`",
    )
    .error_for(STRICT_SKILLS),
    Rule::new(
        "skill-name-dir",
        Warning,
        &[Toolhive, Agentskills],
        "6.2",
        "the directory is called as the skill is",
    )
    .error_for(STRICT_SKILLS),
    Rule::new("skill-name-vendor", Info, &[Own], "6.2", "the name does not begin with a vendor's"),
    Rule::new(
        "description-missing",
        Warning,
        &[Claude, Toolhive, Agentskills],
        "6.2",
        "there is a description",
    )
    .error_for(STRICT_SKILLS),
    Rule::new(
        "description-long",
        Warning,
        &[Toolhive, Agentskills],
        "6.2",
        "the description has at most 1024 characters",
    )
    .error_for(STRICT_SKILLS),
    Rule::new(
        "description-cut",
        Info,
        &[Own],
        "6.2",
        "the host's list shows the whole description",
    ),
    Rule::new(
        "compatibility",
        Warning,
        &[Toolhive, Agentskills],
        "6.2",
        "`compatibility` is a text of at most 500 characters",
    )
    .error_for(STRICT_SKILLS),
    Rule::new("metadata-map", Warning, &[Claude, Agentskills], "6.2", "`metadata` is a mapping"),
    Rule::new(
        "metadata-flat",
        Warning,
        &[Toolhive, Agentskills],
        "DEV-2",
        "the values of `metadata` are texts",
    ),
    Rule::new(
        "allowed-tools-comma",
        Info,
        &[Toolhive],
        "6.2",
        "`allowed-tools` is a list, or separated by blanks",
    ),
    Rule::new(
        "allowed-tools-split",
        Warning,
        &[Toolhive],
        "BUG-26",
        "`allowed-tools` is not split inside parentheses",
    ),
    Rule::new(
        "requires-joined",
        Warning,
        &[Toolhive],
        "FM-27",
        "`toolhive.requires` has a reference a line",
    ),
    Rule::new(
        "requires-misplaced",
        Warning,
        &[Toolhive],
        "FM-27",
        "`toolhive.requires` stands under `metadata`",
    ),
    Rule::new(
        "key-unknown-agentskills",
        Error,
        &[Agentskills],
        "6.2",
        "keys are those of the specification",
    )
    .only(Profile::Agentskills),
    Rule::new("key-unknown-host", Info, &[Own], "6.2", "some host reads each key"),
    Rule::new("key-misspelt", Warning, &[Own], "6.2", "no key is nearly a known one"),
    Rule::new("hooks-in-skill", Warning, &[Own], "S-23", "the skill registers no hooks"),
    Rule::new("hooks-shape", Error, &[Claude], "S-22", "hooks are lists of groups by event"),
    Rule::new(
        "skill-lines",
        Warning,
        &[Toolhive, Agentskills],
        "6.2",
        "SKILL.md has at most 500 lines",
    ),
    Rule::new("skill-nested", Info, &[Own], "6.2", "no skill lies in another"),
    Rule::new(
        "skill-case",
        Error,
        &[Claude, Toolhive, Agentskills],
        "S-15",
        "the file is called SKILL.md, in capitals",
    ),
];
