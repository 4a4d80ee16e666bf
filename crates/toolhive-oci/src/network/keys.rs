// SPDX-License-Identifier: Apache-2.0
//! `keys generate`: a private key, and the public one that others check with.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use oci_artifact::{Error, ErrorKind, Result};
use serde::Serialize;
use signatures::key::{PrivateKey, Randomness};

use super::args::KeysVerb;
use crate::context::Context;
use crate::output::{Outcome, harmless};

/// The variable that has the password of a key.
const PASSWORD: &str = "COSIGN_PASSWORD";

#[derive(Serialize)]
struct Report<'a> {
    private_key: String,
    public_key: String,
    key_id: &'a str,
}

pub(super) fn run(verb: &KeysVerb, context: &Context) -> Result<Outcome> {
    let KeysVerb::Generate { output } = verb;
    let (private, public) = (with_ending(output, ".key"), with_ending(output, ".pub"));
    for path in [&private, &public] {
        if path.symlink_metadata().is_ok() {
            return Err(Error::new(
                ErrorKind::InvalidOption,
                "this file exists, and is not replaced",
            )
            .at_path(path)
            .with_help("give another one with --output"));
        }
    }
    let key = random_key()?;
    let own = key.public()?;
    let password = password();
    let pem = match password.is_empty() {
        true => key.to_pem()?,
        false => {
            let randomness = Randomness { salt: random()?, nonce: random()? };
            key.to_encrypted_pem(&password, &randomness)?
        }
    };
    write(&private, pem.as_bytes())?;
    write(&public, own.to_pem().as_bytes())?;
    let (private_key, public_key) = (private.display().to_string(), public.display().to_string());
    let report = Report { private_key, public_key, key_id: &own.id() };
    context.output.result(&report, |output| {
        output.print(&harmless(&report.private_key));
        output.print(&harmless(&report.public_key));
    });
    Ok(Outcome::Done)
}

/// A new key.
pub(super) fn random_key() -> Result<PrivateKey> {
    // Almost all bytes make a key.
    for _ in 0..8 {
        if let Ok(key) = PrivateKey::from_random(&random()?) {
            return Ok(key);
        }
    }
    Err(Error::new(ErrorKind::Io, "the system's random bytes do not make a key"))
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        Error::new(ErrorKind::Io, format!("the system gives no random bytes: {error}"))
    })?;
    Ok(bytes)
}

/// The password of keys; empty if there is none (SIG-21).
pub(super) fn password() -> Vec<u8> {
    std::env::var_os(PASSWORD).map(OsString::into_encoded_bytes).unwrap_or_default()
}

fn with_ending(prefix: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(prefix);
    name.push(ending);
    name.into()
}

/// Writes a new file that only its owner can read (SIG-18).
fn write(path: &Path, content: &[u8]) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()
    });
    written.map_err(|error| Error::from_io("cannot write the key", path, error))
}
