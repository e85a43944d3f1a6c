//! Work shared out between threads, through one instance of rayon: each further one costs a second of compile time.

use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

/// Applies a task to every item; results come in the order of the items.
pub(crate) fn map<T: Sync, R: Send>(items: &[T], task: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let slots: Vec<Mutex<Option<R>>> = items.iter().map(|_| Mutex::new(None)).collect();
    each(items.len(), &|at| {
        let result = task(&items[at]);
        *slots[at].lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
    });
    slots.into_iter().filter_map(|slot| slot.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
}

fn each(count: usize, task: &(dyn Fn(usize) + Sync)) {
    (0..count).into_par_iter().with_max_len(1).for_each(task);
}
