// SPDX-License-Identifier: Apache-2.0
//! Reading the index file, which another program may be writing just now (LS-19).

use std::fs::File;
use std::io;
use std::thread;
use std::time::Duration;

use toolhive_diagnostics::Remedy;

use super::IndexFile;
use crate::store::fs as ops;
use crate::store::root::{Meta, StorePath};
use crate::{Error, ErrorKind, Result, json, limits};

/// The number of times that an index file that is no JSON is read again before it counts as broken:
/// about a second. The Go code writes it in place.
const RETRIES: u32 = if cfg!(test) { 2 } else { 50 };
const RETRY_PAUSE: Duration = Duration::from_millis(if cfg!(test) { 1 } else { 20 });

/// The sentence on what [repairing](crate::Remedy::RepairStore) the store does about a broken index
/// file.
const BROKEN: &str = "{} keeps the entries that can be read, lists \
                                           everything else that is complete under the names of \
                                           the builds themselves, and keeps this file as \
                                           index.json.broken; other tags are lost";

/// The content found in the place of the index file.
pub(in crate::store) enum Reading {
    Whole(Whole),
    Missing,
    /// A file that is no index, and its text.
    Broken(Vec<u8>, Error),
    /// The name is taken by something that is no file, or by one that is larger than an index file
    /// may be. It is not touched.
    Foreign(Error),
}

/// An index file, and what was known of it when it was read.
pub(in crate::store) struct Whole {
    pub(in crate::store) file: File,
    pub(in crate::store) stamp: Meta,
    pub(in crate::store) index: IndexFile,
}

/// Reads the index file at `path`, and waits up to a second for who may be writing it.
///
/// # Errors
/// [`ErrorKind::Io`]: nothing is known then.
pub(in crate::store) fn read(path: &StorePath) -> Result<Reading> {
    let mut tries = 0;
    loop {
        match read_once(path)? {
            Reading::Broken(text, _) if tries < RETRIES && json::parse(&text).is_err() => {
                tries += 1;
                thread::sleep(RETRY_PAUSE);
            }
            other => return Ok(other),
        }
    }
}

fn read_once(path: &StorePath) -> Result<Reading> {
    let foreign = |what: &str| {
        let help = "this does not belong to the store: find out what it is, and move it away; a \
                    store without index.json lists again everything that is complete in it, at \
                    the next build or by {}, under the names of the builds themselves; other tags \
                    are lost";
        let help = Remedy::RepairStore.help(help);
        let error = Error::new(ErrorKind::InvalidStore, what).at_path(path).with_help(help);
        Ok(Reading::Foreign(error))
    };
    let (file, stamp) = match ops::open(path) {
        Ok(Some(opened)) => opened,
        Ok(None) => return foreign("the index file is not a regular file"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Reading::Missing),
        Err(error) => return Err(ops::failed("cannot open the file", path, error)),
    };
    let limit = limits::MAX_INDEX_FILE_SIZE;
    if stamp.size > limit {
        return foreign(&format!("larger than the {limit} bytes that it may have"));
    }
    let read = ops::read_to_end(&file, path, stamp.size, limit);
    let text = ops::done("cannot read the file", path, read)?;
    if text.len() as u64 > limit {
        return foreign(&format!("larger than the {limit} bytes that it may have"));
    }
    // Parsing takes the text; a broken one is rare, and small as a rule.
    Ok(match IndexFile::parse(text, &path.path()) {
        Ok(index) => Reading::Whole(Whole { file, stamp, index }),
        Err((text, error)) => {
            Reading::Broken(text, error.with_help(Remedy::RepairStore.help(BROKEN)))
        }
    })
}
