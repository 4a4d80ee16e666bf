// SPDX-License-Identifier: Apache-2.0
//! `KIND verify-signature REF`: whether it is signed by whom is expected.

use oci_artifact::Result;
use oci_artifact::original::ContentSource as _;
use serde::Serialize;
use signatures::verify::Expected;

use super::args::VerifySignature;
use super::material::{Bad, Good, Verdict, judge, judge_file, keys};
use crate::args::Format;
use crate::context::Context;
use crate::kind::{self, Kind};
use crate::output::{Outcome, harmless};
use crate::place::Place;

#[derive(Serialize)]
struct Report<'a> {
    reference: &'a str,
    digest: &'a str,
    verdict: &'static str,
    accepted: &'a [Good],
    rejected: &'a [Bad],
}

pub(super) fn run<K: Kind>(args: &VerifySignature, context: &Context) -> Result<Outcome> {
    let keys = keys(&args.key)?;
    let reference = args.reference.as_str();
    let place = Place::new::<K>(args.from.origin(), reference, context)?;
    kind::check::<K>(&place, reference, &["verify-signature", reference])?;
    let root = place.resolve(reference)?;
    let manifest = place.document(&root)?;
    let expected = Expected::new(root.digest(), &manifest, &keys);
    let verdict = match &args.bundle {
        Some(file) => judge_file(file, &expected)?,
        None => judge(&place, root.digest(), &expected, args.max_signatures)?,
    };
    Ok(print(reference, root.digest().as_ref(), &verdict, context))
}

/// Prints what was found, and how the command ends then.
pub(super) fn print(
    reference: &str,
    digest: &str,
    verdict: &Verdict,
    context: &Context,
) -> Outcome {
    let Verdict { accepted, rejected } = verdict;
    match context.output.format {
        Format::Json => {
            let verdict = verdict.as_str();
            context.output.json(&Report { reference, digest, verdict, accepted, rejected });
        }
        Format::Text => {
            for one in accepted {
                let Good { key_id, layout, .. } = one;
                context.output.print(&format!("{digest} signed by key {key_id} [{layout}]"));
            }
            explain(reference, digest, verdict, context);
        }
    }
    if accepted.is_empty() { Outcome::Negative } else { Outcome::Done }
}

/// Says on stderr what does not count, and why.
pub(super) fn explain(reference: &str, digest: &str, verdict: &Verdict, context: &Context) {
    for Bad { layout, digest, kind, message } in &verdict.rejected {
        let line = format!("does not count: {digest} [{layout}]: {kind}: {message}");
        context.output.note(&harmless(&line));
    }
    let why = match verdict.as_str() {
        "untrusted" => "no signature of it counts",
        "unsigned" => "it is not signed",
        _ => return,
    };
    context.output.note(&harmless(&format!("{reference} is {digest}: {why}")));
}
