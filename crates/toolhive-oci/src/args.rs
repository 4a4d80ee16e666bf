// SPDX-License-Identifier: Apache-2.0
//! The words of the command line (cli.md).

mod build;
mod content;
mod diff;
mod format;
mod help;
mod lazy;
mod lock;
mod policy;
mod reading;
mod words;

use std::ffi::OsString;
use std::path::PathBuf;

use agent_plugin::Profile;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::network;

pub(crate) use build::{Build, Builds, BuildsVerb, Remove};
pub(crate) use content::{BlobArgs, Init, ManifestArgs};
pub(crate) use diff::{Diff, Side, Which};
pub(crate) use format::{Format, ReportFile};
pub(crate) use lazy::{Lazy, all_commands, parse};
pub(crate) use lock::{Listing, LockVerb, Places, Project, ScopeArg, Sync, Uninstall};
pub(crate) use network::Where;
pub(crate) use policy::ModesArg;
pub(crate) use reading::Reading;
pub(crate) use words::{advise, joined};

/// Packages plugins and skills as OCI artifacts, and shows what is in them.
///
/// The same directory gives the same digest on every machine and in every version. Artifacts are
/// kept in a local OCI image layout; no server is needed.
#[derive(Debug, Parser)]
#[command(name = "toolhive-oci", version, max_term_width = 80)]
#[command(arg_required_else_help = true, after_long_help = help::OF_ALL)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The store, the root of an OCI image layout [default: ToolHive's own, below $XDG_DATA_HOME or
    /// ~/.local/share]
    #[arg(long, value_name = "DIR", global = true, hide_short_help = true)]
    pub(crate) store: Option<PathBuf>,
    /// The format of results: JSON is one document on stdout, JSONL one line for each directory of
    /// `build --all`; SARIF is for `validate`, HTML and Markdown are for `inspect`, `diff` and
    /// `validate`
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        global = true,
        hide_short_help = true
    )]
    pub(crate) format: Format,
    /// Print only errors to stderr
    #[arg(long, short, global = true, hide_short_help = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    #[arg(long, short, global = true, hide_short_help = true, action = clap::ArgAction::Count, help = network::VERBOSE)]
    pub(crate) verbose: u8,
    /// Whether to use colours
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "auto",
        global = true,
        hide_short_help = true
    )]
    pub(crate) color: When,
    /// Whether to show progress; auto means on a terminal
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "auto",
        global = true,
        hide_short_help = true
    )]
    pub(crate) progress: When,
    #[command(flatten)]
    pub(crate) network: network::Options,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    Auto,
    Always,
    Never,
}

/// The amount of text that goes to stderr.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verbosity {
    Quiet,
    Normal,
    Verbose,
    /// Also what goes over the wire.
    Wire,
}

impl Global {
    pub(crate) fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, 0) => Verbosity::Normal,
            (_, 1) => Verbosity::Verbose,
            _ => Verbosity::Wire,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Claude-style plugins: directories with .claude-plugin/plugin.json
    #[command(alias = "plugins")]
    Plugin {
        #[command(subcommand)]
        verb: Lazy<Verb>,
    },
    /// Agent Skills: directories with SKILL.md
    #[command(alias = "skills")]
    Skill {
        #[command(subcommand)]
        verb: Lazy<Verb>,
    },
    /// The local store; without --store, both of ToolHive's own
    Store {
        #[command(subcommand)]
        verb: Lazy<StoreVerb>,
    },
    /// Catalogues of plugins, as hosts read them
    Marketplace {
        #[command(subcommand)]
        verb: Lazy<MarketplaceVerb>,
    },
    /// The lock file of a project: toolhive.lock.yaml
    Lock {
        #[command(subcommand)]
        verb: Lazy<LockVerb>,
    },
    /// Show where hosts read skills, and which of these directories this project has
    Places(Lazy<Places>),
    #[command(flatten)]
    Network(network::Command),
    /// Print completions for a shell
    Completions {
        /// The shell
        #[arg(value_name = "SHELL")]
        shell: Shell,
    },
    /// Write man pages into a directory
    Man {
        /// The directory, which must exist
        #[arg(value_name = "DIR")]
        directory: PathBuf,
    },
}

impl Command {
    /// The reason for which its result cannot have that form, if there is one.
    pub(crate) fn refuses(&self, format: Format) -> Option<&'static str> {
        let verb = match self {
            Self::Plugin { verb: Lazy(verb) } | Self::Skill { verb: Lazy(verb) } => Some(verb),
            _ => None,
        };
        match (format, verb) {
            (Format::Text | Format::Json, _) | (_, Some(Verb::Validate(_))) => None,
            (Format::Jsonl, Some(Verb::Build(Lazy(build)))) if build.all => None,
            (Format::Jsonl, _) => Some("only `build --all` has results line by line"),
            (Format::Sarif, _) => Some("only `validate` has results in SARIF"),
            (_, Some(Verb::Inspect(_) | Verb::Diff(_))) => None,
            _ => Some("only `inspect`, `diff` and `validate` have results as HTML or Markdown"),
        }
    }
}

/// The verbs for a store.
#[derive(Debug, Subcommand)]
pub(crate) enum StoreVerb {
    /// List everything in the store: tag, digest, size, origin, time
    #[command(alias = "ls")]
    List,
    /// Read everything and report damage
    ///
    /// Exit code 2 if something is broken or cannot be read.
    Check {
        /// Drop what is broken and the tags of everything that needs it, list complete content
        /// again that nothing lists, and report each step; what cannot be read stays
        #[arg(long)]
        repair: bool,
    },
    /// Remove blobs that nothing needs
    ///
    /// Leftovers of ended processes go, too. Nothing is removed if something cannot be read.
    Gc {
        /// Only print what would be removed
        #[arg(long)]
        dry_run: bool,
        /// Keep blobs that are younger. Complete builds that nothing lists, and whose tags this
        /// program did not move or remove, stay for seven days; 0 removes them at once
        #[arg(long, value_name = "SECONDS")]
        grace: Option<u64>,
        /// Also drop entries without a tag, which ToolHive leaves behind, and everything that only
        /// they need
        #[arg(long)]
        untagged: bool,
    },
    /// Print the path of the store
    Path,
}

/// The verbs for catalogues.
#[derive(Debug, Subcommand)]
pub(crate) enum MarketplaceVerb {
    /// Write a marketplace.json that lists plugins of the store
    Generate(Generate),
    /// Report everything that is wrong with a catalogue
    ///
    /// The plugins in its directory are checked, too. Exit code 2 if there are errors.
    Validate(Validate),
}

#[derive(Debug, Args)]
pub(crate) struct Generate {
    /// Tags or digests of plugins in the store, or directories (./DIR) below the catalogue's root
    #[arg(value_name = "REF|TAG|DIGEST|PATH", required_unless_present = "all")]
    pub(crate) references: Vec<String>,
    #[command(flatten)]
    pub(crate) from: Where,
    /// List every plugin that was built into the store
    #[arg(long, conflicts_with = "references")]
    #[arg(conflicts_with_all = network::REMOTE)]
    pub(crate) all: bool,
    /// The catalogue's name
    #[arg(long, value_name = "NAME")]
    pub(crate) name: String,
    /// The name of its owner, the person or organisation in charge
    #[arg(long, value_name = "NAME")]
    pub(crate) owner: String,
    /// The owner's e-mail address
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) owner_email: Option<String>,
    /// The purpose of the catalogue, in one sentence
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,
    /// The file to write it to [default: stdout]; hosts look for .claude-plugin/marketplace.json
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Also extract the plugins to the place that the catalogue gives: plugins/NAME next to
    /// .claude-plugin
    #[arg(long, requires = "output")]
    #[arg(conflicts_with_all = network::REMOTE)]
    pub(crate) extract: bool,
}

/// The verbs for a plugin or a skill.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Create a new one, with its first files
    ///
    /// It validates without a finding and builds as it is. Existing files are not changed.
    #[command(aliases = ["new", "create"])]
    Init(Lazy<Init>),
    /// Package a directory into the store and print its reference
    #[command(alias = "package")]
    Build(Lazy<Build>),
    /// List local builds, or remove some
    Builds(Lazy<Builds>),
    /// Check a directory and report everything that is wrong
    ///
    /// Exit code 2 if there are errors. --format sarif is for code scanning.
    #[command(aliases = ["check", "lint"])]
    Validate(Lazy<Validate>),
    /// Show what an artifact or directory contains and would run
    #[command(aliases = ["show", "info"])]
    Inspect(Lazy<Inspect>),
    /// Write an artifact's files into a new directory
    Extract(Lazy<Extract>),
    /// Print an artifact's index or manifest, byte for byte
    Manifest(Lazy<ManifestArgs>),
    /// Print an artifact's config or layer, byte for byte
    Blob(Lazy<BlobArgs>),
    /// Check that an artifact comes from a directory
    ///
    /// Exit code 2 if it does not, or if the directory has files that no artifact would.
    Verify(Lazy<Verify>),
    /// Show what changed between two artifacts or directories
    Diff(Lazy<Diff>),
    /// List the entries of the lock file or of the store
    ///
    /// Without an option it lists the entries of the project's lock file, and the state of each of
    /// their places. With --stored it lists the store, whatever a lock file says.
    #[command(alias = "ls")]
    List(Lazy<Listing>),
    /// Install exactly what the lock file says
    Sync(Lazy<Sync>),
    /// Remove from the directories of hosts, and from the lock file
    #[command(alias = "rm")]
    Uninstall(Lazy<Uninstall>),
    #[command(flatten)]
    Network(Box<network::Verb>),
}

#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// A tag or a digest in the store, or a directory; `./NAME` is always a directory
    #[arg(value_name = "REF|TAG|DIGEST|PATH", default_value = ".")]
    pub(crate) reference: String,
    #[command(flatten)]
    pub(crate) from: Where,
    #[command(flatten)]
    pub(crate) reading: Reading,
    /// End with exit code 2 for such a finding, or if anything runs by itself
    #[arg(long, value_name = "WHAT")]
    pub(crate) fail_on: Option<FailOn>,
    #[command(flatten)]
    pub(crate) file: ReportFile,
}

/// The findings that `inspect` takes for a failed check (S-85).
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// An error
    Error,
    /// An error or a warning
    Warning,
    /// Something that runs by itself and fetches code that is not pinned
    Moving,
    /// Anything that runs by itself
    Automatic,
    /// Frontmatter that cannot be read, so that it may grant anything; or anything else that is not
    /// read
    Unread,
}

#[derive(Debug, Args)]
pub(crate) struct Extract {
    /// A tag or a digest in the store
    #[arg(value_name = "REF|TAG|DIGEST")]
    pub(crate) reference: String,
    #[command(flatten)]
    pub(crate) from: Where,
    /// The directory, which is created, with its parents
    #[arg(value_name = "DEST")]
    pub(crate) destination: PathBuf,
    /// Replace DEST in one step, if it holds a plugin or skill of the same name
    #[arg(long, short)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Validate {
    /// The directory with the manifest
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) path: PathBuf,
    /// The rules to check; whatever cannot be packaged is an error under all of them
    #[arg(long, value_name = "PROFILE", default_value = "claude")]
    pub(crate) profile: ProfileArg,
    #[command(flatten)]
    pub(crate) file: ReportFile,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ProfileArg {
    /// The documented rules of the host Claude Code
    Claude,
    /// ToolHive's service
    Toolhive,
    /// The reference validator of Agent Skills
    Agentskills,
    /// Agent Plugins 1.0
    AgentPlugins,
    /// A public directory of plugins: README, licence, icon
    Directory,
}

impl ProfileArg {
    /// Its name, as it is given.
    pub(crate) fn name(self) -> String {
        let value = self.to_possible_value();
        value.map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

impl From<ProfileArg> for Profile {
    fn from(profile: ProfileArg) -> Self {
        match profile {
            ProfileArg::Claude => Self::Claude,
            ProfileArg::Toolhive => Self::Toolhive,
            ProfileArg::Agentskills => Self::Agentskills,
            ProfileArg::AgentPlugins => Self::AgentPlugins,
            ProfileArg::Directory => Self::Directory,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// A tag or a digest in the store
    #[arg(value_name = "REF|TAG|DIGEST")]
    pub(crate) reference: String,
    #[command(flatten)]
    pub(crate) from: Where,
    /// The directory from which it should come
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) path: PathBuf,
    /// Ignore files of the directory that no artifact would have: hidden ones, .git
    #[arg(long)]
    pub(crate) ignore_hidden: bool,
}

/// Whether JSON was asked for on a command line that cannot be parsed.
pub(crate) fn wants_json(args: impl Iterator<Item = OsString>) -> bool {
    let args: Vec<OsString> = args.collect();
    let is_json = |text: &OsString| text == "json" || text == "jsonl" || text == "sarif";
    args.iter().any(|arg| {
        ["--format=json", "--format=jsonl", "--format=sarif"].iter().any(|word| arg == word)
    }) || args.windows(2).any(|pair| matches!(pair, [a, b] if a == "--format" && is_json(b)))
}
