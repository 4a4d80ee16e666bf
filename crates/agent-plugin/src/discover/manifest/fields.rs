// SPDX-License-Identifier: Apache-2.0
//! Unknown and ill-typed fields (S-5, S-6, S-93).

use super::{Document, Origin};
use crate::discover::builder::Builder;
use crate::discover::parts;
use crate::manifest::fields::{of_entry, of_manifest};

/// Notes the faults of a manifest's fields.
pub(super) fn check(builder: &mut Builder<'_>, document: &Document<'_>) {
    let of = match document.origin {
        Origin::Entry => of_entry,
        Origin::Manifest => of_manifest,
    };
    for member in document.value.members() {
        let name = member.key.as_ref();
        let Some(wanted) = of(name) else {
            let message = format!("no host knows the field {:?}", member.key);
            builder.warn_of("unknown-field", message, document.file, member.value);
            continue;
        };
        if matches!(name, "themes" | "monitors") {
            let message = format!("{name} belongs below \"experimental\"");
            builder.warn_of("experimental-top", message, document.file, member.value);
        }
        if wanted.fits(member.value) {
            if document.origin == Origin::Manifest {
                parts::check(builder, name, member.value, document.file);
            }
            continue;
        }
        let code = if wanted.is_harmless(name) { "field-ignored" } else { "field-type" };
        let message = format!("{name} may not be {}", member.value.kind());
        builder.warn_of(code, message, document.file, member.value);
    }
}
