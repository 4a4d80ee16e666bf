// SPDX-License-Identifier: Apache-2.0
//! Errors of the system, under the names that they have on Unix.

use std::io;

/// An error of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errno(i32);

/// The names, each for an error of Windows that says the same.
macro_rules! errors {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        impl Errno {
            $($(#[$doc])* pub const $name: Self = Self($code);)*
        }
    };
}

errors! {
    /// Nothing has that name (`ERROR_FILE_NOT_FOUND`).
    NOENT = 2;
    /// This process has as many files open as it may (`ERROR_TOO_MANY_OPEN_FILES`).
    MFILE = 4;
    /// The access is denied (`ERROR_ACCESS_DENIED`).
    ACCESS = 5;
    /// The name would move to another volume (`ERROR_NOT_SAME_DEVICE`).
    XDEV = 17;
    /// Another process has the file open, and does not share it for this (`ERROR_SHARING_VIOLATION`).
    BUSY = 32;
    /// Another process holds the lock (`ERROR_LOCK_VIOLATION`).
    WOULDBLOCK = 33;
    /// The request is not supported (`ERROR_NOT_SUPPORTED`).
    NOTSUP = 50;
    /// A parameter is invalid (`ERROR_INVALID_PARAMETER`).
    INVAL = 87;
    /// The system has no such call (`ERROR_CALL_NOT_IMPLEMENTED`).
    NOSYS = 120;
    /// The directory is not empty (`ERROR_DIR_NOT_EMPTY`).
    NOTEMPTY = 145;
    /// Something has that name already (`ERROR_ALREADY_EXISTS`).
    EXIST = 183;
    /// The name is too long (`ERROR_FILENAME_EXCED_RANGE`).
    NAMETOOLONG = 206;
    /// The name is not that of a directory (`ERROR_DIRECTORY`).
    NOTDIR = 267;
    /// The name is that of a directory (`ERROR_DIRECTORY_NOT_SUPPORTED`).
    ISDIR = 336;
    /// The name is that of a link (`ERROR_STOPPED_ON_SYMLINK`).
    LOOP = 681;
    /// The file is another one by now (`ERROR_FILE_INVALID`).
    STALE = 1006;
    /// The request was cancelled (`ERROR_CANCELLED`).
    CANCELED = 1223;
    /// The file has too many names (`ERROR_TOO_MANY_LINKS`).
    MLINK = 1142;
    /// The caller has not the right (`ERROR_PRIVILEGE_NOT_HELD`).
    PERM = 1314;
    /// The machine has as many files open as it may (`ERROR_NO_SYSTEM_RESOURCES`).
    NFILE = 1450;
    /// The system has no such device (`ERROR_NOT_READY`).
    NXIO = 21;
    /// The device failed (`ERROR_IO_DEVICE`).
    IO = 1117;
    /// The call cannot be done with what it is given (`ERROR_INVALID_FUNCTION`).
    NOTTY = 1;
}

impl Errno {
    /// Returns the error of the system that `error` is, if it is one.
    pub fn from_io_error(error: &io::Error) -> Option<Self> {
        error.raw_os_error().map(Self::of_code)
    }

    /// Returns the error of that number.
    pub(super) fn of_code(code: i32) -> Self {
        match code {
            // The path, a drive, a name that cannot be: nothing is there.
            3 | 15 => Self::NOENT,
            80 => Self::EXIST,
            code => Self(code),
        }
    }
}

impl From<io::Error> for Errno {
    fn from(error: io::Error) -> Self {
        Self::from_io_error(&error).unwrap_or(Self::INVAL)
    }
}

impl From<Errno> for io::Error {
    fn from(errno: Errno) -> Self {
        Self::from_raw_os_error(errno.0)
    }
}
