//! Things in memory by their ids. When the memory is full, the oldest one is dropped.

use std::collections::{HashMap, VecDeque};

/// The most things kept.
const KEPT: usize = 5_000;

/// Things by their ids.
pub struct Kept<T> {
    by_id: HashMap<String, T>,
    by_age: VecDeque<String>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self {
            by_id: HashMap::new(),
            by_age: VecDeque::new(),
        }
    }
}

impl<T> Kept<T> {
    pub fn get(&self, id: &str) -> Option<&T> {
        self.by_id.get(id)
    }

    pub fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.by_id.get_mut(id)
    }

    /// Adds a thing. It takes the place of an earlier one with the same id.
    pub fn put(&mut self, id: &str, thing: T) {
        if self.by_id.insert(id.to_owned(), thing).is_some() {
            return;
        }
        self.by_age.push_back(id.to_owned());
        if self.by_age.len() > KEPT
            && let Some(oldest) = self.by_age.pop_front()
        {
            self.by_id.remove(&oldest);
        }
    }

    /// Returns all things, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.by_age
            .iter()
            .filter_map(|id| Some((id.as_str(), self.by_id.get(id)?)))
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes_first() {
        let mut kept = Kept::default();
        for number in 0..=KEPT {
            kept.put(&number.to_string(), number);
            kept.put(&number.to_string(), number);
        }
        assert_eq!((kept.get("0"), kept.get("1")), (None, Some(&1)));
        assert_eq!(kept.iter().count(), KEPT);
        kept.clear();
        assert_eq!(kept.get("1"), None);
    }
}
