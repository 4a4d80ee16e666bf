// SPDX-License-Identifier: Apache-2.0
//! The systems that a binary can be packed for, and what each packager calls them.

use std::ffi::OsString;

use crate::{Result, tool};

/// A system, by the name that Rust gives it, and by those of others.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Platform {
    /// Rust's name of the target.
    pub(crate) triple: &'static str,
    /// The tags of a wheel for it, with `.` between them (PEP 425, 600 and 656).
    pub(super) wheel: &'static str,
    /// Node's `process.platform` and `process.arch`.
    pub(super) node: (&'static str, &'static str),
    /// The OCI image specification's architecture, for images of Linux.
    pub(super) image: Option<&'static str>,
    /// Homebrew's words for system and processor.
    pub(super) brew: Option<(&'static str, &'static str)>,
    /// The machine in the header of an ELF file.
    pub(super) machine: Option<u16>,
    /// Whether the binary has to run without any library of the system, as the tags of its wheel say.
    pub(super) libraries: Libraries,
}

/// The libraries of the system that a binary may need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Libraries {
    /// No file of it: a static binary.
    None,
    /// The libraries of the machine that it was built on, or newer ones.
    OfTheBuilder,
}

/// A system of Linux on each processor, for a binary that is linked with the libraries of its builder.
mod linux {
    use super::{Libraries, Platform};

    const fn on(
        triple: &'static str,
        wheel: &'static str,
        node: &'static str,
        image: &'static str,
        machine: u16,
    ) -> Platform {
        Platform {
            triple,
            wheel,
            node: ("linux", node),
            image: Some(image),
            brew: None,
            machine: Some(machine),
            libraries: Libraries::OfTheBuilder,
        }
    }

    pub(super) const X86_64: Platform = Platform {
        brew: Some(("linux", "intel")),
        ..on("x86_64-unknown-linux-gnu", "linux_x86_64", "x64", "amd64", 62)
    };
    pub(super) const AARCH64: Platform = Platform {
        brew: Some(("linux", "arm")),
        ..on("aarch64-unknown-linux-gnu", "linux_aarch64", "arm64", "arm64", 183)
    };
    pub(super) const I686: Platform = on("i686-unknown-linux-gnu", "linux_i686", "ia32", "386", 3);
    pub(super) const S390X: Platform =
        on("s390x-unknown-linux-gnu", "linux_s390x", "s390x", "s390x", 22);
}

/// A system whose programs are told by their target alone.
const fn other(
    triple: &'static str,
    wheel: &'static str,
    node: (&'static str, &'static str),
    brew: Option<(&'static str, &'static str)>,
) -> Platform {
    let libraries = Libraries::OfTheBuilder;
    Platform { triple, wheel, node, image: None, brew, machine: None, libraries }
}

const INTEL_MAC: Option<(&str, &str)> = Some(("macos", "intel"));
const ARM_MAC: Option<(&str, &str)> = Some(("macos", "arm"));

/// All that is known. What a release has is [`RELEASED`].
const PLATFORMS: &[Platform] = &[
    Platform {
        triple: "x86_64-unknown-linux-musl",
        wheel: "manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64",
        libraries: Libraries::None,
        ..linux::X86_64
    },
    Platform {
        triple: "aarch64-unknown-linux-musl",
        wheel: "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
        libraries: Libraries::None,
        ..linux::AARCH64
    },
    linux::X86_64,
    linux::AARCH64,
    linux::I686,
    linux::S390X,
    other("x86_64-apple-darwin", "macosx_10_12_x86_64", ("darwin", "x64"), INTEL_MAC),
    other("aarch64-apple-darwin", "macosx_11_0_arm64", ("darwin", "arm64"), ARM_MAC),
    other("x86_64-pc-windows-msvc", "win_amd64", ("win32", "x64"), None),
    other("x86_64-pc-windows-gnu", "win_amd64", ("win32", "x64"), None),
];

/// Returns all systems that have words in the languages of packagers.
pub(super) fn all() -> impl Iterator<Item = &'static Platform> {
    PLATFORMS.iter()
}

/// The targets that a release is built for where it is made, if that machine can.
pub(super) const RELEASED: &[&str] = &["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"];

impl Platform {
    /// Finds a system by Rust's name of it.
    ///
    /// # Errors
    /// If there are no words for it in other packagers' languages.
    pub(crate) fn of(triple: &str) -> Result<&'static Self> {
        PLATFORMS.iter().find(|platform| platform.triple == triple).ok_or_else(|| {
            let known: Vec<&str> = PLATFORMS.iter().map(|platform| platform.triple).collect();
            format!("nothing is packed for {triple}; known are {}", known.join(", ")).into()
        })
    }

    /// Returns the file name of a program.
    pub(super) fn program(&self) -> &'static str {
        if self.is_windows() { "toolhive-oci.exe" } else { "toolhive-oci" }
    }

    pub(super) fn is_windows(&self) -> bool {
        self.node.0 == "win32"
    }

    /// Returns the words before a binary that start it on this machine; nothing if it cannot run
    /// here.
    pub(super) fn runner(&self, host: &str) -> Option<Vec<OsString>> {
        let same = |triple: &str| {
            let mut words = triple.split('-');
            (words.next().map(str::to_owned), words.any(|word| word == "linux"))
        };
        if self.triple == host || (same(self.triple) == same(host) && same(host).1) {
            return Some(Vec::new());
        }
        let (processor, linux) = same(self.triple);
        if !linux || !same(host).1 {
            return None;
        }
        let emulator = match processor?.as_str() {
            // The kernel of an x86-64 machine runs both.
            "i686" if host.starts_with("x86_64") => return Some(Vec::new()),
            "aarch64" => "qemu-aarch64",
            "s390x" => "qemu-s390x",
            _ => return None,
        };
        tool::runs(emulator).then(|| vec![emulator.into()])
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_target_is_named_once_and_released_ones_are_known_and_static() {
        let names: BTreeSet<&str> = PLATFORMS.iter().map(|platform| platform.triple).collect();
        assert_eq!(names.len(), PLATFORMS.len());
        for triple in RELEASED {
            let platform = Platform::of(triple).expect("it is known");
            assert_eq!(platform.libraries, Libraries::None, "{triple}");
            // The tags of PyPI that promise an old system are for binaries that need nothing of it.
            assert!(platform.wheel.contains("manylinux_2_17"), "{triple}");
        }
        for platform in PLATFORMS {
            let promises_an_old_system = platform.wheel.contains("manylinux");
            assert_eq!(promises_an_old_system, platform.libraries == Libraries::None);
        }
    }

    #[test]
    fn what_runs_here_is_told_by_processor_and_system() {
        let host = "x86_64-unknown-linux-gnu";
        let runner = |triple| Platform::of(triple).expect("it is known").runner(host);
        assert_eq!(runner("x86_64-unknown-linux-musl"), Some(Vec::new()));
        assert_eq!(runner("i686-unknown-linux-gnu"), Some(Vec::new()));
        assert_eq!(runner("x86_64-apple-darwin"), None);
        assert_eq!(runner("x86_64-pc-windows-msvc"), None);
    }
}
