// SPDX-License-Identifier: Apache-2.0
//! A tool's arguments: options with and without values, and what is left.

use crate::shell::Word;

/// The arguments that are no options, up to the first after which all belongs to what is run is for
/// the caller to say: [`next`](Iterator::next) gives one after the other.
#[derive(Debug)]
pub(super) struct Arguments<'w> {
    words: &'w [Word],
    with_value: Vec<String>,
    at: usize,
    only_words: bool,
}

impl<'w> Arguments<'w> {
    /// Returns the arguments, of which these options take a value.
    pub(super) fn of(words: &'w [Word], with_value: &[&str]) -> Self {
        let with_value = with_value.iter().map(|option| (*option).to_owned()).collect();
        Self { words, with_value, at: 0, only_words: false }
    }

    /// Returns the values of these options, which take one, before the first word that is no
    /// option.
    pub(super) fn values(&mut self, options: &[&str]) -> Vec<String> {
        self.with_value.extend(options.iter().map(|option| (*option).to_owned()));
        let mut values = Vec::new();
        let mut at = 0;
        while let Some(word) = self.words.get(at) {
            let text = word.text.as_str();
            if text == "--" {
                break;
            }
            if let Some((option, value)) = text.split_once('=')
                && options.contains(&option)
            {
                values.push(value.to_owned());
            } else if options.contains(&text) {
                values.extend(self.words.get(at + 1).map(|word| word.text.clone()));
            }
            at += 1 + usize::from(self.takes_value(text));
            let is_word = !text.starts_with('-');
            if is_word {
                break;
            }
        }
        values
    }

    /// Returns what stands behind the word that was given last.
    pub(super) fn rest(&self) -> &'w [Word] {
        self.words.get(self.at..).unwrap_or_default()
    }

    /// Returns the index of one of its words.
    pub(super) fn index_of(&self, word: &Word) -> usize {
        let at = self.words.iter().position(|other| std::ptr::eq(other, word));
        at.unwrap_or(self.words.len())
    }

    fn takes_value(&self, option: &str) -> bool {
        self.with_value.iter().any(|other| other == option)
    }
}

impl<'w> Iterator for Arguments<'w> {
    type Item = &'w Word;

    fn next(&mut self) -> Option<&'w Word> {
        loop {
            let word = self.words.get(self.at)?;
            let text = word.text.as_str();
            self.at += 1;
            if self.only_words || !text.starts_with('-') || text == "-" {
                return Some(word);
            }
            self.only_words = text == "--";
            self.at += usize::from(self.takes_value(text));
        }
    }
}
