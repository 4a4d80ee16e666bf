// SPDX-License-Identifier: Apache-2.0
//! Reading no more of a file than is needed.

use std::io::{self, Read};

use toolhive_frontmatter::{MAX_SIZE, Problem, Source, split};

/// A reader of endless text that counts what is taken.
struct Endless {
    start: io::Cursor<Vec<u8>>,
    taken: u64,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut length = self.start.read(buffer)?;
        if length == 0 {
            buffer.fill(b'x');
            length = buffer.len();
        }
        self.taken += length as u64;
        Ok(length)
    }
}

/// A reader that gives one byte at a time.
struct Trickle<'t>(&'t [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (Some(to), Some((first, rest))) = (buffer.first_mut(), self.0.split_first()) else {
            return Ok(0);
        };
        (*to, self.0) = (*first, rest);
        Ok(1)
    }
}

#[test]
fn an_endless_file_is_read_no_further_than_its_frontmatter_can_be_fm_4() {
    let mut reader = Endless { start: io::Cursor::new(b"---\nname: x\n".to_vec()), taken: 0 };
    let source = Source::read(&mut reader).expect("it reads");
    assert!(source.text().len() < MAX_SIZE + 2_000);
    assert!(reader.taken < 70_000, "{} bytes were read", reader.taken);
    assert_eq!(split(source.text()).map_err(|p| p.rule), Err("frontmatter-too-large"));
}

#[test]
fn any_amount_of_white_space_is_passed_and_positions_stay_right_fm_1() {
    let space = "\u{3000} \r\n\r\n\t\u{85}".repeat(100_000) + " ";
    let file = format!("{space}---\na: b\n  c: d\n---\n");
    let whole = Source::new(file.as_bytes());
    let read = Source::read(file.as_bytes()).expect("it reads");
    assert!(read.text().starts_with(b"---\na"));
    assert_eq!(Source::read(Trickle(file.as_bytes())).expect("reads").text(), read.text());

    let at = |source: &Source<'_>| {
        let found = split(source.text()).expect("has frontmatter");
        let place = |span| source.diagnostic(Problem::new("rule", "m", span)).position;
        (
            place(found.opening),
            place(found.yaml.clone()),
            place(found.yaml.start + 8..found.yaml.end),
        )
    };
    assert_eq!(at(&whole), at(&read));
    let (opening, yaml, inside) = at(&read);
    assert_eq!(opening.map(|p| (p.line, p.column)), Some((200_001, 4)));
    assert_eq!(yaml.map(|p| (p.line, p.column)), Some((200_002, 1)));
    assert_eq!(inside.map(|p| (p.line, p.column)), Some((200_003, 4)));
}

#[test]
fn a_reader_that_fails_is_reported() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("broken"))
        }
    }
    assert!(Source::read(Broken).is_err());
}
