// SPDX-License-Identifier: Apache-2.0
//! `registry serve`: a registry for this machine.

use std::fs;
use std::path::Path;

use oci_artifact::{Diagnostic, Error, ErrorKind, Result};
use oci_registry_server::{Access, Accounts, Bearer, Mode, Rights, Server, Tls, serve};

use crate::args::{AuthArg, Serve};
use crate::context::Context;
use crate::output::Outcome;

pub(super) fn run(args: &Serve, context: &Context) -> Result<Outcome> {
    context.output.log_to_stderr();
    let mut server = Server::builder().store(context.registry_root()?).addr(args.addr);
    if args.read_only {
        server = server.mode(Mode::ReadOnly);
    }
    if let Some(file) = &args.accounts {
        server = server.access(access(file, args)?);
    }
    if let (Some(certificates), Some(key)) = (&args.tls_cert, &args.tls_key) {
        server = server.tls(Tls::from_pem(read(certificates)?, read(key)?));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime
        .map_err(|error| Error::new(ErrorKind::Io, "the registry cannot start").caused_by(error))?;
    runtime.block_on(serve(server, async { context.stop().asked().await }))?;
    Ok(Outcome::Done)
}

/// Reads accounts, a line each: `name:password`, or `name:password:pull` for one that may only
/// read. Lines that are empty or begin with `#` are passed over.
fn access(file: &Path, args: &Serve) -> Result<Access> {
    let bytes = read(file)?;
    let mut accounts = Accounts::new();
    let mut start = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let at = start;
        start += line.len();
        let text = String::from_utf8_lossy(line);
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let (name, password, rights) = match *text.split(':').collect::<Vec<_>>().as_slice() {
            [name, password] => (name, password, Rights::All),
            [name, password, "pull"] => (name, password, Rights::Pull),
            _ => {
                // Without an excerpt: it would show a password.
                let mut wrong = Diagnostic::new("this is not an account").at(&bytes, at..at);
                wrong.excerpt = None;
                let wrong = wrong.with_help("write name:password or name:password:pull");
                let error = Error::from_diagnostics(ErrorKind::InvalidOption, vec![wrong]);
                return Err(error.at_path(file));
            }
        };
        accounts = accounts.user(name, password, rights);
    }
    if args.anonymous_pull {
        accounts = accounts.anonymous(Rights::Pull);
    }
    Ok(match args.auth {
        AuthArg::Basic => Access::Basic(accounts),
        AuthArg::Bearer => Access::Bearer(Bearer::new(accounts)),
    })
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).map_err(|error| Error::io("the file cannot be read", file, error))
}
