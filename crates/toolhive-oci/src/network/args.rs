// SPDX-License-Identifier: Apache-2.0
//! Arguments of commands for registries.

mod expectation;
mod locking;
mod signing;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{ArgAction, Args, Subcommand, ValueEnum};
use oci_artifact::reference::{Defaults, Reference, RepositoryName, is_registry};
use oci_artifact::{Digest, Error, ErrorKind, Result};
use oci_spec::image::Platform;

use super::remote::{RemoteSource, Said};
use crate::args::{Lazy, Side};
use crate::context::Context;
use crate::place::Origin;
pub(super) use expectation::{Expectation, Verification, Whom};
pub(crate) use locking::Fetching;
pub(super) use locking::{Fetch, Install, Outdated, Upgrade, Wanted};
pub(super) use signing::{Keyless, KeysVerb, LayoutArg, Sign, VerifySignature};

/// The options for speaking with registries.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Options {
    /// Use plain HTTP for that registry, or for the one that the command names: anybody on the way
    /// can read and change everything. Loopback hosts do not need this; `false` uses HTTPS for them
    #[arg(long, value_name = "HOST|false", global = true, hide_short_help = true, num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "true", action = ArgAction::Append, value_parser = plain_http)]
    pub(crate) plain_http: Vec<PlainHttp>,
    /// A PEM file of certificate authorities to trust for registries, in addition to the machine's
    /// own
    #[arg(long, value_name = "FILE", global = true, hide_short_help = true)]
    pub(crate) ca_file: Option<PathBuf>,
    /// The time limit for all requests, in seconds [default: none while data moves; a request that
    /// stands still for a minute is tried again]
    #[arg(long, value_name = "SECONDS", global = true, hide_short_help = true)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) timeout: Option<u64>,
    /// The remarks on registries that the command has made so far.
    #[arg(skip)]
    pub(crate) said: Arc<Said>,
}

impl Options {
    /// The artifact in its registry.
    pub(crate) fn source(&self, reference: &str, context: &Context) -> Result<RemoteSource> {
        RemoteSource::new(reference, context)
    }
}

/// The place of artifacts that are named by a reference: the store, or a registry.
#[derive(Debug, Args)]
pub(crate) struct Where {
    /// Read from the registry that the reference names, and only what is needed
    #[arg(long)]
    remote: bool,
    /// Read it only if this policy accepts it; exit code 4 if it does not [default:
    /// $TOOLHIVE_OCI_POLICY, if set]
    #[arg(long, value_name = "FILE", requires = "remote")]
    policy: Option<PathBuf>,
}

impl Where {
    pub(crate) fn origin(&self) -> Origin {
        if self.remote { Origin::Registry } else { Origin::Store }
    }

    /// Refuses an artifact of a registry that a policy in force does not let in (SIG-32); of one that it lets in,
    /// whose signatures count.
    pub(crate) fn admit(&self, registry: &RemoteSource, context: &Context) -> Result<Vec<String>> {
        super::admission::admit(registry, self.policy.as_deref(), context)
    }
}

/// The option to look in registries for both of two artifacts, or for one of them.
#[derive(Debug, Args)]
pub(crate) struct FromRegistries {
    /// Ask the registry that A and B name, each, and look here for what names none; with `old` or
    /// `new`, for A or for B alone
    #[arg(long, value_name = "SIDE", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "both", hide_possible_values = true)]
    remote: Option<RemoteSides>,
    /// Read only what this policy lets in; exit code 4 if it does not [default: $TOOLHIVE_OCI_POLICY,
    /// if that is set]
    #[arg(long, value_name = "FILE", requires = "remote")]
    policy: Option<PathBuf>,
}

/// The sides of a comparison that registries are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum RemoteSides {
    Both,
    Old,
    New,
}

impl FromRegistries {
    /// The place of one side, which is called `name` (VB-11).
    pub(crate) fn of(&self, side: Side, name: &str) -> Where {
        let remote = match self.remote {
            None => false,
            Some(RemoteSides::Both) => reference(name).is_ok(),
            Some(RemoteSides::Old) => side == Side::Old,
            Some(RemoteSides::New) => side == Side::New,
        };
        Where { remote, policy: self.policy.clone().filter(|_| remote) }
    }
}

/// The option to send what was built.
#[derive(Debug, Args)]
pub(crate) struct Pushing {
    /// Then push it to the registries that its tags name; stdout has its reference there, with the
    /// digest
    #[arg(long, requires = "tag", conflicts_with_all = ["all", "dry_run"])]
    push: bool,
}

impl Pushing {
    /// The targets: each tag that names a registry; none if nobody asked for that.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidReference`] if no tag does.
    pub(crate) fn targets(&self, tags: &[String]) -> Result<Option<Vec<Reference>>> {
        if !self.push {
            return Ok(None);
        }
        let named: Vec<_> = tags.iter().map(|tag| reference(tag)).collect();
        match named.iter().any(Result::is_ok) {
            true => Ok(Some(named.into_iter().flatten().collect())),
            false => named.into_iter().collect::<Result<_>>().map(Some),
        }
    }
}

/// The commands for registries of any kind of artifact.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Store a user name and a password for a registry, where Docker stores them
    Login(Lazy<Login>),
    /// Remove the stored credentials of a registry
    Logout(Lazy<Logout>),
    /// Keys for signing artifacts
    Keys {
        #[command(subcommand)]
        verb: Lazy<KeysVerb>,
    },
    /// A registry for this machine
    Registry {
        #[command(subcommand)]
        verb: Lazy<RegistryVerb>,
    },
}

/// The verbs for a plugin or a skill and a registry.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Send an artifact from the store to a registry
    ///
    /// With --referrers also the artifacts that are attached to it in the store (signatures, SBOMs,
    /// provenance); `copy --referrers` copies them from one registry to another.
    #[command(alias = "publish")]
    Push(Lazy<Push>),
    /// Fetch an artifact from a registry into the store
    Pull(Lazy<Pull>),
    /// List the tags of a repository
    Tags(Lazy<Tags>),
    /// Print the digest that a reference names now
    Resolve(Lazy<Resolve>),
    /// Delete a tag, or a manifest by its digest, in a registry
    Delete(Lazy<Delete>),
    /// Copy an artifact to another repository
    ///
    /// Nothing comes into the store. SRC is in its registry, or, if it names none, in the store; a tag of
    /// the store that names a registry is sent with `push SRC --to DST`.
    Copy(Lazy<Copy>),
    /// Sign an artifact in a registry
    Sign(Lazy<Sign>),
    /// Check that an artifact is signed by the expected signer
    ///
    /// Exit code 2 if it is not.
    VerifySignature(Lazy<VerifySignature>),
    /// Install where hosts read, and record in the lock file
    ///
    /// The lock file is toolhive.lock.yaml. The settings of hosts are not edited.
    Install(Lazy<Install>),
    /// Record an artifact in the lock file without installing it
    Lock(Lazy<Wanted>),
    /// Install the newest versions of the lock file's entries
    ///
    /// A version that would run something new needs --accept-new-executables.
    Upgrade(Lazy<Upgrade>),
    /// List newer versions, and what they would newly run
    Outdated(Lazy<Outdated>),
    /// Fetch everything that the lock file pins, for offline use
    Fetch(Lazy<Fetch>),
}

/// The registries that are spoken to over plain HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PlainHttp {
    /// The one registry that the command names.
    TheOne,
    /// The host with that name.
    Host(String),
    /// No host, not even one on loopback.
    Nobody,
}

fn plain_http(text: &str) -> Result<PlainHttp, String> {
    match text {
        "true" => Ok(PlainHttp::TheOne),
        "false" => Ok(PlainHttp::Nobody),
        host if is_registry(host) => Ok(PlainHttp::Host(host.to_ascii_lowercase())),
        _ => Err("name a registry's host, with its port if it has one".to_owned()),
    }
}

/// A reference, as people write them.
pub(crate) fn reference(text: &str) -> Result<Reference> {
    Reference::parse(text, Defaults::Strict)
}

/// The reference of a digest in the repository of another one.
pub(super) fn pinned(reference: &Reference, digest: &Digest) -> Result<Reference> {
    self::reference(&format!("{}@{digest}", reference.name()))
}

fn repository(text: &str) -> Result<RepositoryName> {
    RepositoryName::parse(text, Defaults::Strict)
}

/// An address to listen on: a host's IP address and a port.
fn address(text: &str) -> Result<SocketAddr> {
    text.parse().map_err(|_| {
        let port = text.strip_prefix(':').unwrap_or(text);
        let port = if port.parse::<u16>().is_ok() { port } else { "5000" };
        let port = text.strip_prefix("localhost:").unwrap_or(port);
        Error::new(ErrorKind::InvalidOption, "it is not an IP address with a port").with_help(format!(
            "write 127.0.0.1:{port} for this machine alone, or 0.0.0.0:{port} for every network that it \
             is in"
        ))
    })
}

#[derive(Debug, Args)]
pub(crate) struct Push {
    /// A tag or a digest in the store; without --to it is also the destination:
    /// registry/repository:tag
    #[arg(value_name = "REF")]
    pub(crate) reference: String,
    /// The destination; may be repeated, and everything is sent once
    #[arg(long, value_name = "REF", value_parser = reference)]
    pub(crate) to: Vec<Reference>,
    /// Also send the artifacts that are attached to it in the store: signatures, SBOMs, provenance
    #[arg(long)]
    pub(crate) referrers: bool,
    /// Print what the registry lacks, and send nothing
    #[arg(long, conflicts_with = "referrers")]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Pull {
    /// registry/repository:tag or registry/repository@digest
    #[arg(value_name = "REF", value_parser = reference)]
    pub(crate) reference: Reference,
    /// The tag that it gets in the store [default: REF as written]
    #[arg(long, value_name = "TAG")]
    pub(crate) to_tag: Option<String>,
    /// Pull only this platform, os/arch or os/arch/variant [default: all platforms]
    #[arg(long, value_name = "PLATFORM", value_parser = oci_artifact::platform::parse)]
    pub(crate) platform: Option<Platform>,
    /// Also copy the artifacts that are attached to it: signatures, SBOMs, provenance
    #[arg(long)]
    pub(crate) referrers: bool,
    #[command(flatten)]
    pub(crate) verification: Verification,
}

#[derive(Debug, Args)]
pub(crate) struct Tags {
    /// registry/repository
    #[arg(value_name = "REPOSITORY", value_parser = repository)]
    pub(crate) repository: RepositoryName,
    /// Also print the digest of each tag: one request for each
    #[arg(long)]
    pub(crate) digests: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Delete {
    /// registry/repository:tag deletes only that tag; registry/repository@digest deletes the
    /// manifest, and every tag that names it
    #[arg(value_name = "REF", value_parser = reference)]
    pub(crate) reference: Reference,
    /// Answer yes to every question
    #[arg(long, short)]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Resolve {
    /// registry/repository:tag or registry/repository@digest
    #[arg(value_name = "REF", value_parser = reference)]
    pub(crate) reference: Reference,
}

#[derive(Debug, Args)]
pub(crate) struct Copy {
    /// The reference that it has now; what names no registry is a tag or a digest in the store
    #[arg(value_name = "SRC")]
    pub(crate) from: String,
    /// The reference of the destination
    #[arg(value_name = "DST", value_parser = reference)]
    pub(crate) to: Reference,
    /// Also copy the artifacts that are attached to it: signatures, SBOMs, provenance
    #[arg(long)]
    pub(crate) referrers: bool,
    /// Use plain HTTP for the source
    #[arg(long)]
    pub(crate) src_plain_http: bool,
    /// Use plain HTTP for the destination
    #[arg(long)]
    pub(crate) dst_plain_http: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Login {
    /// The registry's host, with its port if it has one; a leading `https://`, `oci://` or
    /// `docker://` is ignored
    #[arg(value_name = "REGISTRY")]
    pub(crate) registry: String,
    /// The user name [default: asked for on a terminal]
    #[arg(long, short, value_name = "NAME")]
    pub(crate) username: Option<String>,
    /// Read the password from stdin
    #[arg(long, requires = "username")]
    pub(crate) password_stdin: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Logout {
    /// The registry's host, with its port if it has one
    #[arg(value_name = "REGISTRY")]
    pub(crate) registry: String,
}

/// The verbs for the registry.
#[derive(Debug, Subcommand)]
pub(crate) enum RegistryVerb {
    /// Serve a store over the OCI distribution protocol, until Ctrl-C
    Serve(Serve),
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The address to listen on; by default this machine alone can reach it
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:5000", value_parser = address)]
    pub(crate) addr: SocketAddr,
    /// A name to answer to besides this machine's own; only loopback without accounts needs it
    #[arg(long, value_name = "HOST")]
    pub(crate) allow_host: Vec<String>,
    /// Refuse pushes and deletions
    #[arg(long)]
    pub(crate) read_only: bool,
    /// Answer only programs: browsers get no pages
    #[arg(long)]
    pub(crate) no_web: bool,
    /// Show on each artifact's page whether this policy accepts it [default: $TOOLHIVE_OCI_POLICY,
    /// if set]
    #[arg(long, value_name = "FILE", conflicts_with = "no_web")]
    pub(crate) policy: Option<PathBuf>,
    /// A file of accounts, one on each line: name:password, or name:password:pull; the password as
    /// it is, or hashed with htpasswd -B
    #[arg(long, value_name = "FILE")]
    pub(crate) accounts: Option<PathBuf>,
    /// The authentication scheme
    #[arg(long, value_name = "SCHEME", default_value = "basic", requires = "accounts")]
    pub(crate) auth: AuthArg,
    /// Allow reading without an account
    #[arg(long, requires = "accounts")]
    pub(crate) anonymous_pull: bool,
    /// Use TLS with the certificates in this PEM file
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The private key of the first certificate, a PEM file
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum AuthArg {
    Basic,
    Bearer,
}
