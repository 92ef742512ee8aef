//! The limits of a person: so many writes of each kind in an hour, from the first one on.

use crate::contract::kept::Kept;

const HOUR_MS: u64 = 3_600_000;

/// An hour of a person's writes of one kind.
#[derive(Clone, Copy)]
struct Hour {
    ends_ms: u64,
    count: u64,
}

/// The hours of all people.
#[derive(Default)]
pub struct Limits(Kept<Hour>);

impl Limits {
    /// Counts a write. Returns the seconds to wait if there were too many.
    pub fn take(&mut self, kind: &str, uid: &str, most: u64, now_ms: u64) -> Result<(), u64> {
        let id = format!("{kind} {uid}");
        let current = self.0.get(&id).filter(|hour| now_ms < hour.ends_ms);
        let mut hour = current.copied().unwrap_or(Hour {
            ends_ms: now_ms.saturating_add(HOUR_MS),
            count: 0,
        });
        if hour.count >= most {
            return Err((hour.ends_ms - now_ms).div_ceil(1_000));
        }
        hour.count += 1;
        self.0.put(&id, hour);
        Ok(())
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_and_kinds_have_hours_of_their_own() {
        let mut limits = Limits::default();
        let mut take = |kind, uid, now_ms| limits.take(kind, uid, 2, now_ms);
        assert_eq!(take("memories", "a", 1_000), Ok(()));
        assert_eq!(take("memories", "a", 2_000), Ok(()));
        assert_eq!(take("memories", "a", 2_500), Err(3_599));
        assert_eq!(take("memories", "b", 2_500), Ok(()));
        assert_eq!(take("conversations", "a", 2_500), Ok(()));
        assert_eq!(take("memories", "a", 3_600_999), Err(1));
        assert_eq!(take("memories", "a", 3_601_000), Ok(()), "another hour");
    }
}
