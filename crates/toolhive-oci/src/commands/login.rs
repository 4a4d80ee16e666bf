// SPDX-License-Identifier: Apache-2.0
//! `login REGISTRY` and `logout REGISTRY`: who we are to a registry, kept where Docker keeps it.

use std::io::{self, IsTerminal as _, Read as _};
use std::path::PathBuf;

use console::Term;
use oci_artifact::{Error, ErrorKind, Result};
use oci_registry_http::auth::credential::{Credential, CredentialStore};
use oci_registry_http::auth::login::{self, Kept};
use serde::Serialize;

use crate::args::{Format, Login, Logout};
use crate::context::Context;
use crate::output::{Outcome, harmless};
use crate::remote::{Remote, environment, helper};

/// The longest password that is read.
const MAX_PASSWORD: u64 = 64 * 1024;

#[derive(Serialize)]
struct Report<'a> {
    registry: &'a str,
    kept_in: String,
}

/// What is printed of a logout.
#[derive(Serialize)]
struct LogoutReport<'a> {
    registry: &'a str,
    forgotten: Vec<String>,
    looked_in: Vec<String>,
}

/// Asks the registry first, and keeps nothing that it does not accept.
pub(super) fn login(args: &Login, context: &Context) -> Result<Outcome> {
    let file = config_file()?;
    let (username, password) = ask(args)?;
    let credential = Credential::basic(username, password)?;
    let given = CredentialStore::new().with_credential_for_all(credential.clone());
    let remote = Remote::with(context, |client| client.credentials(given))?;
    remote.run(remote.client.check_auth(&args.registry))?;
    let kept = remote.run(login::login(&file, &helper(), &args.registry, &credential))?;
    let kept_in = place(&kept);
    match context.output.format {
        Format::Json => {
            let registry = &args.registry;
            context.output.json(&Report { registry, kept_in });
        }
        Format::Text => {
            let note = match kept {
                Kept::Helper(_) => String::new(),
                Kept::File(_) => ", where whoever can read it has the password".to_owned(),
            };
            context.output.note(&harmless(&format!(
                "Logged in to {}; kept in {kept_in}{note}",
                args.registry
            )));
        }
    }
    Ok(Outcome::Done)
}

pub(super) fn logout(args: &Logout, context: &Context) -> Result<Outcome> {
    let remote = Remote::new(context)?;
    let done = remote.run(login::logout(&config_file()?, &helper(), &args.registry))?;
    let places = |kept: &[Kept]| kept.iter().map(place).collect::<Vec<_>>();
    let registry = &args.registry;
    let (forgotten, looked_in) = (places(&done.forgotten), places(&done.looked_in));
    match context.output.format {
        Format::Json => context.output.json(&LogoutReport { registry, forgotten, looked_in }),
        Format::Text if forgotten.is_empty() => context.output.note(&harmless(&format!(
            "Nothing is kept for {registry} in {}",
            looked_in.join(" or ")
        ))),
        Format::Text => context.output.note(&harmless(&format!("Logged out of {registry}"))),
    }
    Ok(Outcome::Done)
}

/// Where a credential is kept, for people.
fn place(kept: &Kept) -> String {
    match kept {
        Kept::Helper(name) => format!("docker-credential-{name}"),
        Kept::File(file) => file.display().to_string(),
    }
}

fn config_file() -> Result<PathBuf> {
    environment().docker_config_file().ok_or_else(|| {
        Error::new(ErrorKind::InvalidOption, "there is no place for credentials")
            .with_help("set HOME, or DOCKER_CONFIG to a directory")
    })
}

/// The user name and the password, from where they were said to be.
fn ask(args: &Login) -> Result<(String, String)> {
    let missing = || {
        Error::new(ErrorKind::InvalidOption, "nobody can be asked for a user name and a password")
            .with_help("give --username NAME, and the password on stdin with --password-stdin")
    };
    let failed = |error: io::Error| {
        Error::new(ErrorKind::Io, "the password cannot be read").caused_by(error)
    };
    if let (Some(username), true) = (&args.username, args.password_stdin) {
        let mut password = String::new();
        io::stdin().take(MAX_PASSWORD).read_to_string(&mut password).map_err(failed)?;
        // The one line break that a shell adds.
        let password = password.strip_suffix('\n').unwrap_or(&password);
        let password = password.strip_suffix('\r').unwrap_or(password);
        return Ok((username.clone(), password.to_owned()));
    }
    let terminal = Term::stderr();
    if !terminal.is_term() || !io::stdin().is_terminal() {
        return Err(missing());
    }
    let prompt = |question: &str| terminal.write_str(question).map_err(failed);
    let username = match &args.username {
        Some(username) => username.clone(),
        None => {
            prompt("User name: ")?;
            terminal.read_line().map_err(failed)?
        }
    };
    prompt("Password: ")?;
    Ok((username, terminal.read_secure_line().map_err(failed)?))
}
