//! Locks that a panic elsewhere does not make useless.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, even after a panic: what the locks guard here is counters and lists, which stay usable.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
