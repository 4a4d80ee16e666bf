// SPDX-License-Identifier: Apache-2.0
//! Enums whose variants have a word each.

/// Declares an enum whose variants have a word each, which `as_str` returns.
#[doc(hidden)]
#[macro_export]
macro_rules! worded {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident {
            $($(#[$about:meta])* $variant:ident = $word:literal,)+
        }
    ) => {
        $(#[$meta])*
        $visibility enum $name {
            $($(#[$about])* $variant,)+
        }

        impl $name {
            /// Returns the word for it, as reports, JSON and the command line have it.
            $visibility const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }
    };
}
