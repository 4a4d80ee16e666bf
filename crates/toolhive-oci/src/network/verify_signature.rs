// SPDX-License-Identifier: Apache-2.0
//! `KIND verify-signature REF`: whether it is signed by whom is expected.

use oci_artifact::reader::ContentSource as _;
use oci_artifact::{Digest, Result};
use serde::Serialize;

use super::admission::{InForce, Wants, full_name};
use super::args::{VerifySignature, Whom};
use super::material::{Bad, Good, Verdict, judge, judge_file};
use super::signers::{Signers, TrustJson};
use crate::context::Context;
use crate::kind::{self, Kind};
use crate::output::{Outcome, harmless};
use crate::place::Place;

#[derive(Serialize)]
struct Report<'a> {
    reference: &'a str,
    digest: &'a Digest,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted: Option<&'a [Good]>,
    /// The signatures that hold, where nobody in particular is expected: they make nothing trusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    valid: Option<&'a [Good]>,
    rejected: &'a [Bad],
    #[serde(skip_serializing_if = "Option::is_none")]
    root: Option<TrustJson<'a>>,
}

pub(super) fn run<K: Kind>(args: &VerifySignature, context: &Context) -> Result<Outcome> {
    let reference = args.reference.as_str();
    let signers = match &args.expected.whom {
        Whom::Policy(path) => {
            match InForce::load(path)?.wants(&full_name(reference)?, context.output)? {
                Wants::Signature(signers, _) => {
                    signers.with_predicate_type(args.expected.predicate_type.clone())
                }
                Wants::Refusal(error) => return Err(error),
                Wants::Nothing => {
                    let what =
                        format!("the policy accepts {reference} unsigned: no signer is expected");
                    if !context.output.is_json() {
                        context.output.note(&harmless(&what));
                    }
                    Signers::default()
                }
            }
        }
        _ => Signers::said(&args.expected, context.output)?,
    };
    let place = Place::at::<K>(args.origin(), reference, context)?;
    kind::check::<K>(&place, reference, &["verify-signature", reference])?;
    let root = place.resolve(reference)?;
    let manifest = place.document(&root)?;
    let expected = signers.of(&root.digest, &manifest);
    let verdict = match &args.bundle {
        Some(file) => judge_file(file, &expected)?,
        None => judge(&place, &root.digest, &expected, args.max_signatures)?,
    };
    let digest = &root.digest;
    Ok(Found { reference, digest, verdict: &verdict, signers: &signers }.print(context))
}

/// The findings, and of whom.
pub(super) struct Found<'a> {
    pub(super) reference: &'a str,
    pub(super) digest: &'a Digest,
    pub(super) verdict: &'a Verdict,
    pub(super) signers: &'a Signers,
}

impl Found<'_> {
    /// Prints what was found, and how the command ends then.
    pub(super) fn print(&self, context: &Context) -> Outcome {
        let Self { reference, digest, verdict: Verdict { accepted, rejected }, signers } = *self;
        let found = Some(accepted.as_slice());
        let (verdict, trusted, valid) = match (signers.is_show, self.verdict.as_str()) {
            (false, verdict) => (verdict, found, None),
            (true, "trusted") => ("untrusted", None, found),
            (true, verdict) => (verdict, None, found),
        };
        let root = signers.trust().map(|trust| trust.json());
        let report =
            Report { reference, digest, verdict, accepted: trusted, valid, rejected, root };
        context.output.result(&report, |output| {
            let how = if signers.is_show { "has a valid signature of" } else { "signed by" };
            for one in accepted {
                output.print(&harmless(&format!("{digest} {how} {}", one.text())));
            }
            explain(reference, digest, self.verdict, context);
            if signers.is_show && !accepted.is_empty() {
                output.note("no signer was expected, so none is trusted");
            }
        });
        if accepted.is_empty() { Outcome::Negative } else { Outcome::Done }
    }
}

/// Says on stderr what does not count, and why.
pub(super) fn explain(reference: &str, digest: &Digest, verdict: &Verdict, context: &Context) {
    for Bad { layout, digest, kind, message } in &verdict.rejected {
        let line = format!("not valid: {digest} [{layout}]: {kind}: {message}");
        context.output.note(&harmless(&line));
    }
    let why = match verdict.as_str() {
        "untrusted" => "no signature of it is valid",
        "unsigned" => "it is not signed",
        _ => return,
    };
    context.output.note(&harmless(&format!("{reference} is {digest}: {why}")));
}
