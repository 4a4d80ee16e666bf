// SPDX-License-Identifier: Apache-2.0
//! Writes one man page, without a complaint of mandoc.

use std::io;

use clap::{Arg, ArgAction, Command};
use clap_mangen::Man;

/// The longest line of text in the source of a page, in bytes.
const LINE: usize = 79;

/// The source of a command's page; `date` is `YYYY-MM-DD`.
///
/// # Errors
/// None but those of memory, as nothing is written to a file.
pub(super) fn source(command: &Command, date: &str) -> io::Result<String> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    let man = Man::new(command.clone())
        .title(name.to_uppercase())
        .date(date)
        .source(concat!("toolhive-oci ", env!("CARGO_PKG_VERSION")))
        .manual("User Commands");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    page.extend(synopsis(command).into_bytes());
    man.render_description_section(&mut page)?;
    if command.get_arguments().any(|arg| !arg.is_hide_set()) {
        man.render_options_section(&mut page)?;
    }
    if command.get_subcommands().any(|command| !command.is_hide_set()) {
        man.render_subcommands_section(&mut page)?;
    }
    page.extend(endings(command).into_bytes());
    Ok(tidy(&String::from_utf8_lossy(&page)))
}

/// The command line, with the values of its options; global options stand for themselves.
fn synopsis(command: &Command) -> String {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let mut parts = vec![format!("\\fB{}\\fR", escaped(name))];
    let (globals, own): (Vec<&Arg>, Vec<&Arg>) = command
        .get_arguments()
        .filter(|arg| !arg.is_hide_set())
        .partition(|arg| arg.is_global_set());
    parts.extend(own.iter().filter(|arg| !arg.is_positional()).filter_map(|arg| option(arg)));
    if !globals.is_empty() {
        parts.push("[\\fIglobal options\\fR]".to_owned());
    }
    parts.extend(own.iter().filter(|arg| arg.is_positional()).map(|arg| {
        let many = matches!(arg.get_action(), ArgAction::Append);
        let shown = format!("\\fI{}\\fR{}", value(arg), if many { "..." } else { "" });
        if arg.is_required_set() { shown } else { format!("[{shown}]") }
    }));
    if command.has_subcommands() {
        parts.push("\\fIcommand\\fR".to_owned());
    }
    format!(".SH SYNOPSIS\n{}\n", parts.join(" "))
}

fn option(arg: &Arg) -> Option<String> {
    let names = [
        arg.get_short().map(|short| format!("\\fB\\-{short}\\fR")),
        arg.get_long().map(|long| format!("\\fB\\-\\-{}\\fR", escaped(long))),
    ];
    let names = names.into_iter().flatten().collect::<Vec<_>>().join("|");
    let takes_value = matches!(arg.get_action(), ArgAction::Set | ArgAction::Append);
    let is_optional = arg.get_num_args().is_some_and(|range| range.min_values() == 0);
    let value = match (takes_value, is_optional) {
        (false, _) => String::new(),
        (true, true) => format!("[=\\fI{}\\fR]", value(arg)),
        (true, false) => format!(" \\fI{}\\fR", value(arg)),
    };
    let many = if matches!(arg.get_action(), ArgAction::Append) { "..." } else { "" };
    let shown = format!("{names}{value}");
    (!names.is_empty()).then(|| match arg.is_required_set() {
        true => format!("{shown}{many}"),
        false => format!("[{shown}]{many}"),
    })
}

fn value(arg: &Arg) -> String {
    let names = arg.get_value_names().unwrap_or_default();
    escaped(&names.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\e").replace('-', "\\-")
}

/// The end of the long help: the example, and the program's own sections.
fn endings(command: &Command) -> String {
    let text = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    let mut page = String::new();
    for section in text.split("\n\n") {
        let (title, body) = match section.split_once(":\n") {
            Some(("Exit codes", body)) => ("EXIT STATUS", body),
            Some(("Environment", body)) => ("ENVIRONMENT", body),
            Some(("Files", body)) => ("FILES", body),
            _ => match section.strip_prefix("Example: ") {
                Some(example) => ("EXAMPLES", example),
                None => continue,
            },
        };
        page.push_str(&format!(".SH {title}\n.nf\n"));
        for line in body.lines() {
            page.push_str(&guarded(&escaped(line)));
            page.push('\n');
        }
        page.push_str(".fi\n");
    }
    page
}

/// A line of text that begins like no request.
fn guarded(line: &str) -> String {
    match line.starts_with(['.', '\'']) {
        true => format!("\\&{line}"),
        false => line.to_owned(),
    }
}

/// The source with paragraphs, breaks and lines as they should be: one request where the generator
/// writes a break, an empty line and a break; no blanks at the end of a line; no line that is too long.
fn tidy(page: &str) -> String {
    let page = page.replace("\n.br\n\n.br\n", "\n.sp\n").replace("\n\n.br\n", "\n.sp\n");
    let mut tidied = String::new();
    let mut is_literal = false;
    for line in page.lines().map(str::trim_end) {
        is_literal = (is_literal || line == ".nf") && line != ".fi";
        if line.is_empty() {
            tidied.push_str(".sp\n");
        } else if is_literal || line.starts_with(['.', '\'']) || line.len() <= LINE {
            tidied.push_str(line);
            tidied.push('\n');
        } else {
            filled(line, &mut tidied);
        }
    }
    tidied
}

/// Breaks a line of text between words, as a formatter fills lines anyway.
fn filled(line: &str, page: &mut String) {
    let mut length = 0;
    for word in line.split(' ').filter(|word| !word.is_empty()) {
        if length > 0 && length + 1 + word.len() > LINE {
            page.push('\n');
            let word = guarded(word);
            length = word.len();
            page.push_str(&word);
            continue;
        }
        if length > 0 {
            page.push(' ');
            length += 1;
        }
        page.push_str(word);
        length += word.len();
    }
    page.push('\n');
}
