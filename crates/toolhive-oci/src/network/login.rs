// SPDX-License-Identifier: Apache-2.0
//! `login REGISTRY` and `logout REGISTRY`: who we are to a registry, kept where Docker keeps it.

use std::io::{self, IsTerminal as _, Read as _};
use std::path::PathBuf;

use console::Term;
use oci_artifact::reference::is_registry;
use oci_artifact::{Error, ErrorKind, Result};
use oci_registry_http::Checked;
use oci_registry_http::auth::credential::{Credential, CredentialStore};
use oci_registry_http::auth::login::{self, Kept};
use serde::Serialize;

use super::args::{Login, Logout};
use super::remote::{Remote, environment, helper};
use crate::context::Context;
use crate::output::{Outcome, harmless};

/// The longest password that is read.
const MAX_PASSWORD: u64 = 64 * 1024;

#[derive(Serialize)]
struct Report<'a> {
    registry: &'a str,
    kept_in: String,
}

/// The report on a logout.
#[derive(Serialize)]
struct LogoutReport<'a> {
    registry: &'a str,
    forgotten: Vec<String>,
    looked_in: Vec<String>,
}

/// Asks the registry first, and keeps nothing that it does not accept.
pub(super) fn login(args: &Login, context: &Context) -> Result<Outcome> {
    let (file, registry) = (config_file()?, host(&args.registry)?);
    let (username, password) = ask(args)?;
    if password.is_empty() {
        let error = Error::new(ErrorKind::InvalidOption, "the password is empty");
        return Err(error.with_help("is the variable that it comes from set?"));
    }
    let credential = Credential::basic(username, password)?;
    let given = CredentialStore::new().with_credential_for_all(credential.clone());
    let remote = Remote::with(context, [registry], |client| client.credentials(given))?;
    if remote.run(remote.client.check_auth(registry))? != Checked::Accepted {
        context.output.warning(&format!(
            "{registry} asks for no credentials, so it is not known whether these are right"
        ));
    }
    let kept = remote.run(login::login(&file, &helper(), registry, &credential))?;
    let report = Report { registry, kept_in: place(&kept) };
    context.output.result(&report, |output| {
        let note = match kept {
            Kept::Helper(_) => "",
            Kept::File(_) => ", where everybody who can read the file can read the password",
        };
        let text = format!("Logged in to {registry}; stored in {}{note}", report.kept_in);
        output.note(&harmless(&text));
    });
    Ok(Outcome::Done)
}

pub(super) fn logout(args: &Logout, context: &Context) -> Result<Outcome> {
    let registry = host(&args.registry)?;
    let remote = Remote::new(context, [registry])?;
    let done = remote.run(login::logout(&config_file()?, &helper(), registry))?;
    let places = |kept: &[Kept]| kept.iter().map(place).collect::<Vec<_>>();
    let (forgotten, looked_in) = (places(&done.forgotten), places(&done.looked_in));
    let report = LogoutReport { registry, forgotten, looked_in };
    context.output.result(&report, |output| {
        let text = match report.forgotten.is_empty() {
            true => {
                let places = report.looked_in.join(" or ");
                format!("No credentials for {registry} are stored in {places}")
            }
            false => format!("Logged out of {registry}"),
        };
        output.note(&harmless(&text));
    });
    Ok(Outcome::Done)
}

/// The place where a credential is kept, for people.
fn place(kept: &Kept) -> String {
    match kept {
        Kept::Helper(name) => format!("docker-credential-{name}"),
        Kept::File(file) => file.display().to_string(),
    }
}

/// The host that is meant, of what people write: a scheme that other tools need before it is ignored, and anything
/// else is an error.
fn host(text: &str) -> Result<&str> {
    let wrong = |message: String, help: String| {
        Err(Error::new(ErrorKind::InvalidReference, message).with_help(help))
    };
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None => (String::new(), text),
    };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let none = format!("{text:?} is not a registry");
    match (scheme.as_str(), path.trim_end_matches('/')) {
        ("http", _) => wrong(
            format!("{text:?} asks for plain HTTP with {host}"),
            format!("leave out http://, and give --plain-http={host}"),
        ),
        (other, _) if !["", "https", "oci", "docker"].contains(&other) => {
            wrong(none, format!("leave out {other}://"))
        }
        _ if !is_registry(host) => {
            wrong(none, "give its host, with its port if it has one: ghcr.io".to_owned())
        }
        (_, "" | "v1" | "v2") => Ok(host),
        (_, path) => wrong(
            format!("credentials are stored for a whole registry, and {text:?} names more"),
            format!("leave out /{path}: {host}"),
        ),
    }
}

fn config_file() -> Result<PathBuf> {
    environment().docker_config_file().ok_or_else(|| {
        Error::new(ErrorKind::InvalidOption, "there is no place to store credentials")
            .with_help("set HOME, or DOCKER_CONFIG to a directory")
    })
}

/// The user name and the password, from where they were said to be.
fn ask(args: &Login) -> Result<(String, String)> {
    let missing = || {
        let message = "stdin is not a terminal, so the user name and the password cannot be asked \
                       for";
        Error::new(ErrorKind::InvalidOption, message)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_taken_as_people_write_them_r_91() {
        for text in [
            "ghcr.io",
            "https://ghcr.io",
            "https://ghcr.io/",
            "HTTPS://ghcr.io/v2/",
            "https://ghcr.io/v1/",
            "oci://ghcr.io",
            "docker://ghcr.io/",
        ] {
            assert_eq!(host(text).expect(text), "ghcr.io", "{text}");
        }
        assert_eq!(host("https://127.0.0.1:5000").expect("fine"), "127.0.0.1:5000");
        for (text, words) in [
            ("http://h.io:5000", "leave out http://, and give --plain-http=h.io:5000"),
            ("ghcr.io/org", "leave out /org: ghcr.io"),
            ("https://ghcr.io/org/x/", "leave out /org/x: ghcr.io"),
            ("ftp://ghcr.io", "leave out ftp://"),
            ("https://", "give its host, with its port if it has one: ghcr.io"),
            ("https://u:p@ghcr.io", "give its host, with its port if it has one: ghcr.io"),
            ("", "give its host, with its port if it has one: ghcr.io"),
        ] {
            let error = host(text).expect_err(text);
            let help = error
                .diagnostics()
                .first()
                .and_then(|first| first.help.as_ref())
                .map(ToString::to_string);
            assert_eq!(help.as_deref(), Some(words), "{text}");
        }
    }
}
