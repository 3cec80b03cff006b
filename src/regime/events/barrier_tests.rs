//! The barrier with the threads of the machine; `tests/barrier_model.rs` tries every order of its steps.

use std::sync::atomic::{AtomicU64, Ordering};

use super::barrier::{Barrier, Escort};

#[test]
fn nobody_is_a_round_ahead() {
    let barrier = Barrier::new(3);
    let counts: [AtomicU64; 3] = Default::default();
    std::thread::scope(|scope| {
        for me in 0..3 {
            let (barrier, counts) = (&barrier, &counts);
            scope.spawn(move || {
                for round in 1..=500 {
                    counts[me].store(round, Ordering::SeqCst);
                    assert!(barrier.wait());
                    assert!(counts.iter().all(|count| count.load(Ordering::SeqCst) >= round));
                    assert!(barrier.wait());
                }
            });
        }
    });
}

#[test]
fn a_panic_lets_the_others_go() {
    let barrier = Barrier::new(2);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| {
            let _escort = Escort(&barrier);
            panic!("on purpose");
        });
        assert!(!barrier.wait());
        assert!(other.join().is_err());
    });
}
