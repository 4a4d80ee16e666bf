// SPDX-License-Identifier: Apache-2.0
//! Owners of certificates: what a verified certificate says of its owner, and who is expected
//! (signatures.md 4; SIG-33).

use std::fmt;

use regex_lite::{Regex, RegexBuilder};

use crate::fault::{Fault, FaultKind};
use crate::pattern::Pattern;

/// The most bytes of an expression, and of what it is compiled to.
const MAX_EXPRESSION: usize = 1 << 10;
const MAX_COMPILED: usize = 1 << 18;
/// The issuer of tokens for the jobs of GitHub.
const GITHUB_ISSUER: &str = "https://token.actions.githubusercontent.com";

/// The claims of a certificate about its owner. They are worth something only in a verified certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// The one name of the subject: a URI, an address for mail, or a name of another kind.
    pub identity: String,
    /// The authority that vouched for that name.
    pub issuer: String,
    /// The repository that it was made from.
    pub source_repository: Option<String>,
    /// The branch or tag that it was made from.
    pub source_ref: Option<String>,
    /// The owner of the machine on which it was made.
    pub runner_environment: Option<String>,
}

/// An expression that has to match all of a text (SIG-33).
#[derive(Clone, Debug)]
pub struct Expression {
    source: String,
    compiled: Regex,
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Expression {}

impl Expression {
    /// Compiles an expression. It is anchored at both ends, whatever is written in it.
    ///
    /// # Errors
    /// [`FaultKind::InvalidPolicy`] if it is no expression, or too large a one.
    pub fn parse(source: &str) -> Result<Self, Fault> {
        let invalid = |why: String| Fault::new(FaultKind::InvalidPolicy, why);
        if source.is_empty() || source.len() > MAX_EXPRESSION {
            let message = format!("an expression has 1 to {MAX_EXPRESSION} bytes");
            return Err(invalid(message));
        }
        let compile = |text: &str| {
            let built = RegexBuilder::new(text).size_limit(MAX_COMPILED).nest_limit(64).build();
            built.map_err(|error| invalid(format!("{source:?} is not a valid expression: {error}")))
        };
        // Alone first: what is none by itself could end the group around it, and the anchors with it.
        compile(source)?;
        let compiled = compile(&format!(r"\A(?:{source})\z"))?;
        Ok(Self { source: source.to_owned(), compiled })
    }
}

/// A text that is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// Exactly this text.
    Exact(String),
    /// A text that the expression matches.
    Expression(Expression),
}

impl Text {
    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Exact(wanted) => wanted == text,
            Self::Expression(expression) => expression.compiled.is_match(text),
        }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(text) => write!(f, "{text:?}"),
            Self::Expression(expression) => write!(f, "/{}/", expression.source.escape_debug()),
        }
    }
}

/// The subject of a signature: one of the two at least is expected of every certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A subject with that name.
    Named(Text),
    /// Any signer of that repository.
    Repository(String),
}

/// An owner of certificates that is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    issuer: Text,
    name: Option<Text>,
    repository: Option<String>,
    source_ref: Option<Pattern>,
    runner: Option<String>,
}

impl Identity {
    /// Accepts any signer that the issuer certifies with that subject.
    pub fn new(issuer: Text, subject: Subject) -> Self {
        let (name, repository) = match subject {
            Subject::Named(name) => (Some(name), None),
            Subject::Repository(repository) => (None, Some(repository)),
        };
        Self { issuer, name, repository, source_ref: None, runner: None }
    }

    /// Returns the owner of that name and issuer, and nobody else.
    pub fn of(claims: &Claims) -> Self {
        let name = Text::Exact(claims.identity.clone());
        Self::new(Text::Exact(claims.issuer.clone()), Subject::Named(name))
    }

    /// Returns the jobs of a repository `OWNER/NAME` on GitHub.
    ///
    /// # Errors
    /// [`FaultKind::InvalidPolicy`] if it is not of that form.
    pub fn github(repository: &str) -> Result<Self, Fault> {
        let is_word = |word: &str| {
            let is_letter = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
            !word.is_empty() && word.bytes().all(is_letter)
        };
        match repository.split_once('/') {
            Some((owner, name)) if is_word(owner) && is_word(name) => {
                let repository = format!("https://github.com/{repository}");
                let issuer = Text::Exact(GITHUB_ISSUER.to_owned());
                Ok(Self::new(issuer, Subject::Repository(repository)))
            }
            _ => Err(Fault::new(
                FaultKind::InvalidPolicy,
                format!("{repository:?} is not a repository of GitHub: write OWNER/NAME"),
            )),
        }
    }

    /// Restricts the identity to that repository.
    #[must_use]
    pub fn with_repository(mut self, repository: String) -> Self {
        self.repository = Some(repository);
        self
    }

    /// Restricts the identity to branches or tags of that pattern.
    #[must_use]
    pub fn with_source_ref(mut self, source_ref: Pattern) -> Self {
        self.source_ref = Some(source_ref);
        self
    }

    /// Restricts the identity to that kind of runner.
    #[must_use]
    pub fn with_runner(mut self, runner: String) -> Self {
        self.runner = Some(runner);
        self
    }

    /// Checks what a verified certificate says of its owner.
    ///
    /// # Errors
    /// [`FaultKind::SignerMismatch`] for another name or issuer,
    /// [`FaultKind::ProvenanceFieldMismatch`] for something else that is expected.
    pub fn check(&self, claims: &Claims) -> Result<(), Fault> {
        let signer = |what: &str, wanted: &Text, found: &str| {
            let message = format!("its {what} is {found:?}, and {wanted} is expected");
            Fault::new(FaultKind::SignerMismatch, message)
        };
        if !self.issuer.matches(&claims.issuer) {
            return Err(signer("issuer", &self.issuer, &claims.issuer));
        }
        if let Some(name) = self.name.as_ref().filter(|name| !name.matches(&claims.identity)) {
            return Err(signer("identity", name, &claims.identity));
        }
        let field = |what: &str, wanted: Option<&str>, found: Option<&str>, is_same: bool| {
            let Some(wanted) = wanted.filter(|_| !is_same) else { return Ok(()) };
            let found = found.map_or("not stated".to_owned(), |found| format!("{found:?}"));
            let message = format!("its {what} is {found}, and {wanted:?} is expected");
            Err(Fault::new(FaultKind::ProvenanceFieldMismatch, message))
        };
        let found = claims.source_repository.as_deref();
        let wanted = self.repository.as_deref();
        field("source repository", wanted, found, wanted == found)?;
        let found = claims.source_ref.as_deref();
        let wanted = self.source_ref.as_ref();
        let is_same = wanted.zip(found).is_some_and(|(wanted, found)| wanted.matches(found));
        field("source ref", wanted.map(Pattern::as_str), found, is_same)?;
        let found = claims.runner_environment.as_deref();
        let wanted = self.runner.as_deref();
        field("runner environment", wanted, found, wanted == found)
    }
}

/// Checks that a verified certificate is one of those that are expected.
///
/// # Errors
/// The reason for which none of them is; that of the one that came closest has the kind.
pub(crate) fn check_any(identities: &[Identity], claims: &Claims) -> Result<(), Fault> {
    let mut faults = Vec::new();
    for identity in identities {
        match identity.check(claims) {
            Ok(()) => return Ok(()),
            Err(fault) => faults.push(fault),
        }
    }
    let is_close = |fault: &Fault| fault.kind == FaultKind::ProvenanceFieldMismatch;
    let kind = match faults.iter().any(is_close) {
        true => FaultKind::ProvenanceFieldMismatch,
        false => FaultKind::SignerMismatch,
    };
    let all: Vec<&str> = faults.iter().map(|fault| fault.message.as_str()).collect();
    Err(Fault::new(kind, all.join("; or ")))
}
