//! Atomics, mutex and condition variable of the barrier, in one place, so that a model checker can
//! stand in for the standard library: `tests/barrier_model.rs` compiles `regime/events/barrier.rs` with that of `loom`.

pub use std::hint::spin_loop;
pub use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
pub use std::sync::{Condvar, Mutex, PoisonError};

/// Looks at a barrier before a thread goes to sleep: about ten microseconds.
pub const LOOKS: u32 = 1_000;
