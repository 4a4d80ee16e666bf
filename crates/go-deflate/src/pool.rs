// SPDX-License-Identifier: Apache-2.0
//! Threads that do the work of a queue, each with tools of its own: a matcher.

use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Builder, JoinHandle};

type Job<T> = Box<dyn FnOnce(&mut T) + Send>;

/// The time at which work is done.
#[derive(Clone, Copy)]
pub(super) enum Turn {
    /// After all that was submitted before.
    InOrder,
    /// Before all others: somebody waits for it.
    Next,
}

/// Threads that end, and are waited for, when this is dropped; work that no thread has begun by
/// then is dropped, too.
pub(super) struct Pool<M> {
    shared: Arc<Shared<M>>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared<M> {
    queue: Mutex<Queue<M>>,
    changed: Condvar,
}

struct Queue<M> {
    jobs: VecDeque<Job<M>>,
    is_closed: bool,
}

/// The future result of some work.
pub(super) struct Pending<T>(Receiver<T>);

impl<T> Pending<T> {
    /// Waits for it.
    ///
    /// # Errors
    /// If the thread died.
    pub(super) fn wait(self) -> io::Result<T> {
        self.0.recv().map_err(|_| io::Error::other("a thread of the encoder has died"))
    }
}

impl<M: Default + 'static> Pool<M> {
    /// Starts that many threads, or as many as there can be.
    pub(super) fn start(count: usize) -> Self {
        let queue = Queue { jobs: VecDeque::new(), is_closed: false };
        let shared = Arc::new(Shared { queue: Mutex::new(queue), changed: Condvar::new() });
        let threads = (0..count).map_while(|_| {
            let shared = shared.clone();
            Builder::new().name("deflate".into()).spawn(move || shared.work()).ok()
        });
        Self { threads: threads.collect(), shared }
    }

    /// Submits work to the pool. Without any thread it is done at once.
    pub(super) fn submit<T: Send + 'static>(
        &self,
        turn: Turn,
        work: impl FnOnce(&mut M) -> T + Send + 'static,
    ) -> Pending<T> {
        let (sender, receiver) = sync_channel(1);
        let job = move |tools: &mut M| {
            // Nobody waits for it any more if that fails.
            let _ = sender.send(work(tools));
        };
        if self.threads.is_empty() {
            job(&mut M::default());
            return Pending(receiver);
        }
        let mut queue = self.shared.queue();
        match turn {
            // After a panic there may be no thread left to do it.
            _ if queue.is_closed => drop(job),
            Turn::InOrder => queue.jobs.push_back(Box::new(job)),
            Turn::Next => queue.jobs.push_front(Box::new(job)),
        }
        drop(queue);
        self.shared.changed.notify_one();
        Pending(receiver)
    }
}

impl<M> Drop for Pool<M> {
    fn drop(&mut self) {
        self.shared.close();
        for thread in self.threads.drain(..) {
            // One that died has been noticed by who waited for its work.
            let _ = thread.join();
        }
    }
}

impl<M> Shared<M> {
    fn queue(&self) -> MutexGuard<'_, Queue<M>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets all threads end, and notifies those that wait for work that none has begun.
    fn close(&self) {
        let mut queue = self.queue();
        queue.is_closed = true;
        queue.jobs.clear();
        drop(queue);
        self.changed.notify_all();
    }

    /// Does the work of the queue, as one of the pool's threads.
    fn work(&self)
    where
        M: Default,
    {
        let _end = End(self);
        let mut tools = M::default();
        while let Some(job) = self.next() {
            job(&mut tools);
        }
    }

    fn next(&self) -> Option<Job<M>> {
        let mut queue = self.queue();
        while !queue.is_closed {
            if let Some(job) = queue.jobs.pop_front() {
                return Some(job);
            }
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        None
    }
}

/// A thread's end: if it is a panic, nobody may go on waiting for what is in the queue.
struct End<'a, M>(&'a Shared<M>);

impl<M> Drop for End<'_, M> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.close();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::resume_unwind;

    use super::*;

    #[test]
    fn a_pool_leaves_no_thread_and_no_work_behind() {
        let held = Arc::new(());
        let pool = Pool::<()>::start(3);
        for _ in 0..100 {
            let held = held.clone();
            drop(pool.submit(Turn::InOrder, move |_| drop(held)));
        }
        let shared = Arc::downgrade(&pool.shared);
        drop(pool);
        assert_eq!(Arc::strong_count(&held), 1);
        assert_eq!(shared.strong_count(), 0);
    }

    #[test]
    fn work_is_done_without_threads_too() {
        let pool = Pool::<()>::start(0);
        assert_eq!(pool.submit(Turn::Next, |_| 7).wait().ok(), Some(7));
    }

    #[test]
    fn a_thread_that_dies_is_an_error_for_all_who_wait() {
        let pool = Pool::<()>::start(1);
        let (sender, receiver) = sync_channel::<()>(1);
        let died = pool.submit(Turn::InOrder, move |_| {
            let _ = receiver.recv();
            resume_unwind(Box::new(()))
        });
        let died: Pending<()> = died;
        let never_begun = pool.submit(Turn::InOrder, |_| 7);
        drop(sender);
        assert!(died.wait().is_err());
        assert!(never_begun.wait().is_err());
        assert!(pool.submit(Turn::Next, |_| 7).wait().is_err());
    }
}
