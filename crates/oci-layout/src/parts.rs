// SPDX-License-Identifier: Apache-2.0
//! Reading very many files by several threads: a disk that was not asked for them for long has many
//! answers at once.

use std::panic::resume_unwind;
use std::thread;

/// The number of threads that read long lists. Where tests let single calls fail, one does.
const READERS: usize = if cfg!(test) { 1 } else { 8 };
/// The number of items that are worth a thread.
const PART: usize = 100;

/// Runs `work` for parts of a list, in parallel if that is worth it; returns the result of each part, in the order of
/// the list.
pub(crate) fn in_parts<T: Sync, R: Send>(list: &[T], work: impl Fn(&[T]) -> R + Sync) -> Vec<R> {
    let size = list.len().div_ceil(READERS).max(PART);
    let (first, others) = list.split_at(size.min(list.len()));
    let work = &work;
    thread::scope(|scope| {
        let started: Vec<_> = others
            .chunks(size)
            .map(|part| {
                let thread = thread::Builder::new().name("reader".into());
                // Without a thread it takes longer.
                thread.spawn_scoped(scope, move || work(part)).map_err(|_| part)
            })
            .collect();
        let own = work(first);
        let rest = started.into_iter().map(|started| match started {
            Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
            Err(part) => work(part),
        });
        std::iter::once(own).chain(rest).collect()
    })
}
