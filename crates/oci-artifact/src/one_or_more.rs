// SPDX-License-Identifier: Apache-2.0
//! A list with at least one item, the first of which stands for all.

/// A list that is never empty, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneOrMore<T> {
    /// The first item.
    pub first: T,
    /// The items after the first.
    pub rest: Vec<T>,
}

impl<T> OneOrMore<T> {
    /// Returns the list as one that is never empty; `None` if it is.
    pub fn of(list: impl IntoIterator<Item = T>) -> Option<Self> {
        let mut list = list.into_iter();
        Some(Self { first: list.next()?, rest: list.collect() })
    }

    /// Returns all of them.
    pub fn iter(&self) -> impl Iterator<Item = &T> + Clone {
        std::iter::once(&self.first).chain(&self.rest)
    }

    /// Changes each item.
    pub fn map<U>(self, mut change: impl FnMut(T) -> U) -> OneOrMore<U> {
        let first = change(self.first);
        OneOrMore { first, rest: self.rest.into_iter().map(change).collect() }
    }
}

impl<T> IntoIterator for OneOrMore<T> {
    type Item = T;
    type IntoIter = std::iter::Chain<std::iter::Once<T>, std::vec::IntoIter<T>>;

    fn into_iter(self) -> Self::IntoIter {
        std::iter::once(self.first).chain(self.rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_keeps_its_order_and_an_empty_one_is_none() {
        assert_eq!(OneOrMore::<u8>::of([]), None);
        let list = OneOrMore::of([1, 2, 3]).expect("has some").map(|one| one * 2);
        assert_eq!(list.iter().copied().collect::<Vec<_>>(), [2, 4, 6]);
        assert_eq!(list.first, 2);
        assert_eq!(list.into_iter().collect::<Vec<_>>(), [2, 4, 6]);
    }
}
