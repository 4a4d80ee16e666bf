// SPDX-License-Identifier: Apache-2.0
//! Arguments that decide how an artifact is made: encoders, modes.

use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use oci_artifact::Encoder;
use oci_artifact::kind::Modes;

/// Takes the name of an encoder.
pub(super) fn encoder() -> impl TypedValueParser<Value = Encoder> {
    PossibleValuesParser::new(Encoder::ALL.map(Encoder::as_str)).try_map(|name| name.parse())
}

/// The modes that files get (DEV-1).
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ModesArg {
    Git,
    Verbatim,
}

impl From<ModesArg> for Modes {
    fn from(modes: ModesArg) -> Self {
        match modes {
            ModesArg::Git => Self::Git,
            ModesArg::Verbatim => Self::Verbatim,
        }
    }
}
