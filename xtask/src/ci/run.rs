// SPDX-License-Identifier: Apache-2.0
//! Runs steps: one after the other, and others beside them.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::{Result, workspace};

/// The pause before the next look at a step that has time.
const PAUSE: Duration = Duration::from_millis(200);

/// The destination of what a step's programs print.
#[derive(Debug)]
pub(super) enum Output {
    /// The output of this process.
    Inherited,
    /// A file, which is shown when the step has ended. They have time, and end when asked to.
    Kept { file: File, stop: Arc<AtomicBool> },
}

impl Output {
    /// Runs a program, which must succeed.
    pub(super) fn run(&self, mut command: Command) -> Result<()> {
        let told = format!("{command:?}");
        let status = match self {
            Self::Inherited => command.status(),
            Self::Kept { file, stop } => {
                command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file.try_clone()?);
                let mut child = command.spawn().map_err(|error| format!("{told}: {error}"))?;
                loop {
                    if let Some(status) = child.try_wait()? {
                        break Ok(status);
                    }
                    if stop.load(Ordering::Relaxed) {
                        let _ = child.kill();
                    }
                    thread::sleep(PAUSE);
                }
            }
        };
        let status = status.map_err(|error| format!("{told}: {error}"))?;
        if status.success() { Ok(()) } else { Err(format!("{told}: {status}").into()) }
    }

    /// Says something of the step.
    pub(super) fn say(&self, text: &str) -> Result<()> {
        match self {
            Self::Inherited => println!("{text}"),
            Self::Kept { file, .. } => {
                use std::io::Write as _;
                writeln!(&mut &*file, "{text}")?;
            }
        }
        Ok(())
    }
}

/// A step that runs beside others.
pub(super) struct Side {
    pub(super) name: &'static str,
    /// The step that has to have passed before.
    pub(super) after: Option<&'static str>,
    pub(super) work: fn(&Output) -> Result<()>,
}

/// The result of a step beside others: its name, its time, its output, and its error.
struct Report {
    name: &'static str,
    time: Duration,
    text: String,
    failure: Option<String>,
}

/// The steps that have passed, and who waits for one.
type Passed = Arc<(Mutex<Vec<&'static str>>, Condvar)>;

/// Steps that run beside others, in order; they end early when this value goes.
pub(super) struct Beside {
    reports: Receiver<Report>,
    thread: Option<JoinHandle<()>>,
    passed: Passed,
    stop: Arc<AtomicBool>,
}

impl Beside {
    pub(super) fn start(steps: Vec<Side>) -> Self {
        let (send, reports) = channel();
        let (passed, stop) = (Passed::default(), Arc::new(AtomicBool::new(false)));
        let (theirs, told) = (passed.clone(), stop.clone());
        let thread = thread::spawn(move || all(&steps, &theirs, &told, &send));
        Self { reports, thread: Some(thread), passed, stop }
    }

    /// Lets go what waits for that step.
    pub(super) fn has_passed(&self, step: &'static str) {
        let (names, changed) = &*self.passed;
        names.lock().unwrap_or_else(PoisonError::into_inner).push(step);
        changed.notify_all();
    }

    /// Shows what has ended since; an error if one has failed.
    pub(super) fn reports(&mut self) -> Result<Vec<(String, Duration)>> {
        let ended: Vec<Report> = self.reports.try_iter().collect();
        ended.into_iter().map(shown).collect()
    }

    /// Waits for all, and shows them.
    pub(super) fn finish(mut self) -> Result<Vec<(String, Duration)>> {
        let mut times = Vec::new();
        while let Ok(report) = self.reports.recv() {
            times.push(shown(report)?);
        }
        match self.thread.take().map(JoinHandle::join) {
            Some(Err(_)) => Err("a step beside the others panicked".into()),
            _ => Ok(times),
        }
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.passed.1.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn all(steps: &[Side], passed: &Passed, stop: &Arc<AtomicBool>, send: &Sender<Report>) {
    for step in steps {
        let (names, changed) = &**passed;
        let mut names = names.lock().unwrap_or_else(PoisonError::into_inner);
        while step.after.is_some_and(|after| !names.contains(&after)) {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let waited = changed.wait_timeout(names, PAUSE);
            names = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(names);
        let start = Instant::now();
        let path = log_of(step.name);
        let failure = one(step, &path, stop).err().map(|error| error.to_string());
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap_or_default()).into_owned();
        let report = Report { name: step.name, time: start.elapsed(), text, failure };
        if send.send(report).is_err() || stop.load(Ordering::Relaxed) {
            return;
        }
    }
}

fn log_of(step: &str) -> PathBuf {
    let name = step.replace(|of: char| !of.is_ascii_alphanumeric(), "-");
    workspace::root().join("target/xtask/ci").join(name).with_extension("log")
}

fn one(step: &Side, path: &PathBuf, stop: &Arc<AtomicBool>) -> Result<()> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    (step.work)(&Output::Kept { file: File::create(path)?, stop: stop.clone() })
}

/// Prints a report; its time, or an error if the step failed.
fn shown(report: Report) -> Result<(String, Duration)> {
    let Report { name, time, text, failure } = report;
    println!("\n=== {name} (beside the others)\n{}", text.trim_end());
    match failure {
        Some(failure) => Err(format!("{name}: {failure}").into()),
        None => Ok((format!("{name} (beside the others)"), time)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(after: Option<&'static str>, work: fn(&Output) -> Result<()>) -> Vec<Side> {
        vec![Side { name: "a step of a test", after, work }]
    }

    #[test]
    fn a_failure_beside_the_others_fails_the_run() {
        let beside = Beside::start(side(None, |_| Err("it failed".into())));
        let error = beside.finish().expect_err("it failed");
        assert_eq!(error.to_string(), "a step of a test: it failed");
    }

    #[test]
    fn a_step_waits_for_the_one_that_it_needs() {
        let mut beside = Beside::start(side(Some("tests"), |output| output.say("done")));
        assert_eq!(beside.reports().expect("nothing failed"), []);
        beside.has_passed("tests");
        assert_eq!(beside.finish().expect("it passed").len(), 1);
    }

    #[test]
    fn what_waits_ends_when_the_run_does() {
        drop(Beside::start(side(Some("never"), |_| Ok(()))));
    }
}
