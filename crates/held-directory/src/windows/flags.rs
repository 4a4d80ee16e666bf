// SPDX-License-Identifier: Apache-2.0
//! The flags of the calls, as far as they mean something here.

use std::ops::BitOr;

/// Flags that are sets of bits.
macro_rules! flags {
    ($($(#[$doc:meta])* $type:ident { $($(#[$flag_doc:meta])* $flag:ident = $bits:literal;)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $type(u32);

        impl $type {
            $($(#[$flag_doc])* pub const $flag: Self = Self($bits);)*

            /// None of them.
            pub const fn empty() -> Self {
                Self(0)
            }

            /// Returns the flags of both.
            pub const fn union(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }

            /// Whether all of `other` are among them.
            pub const fn contains(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            /// Whether one of `other` is among them.
            pub const fn intersects(self, other: Self) -> bool {
                self.0 & other.0 != 0
            }
        }

        impl BitOr for $type {
            type Output = Self;

            fn bitor(self, other: Self) -> Self {
                self.union(other)
            }
        }
    )*};
}

flags! {
    /// The flags with which something is opened.
    OFlags {
        /// Opens for reading.
        RDONLY = 0;
        /// Opens for writing.
        WRONLY = 1;
        /// Opens for reading and writing.
        RDWR = 2;
        /// A directory, and nothing else.
        DIRECTORY = 4;
        /// Refuses to follow a link in the last place of the path.
        NOFOLLOW = 8;
        /// Creates the file if it is missing.
        CREATE = 16;
        /// Fails if the file exists.
        EXCL = 32;
        /// No child process gets it, as always here.
        CLOEXEC = 0;
        /// Has no effect here: opening a file never waits.
        NONBLOCK = 0;
        /// Has no effect here: no file is a terminal.
        NOCTTY = 0;
    }

    /// The flags with which a name is looked at or removed.
    AtFlags {
        /// A link itself, not what it leads to.
        SYMLINK_NOFOLLOW = 1;
        /// An empty directory.
        REMOVEDIR = 2;
    }

    /// The flags with which something is renamed.
    RenameFlags {
        /// Renames only if the new name is free.
        NOREPLACE = 1;
        /// Exchanges the two names.
        EXCHANGE = 2;
    }

    /// Permission bits, which are shown and not set.
    Mode {
        /// All of the owner.
        RWXU = 0o700;
        /// All of the group.
        RWXG = 0o070;
        /// All of the others.
        RWXO = 0o007;
    }
}

/// The type of a mode.
pub type RawMode = u32;

impl Mode {
    /// Returns the permission bits of a mode.
    pub const fn from_raw_mode(mode: RawMode) -> Self {
        Self(mode & 0o7777)
    }
}

/// The kind of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileType {
    /// A regular file.
    RegularFile,
    /// The type of directories.
    Directory,
    /// A link or a junction.
    Symlink,
    /// The type of named pipes, which do not occur here.
    Fifo,
    /// The type of sockets, which do not occur here.
    Socket,
    /// The type of character devices, which do not occur here.
    CharacterDevice,
    /// The type of block devices, which do not occur here.
    BlockDevice,
    /// The type is not known.
    Unknown,
}

/// The bits of a mode that say the kind, as on Unix.
const KIND: RawMode = 0o170_000;
const DIRECTORY: RawMode = 0o040_000;
const FILE: RawMode = 0o100_000;
const LINK: RawMode = 0o120_000;

impl FileType {
    /// Returns the kind that a mode says.
    pub const fn from_raw_mode(mode: RawMode) -> Self {
        match mode & KIND {
            DIRECTORY => Self::Directory,
            FILE => Self::RegularFile,
            LINK => Self::Symlink,
            _ => Self::Unknown,
        }
    }

    /// Returns the kind, as `std` has it.
    pub(super) fn of(kind: std::fs::FileType) -> Self {
        if kind.is_symlink() {
            Self::Symlink
        } else if kind.is_dir() {
            Self::Directory
        } else {
            Self::RegularFile
        }
    }

    /// Returns the mode that something of this kind is shown with.
    pub(super) const fn mode(self) -> RawMode {
        match self {
            Self::Directory => DIRECTORY | 0o700,
            Self::Symlink => LINK | 0o777,
            _ => FILE | 0o644,
        }
    }
}
