// SPDX-License-Identifier: Apache-2.0
//! A scalar's text (FM-20).

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};

use super::core_type;
use crate::node::Style;
use crate::{Text, quoted};

/// Base64 with padding, whose last character may have bits to spare.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// Returns the text of a scalar; `None` for null.
///
/// # Errors
///
/// The text is not of the type its tag demands.
pub(super) fn decode(text: &str, style: Style, tag: Option<&str>) -> Result<Option<Text>, String> {
    let kept = || Ok(Some(Text::from(text)));
    let demand = |is_so: bool| if is_so { kept() } else { Err(mismatch(text, tag)) };
    match tag {
        None | Some("!") if style == Style::Plain && core_type::is_null(text) => Ok(None),
        Some("!!null") if core_type::is_null(text) => Ok(None),
        Some("!!null") => demand(false),
        Some("!!bool") => demand(core_type::is_bool(text)),
        Some("!!int") => demand(core_type::is_int(text)),
        Some("!!float") => demand(core_type::is_float(text)),
        Some("!!timestamp") => demand(core_type::is_timestamp(text)),
        Some("!!binary") => binary(text).map(Some),
        _ => kept(),
    }
}

fn binary(text: &str) -> Result<Text, String> {
    let digits: Vec<u8> = text.bytes().filter(|b| !matches!(b, b'\r' | b'\n')).collect();
    let bytes = BASE64.decode(digits).map_err(|_| mismatch(text, Some("!!binary")))?;
    Ok(Text::from(bytes))
}

fn mismatch(text: &str, tag: Option<&str>) -> String {
    format!("{} is not of the type `{}`", quoted(text), tag.unwrap_or_default())
}
