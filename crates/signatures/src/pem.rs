// SPDX-License-Identifier: Apache-2.0
//! PEM, as programs write it: lines of any width, and parameters of a curve before a key.

use zeroize::Zeroizing;

use crate::fault::{Fault, FaultKind};
use crate::strict;

/// The label before an elliptic key that OpenSSL made.
const PARAMETERS: &str = "EC PARAMETERS";

/// Returns the label and the content of a file with one block.
pub(crate) fn read(pem: &[u8], most: usize) -> Result<(&str, Zeroizing<Vec<u8>>), Fault> {
    let invalid = |message: &str| Fault::new(FaultKind::InvalidKey, message);
    if pem.len() > most {
        return Err(invalid("the file is too large for a key"));
    }
    let text = std::str::from_utf8(pem).map_err(|_| invalid("the file is not PEM"))?;
    let mut found = None;
    let mut lines = text.lines().map(str::trim);
    while let Some(line) = lines.next() {
        let Some(label) = label(line, "-----BEGIN ") else { continue };
        let mut body = Zeroizing::new(String::with_capacity(text.len()));
        let is_whole = loop {
            match lines.next() {
                Some(line) if line.starts_with("-----") => {
                    break self::label(line, "-----END ") == Some(label);
                }
                Some(line) => body.push_str(line),
                None => break false,
            }
        };
        if !is_whole {
            return Err(invalid("the PEM in the file breaks off"));
        }
        if label == PARAMETERS {
            continue;
        }
        if found.is_some() {
            return Err(invalid("the file has more than one key"));
        }
        let content = strict::decode(&body, label).map_err(|_| {
            invalid("the content of the PEM is not base64, or encrypted in an old form")
        })?;
        found = Some((label, Zeroizing::new(content)));
    }
    found.ok_or_else(|| invalid("the file is not a key in PEM"))
}

fn label<'a>(line: &'a str, mark: &str) -> Option<&'a str> {
    line.strip_prefix(mark)?.strip_suffix("-----")
}

/// Returns the one certificate in a text, and nothing else, DER.
pub(crate) fn certificate(text: &str, what: &str) -> Result<Vec<u8>, Fault> {
    let malformed = || Fault::malformed(format!("{what:?} is not one certificate in PEM"));
    let (label, der) = read(text.as_bytes(), strict::MAX_SIZE).map_err(|_| malformed())?;
    if label != "CERTIFICATE" {
        return Err(malformed());
    }
    Ok(der.to_vec())
}

/// Writes one block.
pub(crate) fn write(label: &str, content: &[u8]) -> Zeroizing<String> {
    let body = Zeroizing::new(strict::encode(content));
    let mut pem = Zeroizing::new(String::with_capacity(body.len() * 2 + 128));
    pem.push_str(&format!("-----BEGIN {label}-----\n"));
    for (index, character) in body.chars().enumerate() {
        if index > 0 && index % 64 == 0 {
            pem.push('\n');
        }
        pem.push(character);
    }
    pem.push_str(&format!("\n-----END {label}-----\n"));
    pem
}
