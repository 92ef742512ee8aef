//! The tasks that are under way, by the numbers that JavaScript knows them by.

use std::cell::RefCell;
use std::rc::Rc;

use super::Task;

/// How long a task may be overdue before it counts as cut off by the runtime, in milliseconds.
const CUT_OFF_MS: u64 = 60_000;

thread_local! {
    pub static TASKS: RefCell<Tasks> = RefCell::default();
}

/// The tasks that are under way.
#[derive(Default)]
pub struct Tasks {
    /// In the order of their numbers, which may wrap. A map would be 3 KB of the upload.
    under_way: Vec<Rc<Task>>,
    last: u32,
    /// When the last sweep was, in milliseconds since 1970.
    swept: u64,
}

impl Tasks {
    /// Adds a task.
    pub fn add(&mut self, now: u64) -> Rc<Task> {
        self.sweep(now);
        self.last = self.last.wrapping_add(1);
        let task = Rc::new(Task::new(self.last));
        self.under_way.push(task.clone());
        task
    }

    /// Removes a task that is over.
    pub fn remove(&mut self, id: u32) {
        if let Some(place) = self.place(id) {
            self.under_way.remove(place);
        }
    }

    /// Returns the task with this number, while it is under way.
    pub fn find(id: u32) -> Option<Rc<Task>> {
        TASKS.with_borrow(|tasks| {
            let place = tasks.place(id)?;
            tasks.under_way.get(place).cloned()
        })
    }

    fn place(&self, id: u32) -> Option<usize> {
        let oldest = self.under_way.first()?.id;
        let age = |id: u32| id.wrapping_sub(oldest);
        let found = self
            .under_way
            .binary_search_by_key(&age(id), |task| age(task.id));
        found.ok()
    }

    /// Drops the tasks that the runtime has cut off.
    ///
    /// Those are the tasks that two sweeps in a row find overdue. If the runtime had not cut them
    /// off, their timers would have ended them, however the clock was set.
    fn sweep(&mut self, now: u64) {
        if now.abs_diff(self.swept) < CUT_OFF_MS {
            return;
        }
        self.swept = now;
        self.under_way.retain(|task| {
            let is_overdue = task.due.get().saturating_add(CUT_OFF_MS) < now;
            let was_overdue = task.overdue.replace(is_overdue);
            let is_cut_off = is_overdue && was_overdue;
            if is_cut_off {
                // The future holds the task, which holds the future.
                drop(task.future.take());
            }
            !is_cut_off
        });
    }
}
