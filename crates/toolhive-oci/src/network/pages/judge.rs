// SPDX-License-Identifier: Apache-2.0
//! The verdict of a policy on an artifact that is served here (signatures.md, 5).

use maud::{Markup, html};
use oci_artifact::reader::ContentSource as _;
use oci_artifact::reference::is_registry;
use oci_artifact::{Descriptor, Result};
use oci_registry_server::OneRepository;

use super::told;
use crate::args::{Format, Verbosity};
use crate::network::admission::{InForce, MOST, Wants, full_name};
use crate::network::material::{Verdict, judge};
use crate::output::{Output, harmless};

/// Judges artifacts by a policy.
pub(crate) struct Judge(InForce);

/// The verdict of a policy on an artifact.
enum Judged {
    /// The policy accepts it without a signature.
    Unasked,
    /// The policy has no rule for such a name, and refuses it.
    Refused(String),
    /// The policy requires a signature, by that rule.
    Signed(Verdict, String),
}

impl Judge {
    pub(crate) fn new(policy: InForce) -> Self {
        Self(policy)
    }

    /// The part of the artifact's page. What cannot be checked is an error there, and no verdict.
    pub(super) fn view(&self, source: &OneRepository, root: &Descriptor, host: &str) -> Markup {
        let judged = self.of(source, root, host);
        html! {
            section aria-labelledby="policy" {
                h2 #policy { "POLICY" }
                @match &judged {
                    Err(error) => { p .remark { "It could not be checked: " (told(error).1) } }
                    Ok(Judged::Unasked) => { p { "accepted, signed or not" } }
                    Ok(Judged::Refused(name)) => {
                        p .remark { "refused: the policy has no rule for " (name) }
                    }
                    Ok(Judged::Signed(verdict, rule)) => { (signed(verdict, rule)) }
                }
            }
        }
    }

    fn of(&self, source: &OneRepository, root: &Descriptor, host: &str) -> Result<Judged> {
        let name = full_name(&format!("{}@{}", named(source.name(), host), root.digest))?;
        let quiet = Output::new(Format::Json, Verbosity::Quiet);
        let (signers, rule) = match self.0.wants(&name, quiet)? {
            Wants::Nothing => return Ok(Judged::Unasked),
            // Its words name the policy's file, which is no business of a browser's.
            Wants::Refusal(_) => return Ok(Judged::Refused(name.name().to_string())),
            Wants::Signature(signers, rule) => (signers, rule),
        };
        let manifest = source.document(root)?;
        let expected = signers.of(&root.digest, &manifest);
        let verdict = judge(source, &root.digest, &expected, MOST)?;
        Ok(Judged::Signed(verdict, rule))
    }
}

/// The name by which a policy decides: a repository that is called as in its own registry keeps that name.
fn named(repository: &str, host: &str) -> String {
    match repository.split_once('/') {
        Some((registry, _)) if registry.contains('.') && is_registry(registry) => {
            repository.to_owned()
        }
        _ => format!("{host}/{repository}"),
    }
}

fn signed(verdict: &Verdict, rule: &str) -> Markup {
    html! {
        @if verdict.accepted.is_empty() {
            p .remark {
                "refused: the rule " (format!("{rule:?}")) " requires a signature, and "
                @if verdict.rejected.is_empty() { "there is none" } @else { "none counts" }
            }
        } @else {
            p { "accepted by the rule " (format!("{rule:?}")) ", signed by:" }
        }
        @if !verdict.accepted.is_empty() || !verdict.rejected.is_empty() {
            ul .items {
                @for good in &verdict.accepted { li { div .entry { code { (harmless(&good.text())) } } } }
                @for bad in &verdict.rejected {
                    li { div .entry {
                        span .note { "is not valid (" (bad.layout) "): " (harmless(&bad.message)) }
                    } }
                }
            }
        }
    }
}
