// SPDX-License-Identifier: Apache-2.0
//! The lexer: one pass from left to right, without recursion.

use super::{Simple, Word};

/// Returns the simple commands of one level of a text.
pub(super) fn simples(text: &str, depth: usize) -> Vec<Simple> {
    let mut lexer = Lexer {
        text,
        at: 0,
        depth,
        found: Vec::new(),
        simple: Simple { depth, ..Simple::default() },
        word: None,
        next: Target::Word,
        here: Vec::new(),
        groups: Vec::new(),
        closed: None,
    };
    lexer.run();
    lexer.found
}

/// The role of the next word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Word,
    Read,
    Write,
    HereEnd,
    HereString,
    /// The number of a file that is open already.
    Descriptor,
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
    found: Vec<Simple>,
    simple: Simple,
    word: Option<Word>,
    next: Target,
    /// The here-documents that start at the next line.
    here: Vec<Here>,
    /// The first command of each group that is open.
    groups: Vec<usize>,
    /// The first command of the group that has just ended.
    closed: Option<usize>,
}

/// A here-document that was announced.
struct Here {
    /// The line that ends it.
    end: String,
    /// The command that reads it.
    whose: usize,
    /// Whether the shell looks for expansions in it.
    expands: bool,
}

impl<'t> Lexer<'t> {
    fn run(&mut self) {
        while let Some(c) = self.peek(0) {
            // Unquoted, what `IFS` holds ends a word as a blank does.
            if c == b'$'
                && let Some(length) = self.field_separator()
            {
                self.at += length;
                self.end_word();
                continue;
            }
            match c {
                b'\n' => {
                    self.bump();
                    self.end_simple(false);
                    self.skip_here_documents();
                }
                b' ' | b'\t' | b'\r' => {
                    self.bump();
                    self.end_word();
                }
                b'#' if self.word.is_none() => self.skip_line(),
                b'&' if self.peek(1) == Some(b'>') => self.redirect(),
                b'<' | b'>' if self.peek(1) == Some(b'(') => self.substitution(2),
                b'<' | b'>' => self.redirect(),
                b'|' => {
                    let pipes = self.peek(1) != Some(b'|');
                    self.at += if pipes && self.peek(1) != Some(b'&') { 1 } else { 2 };
                    self.end_simple(pipes);
                    self.closed = None;
                }
                b'(' | b')' | b';' | b'&' => {
                    self.bump();
                    self.end_simple(false);
                    match c {
                        b'(' => self.groups.push(self.found.len()),
                        b')' => self.closed = self.groups.pop(),
                        _ => self.closed = None,
                    }
                }
                _ => {
                    self.word_part();
                    self.closed = None;
                }
            }
        }
        self.end_simple(false);
    }

    /// Returns the length of the expansion of `IFS` that stands here.
    fn field_separator(&self) -> Option<usize> {
        let mut written = ["${IFS}", "$IFS"].into_iter();
        written.find(|text| self.rest().starts_with(text)).map(str::len)
    }

    /// One piece of a word.
    fn word_part(&mut self) {
        self.word.get_or_insert_default();
        match self.peek(0) {
            Some(b'$') if self.peek(1) == Some(b'\'') => self.ansi_c(),
            // A text that could be translated.
            Some(b'$') if self.peek(1) == Some(b'"') => self.bump(),
            Some(b'\'') => {
                let rest = self.rest();
                let inside = rest.get(1..).unwrap_or_default();
                let length = inside.find('\'').unwrap_or(inside.len());
                let inside = inside.get(..length).unwrap_or_default();
                self.push(inside, &format!("'{inside}'"));
                self.at = self.text.len().min(self.at + length + 2);
            }
            Some(b'"') => {
                self.push("", "\"");
                self.bump();
                loop {
                    match self.peek(0) {
                        None => break,
                        Some(b'"') => {
                            self.push("", "\"");
                            self.bump();
                            break;
                        }
                        // In double quotes it stays, unless it protects one of these.
                        Some(b'\\') => match self.peek(1) {
                            Some(b'$' | b'`' | b'"' | b'\\' | b'\n') => self.escape(),
                            _ => self.expansion_or_character(),
                        },
                        Some(_) => self.expansion_or_character(),
                    }
                }
            }
            Some(b'\\') => self.escape(),
            _ => self.expansion_or_character(),
        }
    }

    /// `$'…'`: a text with the escapes of C.
    fn ansi_c(&mut self) {
        let inside = self.rest().get(2..).unwrap_or_default();
        let length = unescaped_quote(inside, b'\'').unwrap_or(inside.len());
        let inside = inside.get(..length).unwrap_or_default();
        let (text, raw) = (super::script::unescaped(inside), format!("'{inside}'"));
        self.push(&text, &raw);
        self.at = self.text.len().min(self.at + length + 3);
    }

    fn escape(&mut self) {
        self.bump();
        let length = self.rest().chars().next().map_or(0, char::len_utf8);
        let text = self.rest().get(..length).unwrap_or_default();
        self.at += length;
        if !matches!(text, "" | "\n") {
            self.push(text, &format!("\\{text}"));
        }
    }

    fn expansion_or_character(&mut self) {
        let rest = self.rest();
        let (opening, end) = if rest.starts_with("$((") {
            (3, rest.find("))").map_or(rest.len(), |end| end + 2))
        } else if rest.starts_with("$(") {
            return self.substitution(2);
        } else if rest.starts_with('`') {
            return self.substitution(1);
        } else if rest.starts_with("${") {
            (2, brace_end(rest))
        } else {
            let length = rest.chars().next().map_or(0, char::len_utf8);
            (length, length)
        };
        let raw = rest.get(..end).unwrap_or_default();
        self.at += end;
        self.push(raw, raw);
        self.runs_inside(raw.get(opening..).unwrap_or_default());
    }

    /// A substitution, whose opening has that many bytes.
    fn substitution(&mut self, opening: usize) {
        let rest = self.rest();
        let inside = rest.get(opening..).unwrap_or_default();
        let length = if opening == 1 {
            unescaped_quote(inside, b'`').unwrap_or(inside.len())
        } else {
            parenthesis_end(inside)
        };
        let text = inside.get(..length).unwrap_or_default().to_owned();
        let shown = match rest.as_bytes().first() {
            Some(b'<') => "<()",
            Some(b'>') => ">()",
            _ => "$()",
        };
        self.push(shown, shown);
        if let Some(word) = &mut self.word {
            word.substitutions.push(text);
        }
        self.at = self.text.len().min(self.at + opening + length + 1);
    }

    /// Keeps the commands in an expansion, which run as well.
    fn runs_inside(&mut self, text: &str) {
        if let Some(word) = &mut self.word {
            word.substitutions.extend(substitutions(text));
        }
    }

    /// `<`, `>`, `>>`, `>|`, `>&`, `&>`, `<<`, `<<-`, `<<<`.
    fn redirect(&mut self) {
        // The number of a file descriptor belongs to it.
        if let Some(word) = &self.word
            && word.raw.bytes().all(|b| b.is_ascii_digit())
        {
            self.word = None;
        }
        self.end_word();
        let rest = self.rest();
        let operators = [
            ("<<<", Target::HereString),
            ("<<-", Target::HereEnd),
            ("<<", Target::HereEnd),
            ("<&", Target::Descriptor),
            ("<>", Target::Write),
            ("<", Target::Read),
            ("&>>", Target::Write),
            ("&>", Target::Write),
            (">>", Target::Write),
            (">|", Target::Write),
            (">&", Target::Write),
            (">", Target::Write),
        ];
        let found = operators.into_iter().find(|(operator, _)| rest.starts_with(operator));
        let (operator, target) = found.unwrap_or((">", Target::Write));
        self.at += operator.len();
        self.next = target;
    }

    fn push(&mut self, text: &str, raw: &str) {
        let word = self.word.get_or_insert_default();
        word.text.push_str(text);
        word.raw.push_str(raw);
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        match std::mem::replace(&mut self.next, Target::Word) {
            Target::Word => match braces(&word) {
                Some(words) => self.simple.words.extend(words),
                None => self.simple.words.push(word),
            },
            Target::Read => self.simple.reads.push(word),
            Target::Write => self.simple.writes.push(word),
            Target::HereEnd => {
                let expands = !word.raw.contains(['\'', '"', '\\']);
                self.here.push(Here { end: word.text, whose: self.found.len(), expands });
            }
            Target::Descriptor => {
                let text = format!("/dev/fd/{}", word.text);
                self.simple.reads.push(Word { text, ..word });
            }
            Target::HereString => {
                self.simple.bodies.push(word.text.clone());
                // What a here-string computes runs all the same.
                if !word.substitutions.is_empty() {
                    self.simple.reads.push(Word {
                        text: String::new(),
                        raw: String::new(),
                        ..word
                    });
                }
            }
        }
    }

    fn end_simple(&mut self, pipes: bool) {
        self.end_word();
        self.next = Target::Word;
        let empty = Simple { depth: self.depth, ..Simple::default() };
        let mut simple = std::mem::replace(&mut self.simple, empty);
        let first = simple.words.first().filter(|word| word.raw == word.text);
        let first = first.map_or("", |word| word.text.as_str());
        if OPENING.contains(&first) {
            self.groups.push(self.found.len());
        } else if CLOSING.contains(&first) {
            self.closed = self.groups.pop();
        }
        // What a group writes, all of its commands write.
        if let (true, Some(start)) = (pipes, self.closed) {
            let group = self.found.iter_mut().skip(start).take(super::MAX_COMMANDS);
            group.for_each(|simple| simple.pipes = true);
        }
        if !simple.words.is_empty() || !simple.reads.is_empty() || !simple.writes.is_empty() {
            simple.pipes = pipes;
            self.found.push(simple);
        }
    }

    fn skip_line(&mut self) {
        let rest = self.rest();
        self.at += rest.find('\n').unwrap_or(rest.len());
    }

    /// Passes over the here-documents that were announced.
    fn skip_here_documents(&mut self) {
        for Here { end, whose, expands } in std::mem::take(&mut self.here) {
            let rest = self.rest();
            let (mut passed, mut length) = (0, 0);
            for line in rest.split_inclusive('\n') {
                passed += line.len();
                if line.trim_start_matches('\t').trim_end_matches(['\n', '\r']) == end {
                    break;
                }
                length = passed;
            }
            let body = rest.get(..length).unwrap_or_default().to_owned();
            if let Some(simple) = self.found.get_mut(whose) {
                if expands {
                    let inner = substitutions(&body);
                    let read = Word { substitutions: inner, ..Word::default() };
                    simple.reads.extend(Some(read).filter(|read| !read.substitutions.is_empty()));
                }
                simple.bodies.push(body);
            }
            self.at += passed;
        }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn bump(&mut self) {
        self.at += 1;
    }
}

/// Words that begin a group of commands, and words that end one.
const OPENING: [&str; 6] = ["{", "case", "for", "if", "until", "while"];
pub(crate) const CLOSING: [&str; 4] = ["}", "done", "esac", "fi"];

/// Returns the insides of the `$(…)` and `` `…` `` of a text that is no word of its own.
fn substitutions(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let (opening, length) = if rest.starts_with("$(") && !rest.starts_with("$((") {
            (2, parenthesis_end(rest.get(2..).unwrap_or_default()))
        } else if rest.starts_with('`') {
            (1, unescaped_quote(rest.get(1..).unwrap_or_default(), b'`').unwrap_or(rest.len() - 1))
        } else {
            // An escaped character begins nothing.
            let passed = if rest.starts_with('\\') { 2 } else { 1 };
            at += rest.chars().take(passed).map(char::len_utf8).sum::<usize>();
            continue;
        };
        found.extend(rest.get(opening..opening + length).map(str::to_owned));
        at += opening + length + 1;
    }
    found
}

/// Returns the words that `{a,b}` is, where that is all of a word.
fn braces(word: &Word) -> Option<Vec<Word>> {
    let inside = word.raw.strip_prefix('{')?.strip_suffix('}')?;
    let is_plain = !inside.contains(['{', '}', '$', '\'', '"', '\\', '`']);
    let words = inside.split(',').map(Word::plain).collect::<Vec<_>>();
    (is_plain && words.len() > 1).then_some(words)
}

/// The end of a `${…}`, its braces included.
fn brace_end(text: &str) -> usize {
    let end = closing_brace(text, 0);
    end.unwrap_or_else(|| text.find('\n').unwrap_or(text.len()))
}

/// Returns the number of bytes to the brace that closes, that included, where so many are open; `None` if none does on
/// this line.
pub(crate) fn closing_brace(text: &str, mut open: usize) -> Option<usize> {
    for (at, c) in text.char_indices() {
        match c {
            '{' => open += 1,
            '}' if open <= 1 => return Some(at + 1),
            '}' => open -= 1,
            '\n' => return None,
            _ => {}
        }
    }
    None
}

/// Returns the place of a quote that no backslash protects.
pub(crate) fn unescaped_quote(text: &str, quote: u8) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let ends = byte == quote && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })
}

/// The end of the inside of a `$(…)`.
fn parenthesis_end(text: &str) -> usize {
    let (mut open, mut escaped, mut quote) = (1_usize, false, None);
    for (at, b) in text.bytes().enumerate() {
        match (quote, b) {
            (_, _) if escaped => escaped = false,
            (Some(b'\''), b'\'') | (Some(b'"'), b'"') => quote = None,
            (Some(b'\''), _) => {}
            (_, b'\\') => escaped = true,
            (None, b'\'' | b'"') => quote = Some(b),
            (_, b'(') if quote.is_none() => open += 1,
            (_, b')') if quote.is_none() => {
                open -= 1;
                if open == 0 {
                    return at;
                }
            }
            _ => {}
        }
    }
    text.len()
}
