// SPDX-License-Identifier: Apache-2.0
//! Unknown and ill-typed fields (S-5, S-6, S-93).

use super::Document;
use crate::discover::builder::Builder;
use crate::discover::parts;
use crate::inventory::Source;
use crate::manifest::fields::{of_entry, of_manifest};

impl Document<'_> {
    /// Notes the faults of its fields.
    pub(in crate::discover) fn check(&self, builder: &mut Builder<'_>) {
        let of = if self.source == Source::Entry { of_entry } else { of_manifest };
        for member in self.value.members() {
            let (name, value) = (member.key.as_ref(), member.value);
            let Some(wanted) = of(name) else {
                let message = format!("no host knows the field {name:?}");
                builder.warn_of("unknown-field", message, self.file, value);
                continue;
            };
            if matches!(name, "themes" | "monitors") {
                let message = format!("{name} belongs below \"experimental\"");
                builder.warn_of("experimental-top", message, self.file, value);
            }
            if !wanted.fits(value) {
                let code = if wanted.is_harmless(name) { "field-ignored" } else { "field-type" };
                let message = format!("{name} may not be {}", value.kind());
                builder.warn_of(code, message, self.file, value);
            } else if self.source == Source::Manifest {
                parts::check(builder, name, value, self.file);
            }
        }
    }
}
