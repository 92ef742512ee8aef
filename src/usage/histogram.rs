//! The buckets of an exponential histogram of times, in whole numbers.
//!
//! Times below 8 ms have a bucket each. Above that, a bucket that begins at n holds n to n + n/8. So
//! its largest time is at most an eighth more than any other in it.

/// The longest time that is told from a longer one, in milliseconds.
pub const LONGEST_MS: u64 = 120_000;

/// How many buckets there are. The last one also holds all longer times.
pub(super) const BUCKETS: usize = {
    let (mut buckets, mut largest) = (1, 0);
    while largest < LONGEST_MS {
        largest = next(largest);
        buckets += 1;
    }
    buckets
};

/// Returns the largest time of the bucket after the one with this largest time.
const fn next(largest: u64) -> u64 {
    let smallest = largest + 1;
    smallest + smallest / 8
}

/// Returns the largest time of each bucket, in order.
fn largest() -> impl Iterator<Item = u64> {
    std::iter::successors(Some(0), |largest| Some(next(*largest))).take(BUCKETS)
}

/// Returns the bucket of a time.
pub(super) fn bucket(ms: u64) -> usize {
    let smaller = largest().take_while(|largest| *largest < ms).count();
    smaller.min(BUCKETS - 1)
}

/// Returns the time that this share of all times does not exceed, or `None` if there are none.
///
/// It is the largest time of its bucket. The share is in percent.
pub(super) fn percentile(counts: &[u32], percent: u64) -> Option<u64> {
    let all = total(counts);
    let rank = (all * percent).div_ceil(100).max(1);
    let mut seen = 0;
    let mut buckets = counts.iter().zip(largest());
    let found = buckets.find(|(count, _)| {
        seen += u64::from(**count);
        seen >= rank
    });
    found.map(|(_, largest)| largest)
}

/// Returns how many times there are.
pub(super) fn total(counts: &[u32]) -> u64 {
    counts.iter().copied().map(u64::from).sum()
}
