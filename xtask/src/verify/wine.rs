// SPDX-License-Identifier: Apache-2.0
//! Programs of Windows, started on Linux by Wine, with what Debian's Wine lacks.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::packaging::{Launch, ModesBy};
use crate::{Result, workspace};

/// The compiler of C that links for Windows.
pub(super) const COMPILER: &str = "x86_64-w64-mingw32-gcc-posix";
/// Wine for programs of 64 bits, where Debian has it.
pub(super) const PROGRAM: &str = "/usr/lib/wine/wine64";

/// Rust's programs take random numbers from a library that Wine has since version 8.5 alone. This one hands on to
/// the older function, for tests and nothing else.
const LIBRARY: &str = "bcryptprimitives.dll";
const SOURCE: &str = "\
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length)
{
    return SystemFunction036(data, (ULONG)length);
}
";

/// The start of that binary. Nothing of the user's own Wine is used.
///
/// # Errors
/// If the library cannot be built.
pub(super) fn launch(binary: &Path) -> Result<Launch> {
    let place = binary.parent().ok_or("a binary without a directory")?;
    let source = place.join("bcryptprimitives.c");
    fs::write(&source, SOURCE)?;
    let mut compiler = Command::new(COMPILER);
    compiler.arg("-shared").arg("-o").arg(place.join(LIBRARY)).arg(&source).arg("-ladvapi32");
    if !compiler.status()?.success() {
        return Err("the library that Wine lacks cannot be built".into());
    }
    // Programs of tests are there.
    fs::copy(place.join(LIBRARY), place.join("deps").join(LIBRARY))?;
    let prefix = workspace::root().join("target/verify/wine");
    fs::create_dir_all(&prefix)?;
    let words = [
        "env".into(),
        format!("WINEPREFIX={}", prefix.display()),
        "WINEDEBUG=-all".into(),
        PROGRAM.into(),
    ];
    let prefix = words.into_iter().map(Into::into).collect();
    // It cannot see who may execute what.
    Ok(Launch { prefix, modes: ModesBy::List, ..Launch::default() })
}
