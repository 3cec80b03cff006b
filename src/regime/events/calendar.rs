//! The queue of spikes in transit (a ring buffer over the longest delay): for each tick to come, the
//! segments of synapses at which spikes arrive then, by the index of their heads in a table.

/// A ring of lists, one for each tick until the longest delay.
#[derive(Debug, Clone)]
pub struct Calendar<D = u32> {
    days: Vec<Vec<D>>,
}

impl<D: Clone> Calendar<D> {
    /// For delays up to `longest` ticks.
    pub fn new(longest: u32) -> Self {
        Self { days: vec![Vec::new(); longest as usize + 1] }
    }

    /// Enters a segment that is due at `tick`.
    #[inline]
    pub fn enter(&mut self, tick: u64, due: D) {
        let day = (tick % self.days.len() as u64) as usize;
        self.days[day].push(due);
    }

    /// Takes what is due at `tick`; give the list back with [`restore`](Self::restore).
    pub fn take(&mut self, tick: u64) -> Vec<D> {
        let day = (tick % self.days.len() as u64) as usize;
        std::mem::take(&mut self.days[day])
    }

    /// All that is due from `tick` on, with when.
    pub fn from(&self, tick: u64) -> impl Iterator<Item = (u64, &D)> {
        let days = self.days.len() as u64;
        (tick..tick + days).flat_map(move |tick| self.days[(tick % days) as usize].iter().map(move |due| (tick, due)))
    }

    /// Gives the list of `tick` back, empty, so that its memory is used again.
    pub fn restore(&mut self, tick: u64, mut list: Vec<D>) {
        list.clear();
        let day = (tick % self.days.len() as u64) as usize;
        self.days[day] = list;
    }
}
