//! Where threads wait for each other: a few microseconds awake, then asleep, so that a
//! thread that has nothing to do leaves its core to others.

use crate::sync::{AtomicBool, AtomicU64, AtomicUsize, Condvar, LOOKS, Mutex, Ordering, PoisonError, spin_loop};

/// A meeting point of a fixed number of threads, used round after round.
#[derive(Debug)]
pub struct Barrier {
    threads: usize,
    arrived: AtomicUsize,
    round: AtomicU64,
    broken: AtomicBool,
    asleep: Mutex<()>,
    wake: Condvar,
}

impl Barrier {
    /// For so many threads.
    pub fn new(threads: usize) -> Self {
        Self {
            threads,
            arrived: AtomicUsize::new(0),
            round: AtomicU64::new(0),
            broken: AtomicBool::new(false),
            asleep: Mutex::new(()),
            wake: Condvar::new(),
        }
    }

    /// Waits until all threads are here. False when one of them will never come.
    pub fn wait(&self) -> bool {
        let round = self.round.load(Ordering::Acquire);
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == self.threads {
            self.arrived.store(0, Ordering::Relaxed);
            let _guard = self.asleep.lock().unwrap_or_else(PoisonError::into_inner);
            self.round.store(round + 1, Ordering::Release);
            self.wake.notify_all();
            return !self.is_broken();
        }
        for _ in 0..LOOKS {
            if self.round.load(Ordering::Acquire) != round || self.is_broken() {
                return !self.is_broken();
            }
            spin_loop();
        }
        let mut guard = self.asleep.lock().unwrap_or_else(PoisonError::into_inner);
        while self.round.load(Ordering::Acquire) == round && !self.is_broken() {
            guard = self.wake.wait(guard).unwrap_or_else(PoisonError::into_inner);
        }
        !self.is_broken()
    }

    /// Lets every thread go, for good.
    pub fn break_up(&self) {
        let _guard = self.asleep.lock().unwrap_or_else(PoisonError::into_inner);
        self.broken.store(true, Ordering::Release);
        self.wake.notify_all();
    }

    fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Acquire)
    }
}

/// Breaks a barrier up when a thread that should come to it panics.
pub struct Escort<'b>(pub &'b Barrier);

impl Drop for Escort<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.break_up();
        }
    }
}
