// SPDX-License-Identifier: Apache-2.0
//! `KIND build PATH`: packages one directory.

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread;

use oci_artifact::Threads;
use oci_artifact::listed_modes::{self, ListedModes};
use oci_artifact::packager::{self, PackageOptions, PackageResult};
use oci_artifact::reference::{self, Defaults, Reference};
use oci_artifact::store::Store;
use oci_artifact::{Diagnostic, Digest, Error, ErrorKind, Result, platform, store};
use serde::Serialize;
use tempfile::TempDir;

use super::content::content_digest;
use super::init::is_name;
use crate::args::Build;
use crate::bounded;
use crate::context::Context;
use crate::hints;
use crate::kind::Kind;
use crate::network;
use crate::output::{Outcome, Warning, harmless};
use crate::progress::Progress;

/// The report on a build (cli.md).
#[derive(Serialize)]
pub(super) struct Report<'a, C> {
    reference: Cow<'a, str>,
    index_digest: &'a Digest,
    manifest_digest: &'a Digest,
    config_digest: &'a Digest,
    layer_digest: &'a Digest,
    diff_id: &'a Digest,
    layer_size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_digest: Option<String>,
    files: usize,
    platforms: Vec<String>,
    config: &'a C,
    warnings: Vec<Warning>,
    /// Whether nothing was stored.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    dry_run: bool,
    /// The report of the push, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pushed: Option<serde_json::Value>,
}

impl<'a, C> Report<'a, C> {
    /// The report of what is in the store by now.
    ///
    /// # Errors
    /// Those of reading it back.
    pub(super) fn new<K: Kind>(result: &'a PackageResult<C>, store: &Store) -> Result<Self> {
        Ok(Self {
            reference: result.reference(),
            index_digest: &result.index_digest,
            manifest_digest: &result.manifest_digest,
            config_digest: &result.config_digest,
            layer_digest: &result.layer_digest,
            diff_id: &result.diff_id,
            layer_size: result.layer_size,
            content_digest: content_digest::<K>(store, &result.index_digest)?,
            files: result.files,
            platforms: result.platforms.iter().map(platform::to_text).collect(),
            config: &result.config,
            warnings: result.warnings.iter().map(Warning::from).collect(),
            dry_run: false,
            pushed: None,
        })
    }
}

pub(super) fn run<K: Kind>(args: &Build, context: &Context) -> Result<Outcome> {
    let path = absolute(&args.path)?;
    args.tag.iter().try_for_each(|tag| check_tag(tag))?;
    let targets = args.pushing.targets(&args.tag)?;
    let (options, warning) = options(args, context)?;
    let (store, _scratch) = store::<K>(args, context)?;
    let progress = Progress::new(context, "packaging");
    let result = packager::package::<K>(&store, &path, &options, &progress);
    drop(progress);
    let result = result.map_err(|error| {
        let error = match error.kind() {
            ErrorKind::ManifestMissing => error.with_help(format!(
                "name the directory that holds it; --all builds every {} below",
                K::NAME
            )),
            _ => error,
        };
        hints::directory::<K>("build", &args.path, error)
    });
    let mut result = match result {
        Ok(result) => result,
        Err(error) if !context.output.is_json() && error.kind() != ErrorKind::Cancelled => {
            context.output.failure_text(&error, Some(&args.path));
            return Ok(Outcome::Failed);
        }
        Err(error) => return Err(error),
    };
    result.warnings.extend(odd_name(&result));
    result.warnings.extend(warning);

    if !context.output.is_json() {
        context.output.warnings(&result.warnings, Some(&args.path));
        context.output.note(&summary(args, &result));
    }
    // As text, a push says where the artifact is now.
    let digest = &result.index_digest;
    let pushed = targets.map(|targets| network::push_built::<K>(&store, digest, &targets, context));
    let pushed = pushed.transpose()?;
    if context.output.is_json() {
        let dry_run = args.dry_run;
        let report = Report::new::<K>(&result, &store)?;
        context.output.json(&Report { dry_run, pushed, ..report });
    } else if pushed.is_none() {
        context.output.print(&result.reference());
    }
    Ok(Outcome::Done)
}

/// The store to package into: the user's, or for a dry run one that goes away with what is returned
/// beside it.
pub(super) fn store<K: Kind>(args: &Build, context: &Context) -> Result<(Store, Option<TempDir>)> {
    if !args.dry_run {
        return Ok((context.store::<K>()?, None));
    }
    scratch()
}

/// A store that goes away with what is returned beside it.
pub(super) fn scratch() -> Result<(Store, Option<TempDir>)> {
    let scratch = tempfile::tempdir().map_err(|error| {
        Error::io("no temporary directory can be created here", &std::env::temp_dir(), error)
    })?;
    Ok((Store::open(scratch.path())?, Some(scratch)))
}

/// Checks that what is asked for as a tag is one, or a reference (LS-4): a name that no registry would accept is
/// reported before it is written, not when it is pushed. A reference may lack its registry, which `push --to` can
/// say.
pub(crate) fn check_tag(tag: &str) -> Result<()> {
    store::check_tag(tag)?;
    if tag.contains(['/', ':', '@']) {
        return Reference::parse(tag, Defaults::DockerLike).map(drop);
    }
    if reference::is_tag(tag) {
        return Ok(());
    }
    let message = format!("{tag:?} is neither a tag nor a reference");
    Err(Error::new(ErrorKind::InvalidReference, message)
        .with_help(format!("{}; a reference is registry/repository:tag", reference::TAG_HELP)))
}

/// The options for packaging, and what is wrong with what the environment says of them.
pub(super) fn options(
    args: &Build,
    context: &Context,
) -> Result<(PackageOptions, Option<Diagnostic>)> {
    let (epoch, warning) = match args.epoch {
        Some(epoch) => (epoch, None),
        None => context.environment_epoch(),
    };
    let mut options = PackageOptions::default();
    options.epoch = epoch;
    options.platforms.clone_from(&args.platform);
    options.modes = args.modes.into();
    options.listed_modes = args.modes_file.as_deref().map(listed_modes).transpose()?;
    options.tags.clone_from(&args.tag);
    options.encoder = match args.encoder {
        Some(encoder) => encoder,
        None => context.environment_encoder()?,
    };
    options.threads = Threads::new(threads(args));
    Ok((options, warning))
}

/// A warning of a name that is packaged, but that some host or registry does not take.
pub(super) fn odd_name<C: Serialize>(result: &PackageResult<C>) -> Option<Diagnostic> {
    let config = serde_json::to_value(&result.config).ok()?;
    let name = config.get("name")?.as_str().filter(|name| !is_name(name))?;
    let message = format!("{name:?} is not a name that every host and registry accepts");
    Some(Diagnostic::new(message).with_rule("name-form").with_help(
        "use lower-case letters and digits, with single hyphens between them; --tag gives the \
         build another name",
    ))
}

/// Reads a list of modes (DEV-9).
fn listed_modes(path: &Path) -> Result<ListedModes> {
    let limit = listed_modes::MAX_SIZE;
    let text = bounded::read(path, limit).map_err(|error| {
        Error::io("the list of modes cannot be read", path, error)
            .with_kind(ErrorKind::InvalidOption)
    })?;
    if u64::try_from(text.len()).map_or(true, |size| size > limit) {
        let message = format!("the list of modes has more than {limit} bytes");
        return Err(Error::new(ErrorKind::InvalidOption, message).at_path(path));
    }
    ListedModes::parse(&text).map_err(|error| error.at_path(path))
}

/// The number of threads that may work.
pub(super) fn threads(args: &Build) -> NonZeroUsize {
    let processors = || thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    args.threads.unwrap_or_else(processors)
}

/// The path from the root, for kinds that require that (PD-1).
pub(super) fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(|error| {
        Error::io("the path cannot be made absolute", path, error).with_kind(ErrorKind::InvalidDir)
    })
}

fn summary<C>(args: &Build, result: &PackageResult<C>) -> String {
    let verb = if args.dry_run { "Would package" } else { "Packaged" };
    let size = crate::output::size(result.layer_size);
    let tags: Vec<String> = result.tags.iter().map(|tag| harmless(tag)).collect();
    format!(
        "{verb} {} as {} ({} files, {size})",
        tags.join(", "),
        result.index_digest,
        result.files
    )
}
