// SPDX-License-Identifier: Apache-2.0
//! Arguments that say whose signature is expected (signatures.md 2.1).

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, Error, FromArgMatches};
use signatures::identity::{Expression, Identity, Subject, Text};

/// The options that say who is expected.
#[derive(Debug, Args)]
struct Said {
    /// The public key of the expected signer, a PEM file
    ///
    /// It may be repeated: a signature by any of them suffices.
    #[arg(long, value_name = "FILE")]
    key: Vec<PathBuf>,
    /// The expected name in the certificate, in full
    #[arg(long, value_name = "ID", conflicts_with = "key")]
    certificate_identity: Option<String>,
    /// The expected name, as an expression that must match all of it
    #[arg(long, value_name = "EXPRESSION", value_parser = Expression::parse, hide_short_help = true)]
    #[arg(conflicts_with_all = ["key", "certificate_identity"])]
    certificate_identity_regexp: Option<Expression>,
    /// The expected issuer of the identity, a URL
    #[arg(long, value_name = "URL", conflicts_with = "key")]
    certificate_oidc_issuer: Option<String>,
    /// The expected issuer, as an expression that must match all of it
    #[arg(long, value_name = "EXPRESSION", value_parser = Expression::parse, hide_short_help = true)]
    #[arg(conflicts_with_all = ["key", "certificate_oidc_issuer"])]
    certificate_oidc_issuer_regexp: Option<Expression>,
    /// Expect a GitHub Actions job of this repository: the issuer of GitHub, and OWNER/NAME as the
    /// source
    #[arg(long, value_name = "OWNER/NAME", value_parser = Identity::github)]
    #[arg(conflicts_with_all = ["key", "certificate_oidc_issuer", "certificate_oidc_issuer_regexp"])]
    #[arg(conflicts_with_all = ["certificate_identity", "certificate_identity_regexp"])]
    github_repository: Option<Identity>,
    /// The trusted authorities and logs, a trusted_root.json
    ///
    /// The default is the one of Sigstore's public instance that is built into this program.
    #[arg(long, value_name = "FILE")]
    trusted_root: Option<PathBuf>,
    /// A policy that names the expected signer by the artifact's repository
    #[arg(long, value_name = "FILE")]
    #[arg(conflicts_with_all = ["key", "github_repository", "trusted_root"])]
    #[arg(conflicts_with_all = ["certificate_oidc_issuer", "certificate_oidc_issuer_regexp"])]
    #[arg(conflicts_with_all = ["certificate_identity", "certificate_identity_regexp"])]
    policy: Option<PathBuf>,
}

/// The signer that is expected.
#[derive(Debug)]
pub(crate) enum Whom {
    /// The owner of any of these keys, a file each.
    Keys(Vec<PathBuf>),
    /// The owner of a certificate.
    Owner(Box<Identity>),
    /// The subject that the policy names.
    Policy(PathBuf),
    /// No signer in particular: what is there is shown, and trusted by nobody.
    Anyone(Vec<PathBuf>),
}

const WHOM: &str = "name the expected signer: --key FILE, --github-repository OWNER/NAME, \
                    --policy FILE, or --certificate-identity ID with --certificate-oidc-issuer URL";

impl Said {
    /// The signer that is expected; none if nothing is said of that.
    fn whom(self) -> Result<(Option<Whom>, Option<PathBuf>), String> {
        let text = |exact: Option<String>, expression: Option<Expression>| {
            exact.map(Text::Exact).or_else(|| expression.map(Text::Expression))
        };
        let name = text(self.certificate_identity, self.certificate_identity_regexp);
        let issuer = text(self.certificate_oidc_issuer, self.certificate_oidc_issuer_regexp);
        let whom = match (name, issuer) {
            (Some(name), Some(issuer)) => {
                Some(Whom::Owner(Box::new(Identity::new(issuer, Subject::Named(name)))))
            }
            (None, None) => match (self.github_repository, self.policy) {
                (Some(repository), _) => Some(Whom::Owner(Box::new(repository))),
                (None, Some(policy)) => Some(Whom::Policy(policy)),
                (None, None) if self.key.is_empty() => None,
                (None, None) => Some(Whom::Keys(self.key)),
            },
            // Anybody has a certificate from some issuer, and any name from one of their own.
            _ => return Err(WHOM.to_owned()),
        };
        Ok((whom, self.trusted_root))
    }
}

fn usage(message: impl std::fmt::Display) -> Error {
    Error::raw(ErrorKind::MissingRequiredArgument, message)
}

/// The signer that is expected, and who vouches for certificates.
#[derive(Debug)]
pub(crate) struct Expectation {
    pub(crate) whom: Whom,
    pub(crate) trusted_root: Option<PathBuf>,
    /// The statement that is expected; a signature where nothing else is asked for.
    pub(crate) predicate_type: Option<String>,
}

#[derive(Debug, Args)]
struct SaidOfAll {
    #[command(flatten)]
    said: Said,
    /// Show all valid signatures, without trusting any signer
    #[arg(long, conflicts_with_all = ["policy", "github_repository"])]
    #[arg(conflicts_with_all = ["certificate_oidc_issuer", "certificate_oidc_issuer_regexp"])]
    #[arg(conflicts_with_all = ["certificate_identity", "certificate_identity_regexp"])]
    show: bool,
    /// Do not require that signatures are in a log; for keys this is the default
    #[arg(long, requires = "key", hide_short_help = true)]
    allow_no_tlog: bool,
    /// The predicate type of the statement [default: that the artifact is signed]
    #[arg(long, value_name = "TYPE")]
    predicate_type: Option<String>,
}

impl FromArgMatches for Expectation {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let SaidOfAll { said, show, predicate_type, .. } = SaidOfAll::from_arg_matches(matches)?;
        let (whom, trusted_root) = said.whom().map_err(usage)?;
        let whom = match (whom, show) {
            (Some(Whom::Keys(keys)), true) => Whom::Anyone(keys),
            (None, true) => Whom::Anyone(Vec::new()),
            (Some(whom), _) => whom,
            (None, false) => return Err(usage(WHOM)),
        };
        Ok(Self { whom, trusted_root, predicate_type })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Expectation {
    fn augment_args(command: Command) -> Command {
        SaidOfAll::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        SaidOfAll::augment_args_for_update(command)
    }
}

/// The conditions under which an artifact is pulled.
#[derive(Debug)]
pub(crate) enum Verification {
    /// No signer, unless the environment names a policy.
    None,
    /// The policy's decision; what it refuses is an error.
    Policy(PathBuf),
    /// A signature; that there is none is an answer.
    Verify(Expectation),
}

#[derive(Debug, Args)]
struct SaidOfPull {
    /// Pull it only if it is signed by the expected signer; if it is not, nothing is stored and the
    /// exit code is 2
    #[arg(long)]
    verify: bool,
    #[command(flatten)]
    said: Said,
}

impl FromArgMatches for Verification {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let SaidOfPull { verify, said } = SaidOfPull::from_arg_matches(matches)?;
        let (whom, trusted_root) = said.whom().map_err(usage)?;
        match (whom, verify) {
            (Some(whom), true) => {
                Ok(Self::Verify(Expectation { whom, trusted_root, predicate_type: None }))
            }
            (None, true) => Err(usage(WHOM)),
            (Some(Whom::Policy(policy)), false) => Ok(Self::Policy(policy)),
            (None, false) if trusted_root.is_none() => Ok(Self::None),
            _ => Err(usage("an expected signer has an effect only with --verify: add it")),
        }
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Verification {
    fn augment_args(command: Command) -> Command {
        SaidOfPull::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        SaidOfPull::augment_args_for_update(command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed<T: Args>(args: &[&str]) -> Result<T, Error> {
        let command = T::augment_args(Command::new("any"));
        T::from_arg_matches(&command.try_get_matches_from(["any"].iter().chain(args))?)
    }

    #[test]
    fn a_name_and_who_vouches_for_it_are_asked_for_together_sig_33() {
        let names = ["--certificate-identity", "--certificate-identity-regexp"];
        let issuers = ["--certificate-oidc-issuer", "--certificate-oidc-issuer-regexp"];
        for alone in names.iter().chain(&issuers) {
            let of_all = parsed::<Expectation>(&[alone, "https://a.example"]);
            let of_pull = parsed::<Verification>(&["--verify", alone, "https://a.example"]);
            // Not even where nothing else asks for a signature: it would be pulled unchecked.
            let unasked = parsed::<Verification>(&[alone, "https://a.example"]);
            let found = [of_all.map(drop), of_pull.map(drop), unasked.map(drop)];
            for error in found.map(Result::err) {
                let error = error.expect(alone);
                assert_eq!(error.kind(), ErrorKind::MissingRequiredArgument, "{alone}");
                assert!(error.to_string().contains(WHOM), "{alone}: {error}");
            }
        }
        for name in names {
            for issuer in issuers {
                let both = [name, "https://a.example/me", issuer, "https://a.example"];
                let expected = parsed::<Expectation>(&both).expect(name);
                assert!(matches!(expected.whom, Whom::Owner(_)), "{name} {issuer}");
            }
        }
    }
}
