// SPDX-License-Identifier: Apache-2.0
//! Decisions about single blocks, on both sides of each border.

use super::{Arithmetic, Form, Planner, Seal, Tally};
use crate::bits::Bits;
use crate::made::{bytes, literals};
use crate::token::{Match, Token};

/// Returns a planner that carries the table of a block with bytes of `k` values.
fn carrying(k: u32) -> Planner {
    let mut planner = Planner::new(Arithmetic::Plain);
    // Each value at least once.
    let every: Vec<u8> = (0..k as u8).collect();
    let tokens = literals(&[bytes(4_000, k, 7), every].concat());
    let plan = planner.plan(Tally::new(&tokens, Seal::Open, None));
    assert!(matches!(plan.form, Form::Dynamic(_)) && planner.carried.is_some());
    planner
}

/// Returns the sizes that E-25 compares: the fixed one, the carried one, the one that is estimated.
fn sizes(planner: &Planner, tally: &Tally) -> (u64, u64, u64) {
    let carried = planner.carried.as_ref().expect("a table is carried");
    let reuse = tally.counts.bits(&carried.lengths);
    let new = carried.header + planner.arithmetic.estimate(tally);
    (tally.fixed(), reuse, new + u64::from(carried.end.1) + new / 256)
}

#[test]
fn a_small_last_block_is_fixed_if_that_saves_more_than_7_bits_e_25() {
    let (mut kept, mut left) = (0, 0);
    for seed in 0..6_000 {
        let k = 100 + seed % 100;
        let mut planner = carrying(k);
        // Some of the rare bytes, which the carried table makes expensive.
        let mut bytes = bytes(1 + seed as usize % 60, k, seed);
        bytes
            .iter_mut()
            .step_by(1 + seed as usize % 3)
            .for_each(|byte| *byte = k as u8 - 1 - *byte);
        let tally = Tally::new(&literals(&bytes), Seal::Sealed, None);
        if !tally.fits(&planner.carried.as_ref().expect("carried").lengths) {
            continue;
        }
        let (fixed, reuse, new) = sizes(&planner, &tally);
        let size = new.min(reuse);
        let is_fixed = matches!(planner.plan(tally).form, Form::Fixed(_));
        match fixed + 7 {
            border if border < size => assert!(is_fixed, "{fixed} {size}"),
            _ if new >= reuse => assert!(!is_fixed, "{fixed} {size}"),
            _ => {}
        }
        left += u32::from(fixed + 8 == size);
        kept += u32::from(fixed + 7 == size && new >= reuse);
        if kept > 0 && left > 0 {
            return;
        }
    }
    panic!("{kept} at the border, {left} beyond it");
}

#[test]
fn a_block_of_250_tokens_is_never_fixed_e_26() {
    // The end of a sealed block counts (E-23).
    let form = |n: usize, seal| {
        let tally = Tally::new(&literals(&bytes(n, 256, 3)), seal, None);
        Planner::default().plan(tally).form
    };
    assert!(matches!(form(248, Seal::Sealed), Form::Fixed(_)));
    assert!(matches!(form(249, Seal::Sealed), Form::Dynamic(_)));
    assert!(matches!(form(249, Seal::Open), Form::Fixed(_)));
    assert!(matches!(form(250, Seal::Open), Form::Dynamic(_)));
}

#[test]
fn stored_wins_a_tie_e_25_e_26() {
    let tokens = literals(&bytes(20_000, 256, 3));
    let form = |planner: &mut Planner, tokens: &[Token], stored: u64| {
        let mut tally = Tally::new(tokens, Seal::Open, None);
        tally.stored = Some(stored);
        planner.plan(tally).form
    };
    let own = Tally::new(&tokens, Seal::Open, None).own().size;
    assert!(matches!(form(&mut Planner::default(), &tokens, own), Form::Stored));
    assert!(matches!(form(&mut Planner::default(), &tokens, own + 1), Form::Dynamic(_)));

    let tokens = literals(&bytes(3_000, 90, 9));
    let planner = carrying(90);
    let (_, reuse, new) = sizes(&planner, &Tally::new(&tokens, Seal::Open, None));
    assert!(new >= reuse);
    assert!(matches!(form(&mut carrying(90), &tokens, reuse), Form::Stored));
    assert!(matches!(form(&mut carrying(90), &tokens, reuse + 1), Form::Carried(..)));
}

#[test]
fn a_table_is_dropped_where_it_lacks_a_symbol_e_25() {
    let plan = |tokens: &[Token]| carrying(90).plan(Tally::new(tokens, Seal::Open, None));
    let known = literals(&bytes(3_000, 90, 9));
    assert!(matches!(plan(&known).form, Form::Carried(..)));
    assert!(plan(&known).before.is_none());
    let foreign = [&known[..], &[Token::literal(200)]].concat();
    let dropped = plan(&foreign);
    assert!(matches!(dropped.form, Form::Dynamic(_)) && dropped.before.is_some());
    // A match has a length that the table does not have.
    let matching = [&known[..], &[Token::new_match(Match { length: 5, distance: 9 })]].concat();
    assert!(matches!(plan(&matching).form, Form::Dynamic(_)));
}

#[test]
fn a_distance_that_is_counted_but_not_used_needs_no_code_e_25() {
    // The table has a length and distances beyond the first.
    let mut tokens = literals(&bytes(4_000, 90, 7));
    let distances = [5, 9, 17].map(|distance| Token::new_match(Match { length: 5, distance }));
    tokens.extend(distances.iter().cycle().take(60));
    let mut planner = Planner::default();
    planner.plan(Tally::new(&tokens, Seal::Open, None));
    let lengths = &planner.carried.as_ref().expect("carried").lengths;
    assert_eq!(lengths.distances[0], 0);
    let plain = Tally::new(&literals(&bytes(3_000, 90, 9)), Seal::Open, None);
    assert!(matches!(planner.plan(plain).form, Form::Carried(..)));
}

#[test]
fn a_table_outlives_no_sealed_fixed_or_stored_block_e_22() {
    let known = literals(&bytes(3_000, 90, 9));
    let mut planner = carrying(90);
    planner.plan(Tally::new(&known, Seal::Open, None));
    assert!(planner.carried.is_some());
    planner.plan(Tally::new(&known, Seal::Sealed, None));
    assert!(planner.carried.is_none());
    let mut planner = carrying(90);
    let plan = planner.plan(Tally::new(&known, Seal::Open, Some(1)));
    assert!(matches!(plan.form, Form::Stored) && plan.before.is_some());
    assert!(planner.carried.is_none());
}

#[test]
fn a_size_is_the_number_of_bits_that_are_written_e_24() {
    for seal in [Seal::Open, Seal::Sealed] {
        let written = |planner: &mut Planner, tokens: &[Token]| {
            let plan = planner.plan(Tally::new(tokens, seal, None));
            let (mut out, mut bits) = (Vec::new(), Bits::default());
            plan.write(tokens, [&[]; 2], &mut bits, &mut out);
            let end = planner.carried.as_ref().map_or(0, |carried| carried.end.1);
            let size = match plan.form {
                Form::Dynamic(own) => own.size,
                Form::Fixed(size) | Form::Carried(_, size) => size,
                Form::Stored => panic!("stored"),
            };
            (8 * out.len() as u64 + u64::from(bits.partial() + end), size)
        };
        let matching = Token::new_match(Match { length: 5, distance: 9 });
        let tokens = [&literals(&bytes(3_000, 90, 9))[..], &[matching; 40]].concat();
        let mut planner = Planner::default();
        let (found, size) = written(&mut planner, &tokens);
        assert_eq!(found, size, "{seal:?}");
        if seal == Seal::Open {
            let (found, size) = written(&mut planner, &tokens[1_000..]);
            assert_eq!(found, size, "carried");
        }
    }
}
