// SPDX-License-Identifier: Apache-2.0
//! Inputs that are hard for the DEFLATE encoder, described by short programs that a fuzzer or
//! proptest makes up: copies at the distances and of the lengths that rules decide on, alphabets of
//! a few letters, sizes around those where the window slides.

/// The longest input.
const MOST: usize = 400_000;

/// Returns the input that `program` describes: four bytes an instruction, any bytes do.
pub fn build(program: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    for instruction in program.as_chunks::<4>().0 {
        state ^= u64::from(u32::from_le_bytes(*instruction));
        step(&mut bytes, *instruction, &mut state);
        if bytes.len() > MOST {
            bytes.truncate(MOST);
            break;
        }
    }
    bytes
}

fn step(bytes: &mut Vec<u8>, [op, a, b, c]: [u8; 4], state: &mut u64) {
    let (a, wide) = (usize::from(a), usize::from(u16::from_le_bytes([b, c])));
    match op % 8 {
        // A run.
        0 => bytes.extend(std::iter::repeat_n(a as u8, wide % 700)),
        // Letters of a small alphabet.
        1 => letters(bytes, wide, 1 + a % 4, state),
        // Letters of a large one.
        2 => letters(bytes, wide % 9_000, 1 + a, state),
        // A few bytes of the program itself.
        3 => bytes.extend([a as u8, b, c]),
        // A copy from a place that rules care about.
        4 | 5 => copy(bytes, distance(a, wide), length(usize::from(c))),
        // Changes one byte near the end.
        6 => {
            let at = bytes.len().saturating_sub(1 + wide % 600);
            bytes.get_mut(at).into_iter().for_each(|byte| *byte ^= a as u8);
        }
        // Fills up to a size at which the window slides, or nearly.
        _ => {
            let size = bytes.len().next_multiple_of(32_768) + [0, 262, 258, 4][a % 4];
            let size = (size + wide % 8).saturating_sub(4 + (a / 4 % 2) * 262);
            let missing = size.saturating_sub(bytes.len());
            match a / 8 % 3 {
                0 => copy(bytes, 1 + a, missing),
                1 => letters(bytes, missing, 3, state),
                _ => letters(bytes, missing, 200, state),
            }
        }
    }
}

fn distance(a: usize, wide: usize) -> usize {
    let near = (a / 8) % 5;
    match a % 8 {
        0 => 4_094 + near,
        1 => 32_766 + near,
        // From where S cuts the window short.
        2 => 32_506 + wide % 264,
        3 => 1 + near,
        4 => 8_190 + near,
        _ => 1 + wide % 33_000,
    }
}

fn length(c: usize) -> usize {
    match c % 4 {
        0 => 3 + c / 4 % 4,
        1 => 256 + c / 4 % 6,
        2 => c,
        _ => c * 8,
    }
}

fn copy(bytes: &mut Vec<u8>, distance: usize, length: usize) {
    for _ in 0..length {
        let from = bytes.len().checked_sub(distance).map(|at| bytes[at]);
        bytes.push(from.unwrap_or(b'-'));
    }
}

fn letters(bytes: &mut Vec<u8>, n: usize, alphabet: usize, state: &mut u64) {
    for _ in 0..n {
        *state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        bytes.push(((*state >> 33) as usize % alphabet) as u8);
    }
}
