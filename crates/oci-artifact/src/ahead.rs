// SPDX-License-Identifier: Apache-2.0
//! Reading ahead: one thread reads, decompresses and hashes while another does with the result
//! what is to be done.

use std::io::{self, Cursor, Read};
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// The number of bytes that are handed over at once.
const CHUNK: usize = 64 * 1024;
/// The most chunks that wait.
const CHUNKS: usize = 16;
/// The bytes up to which reading is not worth a thread.
const SMALL: u64 = 128 * 1024;

/// Lets `work` have what `reader` yields, which is read ahead by another thread if `size`, the bytes
/// that it is made of, is not small; a mebibyte waits at most. What came of the work, and the
/// reader, of which more may have been read than the work took.
pub(crate) fn read_ahead<R: Read + Send, T>(
    mut reader: R,
    size: u64,
    work: impl FnOnce(&mut dyn Read) -> T,
) -> (T, R) {
    if size <= SMALL {
        return (work(&mut reader), reader);
    }
    let (sender, receiver) = sync_channel(CHUNKS);
    let done = thread::scope(|scope| {
        let reader = &mut reader;
        let read = move || hand_over(reader, &sender);
        match thread::Builder::new().name("ahead".into()).spawn_scoped(scope, read) {
            Ok(thread) => {
                let result = work(&mut Ahead { chunks: receiver, chunk: Cursor::default() });
                thread.join().unwrap_or_else(|panic| resume_unwind(panic));
                Ok(result)
            }
            Err(_) => Err(work),
        }
    });
    // Without a thread it takes longer.
    let result = done.unwrap_or_else(|work| work(&mut reader));
    (result, reader)
}

/// The next bytes, or the error of reading them.
type Chunk = io::Result<Vec<u8>>;

/// Hands over all entries, and the error of the rest, as long as the receiver is there.
fn hand_over(reader: &mut impl Read, chunks: &SyncSender<Chunk>) {
    loop {
        let mut chunk = Vec::with_capacity(CHUNK);
        let read = reader.take(CHUNK as u64).read_to_end(&mut chunk);
        let is_last = chunk.is_empty();
        if chunks.send(Ok(chunk)).is_err() {
            return;
        }
        if let Err(error) = read {
            // The receiver may be gone.
            let _ = chunks.send(Err(error));
            return;
        }
        if is_last {
            return;
        }
    }
}

/// The bytes that were read ahead.
struct Ahead {
    chunks: Receiver<Chunk>,
    chunk: Cursor<Vec<u8>>,
}

impl Read for Ahead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.chunk.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            match self.chunks.recv() {
                Ok(chunk) => self.chunk = Cursor::new(chunk?),
                // All was handed over.
                Err(_) => return Ok(0),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    const SIZE: usize = 10_000_000;

    fn bytes() -> Vec<u8> {
        (0..SIZE).map(|at| (at / 251) as u8).collect()
    }

    /// Fails behind its bytes.
    struct Broken(Cursor<Vec<u8>>);

    impl Read for Broken {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(io::ErrorKind::InvalidData.into()),
                read => Ok(read),
            }
        }
    }

    #[test]
    fn all_bytes_come_in_their_order() {
        for size in [0, SMALL, SMALL + 1, u64::MAX] {
            let mut read = Vec::new();
            let (result, reader) =
                read_ahead(Cursor::new(bytes()), size, |ahead| ahead.read_to_end(&mut read));
            assert_eq!(result.expect("reads"), SIZE);
            assert!(read == bytes());
            assert_eq!(reader.position(), SIZE as u64);
        }
    }

    #[test]
    fn an_error_comes_after_what_was_before_it() {
        let mut read = Vec::new();
        let broken = Broken(Cursor::new(bytes()));
        let (result, _) = read_ahead(broken, u64::MAX, |ahead| ahead.read_to_end(&mut read));
        assert_eq!(result.expect_err("is broken").kind(), io::ErrorKind::InvalidData);
        assert!(read == bytes());
    }

    #[test]
    fn work_that_ends_early_ends_the_reading() {
        let mut first = [0; 3];
        let (result, reader) =
            read_ahead(Cursor::new(bytes()), u64::MAX, |ahead| ahead.read_exact(&mut first));
        result.expect("reads");
        assert_eq!(first, bytes()[..3]);
        assert!(reader.position() <= ((CHUNKS + 3) * CHUNK) as u64);
    }

    #[test]
    fn a_panic_of_either_ends_both() {
        struct Dies(Cursor<Vec<u8>>);
        impl Read for Dies {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                match self.0.read(buffer)? {
                    0 => resume_unwind(Box::new("reader")),
                    read => Ok(read),
                }
            }
        }
        let of = |panic: Box<dyn std::any::Any + Send>| *panic.downcast::<&str>().expect("ours");
        let mut taken = 0;
        let died = catch_unwind(AssertUnwindSafe(|| {
            read_ahead(Dies(Cursor::new(bytes())), u64::MAX, |ahead| {
                taken = io::copy(ahead, &mut io::sink()).expect("reads");
            })
        }));
        assert_eq!(died.map(|_| ()).map_err(of), Err("reader"));
        assert!(taken <= SIZE as u64);
        let died = catch_unwind(|| {
            read_ahead(Cursor::new(bytes()), u64::MAX, |_| resume_unwind(Box::new("work")))
        });
        let died: Result<((), _), _> = died;
        assert_eq!(died.map(|_| ()).map_err(of), Err("work"));
    }
}
