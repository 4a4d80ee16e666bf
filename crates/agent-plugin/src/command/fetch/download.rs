// SPDX-License-Identifier: Apache-2.0
//! Programs that download, as one table (S-58, S-111).

use crate::shell::{self, Simple, Word};

/// Programs that bring a file from another machine, and the words that say so, if it does other things as well.
const DOWNLOADERS: &[(&[&str], &[&str])] = &[
    (&["aria2c", "axel", "curl", "curlie", "fetch", "GET", "http", "https", "irm", "iwr"], &[""]),
    (&["wget", "wget2", "xh"], &[""]),
    (&["Invoke-RestMethod", "Invoke-WebRequest", "lwp-download", "lwp-request"], &[""]),
    (&["Start-BitsTransfer"], &[""]),
    (&["aws"], &["s3 cp", "s3 mv", "s3 sync", "s3api get-object"]),
    (&["az"], &["storage blob download"]),
    (&["bitsadmin"], &["/transfer"]),
    (&["certutil"], &["-urlcache"]),
    (&["ftp"], &["-o"]),
    (&["gcloud"], &["storage cp"]),
    (&["gh"], &["api", "gist view", "release download"]),
    (&["gsutil"], &["cat", "cp"]),
    (&["lynx"], &["-source"]),
    (&["mc"], &["cp"]),
    (&["rclone"], &["copy"]),
    (&["rsync", "scp"], &[":"]),
];

/// Returns the URL that a program gets, if it is one that downloads.
pub(super) fn downloaded(program: &str, arguments: &[Word]) -> Option<String> {
    let says = |words: &str| match words {
        ":" => arguments.iter().any(|word| word.text.contains(':')),
        words => {
            let mut own = arguments.iter().map(|word| word.text.as_str());
            words.split_whitespace().all(|wanted| own.any(|word| word == wanted))
        }
    };
    let mut known = DOWNLOADERS.iter();
    known.find(|(names, words)| {
        let is_it = names.iter().any(|name| name.eq_ignore_ascii_case(program));
        is_it && words.iter().any(|words| says(words))
    })?;
    let url = arguments.iter().find(|word| {
        word.text.contains("://") || word.text.starts_with('$') || word.text.contains(".sh")
    });
    Some(url.map_or_else(|| program.to_owned(), |word| word.text.clone()))
}

/// Returns the URLs that the commands of a text download.
pub(super) fn answers(text: &str) -> Vec<String> {
    let url = |inner: &Simple| {
        let (name, arguments) = inner.program()?;
        downloaded(&name, arguments)
    };
    shell::commands(text).iter().filter_map(url).collect()
}
