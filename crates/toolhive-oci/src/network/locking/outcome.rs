// SPDX-License-Identifier: Apache-2.0
//! Outcomes of an upgrade, a name each, with ToolHive's keys and words (lock.md, 3).

use agent_plugin::Difference;
use agent_plugin::diff::{Change, Class};
use serde::Serialize;

use crate::commands::changes::bound_surface;
use crate::output::{self, Outcome, Output, harmless, short};

/// The outcome for one name.
#[derive(Default, Serialize)]
pub(super) struct Told {
    pub(super) name: String,
    pub(super) status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) old_digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) new_digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) new_resolved_reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) new_signer_identity: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) surface: Option<Surface>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Status {
    Upgraded,
    #[default]
    UpToDate,
    NotUpgradable,
    RefChangeBlocked,
    SignerChangeBlocked,
    ExecutablesChangeBlocked,
    Failed,
}

impl Status {
    fn as_str(self) -> &'static str {
        match self {
            Self::Upgraded => "upgraded",
            Self::UpToDate => "up-to-date",
            Self::NotUpgradable => "not-upgradable",
            Self::RefChangeBlocked => "ref-change-blocked",
            Self::SignerChangeBlocked => "signer-change-blocked",
            Self::ExecutablesChangeBlocked => "executables-change-blocked",
            Self::Failed => "failed",
        }
    }

    /// Whether a person has to say yes to it.
    pub(super) fn is_blocked(self) -> bool {
        matches!(
            self,
            Self::RefChangeBlocked | Self::SignerChangeBlocked | Self::ExecutablesChangeBlocked
        )
    }

    /// Whether the reference names something else by now.
    pub(super) fn is_change(self) -> bool {
        self == Self::Upgraded || self.is_blocked()
    }
}

/// The things that the new version runs and the old one does not, and the other way round.
#[derive(Serialize)]
pub(super) struct Surface {
    added: Vec<Change>,
    removed: Vec<Change>,
    #[serde(skip)]
    text: String,
}

impl Surface {
    /// `None` if nothing differs that matters.
    pub(super) fn of(mut difference: Difference) -> Option<Self> {
        let text = difference.render_within(output::line()).trim_end().to_owned();
        bound_surface(&mut difference);
        difference.changes.retain(|change| change.class != Class::Cosmetic);
        let is_less = |change: &Change| matches!(change.class, Class::Narrowed | Class::Removed);
        let (removed, added) = difference.changes.into_iter().partition(is_less);
        let surface = Self { added, removed, text };
        let is_nothing = surface.added.is_empty() && surface.removed.is_empty();
        (!is_nothing || !surface.text.is_empty()).then_some(surface)
    }

    /// The number of things that run newly, for a table.
    pub(super) fn summary(&self) -> String {
        let new: Vec<String> = self
            .added
            .iter()
            .filter(|change| change.class.needs_acceptance())
            .map(|change| format!("{} {}", change.kind, change.id))
            .collect();
        if new.is_empty() { "nothing new".to_owned() } else { new.join(", ") }
    }
}

impl Told {
    pub(super) fn new(name: &str, status: Status) -> Self {
        Self { name: name.to_owned(), status, ..Self::default() }
    }

    pub(super) fn because(self, reason: &'static str, error: impl Into<String>) -> Self {
        Self { reason: Some(reason), error: Some(error.into()), ..self }
    }

    /// Adds what something else would run that comes along.
    pub(super) fn add_surface(&mut self, difference: Difference) {
        let Some(mut more) = Surface::of(difference) else { return };
        match &mut self.surface {
            Some(surface) => {
                surface.added.append(&mut more.added);
                surface.text.push('\n');
                surface.text.push_str(&more.text);
            }
            none => *none = Some(more),
        }
    }

    /// Its lines, for people.
    pub(super) fn print(&self, output: &Output) {
        let name = &self.name;
        let digests = match (&self.old_digest, &self.new_digest) {
            (Some(old), Some(new)) => format!(" {} -> {}", short(old), short(new)),
            _ => String::new(),
        };
        let why = self.error.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        let status = self.status.as_str();
        output.print(&harmless(&format!("{name}: {status}{digests}{why}")));
        if let Some(surface) = self.surface.as_ref().filter(|surface| !surface.text.is_empty()) {
            let lines = surface.text.lines().map(|line| format!("  {line}").trim_end().to_owned());
            output.print(&lines.collect::<Vec<_>>().join("\n"));
        }
    }
}

/// The end of an upgrade (LK-2).
pub(super) fn outcome(told: &[Told]) -> Outcome {
    match told {
        _ if told.iter().any(|one| one.status == Status::Failed) => Outcome::DoneInPart,
        _ if told.iter().any(|one| one.status.is_blocked()) => Outcome::Refused,
        _ => Outcome::Done,
    }
}
