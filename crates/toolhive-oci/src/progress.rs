// SPDX-License-Identifier: Apache-2.0
//! Progress of work that takes long: a bar on a terminal, lines elsewhere if they are asked for.

use std::borrow::Cow;
use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use oci_artifact::observer::Observer;

use crate::args::When;
use crate::context::Context;
use crate::signals::Stop;

/// Below this many bytes the work is done before a bar could be read.
pub(crate) const WORTH_A_BAR: u64 = 4 << 20;

/// Shows how far some work is, on stderr, and stops it when a signal asks for that.
pub(crate) struct Progress {
    shown: Shown,
    stop: Stop,
}

enum Shown {
    Off,
    Bar(ProgressBar),
    Lines { what: &'static str, done: AtomicU64, total: AtomicU64 },
}

impl Progress {
    pub(crate) fn new(context: &Context, what: &'static str) -> Self {
        let shown = match (context.progress, std::io::stderr().is_terminal()) {
            (When::Never, _) | (When::Auto, false) => Shown::Off,
            (When::Auto | When::Always, true) => Shown::Bar(bar(what)),
            (When::Always, false) => {
                Shown::Lines { what, done: AtomicU64::new(0), total: AtomicU64::new(0) }
            }
        };
        Self { shown, stop: context.stop().clone() }
    }
}

/// A bar for something that has bytes.
pub(crate) fn bar(what: impl Into<Cow<'static, str>>) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_message(what);
    let style = "{msg} [{bar:30}] {bytes}/{total_bytes} {bytes_per_sec} {eta}";
    match ProgressStyle::with_template(style) {
        Ok(style) => bar.with_style(style.progress_chars("=> ")),
        Err(_) => bar,
    }
}

impl Observer for Progress {
    fn start(&self, bytes: u64) {
        match &self.shown {
            Shown::Off => {}
            Shown::Bar(bar) if bytes < WORTH_A_BAR => {
                bar.set_draw_target(ProgressDrawTarget::hidden());
            }
            Shown::Bar(bar) => {
                bar.set_length(bytes);
                bar.enable_steady_tick(Duration::from_millis(200));
            }
            Shown::Lines { total, .. } => total.store(bytes, Ordering::Relaxed),
        }
    }

    fn advance(&self, bytes: u64) {
        match &self.shown {
            Shown::Off => {}
            Shown::Bar(bar) => bar.inc(bytes),
            Shown::Lines { what, done, total } => {
                let total = total.load(Ordering::Relaxed).max(1);
                let before = done.fetch_add(bytes, Ordering::Relaxed);
                let tenth = |bytes: u64| bytes.min(total).saturating_mul(10) / total;
                let now = tenth(before.saturating_add(bytes));
                if now > tenth(before) {
                    // Nothing can be done where not even this can be printed.
                    let _ = writeln!(std::io::stderr(), "{what}: {} %", now * 10);
                }
            }
        }
    }

    fn is_cancelled(&self) -> bool {
        self.stop.is_cancelled()
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Shown::Bar(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }
}
