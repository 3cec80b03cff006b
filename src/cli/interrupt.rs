//! Ctrl-C. While a run listens, the first one asks it to save and stop and the second one stops it at
//! once. Whenever none does, as while a model is read, a network built or a figure drawn, the first one
//! stops the program.

use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// What the run that listens tells the user.
static LISTENING: Mutex<Option<&'static str>> = Mutex::new(None);

/// Whether the user asked that run to stop.
static ASKED: AtomicBool = AtomicBool::new(false);

/// The exit code of a program that Ctrl-C stopped.
const STOPPED: i32 = 130;

/// Takes Ctrl-C (and requests to terminate, as batch systems send them) from now on. Where the system
/// refuses, they end the program as they end any.
pub fn take() {
    let _ = ctrlc::set_handler(|| match *LISTENING.lock().unwrap_or_else(PoisonError::into_inner) {
        Some(what) if !ASKED.swap(true, Ordering::Relaxed) => {
            let _ = writeln!(std::io::stderr(), "\n{what}; Ctrl-C again stops at once");
        }
        _ => {
            twinfire::report::output::abandon();
            std::process::exit(STOPPED)
        }
    });
}

/// From now on Ctrl-C stops the program at once.
pub fn listen_no_more() {
    *LISTENING.lock().unwrap_or_else(PoisonError::into_inner) = None;
}

/// A run that listens to Ctrl-C as long as this lives.
pub struct Interrupt(());

impl Interrupt {
    /// Listens from now on; `what` tells the user what happens then.
    pub fn listen(what: &'static str) -> Self {
        ASKED.store(false, Ordering::Relaxed);
        *LISTENING.lock().unwrap_or_else(PoisonError::into_inner) = Some(what);
        Self(())
    }

    /// Whether the user asked to stop.
    #[allow(clippy::unused_self, reason = "only a run that listens may ask")]
    pub fn asked(&self) -> bool {
        ASKED.load(Ordering::Relaxed)
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        listen_no_more();
    }
}
