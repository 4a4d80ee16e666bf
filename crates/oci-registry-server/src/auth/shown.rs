// SPDX-License-Identifier: Apache-2.0
//! The credential that a request shows. One that cannot be read is not the same as none: it is wrong
//! (SV-2).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{AUTHORIZATION, HeaderMap};

/// The content of an `Authorization` header.
pub(super) enum Shown {
    /// The request has no credential.
    Nothing,
    /// User and password.
    Password(String, String),
    /// A Bearer token.
    Token(String),
    /// A credential of another form, or more than one.
    Unreadable,
}

impl Shown {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        match (values.next(), values.next()) {
            (None, _) => Self::Nothing,
            (Some(value), None) => {
                value.to_str().ok().and_then(Self::parse).unwrap_or(Self::Unreadable)
            }
            (Some(_), Some(_)) => Self::Unreadable,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once(' ')?;
        let rest = rest.trim();
        if scheme.eq_ignore_ascii_case("bearer") {
            return Some(Self::Token(rest.to_owned()));
        }
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let text = String::from_utf8(STANDARD.decode(rest).ok()?).ok()?;
        let (user, password) = text.split_once(':')?;
        Some(Self::Password(user.to_owned(), password.to_owned()))
    }
}
