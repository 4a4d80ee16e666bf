// SPDX-License-Identifier: Apache-2.0
//! Policies: whose signatures an artifact must have, by where it is (signatures.md 5; SIG-30 to SIG-32).
//!
//! A policy is a file of JSON. It names files of keys and a root, which its reader has to read: nothing
//! here opens any.

use oci_artifact::json::{Kind, Value};
use oci_artifact::reference::is_docker_hub;

use crate::fault::{Fault, FaultKind};
use crate::identity::{Expression, Identity, Subject, Text};
use crate::pattern::Pattern;
use crate::strict;

/// The most rules of a policy, and alternatives of a rule.
const MAX_RULES: usize = 1024;
const MAX_ALTERNATIVES: usize = 64;

/// The decision on an artifact that no rule is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmatched {
    /// The artifact is refused.
    Reject,
    /// The artifact is accepted, and its signatures are not examined.
    AcceptUnsigned,
}

/// An alternative of a rule: a signature that suffices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alternative {
    /// A signature by any of these keys: names of files, relative to the policy's.
    Keys(Vec<String>),
    /// A signature by the owner of a certificate.
    Certificate(Box<Identity>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    pattern: Pattern,
    /// The signatures of which one is demanded; none where no signature is.
    demand: Option<Vec<Alternative>>,
}

/// The requirements of a policy for one artifact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision<'a> {
    /// No signature: the artifact is accepted without a look at its signatures. The rule, or none for the policy's
    /// default.
    AcceptUnsigned(Option<&'a str>),
    /// No rule is for it, and the policy's default refuses it.
    Reject,
    /// A signature by any of these.
    Signed {
        /// The pattern of the rule.
        rule: &'a str,
        /// The alternatives, of which one suffices.
        alternatives: &'a [Alternative],
    },
}

/// A policy on signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    unmatched: Unmatched,
    rules: Vec<Rule>,
    trusted_root: Option<String>,
}

impl Policy {
    /// Reads a policy. A key that is not known is an error: it may have been meant to refuse something.
    ///
    /// # Errors
    /// [`FaultKind::InvalidPolicy`], with the place in the document.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let read = strict::read(bytes, "the policy").map_err(|fault| invalid(fault.message))?;
        let policy = Node { value: read, place: "the policy".to_owned() };
        policy.knows(&["version", "default", "rules", "trusted-root"])?;
        if policy.value.get("version").and_then(Value::as_integer) != Some(1) {
            return Err(policy.fault("has no \"version\" of 1"));
        }
        let unmatched = match policy.text("default")?.as_deref() {
            Some("reject") => Unmatched::Reject,
            Some("accept-unsigned") => Unmatched::AcceptUnsigned,
            _ => {
                return Err(policy.fault("has no \"default\" of \"reject\" or \"accept-unsigned\""));
            }
        };
        let mut rules: Vec<Rule> = Vec::new();
        for node in policy.list("rules", MAX_RULES)? {
            let rule = node.rule()?;
            if rules.iter().any(|other| other.pattern == rule.pattern) {
                return Err(node.fault("has the same \"match\" as a rule before it"));
            }
            rules.push(rule);
        }
        Ok(Self { unmatched, rules, trusted_root: policy.text("trusted-root")? })
    }

    /// Returns the file with the root of certificates, relative to the policy's.
    pub fn trusted_root(&self) -> Option<&str> {
        self.trusted_root.as_deref()
    }

    /// Finds the requirements for the artifacts in a repository. The rule with the longest literal beginning
    /// counts.
    ///
    /// # Errors
    /// [`FaultKind::InvalidPolicy`] if two rules are as good as each other.
    pub fn decide(&self, registry: &str, repository: &str) -> Result<Decision<'_>, Fault> {
        let name = format!("{}/{repository}", registry_name(registry));
        let mut best: Option<&Rule> = None;
        let mut tie = None;
        for rule in self.rules.iter().filter(|rule| rule.pattern.matches(&name)) {
            let length = rule.pattern.literal();
            match best.map(|best| best.pattern.literal()) {
                Some(longest) if length < longest => {}
                Some(longest) if length == longest => tie = Some(rule),
                _ => (best, tie) = (Some(rule), None),
            }
        }
        match (best, tie) {
            (Some(best), Some(tie)) => Err(invalid(format!(
                "two rules are for {name:?}, and neither is the closer one: {:?} and {:?}",
                best.pattern.as_str(),
                tie.pattern.as_str()
            ))),
            (Some(Rule { pattern, demand: Some(alternatives) }), None) => {
                Ok(Decision::Signed { rule: pattern.as_str(), alternatives })
            }
            (Some(rule), None) => Ok(Decision::AcceptUnsigned(Some(rule.pattern.as_str()))),
            (None, _) => Ok(match self.unmatched {
                Unmatched::Reject => Decision::Reject,
                Unmatched::AcceptUnsigned => Decision::AcceptUnsigned(None),
            }),
        }
    }
}

/// Returns the one name that a registry has here, however it is written: a rule for it must not be passed by another
/// spelling (SIG-30).
fn registry_name(registry: &str) -> String {
    let name = registry.to_ascii_lowercase();
    let name = name.strip_suffix(":443").or(name.strip_suffix(':')).unwrap_or(&name);
    let (host, port) = match name.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, format!(":{port}")),
        _ => (name, String::new()),
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    if is_docker_hub(host) && port.is_empty() {
        return "docker.io".to_owned();
    }
    format!("{host}{port}")
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new(FaultKind::InvalidPolicy, message)
}

/// Returns a text, unless it is none or empty.
fn filled(value: Value<'_>) -> Option<String> {
    value.as_string().filter(|text| !text.is_empty())
}

/// An object of a policy, and where it is.
struct Node<'a> {
    value: Value<'a>,
    place: String,
}

impl<'a> Node<'a> {
    fn fault(&self, what: &str) -> Fault {
        invalid(format!("{} {what}", self.place))
    }

    /// Refuses keys that are not known.
    fn knows(&self, keys: &[&str]) -> Result<(), Fault> {
        match self.value.members().find(|member| !keys.contains(&&*member.key)) {
            Some(other) => Err(self.fault(&format!("has the unknown key {:?}", other.key))),
            None => Ok(()),
        }
    }

    /// Returns a text that is not empty, if the key is there.
    fn text(&self, key: &str) -> Result<Option<String>, Fault> {
        let Some(value) = self.value.get(key) else { return Ok(None) };
        match filled(value) {
            None => Err(self.fault(&format!("has a value of {key:?} that is not a text"))),
            text => Ok(text),
        }
    }

    /// Returns the objects of a list that must be there.
    fn list(&self, key: &str, most: usize) -> Result<Vec<Node<'a>>, Fault> {
        let list = self.value.get(key).filter(|list| list.kind() == Kind::Array);
        let list = list.ok_or_else(|| self.fault(&format!("has no list {key:?}")))?;
        let mut nodes = Vec::new();
        for (index, value) in list.elements().enumerate() {
            let place = format!("{key}[{index}] of {}", self.place);
            let node = Node { value, place };
            if index >= most {
                return Err(node.fault(&format!("is one of more than {most}")));
            }
            if value.kind() != Kind::Object {
                return Err(node.fault("is not an object"));
            }
            nodes.push(node);
        }
        Ok(nodes)
    }

    fn rule(&self) -> Result<Rule, Fault> {
        self.knows(&["match", "require", "accept-unsigned"])?;
        let text = self.text("match")?.ok_or_else(|| self.fault("has no \"match\""))?;
        let pattern = self.name_pattern(&text)?;
        let accepts = self.value.get("accept-unsigned").map(Value::as_bool);
        let demand = match (self.value.get("require"), accepts) {
            (None, Some(Some(true))) => None,
            (Some(_), None) => {
                let alternatives = self.list("require", MAX_ALTERNATIVES)?;
                let alternatives: Vec<Alternative> =
                    alternatives.iter().map(Node::alternative).collect::<Result<_, _>>()?;
                if alternatives.is_empty() {
                    return Err(self.fault("requires no signature"));
                }
                Some(alternatives)
            }
            _ => {
                return Err(self.fault("must have either \"require\" or \"accept-unsigned\": true"));
            }
        };
        Ok(Rule { pattern, demand })
    }

    /// Returns a pattern of `registry/repository`. What could never match anything is refused: it was meant to.
    fn name_pattern(&self, text: &str) -> Result<Pattern, Fault> {
        let refused = |why: &str| self.fault(&format!("has the \"match\" {text:?}, {why}"));
        let (registry, repository) = match text.split_once('/') {
            Some((registry, repository)) => (registry_name(registry), repository),
            None if text == "**" => (text.to_owned(), ""),
            None => return Err(refused("which is not registry/repository")),
        };
        let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-*".contains(&b);
        if !registry.bytes().all(|b| is_plain(b) || b":[]".contains(&b)) || registry.is_empty() {
            return Err(refused("whose registry is not a host"));
        }
        if text != "**" && repository.split('/').any(str::is_empty) {
            return Err(refused("which is not registry/repository"));
        }
        if !repository.bytes().all(|b| is_plain(b) || b == b'/') {
            return Err(refused(
                "whose repository has characters other than a-z, 0-9, '.', '_', '-', '/' and '*'",
            ));
        }
        let text = if repository.is_empty() { text } else { &format!("{registry}/{repository}") };
        Pattern::parse(text).ok_or_else(|| refused("which is too long, or has three stars"))
    }

    fn alternative(&self) -> Result<Alternative, Fault> {
        self.knows(&[
            "keys",
            "issuer",
            "issuer-regexp",
            "identity",
            "identity-regexp",
            "repository",
            "ref",
            "runner",
        ])?;
        let Some(keys) = self.value.get("keys") else { return self.certificate() };
        if self.value.members().count() > 1 {
            return Err(self.fault("has \"keys\" and something else: they are two alternatives"));
        }
        match keys.elements().map(filled).collect::<Option<Vec<String>>>() {
            Some(files) if keys.kind() == Kind::Array && !files.is_empty() => {
                Ok(Alternative::Keys(files))
            }
            _ => Err(self.fault("has \"keys\" that are not a list of files")),
        }
    }

    fn certificate(&self) -> Result<Alternative, Fault> {
        let issuer = self.expected("issuer", "issuer-regexp")?;
        let issuer = issuer.ok_or_else(|| self.fault("has no \"keys\" and no \"issuer\""))?;
        let name = self.expected("identity", "identity-regexp")?;
        let repository = self.text("repository")?;
        let mut identity = match (name, repository) {
            (Some(name), None) => Identity::new(issuer, Subject::Named(name)),
            (Some(name), Some(repository)) => {
                Identity::new(issuer, Subject::Named(name)).with_repository(repository)
            }
            (None, Some(repository)) => Identity::new(issuer, Subject::Repository(repository)),
            (None, None) => {
                let what = "names an issuer but no identity: \"identity\", \"identity-regexp\" or \
                            \"repository\" is missing";
                return Err(self.fault(what));
            }
        };
        if let Some(text) = self.text("ref")? {
            let pattern = Pattern::parse(&text);
            let pattern =
                pattern.ok_or_else(|| self.fault("has a \"ref\" that is not a pattern"))?;
            identity = identity.with_source_ref(pattern);
        }
        if let Some(runner) = self.text("runner")? {
            identity = identity.with_runner(runner);
        }
        Ok(Alternative::Certificate(Box::new(identity)))
    }

    /// Returns a text, or an expression for one; not both.
    fn expected(&self, exact: &str, expression: &str) -> Result<Option<Text>, Fault> {
        match (self.text(exact)?, self.text(expression)?) {
            (Some(_), Some(_)) => {
                Err(self.fault(&format!("has both {exact:?} and {expression:?}")))
            }
            (Some(text), None) => Ok(Some(Text::Exact(text))),
            (None, Some(text)) => match Expression::parse(&text) {
                Ok(expression) => Ok(Some(Text::Expression(expression))),
                Err(fault) => Err(self.fault(&format!("has {expression:?}: {}", fault.message))),
            },
            (None, None) => Ok(None),
        }
    }
}
