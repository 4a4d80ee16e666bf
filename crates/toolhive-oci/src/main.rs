// SPDX-License-Identifier: Apache-2.0
//! The command `toolhive-oci`: the only place that prints, exits, or reads the environment.

mod abbreviated;
mod args;
mod context;
mod output;
mod signals;
mod kind;
mod progress;
#[cfg_attr(not(feature = "network"), path = "network/absent.rs")]
mod network;
mod bounded;
mod place;
mod hints;
mod similar;
mod complete;
mod commands;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::ExitCode;

use clap::CommandFactory as _;
use oci_artifact::ErrorKind;

use args::{Cli, Format};
use context::Context;
use output::{Outcome, Unprinted};

fn main() -> ExitCode {
    if let Some(words) = complete::asked(std::env::args_os()) {
        return complete::run(words);
    }
    let cli = match args::parse(args::joined(std::env::args_os())) {
        Ok(cli) => cli,
        Err(error) => return usage(&args::advise(error)),
    };
    if let Some(message) = cli.command.refuses(cli.global.format) {
        return usage(&Cli::command().error(clap::error::ErrorKind::InvalidValue, message));
    }
    let context = Context::new(cli.global);
    let run = AssertUnwindSafe(|| {
        commands::run(cli.command, &context).unwrap_or_else(|error| {
            context.output.failure(&error);
            match error.kind() {
                ErrorKind::Cancelled => context.stop().outcome(),
                ErrorKind::Refused => Outcome::Refused,
                _ => Outcome::Failed,
            }
        })
    });
    match catch_unwind(run) {
        Ok(outcome) => outcome.into(),
        Err(reason) => match reason.downcast::<Unprinted>() {
            Ok(unprinted) => unprinted.0.into(),
            Err(panic) => resume_unwind(panic),
        },
    }
}

/// Help and version are what was asked for; anything else is wrong usage (exit code 64), which in
/// JSON is a document like any other error.
fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        return match error.print() {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
            // The reader may have closed the pipe.
            _ => ExitCode::SUCCESS,
        };
    }
    if args::wants_json(std::env::args_os()) {
        let text = error.render().to_string();
        output::Output::new(Format::Json, args::Verbosity::Normal).usage(&text);
    } else {
        // It may repeat what another program passed on.
        output::Output::new(Format::Text, args::Verbosity::Normal).wrong_usage(error);
    }
    Outcome::WrongUsage.into()
}
