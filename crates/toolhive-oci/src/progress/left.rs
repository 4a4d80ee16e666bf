// SPDX-License-Identifier: Apache-2.0
//! The time that some work still takes.

use std::fmt::Write;
use std::time::{Duration, Instant};

use indicatif::ProgressState;
use indicatif::style::ProgressTracker;

/// The time that has to pass before anything is said.
const FIRST: Duration = Duration::from_secs(5);
/// So many times longer or shorter it has to be before something else is said than what a clock would say.
const APART: f64 = 1.5;

/// The time that is left, for people. It is that of the mean speed since the beginning, and goes down as a
/// clock does until that is far from it: work that goes in bursts does not make it jump.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Left {
    /// The seconds that were left, and the time at which they were.
    said: Option<(f64, Duration)>,
}

impl Left {
    /// Looks at how far the work is.
    fn look(&mut self, elapsed: Duration, done: u64, total: u64) {
        if elapsed < FIRST || done < total / 50 || done == 0 {
            return;
        }
        let rest = total.saturating_sub(done) as f64 / done as f64;
        let mean = elapsed.as_secs_f64() * rest;
        let is_near = self.now(elapsed).is_some_and(|now| mean < now * APART && now < mean * APART);
        if !is_near {
            self.said = Some((mean, elapsed));
        }
    }

    /// The seconds that are left by the clock.
    fn now(&self, elapsed: Duration) -> Option<f64> {
        let (seconds, at) = self.said?;
        Some((seconds - elapsed.saturating_sub(at).as_secs_f64()).max(0.0))
    }

    /// In words, in steps that are coarser the longer it is; none while too little is known.
    fn words(&self, elapsed: Duration) -> Option<String> {
        Some(match self.now(elapsed)? {
            seconds if seconds <= 55.0 => format!("{} s left", stepped(seconds, 5)),
            seconds if seconds <= 3_600.0 => format!("{} min left", stepped(seconds / 60.0, 1)),
            _ => "over an hour left".to_owned(),
        })
    }
}

impl ProgressTracker for Left {
    fn clone_box(&self) -> Box<dyn ProgressTracker> {
        Box::new(*self)
    }

    fn tick(&mut self, state: &ProgressState, _: Instant) {
        self.look(state.elapsed(), state.pos(), state.len().unwrap_or_default());
    }

    fn reset(&mut self, _: &ProgressState, _: Instant) {
        self.said = None;
    }

    fn write(&self, state: &ProgressState, out: &mut dyn Write) {
        if let Some(words) = self.words(state.elapsed()) {
            // Nothing can be done where not even this can be written.
            let _ = write!(out, ", {words}");
        }
    }
}

/// The number in steps, up.
fn stepped(number: f64, step: u32) -> u32 {
    let step = f64::from(step);
    // It is small, and never negative.
    ((number / step).ceil() * step) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_before_something_is_known_vb_15() {
        for (elapsed, done, total, words) in [
            (4, 50, 100, None),
            (10, 1, 100, None),
            (10, 0, 0, None),
            (10, 50, 100, Some("10 s left")),
            (10, 99, 100, Some("5 s left")),
            (10, 100, 100, Some("0 s left")),
            (10, 15, 100, Some("1 min left")),
            (60, 25, 100, Some("3 min left")),
            (300, 5, 100, Some("over an hour left")),
        ] {
            let (mut left, elapsed) = (Left::default(), Duration::from_secs(elapsed));
            left.look(elapsed, done, total);
            assert_eq!(left.words(elapsed).as_deref(), words, "{elapsed:?} {done} of {total}");
        }
    }

    /// The words for work of a minute that is looked at ten times a second.
    fn said(done: fn(u64) -> u64) -> Vec<i64> {
        let mut left = Left::default();
        let mut all = Vec::new();
        for step in 0..=600 {
            let elapsed = Duration::from_millis(step * 100);
            left.look(elapsed, done(step), 600);
            if let Some(words) = left.words(elapsed) {
                let number = words.split(' ').next().and_then(|word| word.parse::<i64>().ok());
                let factor = if words.contains("min") { 60 } else { 1 };
                all.push(number.expect("a number") * factor);
            }
        }
        all
    }

    #[test]
    fn what_is_left_does_not_jump_with_bursts_vb_15() {
        // Steadily, and every two seconds the work of two seconds.
        for done in [|step| step, |step| step / 20 * 20] {
            let said = said(done);
            assert!(said.len() > 500, "{}", said.len());
            assert!(said.windows(2).all(|pair| pair[1] <= pair[0] + 5), "{said:?}");
            assert_eq!(said.last(), Some(&0));
            let ups = said.windows(2).filter(|pair| pair[1] > pair[0]).count();
            assert!(ups <= 2, "{ups}: {said:?}");
        }
        // What becomes three times slower is said to take longer.
        let slower = said(|step| if step < 300 { step } else { 300 + (step - 300) / 3 });
        assert!(slower.windows(2).any(|pair| pair[1] > pair[0]), "{slower:?}");
    }
}
