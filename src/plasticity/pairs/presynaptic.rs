//! Presynaptic traces: that of the source of each segment of synapses.

use super::decay::Decay;

/// The trace and the past of one segment's source.
#[derive(Debug, Clone, Copy)]
pub struct Presynaptic {
    /// The last presynaptic spike that arrived; `None` before the first.
    pub last: Option<i64>,
    /// K_plus just after it.
    pub trace: f64,
    /// Postsynaptic spikes up to this tick are in the weights.
    pub through: i64,
    /// Whether the targets of the segment are consecutive; `None` before anyone looked.
    consecutive: Option<bool>,
}

impl Presynaptic {
    /// Before any spike.
    pub const SILENT: Self = Self { last: None, trace: 0.0, through: 0, consecutive: None };

    /// A spike at `tick` arrived, and postsynaptic spikes up to `cut` are in the weights.
    pub fn fire(&mut self, tick: i64, cut: i64, decay: Decay, all: bool) {
        let left = self.last.map_or(0.0, |last| self.trace * decay.over(tick - last));
        self.trace = if all { left + 1.0 } else { 1.0 };
        self.last = Some(tick);
        self.through = cut;
    }

    /// Whether `targets` are consecutive: looked at once.
    pub fn consecutive(&mut self, targets: &[u16]) -> bool {
        *self
            .consecutive
            .get_or_insert_with(|| targets.windows(2).all(|pair| u32::from(pair[0]) + 1 == u32::from(pair[1])))
    }
}
