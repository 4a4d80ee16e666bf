// SPDX-License-Identifier: Apache-2.0
//! Conditions that select the requests of a rule.

use std::fmt;
use std::sync::Arc;

use oci_registry_server::Endpoint;

use crate::Seen;

/// The requests on which a rule fires, of those that it describes. All count from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Times {
    /// Every time.
    #[default]
    Always,
    /// The time with that number, counted from 1.
    Nth(u64),
    /// The first times, that many of them.
    First(u64),
    /// All after that many.
    After(u64),
    /// Every n-th time.
    Every(u64),
    /// Each with this probability (0 to 1), the same ones for the same seed.
    Chance(f64, u64),
}

impl Times {
    /// Whether it fires on the one with that number.
    pub(crate) fn include(self, number: u64) -> bool {
        match self {
            Self::Always => true,
            Self::Nth(nth) => number == nth,
            Self::First(count) => number <= count,
            Self::After(count) => number > count,
            Self::Every(every) => every > 0 && number.is_multiple_of(every),
            Self::Chance(probability, seed) => {
                // The upper 53 bits, as a number from 0 to 1.
                let unit = (mix(seed ^ mix(number)) >> 11) as f64 / (1_u64 << 53) as f64;
                unit < probability
            }
        }
    }
}

/// Mixes a seed with SplitMix64.
fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

type Test = Arc<dyn Fn(&Seen) -> bool + Send + Sync>;

/// Describes requests, and says on which of them to fire.
///
/// ```
/// use oci_registry_server::Endpoint;
/// use oci_registry_faults::When;
///
/// let second_resume = When::get(Endpoint::Blob).repository("a/b").with_header("range").nth(2);
/// ```
#[derive(Clone, Default)]
pub struct When {
    tests: Vec<Test>,
    times: Times,
}

impl When {
    /// Matches any request.
    pub fn any() -> Self {
        Self::default()
    }

    /// Requests with that method.
    pub fn method(method: &'static str) -> Self {
        Self::any().matching(move |seen| seen.method == method)
    }

    /// Matches `GET` requests to that endpoint.
    pub fn get(endpoint: Endpoint) -> Self {
        Self::method("GET").on(endpoint)
    }

    /// Matches `HEAD` requests to that endpoint.
    pub fn head(endpoint: Endpoint) -> Self {
        Self::method("HEAD").on(endpoint)
    }

    /// Matches `PUT` requests to that endpoint.
    pub fn put(endpoint: Endpoint) -> Self {
        Self::method("PUT").on(endpoint)
    }

    /// Matches `POST` requests to that endpoint.
    pub fn post(endpoint: Endpoint) -> Self {
        Self::method("POST").on(endpoint)
    }

    /// `PATCH` of an upload.
    pub fn patch() -> Self {
        Self::method("PATCH").on(Endpoint::Upload)
    }

    /// Matches `DELETE` requests to that endpoint.
    pub fn delete(endpoint: Endpoint) -> Self {
        Self::method("DELETE").on(endpoint)
    }

    /// Restricts it to that endpoint.
    #[must_use]
    pub fn on(self, endpoint: Endpoint) -> Self {
        self.matching(move |seen| seen.endpoint == endpoint)
    }

    /// Restricts it to that repository.
    #[must_use]
    pub fn repository(self, name: &str) -> Self {
        let prefix = format!("/v2/{name}/");
        let places = ["blobs/", "manifests/", "tags/", "referrers/"];
        self.matching(move |seen| {
            let rest = seen.path.strip_prefix(&prefix);
            rest.is_some_and(|rest| places.iter().any(|place| rest.starts_with(place)))
        })
    }

    /// Restricts it to requests with that text in path and query.
    #[must_use]
    pub fn target(self, part: impl Into<String>) -> Self {
        let part = part.into();
        self.matching(move |seen| seen.target().contains(&part))
    }

    /// Restricts it to requests with that header; its name in lower case.
    #[must_use]
    pub fn with_header(self, name: &'static str) -> Self {
        self.matching(move |seen| seen.header(name).is_some())
    }

    /// Restricts it to requests without that header; its name in lower case.
    #[must_use]
    pub fn without_header(self, name: &'static str) -> Self {
        self.matching(move |seen| seen.header(name).is_none())
    }

    /// Restricts it to requests that pass this test, too.
    #[must_use]
    pub fn matching(mut self, test: impl Fn(&Seen) -> bool + Send + Sync + 'static) -> Self {
        self.tests.push(Arc::new(test));
        self
    }

    /// Fires on the n-th of them.
    #[must_use]
    pub fn nth(self, nth: u64) -> Self {
        self.times(Times::Nth(nth))
    }

    /// Fires on the first that many.
    #[must_use]
    pub fn first(self, count: u64) -> Self {
        self.times(Times::First(count))
    }

    /// Fires on all after that many.
    #[must_use]
    pub fn after(self, count: u64) -> Self {
        self.times(Times::After(count))
    }

    /// Fires on each so-many-th.
    #[must_use]
    pub fn every(self, every: u64) -> Self {
        self.times(Times::Every(every))
    }

    /// Fires on each with this probability (0 to 1), on the same ones for the same seed.
    #[must_use]
    pub fn chance(self, probability: f64, seed: u64) -> Self {
        self.times(Times::Chance(probability, seed))
    }

    /// Fires that often.
    #[must_use]
    pub fn times(mut self, times: Times) -> Self {
        self.times = times;
        self
    }

    pub(crate) fn how_often(&self) -> Times {
        self.times
    }

    /// Whether it describes that request, however often it fires.
    pub fn describes(&self, seen: &Seen) -> bool {
        self.tests.iter().all(|test| test(seen))
    }
}

impl fmt::Debug for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tests = self.tests.len();
        f.debug_struct("When").field("tests", &tests).field("times", &self.times).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fires(times: Times) -> Vec<u64> {
        (1..=6).filter(|number| times.include(*number)).collect()
    }

    #[test]
    fn rules_fire_when_they_should() {
        assert_eq!(fires(Times::Always), [1, 2, 3, 4, 5, 6]);
        assert_eq!(fires(Times::Nth(2)), [2]);
        assert_eq!(fires(Times::First(2)), [1, 2]);
        assert_eq!(fires(Times::After(4)), [5, 6]);
        assert_eq!(fires(Times::Every(3)), [3, 6]);
        assert!(fires(Times::Every(0)).is_empty());
        assert!(fires(Times::Chance(0.0, 1)).is_empty());
        assert_eq!(fires(Times::Chance(1.0, 1)), [1, 2, 3, 4, 5, 6]);
        let some = (1..=10_000).filter(|n| Times::Chance(0.25, 7).include(*n)).count();
        assert!((2_300..2_700).contains(&some), "{some}");
    }
}
