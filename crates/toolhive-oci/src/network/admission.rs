// SPDX-License-Identifier: Apache-2.0
//! Policies that are in force: what they say of an artifact of a registry, before it is read (SIG-32).

use std::env;
use std::path::{Path, PathBuf};

use oci_artifact::reader::ContentSource as _;
use oci_artifact::reference::{Defaults, Reference};
use oci_artifact::{Error, ErrorKind, Result};
use signatures::policy::{Alternative, Decision, Policy};

use super::material::{Good, Verdict, content, judge};
use super::remote::RemoteSource;
use super::signers::{Signers, keys};
use super::verify_signature;
use crate::context::Context;
use crate::output::Output;

/// The variable that names a policy for all that is read from registries.
const POLICY: &str = "TOOLHIVE_OCI_POLICY";
/// The most bytes of a policy.
const MAX_POLICY: u64 = 1 << 20;
/// The largest number of signatures that are examined.
pub(super) const MOST: u16 = 32;

/// A policy, and the file that it was read from.
pub(super) struct InForce {
    policy: Policy,
    path: PathBuf,
}

/// The requirements of a policy for an artifact.
pub(super) enum Wants {
    /// The policy requires nothing.
    Nothing,
    /// An error that refuses the artifact.
    Refusal(Error),
    /// A signature, by the rule with that pattern.
    Signature(Box<Signers>, String),
}

impl InForce {
    /// Reads a policy.
    pub(super) fn load(path: &Path) -> Result<Self> {
        let policy = Policy::parse(&content(path, MAX_POLICY)?);
        let policy = policy.map_err(|fault| Error::from(fault).at_path(path))?;
        Ok(Self { policy, path: path.to_owned() })
    }

    /// The policy that was named, or the environment's; none if there is neither. One that cannot be read is an
    /// error: it may refuse everything.
    pub(super) fn find(named: Option<&Path>) -> Result<Option<Self>> {
        match (named, env::var_os(POLICY).filter(|path| !path.is_empty())) {
            (Some(path), _) => Self::load(path).map(Some),
            (None, Some(path)) => Self::load(Path::new(&path)).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// The root that it names for certificates and logs, if it names one.
    pub(super) fn root(&self) -> Option<PathBuf> {
        self.policy.trusted_root().map(|file| self.beside(file))
    }

    /// A file that it names.
    fn beside(&self, file: &str) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(file)
    }

    /// The requirements for the artifact with that name.
    pub(super) fn wants(&self, reference: &Reference, output: Output) -> Result<Wants> {
        let decided = self.policy.decide(reference.registry(), reference.repository());
        let decided = decided.map_err(|fault| Error::from(fault).at_path(&self.path))?;
        let (rule, alternatives) = match decided {
            Decision::AcceptUnsigned(_) => return Ok(Wants::Nothing),
            Decision::Reject => {
                let name = reference.name();
                let message = format!("the policy has no rule for {name}, and refuses the rest");
                let error = Error::new(ErrorKind::Refused, message).at_path(&self.path);
                return Ok(Wants::Refusal(error));
            }
            Decision::Signed { rule, alternatives } => (rule, alternatives),
        };
        let (mut files, mut owners) = (Vec::new(), Vec::new());
        for alternative in alternatives {
            match alternative {
                Alternative::Keys(names) => {
                    files.extend(names.iter().map(|name| self.beside(name)))
                }
                Alternative::Certificate(identity) => owners.push(identity.as_ref().clone()),
            }
        }
        let root = self.root();
        let signers = Signers::new(keys(&files)?, owners, root.as_deref(), output)?;
        Ok(Wants::Signature(Box::new(signers), rule.to_owned()))
    }

    /// Looks whether an artifact of a registry is let in: with what lets it in, or with none if
    /// nothing is wanted of it.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`]; what could not be asked for is another error.
    pub(super) fn admit(
        &self,
        registry: &RemoteSource,
        context: &Context,
    ) -> Result<Option<Verdict>> {
        let reference = registry.reference();
        let (signers, rule) = match self.wants(reference, context.output)? {
            Wants::Nothing => return Ok(None),
            Wants::Refusal(error) => return Err(error),
            Wants::Signature(signers, rule) => (signers, rule),
        };
        let root = registry.resolve(reference.as_str())?;
        let manifest = registry.document(&root)?;
        let digest = &root.digest;
        let expected = signers.of(digest, &manifest);
        let verdict = judge(registry, digest, &expected, MOST)?;
        if verdict.accepted.is_empty() {
            if !context.output.is_json() {
                verify_signature::explain(reference.as_str(), digest, &verdict, context);
            }
            let why = match verdict.as_str() {
                "unsigned" => "it is not signed",
                _ => "no signature of it is valid",
            };
            let message =
                format!("the policy's rule {rule:?} requires a signature of {digest}: {why}");
            return Err(Error::new(ErrorKind::Refused, message)
                .at_path(&self.path)
                .with_help("`verify-signature --remote --show` lists the signatures that hold"));
        }
        Ok(Some(verdict))
    }
}

/// Refuses an artifact of a registry that the policy that was named, or the environment's, does not let
/// in; of one that it lets in, the signatures that count, for people.
pub(super) fn admit(
    registry: &RemoteSource,
    named: Option<&Path>,
    context: &Context,
) -> Result<Vec<String>> {
    let verdict = match InForce::find(named)? {
        Some(policy) => policy.admit(registry, context)?,
        None => None,
    };
    Ok(verdict.unwrap_or_default().accepted.iter().map(Good::text).collect())
}

/// The name of an artifact of a store, by which a policy can decide.
pub(super) fn full_name(reference: &str) -> Result<Reference> {
    Reference::parse(reference, Defaults::Strict).map_err(|error| {
        error.with_help("a policy decides by REGISTRY/REPOSITORY: name the artifact in full")
    })
}
