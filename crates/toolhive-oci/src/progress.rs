// SPDX-License-Identifier: Apache-2.0
//! Progress of work that takes long: a bar on a terminal, lines elsewhere if they are asked for.

mod left;
mod later;

use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use oci_artifact::observer::Observer;

use crate::args::When;
use crate::context::Context;
use crate::signals::Stop;
pub(crate) use later::{Happens, Later};

/// The time between two looks of a line that nothing else draws.
pub(crate) const TICK: Duration = Duration::from_millis(200);

/// Shows how far some work is, on stderr, and stops it when a signal asks for that.
pub(crate) struct Progress {
    shown: Shown,
    stop: Stop,
}

enum Shown {
    Off,
    /// A bar, behind the thread that shows it: that is dropped first.
    Bar(Later, ProgressBar),
    Lines {
        what: &'static str,
        done: AtomicU64,
        total: AtomicU64,
    },
}

/// The way in which progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Off,
    /// On a terminal, once the work takes long; at once where it was asked for.
    Drawn(Happens),
    Lines,
}

impl Way {
    pub(crate) fn new(when: When) -> Self {
        match (when, std::io::stderr().is_terminal()) {
            (When::Never, _) | (When::Auto, false) => Self::Off,
            (When::Auto, true) => Self::Drawn(Happens::OnceLong),
            (When::Always, true) => Self::Drawn(Happens::AtOnce),
            (When::Always, false) => Self::Lines,
        }
    }
}

impl Progress {
    pub(crate) fn new(context: &Context, what: &'static str) -> Self {
        let shown = match Way::new(context.progress) {
            Way::Off => Shown::Off,
            Way::Drawn(happens) => {
                let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
                let bar = bar.with_style(unmeasured()).with_message(what);
                let drawn = bar.clone();
                let show = move || {
                    drawn.set_draw_target(ProgressDrawTarget::stderr());
                    drawn.enable_steady_tick(TICK);
                };
                Shown::Bar(Later::new(happens, show), bar)
            }
            Way::Lines => Shown::Lines { what, done: AtomicU64::new(0), total: AtomicU64::new(0) },
        };
        Self { shown, stop: context.stop().clone() }
    }
}

/// The look of work whose bytes are known, in one line of whatever width the terminal has.
pub(crate) fn measured() -> ProgressStyle {
    styled("{msg} [{wide_bar}] {percent:>3} % of {total_bytes}, {bytes_per_sec}{left}")
}

/// The look of work of which nobody knows how much it is.
pub(crate) fn unmeasured() -> ProgressStyle {
    styled("{spinner} {msg} {elapsed}")
}

fn styled(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template);
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ");
    style.with_key("left", left::Left::default())
}

impl Observer for Progress {
    fn start(&self, bytes: u64) {
        match &self.shown {
            Shown::Off => {}
            Shown::Bar(_, bar) => {
                // What came before this was not of these bytes.
                bar.reset_elapsed();
                bar.reset_eta();
                bar.set_style(measured());
                bar.set_length(bytes);
            }
            Shown::Lines { total, .. } => total.store(bytes, Ordering::Relaxed),
        }
    }

    fn advance(&self, bytes: u64) {
        match &self.shown {
            Shown::Off => {}
            Shown::Bar(_, bar) => bar.inc(bytes),
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
        if let Shown::Bar(later, bar) = &mut self.shown {
            later.end();
            bar.finish_and_clear();
        }
    }
}
