// SPDX-License-Identifier: Apache-2.0
//! Progress of what goes to a registry or comes from one: a line for all of it and a bar for each large blob
//! on a terminal, a line for each blob elsewhere if lines are asked for.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget};
use oci_artifact::Digest;
use oci_registry_http::transfer::{Event, OnEvent, Part, State};

use crate::args::When;
use crate::output::size;
use crate::progress::{Later, TICK, Way, measured, unmeasured};

/// Below this many bytes a blob has no bar of its own.
const WORTH_A_BAR: u64 = 4 << 20;

/// The bars that are shown now, of all transfers.
static SHOWN: Mutex<Option<MultiProgress>> = Mutex::new(None);

/// Prints lines where bars may be shown: above them, and not through them.
pub(crate) fn beside_bars(print: impl FnOnce()) {
    let shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match shown {
        Some(bars) => bars.suspend(print),
        None => print(),
    }
}

/// Shows what is done, and how far each blob is, on stderr; what is shown goes with it.
pub(crate) struct Transfer(Arc<Kind>);

enum Kind {
    Off,
    Bars(Bars),
    Lines,
}

struct Bars {
    later: Mutex<Later>,
    all: MultiProgress,
    /// The line for all of it.
    line: ProgressBar,
    what: String,
    moved: Mutex<Moved>,
}

/// The bytes of each blob that have moved, and the bars of large ones.
#[derive(Default)]
struct Moved {
    bytes: BTreeMap<Digest, u64>,
    bars: BTreeMap<Digest, ProgressBar>,
}

impl Transfer {
    /// Of work that is called so. On a terminal a line says it once that takes long.
    pub(crate) fn new(when: When, what: impl Into<String>) -> Self {
        Self(Arc::new(match Way::new(when) {
            Way::Off => Kind::Off,
            Way::Lines => Kind::Lines,
            Way::Drawn(happens) => {
                let what = what.into();
                let all = MultiProgress::with_draw_target(ProgressDrawTarget::hidden());
                let line = ProgressBar::no_length().with_style(unmeasured());
                let line = all.add(line.with_message(what.clone()));
                let (shown, ticking) = (all.clone(), line.clone());
                let later = Later::new(happens, move || {
                    shown.set_draw_target(ProgressDrawTarget::stderr());
                    ticking.enable_steady_tick(TICK);
                });
                *SHOWN.lock().unwrap_or_else(PoisonError::into_inner) = Some(all.clone());
                Kind::Bars(Bars {
                    later: Mutex::new(later),
                    all,
                    line,
                    what,
                    moved: Mutex::default(),
                })
            }
        }))
    }

    /// A line for what is asked of these registries, unless something is shown already.
    pub(crate) fn asking(when: When, registries: &str) -> Option<Self> {
        let is_shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        let is_drawn = matches!(Way::new(when), Way::Drawn(_));
        (is_drawn && !is_shown).then(|| Self::new(when, format!("asking {registries}")))
    }

    /// The events of a transfer.
    pub(crate) fn on_event(&self) -> OnEvent {
        let kind = Arc::clone(&self.0);
        Arc::new(move |event| kind.show(&event))
    }
}

impl Kind {
    fn show(&self, event: &Event) {
        match self {
            Self::Off => {}
            Self::Lines => {
                let what = match event.state {
                    State::Done => "done",
                    State::Skipped => "there already",
                    State::Mounted => "mounted",
                    _ => return,
                };
                let (name, size) = (name(event), size(event.total));
                // Nothing can be done where not even this can be printed.
                let _ = writeln!(std::io::stderr(), "{name} ({size}): {what}");
            }
            Self::Bars { .. } if event.part == Part::Manifest => {}
            Self::Bars(bars) => bars.show(event),
        }
    }
}

/// The bar of one blob.
fn bar(event: &Event) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(event.total), ProgressDrawTarget::hidden());
    bar.with_message(name(event)).with_style(measured())
}

impl Bars {
    fn show(&self, event: &Event) {
        let mut moved = self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        match event.state {
            State::Started | State::Moving | State::Rewound => {
                moved.bytes.insert(event.digest, event.bytes);
                if event.total >= WORTH_A_BAR {
                    let shown =
                        moved.bars.entry(event.digest).or_insert_with(|| self.all.add(bar(event)));
                    shown.set_position(event.bytes);
                }
            }
            state => {
                if state == State::Done {
                    moved.bytes.insert(event.digest, event.total);
                }
                if let Some(shown) = moved.bars.remove(&event.digest) {
                    shown.finish_and_clear();
                    self.all.remove(&shown);
                }
            }
        }
        let bytes = moved.bytes.values().fold(0_u64, |sum, bytes| sum.saturating_add(*bytes));
        if bytes > 0 {
            self.line.set_message(format!("{} {}", self.what, size(bytes)));
        }
    }
}

/// The start of a blob's digest.
fn name(event: &Event) -> String {
    format!("{:.12}", event.digest.hex())
}

impl Drop for Transfer {
    fn drop(&mut self) {
        if let Kind::Bars(bars) = &*self.0 {
            bars.later.lock().unwrap_or_else(PoisonError::into_inner).end();
            *SHOWN.lock().unwrap_or_else(PoisonError::into_inner) = None;
            bars.line.finish_and_clear();
            // Nothing can be done where not even this can be cleared.
            let _ = bars.all.clear();
        }
    }
}
