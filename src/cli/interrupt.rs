//! Ctrl-C: the first one asks the run to save and stop, the second one stops it at once.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use twinfire::error::{Error, Result};

/// Whether the user asked to stop.
#[derive(Clone)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens to Ctrl-C (and to a request to terminate, as batch systems send it) from now on;
    /// `what` tells the user what happens then.
    ///
    /// # Errors
    /// [`Error::Run`] when the system refuses.
    pub fn listen(what: &'static str) -> Result<Self> {
        let asked = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&asked);
        let on_signal = move || {
            if flag.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
            let _ = writeln!(std::io::stderr(), "\n{what}; Ctrl-C again stops at once");
        };
        ctrlc::set_handler(on_signal).map_err(|error| Error::Run(format!("cannot listen to Ctrl-C: {error}")))?;
        Ok(Self(asked))
    }

    /// Whether the user asked to stop.
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
