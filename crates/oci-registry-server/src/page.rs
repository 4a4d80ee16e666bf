// SPDX-License-Identifier: Apache-2.0
//! Pages of lists: `n`, `last`, and the `Link` to the next page (end-8b).

use crate::query::{Query, encode};
use crate::refusal::{Code, Refusal};

/// The most entries of a page, whatever is asked for.
pub(crate) const MAX_PAGE: usize = 1_000;

/// The part of a list that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    /// The most entries; at most [`MAX_PAGE`].
    pub(crate) limit: usize,
    /// The item after which the page begins.
    pub(crate) last: Option<String>,
}

impl Page {
    /// Reads `n` and `last`.
    ///
    /// # Errors
    /// Status 400 if `n` is not a number.
    pub(crate) fn parse(query: &Query) -> Result<Self, Refusal> {
        let limit = match query.get("n") {
            None => MAX_PAGE,
            Some(text) if text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() => {
                text.parse().unwrap_or(MAX_PAGE).min(MAX_PAGE)
            }
            Some(_) => {
                return Err(Refusal::new(Code::Unsupported, "n is not a number")
                    .with_status(hyper::StatusCode::BAD_REQUEST));
            }
        };
        Ok(Self { limit, last: query.get("last").map(str::to_owned) })
    }

    /// Takes this page out of `all`, which is sorted by what `key` gives; also says where the next
    /// page starts, if there is one.
    pub(crate) fn take<T>(
        &self,
        all: impl Iterator<Item = T>,
        key: impl Fn(&T) -> &str,
    ) -> (Vec<T>, Option<String>) {
        let is_after = |item: &T| self.last.as_deref().is_none_or(|last| key(item) > last);
        let mut rest = all.filter(is_after);
        let page: Vec<T> = rest.by_ref().take(self.limit).collect();
        let has_more = self.limit > 0 && rest.next().is_some();
        let next = page.last().filter(|_| has_more).map(|item| key(item).to_owned());
        (page, next)
    }

    /// Returns the `Link` header to the page after `last`; `path` is relative to the host, `more`
    /// are further parameters to keep.
    pub(crate) fn link(&self, path: &str, last: &str, more: &[(&str, &str)]) -> String {
        let mut target = format!("{path}?n={}&last={}", self.limit, encode(last));
        for (key, value) in more {
            target.push_str(&format!("&{key}={}", encode(value)));
        }
        format!("<{target}>; rel=\"next\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(query: &str) -> (Vec<&'static str>, Option<String>) {
        let page = Page::parse(&Query::parse(Some(query))).expect("is one");
        page.take(["a", "b", "c"].into_iter(), |item| item)
    }

    #[test]
    fn end_8b_pages_have_at_most_n_entries_after_last() {
        assert_eq!(page(""), (vec!["a", "b", "c"], None));
        assert_eq!(page("n=2"), (vec!["a", "b"], Some("b".into())));
        assert_eq!(page("n=2&last=b"), (vec!["c"], None));
        assert_eq!(page("n=3"), (vec!["a", "b", "c"], None));
        assert_eq!(page("n=99999999999999999999"), (vec!["a", "b", "c"], None));
        assert_eq!(page("last=aa"), (vec!["b", "c"], None));
        assert_eq!(page("last=z"), (vec![], None));
        assert!(Page::parse(&Query::parse(Some("n=-1"))).is_err());
    }

    #[test]
    fn end_8b_n_0_is_empty_and_has_no_link() {
        assert_eq!(page("n=0"), (vec![], None));
    }
}
