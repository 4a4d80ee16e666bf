// SPDX-License-Identifier: Apache-2.0
//! `registry serve`: a registry for this machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use oci_artifact::{Diagnostic, Error, ErrorKind, Result};
use oci_registry_server::{Access, Accounts, Bearer, Mode, Rights, Server, Tls, serve};
use toolhive_plugins::Plugin;

use super::admission::InForce;
use super::args::{AuthArg, Serve};
use super::pages::{Judge, Pages};
use super::remote::check_pem;
use crate::context::Context;
use crate::kind::Kind as _;
use crate::output::Outcome;
use crate::output::advice;

pub(super) fn run(args: &Serve, context: &Context) -> Result<Outcome> {
    context.output.log_to_stderr();
    let mut server = Server::builder().store(root(context)?).addr(args.addr);
    for host in &args.allow_host {
        server = server.host(host);
    }
    if !args.no_web {
        let policy = InForce::find(args.policy.as_deref())?;
        let judge = policy.map(Judge::new);
        server = server.front(Arc::new(Pages::new(judge)));
    }
    if args.read_only {
        server = server.mode(Mode::ReadOnly);
    }
    if let Some(file) = &args.accounts {
        warn_if_exposed(file, "the passwords", context)?;
        server = server.access(access(file, args)?);
    }
    if let (Some(certificates), Some(key)) = (&args.tls_cert, &args.tls_key) {
        warn_if_exposed(key, "the key", context)?;
        let (chain, private) = (read(certificates)?, read(key)?);
        check_pem(&chain, "CERTIFICATE", certificates)?;
        check_pem(&private, "PRIVATE KEY", key)?;
        server = server.tls(Tls::from_pem(chain, private));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime
        .map_err(|error| Error::new(ErrorKind::Io, "the registry cannot start").caused_by(error))?;
    runtime.block_on(serve(server, async { context.stop().asked().await }))?;
    Ok(Outcome::Done)
}

/// The root of the store that is served: the one that was named, or its own beside those of
/// ToolHive.
fn root(context: &Context) -> Result<PathBuf> {
    match context.named_store()? {
        Some(root) => Ok(root),
        None => Ok(Plugin::default_store_root()?.with_file_name("registry")),
    }
}

/// Warns of a file with secrets that everybody on this machine can read or write (SV-17).
fn warn_if_exposed(file: &Path, what: &str, context: &Context) -> Result<()> {
    let metadata = fs::metadata(file).map_err(|error| unreadable(file, error))?;
    #[cfg(unix)]
    let is_exposed = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o006 != 0;
    // Elsewhere no bits of the file say it.
    #[cfg(not(unix))]
    let is_exposed = {
        let _ = metadata;
        false
    };
    if is_exposed {
        context.output.warning(&format!(
            "everybody on this machine can read {what} in {}: chmod 600 keeps others out",
            file.display()
        ));
    }
    Ok(())
}

/// Reads accounts, a line each: `name:password`, or `name:password:pull` for one that may only
/// read; the password as it is, or as the bcrypt hash that `htpasswd -B` makes of it. Lines that
/// are empty or begin with `#` are passed over.
fn access(file: &Path, args: &Serve) -> Result<Access> {
    let bytes = read(file)?;
    let mut accounts = Accounts::new();
    let mut start = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let at = start;
        start += line.len();
        // Without an excerpt: it would show a password.
        let wrong = |what: &str, help: &str| {
            let mut wrong = Diagnostic::new(what).at(&bytes, at..at);
            wrong.excerpt = None;
            let wrong = wrong.with_help(help);
            Error::from_diagnostics(ErrorKind::InvalidOption, vec![wrong]).at_path(file)
        };
        let Ok(text) = std::str::from_utf8(line) else {
            return Err(wrong("this line is not UTF-8", "write it in UTF-8"));
        };
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let (name, password, rights) = match *text.split(':').collect::<Vec<_>>().as_slice() {
            [name, password] => (name, password, Rights::All),
            [name, password, "pull"] => (name, password, Rights::Pull),
            _ => {
                let help = "write name:password or name:password:pull";
                return Err(wrong("this is not an account", help));
            }
        };
        let with_account = match is_hash(password) {
            true => accounts.user_with_hash(name, password, rights),
            false => accounts.user(name, password, rights),
        };
        accounts = with_account.map_err(|error| match error.diagnostics() {
            [why, ..] => wrong(&why.message, &why.help.as_ref().map(advice).unwrap_or_default()),
            [] => error,
        })?;
    }
    if args.anonymous_pull {
        accounts = accounts.anonymous(Rights::Pull);
    }
    Ok(match args.auth {
        AuthArg::Basic => Access::Basic(accounts),
        AuthArg::Bearer => Access::Bearer(Bearer::new(accounts)),
    })
}

/// Whether a password looks like a hash of any kind: `$2y$…`, `$apr1$…`, `{SHA}…`. One of a kind that
/// cannot be checked must not be taken for the password itself.
fn is_hash(password: &str) -> bool {
    let of = |open: char, close: char| {
        let (kind, _) = password.strip_prefix(open)?.split_once(close)?;
        (!kind.is_empty() && kind.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
            .then_some(())
    };
    of('$', '$').or_else(|| of('{', '}')).is_some()
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).map_err(|error| unreadable(file, error))
}

fn unreadable(file: &Path, error: std::io::Error) -> Error {
    Error::io("the file cannot be read", file, error)
}
