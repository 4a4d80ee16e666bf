// SPDX-License-Identifier: Apache-2.0
//! The file system in memory, for temporary files of what would wait for the disk otherwise.

use std::path::Path;

/// Less room than this and the disk is used: tests with large blobs run side by side.
const ROOM: u64 = 6 << 30;

/// Returns a directory in memory, if there is one with room.
pub(crate) fn place() -> Option<&'static Path> {
    let place = Path::new("/dev/shm");
    let has_room = rustix::fs::statvfs(place)
        .is_ok_and(|found| found.f_bavail.saturating_mul(found.f_frsize) >= ROOM);
    has_room.then_some(place)
}
