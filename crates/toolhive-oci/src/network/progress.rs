// SPDX-License-Identifier: Apache-2.0
//! Progress of what goes to a registry or comes from one: a bar for each blob on a terminal, a line
//! for each elsewhere if lines are asked for.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use indicatif::{MultiProgress, ProgressBar};
use oci_artifact::Digest;
use oci_registry_http::transfer::{Event, OnEvent, Part, State};

use crate::args::When;
use crate::output::size;
use crate::progress::{WORTH_A_BAR, bar};

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

/// Shows how far each blob is, on stderr; the bars go with it.
pub(crate) struct Transfer(Arc<Kind>);

enum Kind {
    Off,
    Bars { all: MultiProgress, bars: Mutex<BTreeMap<Digest, ProgressBar>> },
    Lines,
}

impl Transfer {
    pub(crate) fn new(when: When) -> Self {
        Self(Arc::new(match (when, std::io::stderr().is_terminal()) {
            (When::Never, _) | (When::Auto, false) => Kind::Off,
            (When::Auto | When::Always, true) => {
                let all = MultiProgress::new();
                *SHOWN.lock().unwrap_or_else(PoisonError::into_inner) = Some(all.clone());
                Kind::Bars { all, bars: Mutex::default() }
            }
            (When::Always, false) => Kind::Lines,
        }))
    }

    /// The events of a transfer.
    pub(crate) fn on_event(&self) -> OnEvent {
        let kind = Arc::clone(&self.0);
        Arc::new(move |event| kind.show(&event))
    }
}

impl Kind {
    fn show(&self, event: &Event) {
        let name = format!("{:.12}", event.digest.hex());
        match self {
            Self::Off => {}
            Self::Lines => {
                let what = match event.state {
                    State::Done => "done",
                    State::Skipped => "there already",
                    State::Mounted => "mounted",
                    _ => return,
                };
                let size = size(event.total);
                // Nothing can be done where not even this can be printed.
                let _ = writeln!(std::io::stderr(), "{name} ({size}): {what}");
            }
            Self::Bars { .. } if event.part == Part::Manifest || event.total < WORTH_A_BAR => {}
            Self::Bars { all, bars } => {
                let mut bars = bars.lock().unwrap_or_else(PoisonError::into_inner);
                match event.state {
                    State::Started | State::Moving | State::Rewound => {
                        let shown = bars.entry(event.digest).or_insert_with(|| {
                            let shown = all.add(bar(name.clone()));
                            shown.set_length(event.total);
                            shown
                        });
                        shown.set_position(event.bytes);
                    }
                    _ => {
                        if let Some(shown) = bars.remove(&event.digest) {
                            shown.finish_and_clear();
                        }
                    }
                }
            }
        }
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        if let Kind::Bars { all, .. } = &*self.0 {
            *SHOWN.lock().unwrap_or_else(PoisonError::into_inner) = None;
            // Nothing can be done where not even this can be cleared.
            let _ = all.clear();
        }
    }
}
