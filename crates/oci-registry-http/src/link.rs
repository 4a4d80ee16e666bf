// SPDX-License-Identifier: Apache-2.0
//! `Link` headers: where the next page of a list is (R-61).

use reqwest::Url;
use reqwest::header::{HeaderMap, LINK};

use crate::error::{Error, ErrorKind, Result};
use crate::transport::redirect::{self, Origin};

/// Returns the next page's address, resolved against this one's. It must be at the same origin
/// (D6).
pub(crate) fn next(headers: &HeaderMap, page: &Url) -> Result<Option<Url>> {
    let lines = headers.get_all(LINK);
    let Some(target) = lines.iter().find_map(|line| parse(line.as_bytes())) else {
        return Ok(None);
    };
    let url = redirect::resolve(page, Some(target))
        .map_err(|_| Error::protocol("the address of the next page is malformed"))?;
    if Origin::of(&url) != Origin::of(page) {
        let message = "the address of the next page is at another host";
        return Err(Error::new(ErrorKind::ForbiddenAddress, message));
    }
    Ok(Some(url))
}

/// Returns the target of the first link in a header line that leads to what comes next. Never
/// fails.
pub fn parse(line: &[u8]) -> Option<&[u8]> {
    let mut rest = line;
    while let Some(open) = rest.iter().position(|b| *b == b'<') {
        let after = rest.get(open + 1..)?;
        let close = after.iter().position(|b| *b == b'>')?;
        let target = after.get(..close)?;
        let parameters = after.get(close + 1..)?;
        let end = find_unquoted(parameters, b',');
        if leads_on(parameters.get(..end)?) {
            return Some(target);
        }
        rest = parameters.get(end..)?;
    }
    None
}

/// Finds a separator outside of quotes, or the end.
fn find_unquoted(text: &[u8], separator: u8) -> usize {
    let mut is_quoted = false;
    let mut is_escaped = false;
    for (at, b) in text.iter().enumerate() {
        match b {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            b if *b == separator && !is_quoted => return at,
            _ => {}
        }
    }
    text.len()
}

fn leads_on(parameters: &[u8]) -> bool {
    let mut rest = parameters;
    while !rest.is_empty() {
        let end = find_unquoted(rest, b';');
        if rest.get(..end).is_some_and(is_next) {
            return true;
        }
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    false
}

/// Whether a parameter is `rel=next`, in one of its spellings.
fn is_next(parameter: &[u8]) -> bool {
    let mut parts = parameter.splitn(2, |b| *b == b'=');
    let (Some(name), Some(value)) = (parts.next(), parts.next()) else { return false };
    let value = value.trim_ascii();
    let value = value.strip_prefix(b"\"").unwrap_or(value);
    let value = value.strip_suffix(b"\"").unwrap_or(value);
    name.trim_ascii().eq_ignore_ascii_case(b"rel")
        && value.split(u8::is_ascii_whitespace).any(|one| one.eq_ignore_ascii_case(b"next"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use reqwest::header::HeaderValue;

    #[test]
    fn links_in_every_spelling_f_99() {
        for (line, target) in [
            (r#"</v2/x/tags/list?last=a&n=2>; rel="next""#, Some("/v2/x/tags/list?last=a&n=2")),
            ("</a>; rel=next", Some("/a")),
            ("</a>;REL = NEXT", Some("/a")),
            (r#"</p>; rel="prev", </a>; title="x, y"; rel="next""#, Some("/a")),
            (r#"</a>; rel="last next""#, Some("/a")),
            (r#"<https://h/a,b>; rel="next""#, Some("https://h/a,b")),
            (r#"</p>; title="\", </x>; rel=next""#, None),
            (r#"</a>; rel="nexty""#, None),
            ("</a>", None),
            ("</a; rel=next", None),
            ("", None),
        ] {
            assert_eq!(parse(line.as_bytes()), target.map(str::as_bytes), "{line}");
        }
    }

    #[test]
    fn the_next_page_is_at_the_same_origin_f_99() {
        let page = Url::parse("https://r.example/v2/x/tags/list").expect("a URL");
        let get = |line: &'static str| {
            let headers = HeaderMap::from_iter([(LINK, HeaderValue::from_static(line))]);
            next(&headers, &page)
        };
        assert!(get("<?last=a>; rel=next").expect("fine").is_some());
        assert!(get("<https://r.example:443/x>; rel=next").expect("fine").is_some());
        for line in [
            "<https://other.example/x>; rel=next",
            "<http://r.example/x>; rel=next",
            "<https://r.example:444/x>; rel=next",
            "<//169.254.169.254/x>; rel=next",
            "<file:///x>; rel=next",
        ] {
            get(line).expect_err(line);
        }
        assert_eq!(next(&HeaderMap::new(), &page).expect("fine"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(line in any::<Vec<u8>>(), text in "[<>;,=\" a-z\\\\]{0,40}") {
            parse(&line);
            parse(text.as_bytes());
        }
    }
}
