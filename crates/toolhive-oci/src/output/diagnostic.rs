// SPDX-License-Identifier: Apache-2.0
//! Diagnostics that point at the line.

use std::path::Path;

use agent_plugin::Severity;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use oci_artifact::{Diagnostic, Position};

use super::{advice, harmless};

/// The look of a diagnostic.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Look {
    /// Without the rule, and with colours if they are allowed.
    Message,
    /// With the rule after the severity, in colours.
    RuleInColour,
    /// With the rule, and without colours.
    Rule,
}

/// The diagnostic as a person reads it: what, where, the line itself, and advice.
pub(crate) fn render(severity: Severity, diagnostic: &Diagnostic, base: Option<&Path>) -> String {
    render_as(Look::Message, severity, diagnostic, base)
}

/// Renders a diagnostic in that look.
pub(crate) fn render_as(
    look: Look,
    severity: Severity,
    diagnostic: &Diagnostic,
    base: Option<&Path>,
) -> String {
    let level = match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::NOTE,
    };
    let path = diagnostic.path.as_deref().map(|path| match base {
        Some(base) => harmless(&base.join(path).display().to_string()),
        None => harmless(&path.display().to_string()),
    });
    // Where no line of it is shown, the place stands in the message.
    let place = diagnostic.position.zip(diagnostic.excerpt.as_ref());
    let message = match (&path, &place, diagnostic.position) {
        (Some(path), None, Some(Position { line, column })) => {
            format!("{path}:{line}:{column}: {}", harmless(&diagnostic.message))
        }
        (Some(path), None, None) => format!("{path}: {}", harmless(&diagnostic.message)),
        _ => harmless(&diagnostic.message),
    };

    let mut title = level.primary_title(message);
    if let (Look::Rule | Look::RuleInColour, Some(rule)) = (look, diagnostic.rule) {
        title = title.id(rule);
    }
    let mut group = Group::with_title(title);
    let line;
    if let Some((position, excerpt)) = place {
        let part =
            |range: std::ops::Range<usize>| harmless(excerpt.text.get(range).unwrap_or_default());
        let (head, meant) = (part(0..excerpt.span.start), part(excerpt.span.clone()));
        let span = head.len()..head.len() + meant.len();
        line = head + &meant + &part(excerpt.span.end..excerpt.text.len());
        let snippet = Snippet::source(&*line)
            .line_start(position.line)
            .path(path.map(|path| path.to_string()))
            .annotation(AnnotationKind::Primary.span(span));
        group = group.element(snippet);
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(harmless(&advice(help))));
    }
    let renderer = match look {
        Look::Message | Look::RuleInColour => Renderer::styled(),
        Look::Rule => Renderer::plain(),
    };
    renderer.render(&[group])
}
