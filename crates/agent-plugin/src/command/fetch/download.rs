// SPDX-License-Identifier: Apache-2.0
//! Programs that download, as one table (S-58, S-111).

use crate::shell::{self, Simple, Word};

/// Programs that bring a file from another machine, and the words that say so, if it does other things as well.
const DOWNLOADERS: [(&str, &str); 37] = [
    ("aria2c", ""),
    ("aws", "s3 cp"),
    ("aws", "s3 mv"),
    ("aws", "s3 sync"),
    ("aws", "s3api get-object"),
    ("axel", ""),
    ("az", "storage blob download"),
    ("bitsadmin", "/transfer"),
    ("certutil", "-urlcache"),
    ("curl", ""),
    ("curlie", ""),
    ("fetch", ""),
    ("ftp", "-o"),
    ("gcloud", "storage cp"),
    ("GET", ""),
    ("gh", "api"),
    ("gh", "gist view"),
    ("gh", "release download"),
    ("gsutil", "cat"),
    ("gsutil", "cp"),
    ("http", ""),
    ("https", ""),
    ("Invoke-RestMethod", ""),
    ("Invoke-WebRequest", ""),
    ("irm", ""),
    ("iwr", ""),
    ("lwp-download", ""),
    ("lwp-request", ""),
    ("lynx", "-source"),
    ("mc", "cp"),
    ("rclone", "copy"),
    ("rsync", ":"),
    ("scp", ":"),
    ("Start-BitsTransfer", ""),
    ("wget", ""),
    ("wget2", ""),
    ("xh", ""),
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
    known.find(|(name, words)| name.eq_ignore_ascii_case(program) && says(words))?;
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
