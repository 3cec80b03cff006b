//! The barrier between threads, in every order in which its steps can happen (loom): nobody is a
//! round ahead, nobody sleeps for ever, and a thread that panics lets the others go.

#[path = "../src/regime/events/barrier.rs"]
#[allow(dead_code)]
mod barrier;

/// What `src/sync.rs` takes from the standard library.
mod sync {
    pub use loom::hint::spin_loop;
    pub use loom::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
    pub use loom::sync::{Condvar, Mutex};
    pub use std::sync::PoisonError;

    /// One look: more are the same steps again.
    pub const LOOKS: u32 = 1;
}

use barrier::Barrier;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

/// All orders of `run` with at most so many changes of thread that are not asked for.
fn check(preemptions: usize, run: impl Fn() + Sync + Send + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(preemptions);
    model.check(run);
}

/// Meets `rounds` times twice, and looks in between whether all others are as far.
fn march(me: usize, barrier: &Barrier, counts: &[AtomicUsize], rounds: usize) {
    for round in 1..=rounds {
        counts[me].store(round, Ordering::Relaxed);
        assert!(barrier.wait());
        assert!(counts.iter().all(|count| count.load(Ordering::Relaxed) == round));
        assert!(barrier.wait());
    }
}

fn marched(threads: usize, rounds: usize) {
    let barrier = Arc::new(Barrier::new(threads));
    let counts: Arc<Vec<AtomicUsize>> = Arc::new((0..threads).map(|_| AtomicUsize::new(0)).collect());
    let others: Vec<_> = (1..threads)
        .map(|me| {
            let (barrier, counts) = (Arc::clone(&barrier), Arc::clone(&counts));
            thread::spawn(move || march(me, &barrier, &counts, rounds))
        })
        .collect();
    march(0, &barrier, &counts, rounds);
    others.into_iter().for_each(|other| other.join().unwrap());
}

#[test]
fn two_threads_see_all_that_the_other_did_and_are_never_a_round_ahead() {
    check(3, || marched(2, 2));
}

#[test]
fn three_threads_too() {
    check(2, || marched(3, 1));
}

#[test]
fn breaking_up_lets_everybody_go_whether_awake_or_asleep() {
    check(3, || {
        let barrier = Arc::new(Barrier::new(3));
        let other = {
            let barrier = Arc::clone(&barrier);
            thread::spawn(move || assert!(!barrier.wait()))
        };
        barrier.break_up();
        assert!(!barrier.wait());
        other.join().unwrap();
    });
}
