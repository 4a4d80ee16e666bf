// SPDX-License-Identifier: Apache-2.0
//! The best match at a position (deflate-go127.md, 3 and 4), a function of the input, the position and
//! its round (E-11).
//!
//! It is found without walking through E-7's candidates. A candidate that is longer than the last one
//! taken has each five-gram of `p..=p + best` at its distance, so the chain of any of them leads to it,
//! that of the rarest one fastest, and where one has no predecessor within reach there is none. What
//! has just four bytes in common is worth less the farther away it is, so of these only the nearest
//! matters, and one at a distance of W, which E-9 makes cheap again.

mod end;
mod twelves;
#[cfg(test)]
mod tests;

use std::ops::Range;

pub(super) use self::end::End;
use self::twelves::{TWELVE, Twelves};
use super::CHAIN;
use super::prices::Prices;
use super::round::Round;
use crate::links::Links;
use crate::segment::Behind;
use crate::token::Match;
use crate::window::{RING, Window};
use crate::{MAX, MIN, W, boxed};

/// The number of hashes (E-5).
const HASHES: usize = 1 << HASH_BITS;
const HASH_BITS: u32 = 17;
/// The number of hashes of five bytes that are distinguished.
const FIVES: usize = 1 << 17;
/// The bytes that the positions of one of their chains have in common.
const FIVE: usize = 5;
/// The gain that a match must exceed (E-8).
const LEAST_GAIN: i32 = 4;

/// The number of steps of a walk that are done before it is asked how long a match must be to be
/// worth it.
const FEW: u32 = 8;

/// E-5: the hash of the four bytes at the low end of `bytes`.
#[inline(always)]
fn hash(bytes: u64) -> usize {
    ((bytes as u32).wrapping_mul(2_654_435_761) >> (32 - HASH_BITS)) as usize % HASHES
}

/// Chains of positions with equal five bytes, or with other ones in common.
type Fives = Links<FIVES, RING>;

/// Finds matches in the input that it is given.
pub(super) struct Matcher {
    window: Window,
    fives: Fives,
    /// Made when a round has a use for them.
    twelves: Option<Box<Twelves>>,
    /// The hash is E-5's, so that these are its chains.
    fours: Links<HASHES, RING>,
    /// The number of each position among those with its hash; only differences count.
    numbers: Box<[u16; RING]>,
    prices: Prices,
    /// The positions before this one are in the chains.
    indexed: u64,
    round: Round,
    /// Positions that are in the chains, but were never inserted (E-6).
    passed: Range<u64>,
}

/// The verdict on a candidate.
enum Judgement {
    Take,
    Refuse,
    Stop,
}

/// The kind of candidate that a search accepts.
trait Goal {
    /// Returns the gain that a candidate must exceed now.
    fn bar(&self) -> i32;

    fn judge(&mut self, matcher: &Matcher, length: usize, distance: u32) -> Judgement;
}

/// The best match at `p`: each candidate with more gain than the one before is taken (E-8).
struct Best {
    p: u64,
    gain: i32,
    found: Option<Match>,
}

impl Goal for Best {
    #[inline(always)]
    fn bar(&self) -> i32 {
        self.gain
    }

    #[inline(always)]
    fn judge(&mut self, matcher: &Matcher, length: usize, distance: u32) -> Judgement {
        if distance > CHAIN && matcher.rank(self.p, distance) > CHAIN {
            return Judgement::Stop;
        }
        let gain = matcher.prices.gain(self.p as u16, length, distance);
        if gain <= self.gain || !matcher.was_inserted(self.p, distance) {
            return Judgement::Refuse;
        }
        self.gain = gain;
        self.found = Some(Match { length: length as u32, distance });
        Judgement::Take
    }
}

/// Whether there is any candidate at `p` that may be taken.
struct Any {
    p: u64,
    has_one: bool,
}

impl Goal for Any {
    #[inline(always)]
    fn bar(&self) -> i32 {
        LEAST_GAIN
    }

    #[inline(always)]
    fn judge(&mut self, matcher: &Matcher, _: usize, distance: u32) -> Judgement {
        if !matcher.allows(self.p, distance) {
            return Judgement::Refuse;
        }
        self.has_one = true;
        Judgement::Stop
    }
}

impl Matcher {
    pub(super) fn new() -> Self {
        Self {
            window: Window::new(),
            fives: Links::new(),
            twelves: None,
            fours: Links::new(),
            numbers: boxed(0),
            prices: Prices::new(),
            indexed: 0,
            round: Round::full(0),
            passed: 0..0,
        }
    }

    /// Forgets everything and goes on at `origin`, a multiple of W, as if the input began there. Only
    /// rounds whose base is `origin` or later can be begun.
    pub(super) fn restart(&mut self, origin: u64) {
        self.window.restart(origin);
        self.fives.restart();
        self.twelves = None;
        self.fours.restart();
        self.indexed = origin;
    }

    /// Returns the number of bytes of the input that have been brought in.
    pub(super) fn known(&self) -> u64 {
        self.window.end()
    }

    /// Brings in more of the input, but not beyond the E of the next round to begin.
    pub(super) fn append(&mut self, input: &[u8]) {
        self.window.append(input);
    }

    /// Begins a round, all of whose bytes have been brought in, at its start.
    pub(super) fn begin(&mut self, round: Round, start: u64) {
        self.pass(round);
        self.prices.set(&self.window, round, start);
        self.twelves = self.prices.are_low().then(|| {
            let mut twelves = self.twelves.take().unwrap_or_else(|| Box::new(Twelves::new()));
            // As in `pass`.
            let until = match round.behind {
                Behind::More => round.end - (TWELVE - 1) as u64,
                Behind::Nothing => round.end,
            };
            twelves.index(&self.window, round.base, until);
            twelves
        });
        self.passed = round.passed(start);
        self.round = round;
    }

    /// Takes note of a round's bytes, all of which have been brought in, without beginning it.
    pub(super) fn pass(&mut self, round: Round) {
        // A position is hashed when its eight bytes are there. At the end some hashes cover bytes that
        // do not exist: no search starts from these, and no position comes later that could find them.
        self.index(match round.behind {
            Behind::More => round.end - 7,
            Behind::Nothing => round.end,
        });
    }

    /// Puts the positions before `until` into the chains.
    fn index(&mut self, until: u64) {
        while self.indexed < until {
            if self.indexed.is_multiple_of(W) && self.indexed > 0 {
                self.fives.turn();
                self.fours.turn();
            }
            let turn = (self.indexed / W + 1) * W;
            for position in self.indexed..turn.min(until) {
                let at = position as u16;
                let bytes = self.window.eight(at, 0);
                let five =
                    (bytes << 24).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - FIVES.ilog2());
                self.fives.insert(at, five as usize);
                let before = at.wrapping_sub(self.fours.insert(at, hash(bytes)));
                let number = self.numbers[usize::from(before)].wrapping_add(1);
                self.numbers[usize::from(at)] = number;
            }
            self.indexed = turn.min(until);
        }
    }

    /// Returns the byte at `position`.
    #[inline(always)]
    pub(super) fn byte(&self, position: u64) -> u8 {
        self.window.byte(position as u16)
    }

    /// Returns the bytes of the window from `from` to `to`; see [`Window::recent`].
    pub(super) fn recent(&self, from: u64, to: u64) -> Option<[&[u8]; 2]> {
        self.window.recent(from, to)
    }

    /// Returns the largest distance of a candidate of `p` (E-7), and the largest length of a match
    /// (E-8).
    #[inline(always)]
    fn bounds(&self, p: u64) -> (u32, usize) {
        let reach = (p - self.round.base).min(W) as u32;
        (reach, MAX.min((self.round.end - p) as usize))
    }

    /// Returns the best match at `p` (E-8), if it is longer than `floor` bytes, which are at least
    /// 4.
    #[inline(always)]
    pub(super) fn longer(&self, p: u64, floor: u32) -> Option<Match> {
        // The search itself starts as if nothing were known (E-10); but most positions have no
        // candidate that is longer at all.
        if !self.has_longer(p, floor as usize) {
            return None;
        }
        self.best(p).filter(|found| found.length > floor)
    }

    /// Whether a candidate of `p` that may be taken is longer than `floor` bytes, which are at least 4.
    #[inline(always)]
    fn has_longer(&self, p: u64, floor: usize) -> bool {
        let (reach, limit) = self.bounds(p);
        let mut any = Any { p, has_one: false };
        self.walk(p as u16, floor, reach, limit, &mut any);
        if !any.has_one && u64::from(reach) == W && floor < limit {
            self.farthest(p, floor, limit, &mut any);
        }
        any.has_one
    }

    /// Returns the best match at `p` (E-8).
    #[inline(always)]
    pub(super) fn best(&self, p: u64) -> Option<Match> {
        let (reach, limit) = self.bounds(p);
        if limit < MIN {
            return None;
        }
        let at = p as u16;
        let mut best = Best { p, gain: LEAST_GAIN, found: None };
        let mut length = MIN;
        let near = reach.min(worth_while(self.prices.of(at, MIN)));
        if let Some(distance) = self.nearest_of_four(p, near) {
            let common = self.window.common(at, at.wrapping_sub(distance as u16)).min(limit);
            match best.judge(self, common, distance) {
                Judgement::Stop => return None,
                Judgement::Take => length = common,
                Judgement::Refuse => {}
            }
        }
        self.walk(at, length, reach, limit, &mut best);
        if u64::from(reach) == W {
            let length = best.found.map_or(MIN - 1, |found| found.length as usize);
            self.farthest(p, length, limit, &mut best);
        }
        best.found
    }

    /// Goes through the candidates that are longer than `best` bytes, at least 4, and than the last
    /// one taken, nearest first; some of them more than once. Those that are too short to be taken at
    /// their distance are left out, and so may be one at the distance of W.
    #[inline(always)]
    fn walk(&self, p: u16, mut best: usize, reach: u32, limit: usize, goal: &mut impl Goal) {
        if best >= limit {
            return;
        }
        // The walk is in the chain of the bytes at `p + at`, of which there are `gram`.
        let (mut chains, mut gram) = self.chains(best);
        let Some(mut at) = chains.rarest(p, best + 1 - gram, reach) else { return };
        let mut r = p.wrapping_add(at);
        let mut left = reach;
        // From this distance on, a match must be longer than `best` for the bar; that is looked at where
        // the walk is long.
        let (mut tier, mut steps) = (0, 0_u32);
        loop {
            steps += 1;
            let link = chains.link(r);
            if u32::from(link) > left {
                return;
            }
            left -= u32::from(link);
            r = r.wrapping_sub(link);
            let distance = reach - left;
            if steps > FEW && distance >= tier {
                let needed = self.prices.too_short(p, best, limit, distance, goal.bar());
                if needed >= limit {
                    return;
                }
                tier = (distance + 1).next_power_of_two().max(4);
                if needed > best {
                    best = needed;
                    let before = gram;
                    (chains, gram) = self.chains(best);
                    if gram != before {
                        let Some(rarest) = chains.rarest(p, best + 1 - gram, reach) else { return };
                        (at, left) = (rarest, reach);
                        r = p.wrapping_add(at);
                        continue;
                    }
                    // As below.
                    let edge = (best + 1 - gram) as u16;
                    let first = u32::from(chains.link(p.wrapping_add(edge)));
                    if first > reach {
                        return;
                    }
                    if first > distance {
                        (at, left) = (edge, reach);
                        r = p.wrapping_add(edge);
                        continue;
                    }
                }
            }
            let q = r.wrapping_sub(at);
            // A longer match has these four bytes, too; nearly all others differ here.
            let tail = (best - 3) as u16;
            if self.window.four(q.wrapping_add(tail)) != self.window.four(p.wrapping_add(tail)) {
                continue;
            }
            let length = self.window.common(p, q).min(limit);
            if length <= best {
                continue;
            }
            match goal.judge(self, length, distance) {
                Judgement::Refuse => continue,
                Judgement::Stop => return,
                Judgement::Take => {}
            }
            if length >= limit {
                return;
            }
            best = length;
            tier = distance;
            r = q.wrapping_add(at);
            let before = gram;
            (chains, gram) = self.chains(best);
            if gram != before {
                let Some(rarest) = chains.rarest(p, best + 1 - gram, reach) else { return };
                (at, left) = (rarest, reach);
                r = p.wrapping_add(at);
                continue;
            }
            // A longer match has bytes that are not at `q`: those that end with the first one that
            // differs. Where their chain begins farther away than the next candidate here, it saves
            // steps.
            let edge = (best + 1 - gram) as u16;
            let first = u32::from(chains.link(p.wrapping_add(edge)));
            if first > distance + u32::from(chains.link(r)) {
                (at, left) = (edge, reach);
                r = p.wrapping_add(edge);
            }
        }
    }

    /// Returns the chains of the most bytes that a match which is longer than `best` bytes, at least 4, has; how many
    /// bytes these are.
    #[inline(always)]
    fn chains(&self, best: usize) -> (&Fives, usize) {
        match &self.twelves {
            Some(twelves) if best + 1 >= TWELVE => (twelves.chains(), TWELVE),
            _ => (&self.fives, FIVE),
        }
    }

    /// Returns the distance of the nearest candidate of `p` that has its four bytes.
    #[inline(always)]
    fn nearest_of_four(&self, p: u64, reach: u32) -> Option<u32> {
        let at = p as u16;
        let (mut left, mut q) = (reach, at);
        // Each step is a candidate, or was passed, as two may have been.
        for _ in 0..CHAIN + 2 {
            let link = self.fours.link(q);
            if u32::from(link) > left {
                return None;
            }
            left -= u32::from(link);
            q = q.wrapping_sub(link);
            if self.window.four(q) == self.window.four(at) && self.was_inserted(p, reach - left) {
                return Some(reach - left);
            }
        }
        None
    }

    /// Judges the candidate at the distance of W, if it is longer than `floor`: E-9 makes it cheaper
    /// than most others.
    #[inline(always)]
    fn farthest(&self, p: u64, floor: usize, limit: usize, goal: &mut impl Goal) {
        let (at, q) = (p as u16, (p - W) as u16);
        if self.window.four(q) != self.window.four(at) {
            return;
        }
        let length = self.window.common(at, q).min(limit);
        if length > floor {
            goal.judge(self, length, W as u32);
        }
    }

    /// Whether the position that far before `p`, which has its hash, is among its first CHAIN
    /// candidates.
    #[inline(always)]
    fn allows(&self, p: u64, distance: u32) -> bool {
        self.was_inserted(p, distance) && (distance <= CHAIN || self.rank(p, distance) <= CHAIN)
    }

    /// Whether the position that far before `p` was inserted (E-6).
    #[inline(always)]
    fn was_inserted(&self, p: u64, distance: u32) -> bool {
        self.passed.is_empty() || !self.passed.contains(&(p - u64::from(distance)))
    }

    /// Returns the number of candidates of `p` up to the one at that distance (E-7).
    #[inline(always)]
    fn rank(&self, p: u64, distance: u32) -> u32 {
        let number = |at: u64| self.numbers[usize::from(at as u16)];
        let q = p - u64::from(distance);
        let mut rank = u32::from(number(p).wrapping_sub(number(q)));
        if !self.passed.is_empty() {
            let hash_at = |at: u64| hash(self.window.eight(at as u16, 0));
            let among = self.passed.clone().filter(|at| (q..p).contains(at));
            rank -= among.filter(|&at| hash_at(at) == hash_at(p)).count() as u32;
        }
        rank
    }
}

/// Returns the farthest distance but W at which a match of four bytes of that price has enough gain
/// (E-8).
#[inline(always)]
fn worth_while(price: i32) -> u32 {
    match price - 3 - LEAST_GAIN {
        ..=0 => 0,
        spare @ 1..14 => (2 << spare) - 1,
        _ => W as u32,
    }
}

impl Default for Matcher {
    fn default() -> Self {
        Self::new()
    }
}
