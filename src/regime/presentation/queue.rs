//! Spikes on their way. A volley, the spikes of one population at one tick, is kept once,
//! for as long as its slowest projection takes; a projection with delay d reads at tick t
//! the volley of t - d. A ring of bits says at which ticks a volley is due, so ticks at
//! which nothing arrives are jumped over.

use crate::network::Network;

/// The volleys in flight.
#[derive(Debug, Clone)]
pub(super) struct Queue {
    populations: Vec<Flight>,
    /// Bit t mod length: something is due at tick t.
    due: Vec<u64>,
}

/// The recent volleys of one population.
#[derive(Debug, Clone)]
struct Flight {
    /// Delays of the projections that leave it, ascending, each once.
    delays: Vec<u32>,
    /// The volley of tick t stands in slot t mod length.
    volleys: Vec<Volley>,
}

#[derive(Debug, Clone)]
struct Volley {
    tick: u64,
    sources: Vec<u32>,
}

impl Flight {
    fn leaving(network: &Network, population: usize) -> Self {
        let leaving = network.projections.iter().filter(|p| p.source.0 == population);
        let mut delays: Vec<u32> = leaving.map(|p| p.delay).collect();
        delays.sort_unstable();
        delays.dedup();
        let slots = delays.last().map_or(0, |&longest| longest as usize + 1);
        Self { delays, volleys: vec![Volley { tick: u64::MAX, sources: Vec::new() }; slots] }
    }
}

impl Queue {
    /// An empty queue for the delays of `network`.
    pub fn new(network: &Network) -> Self {
        let populations: Vec<Flight> = (0..network.populations.len()).map(|i| Flight::leaving(network, i)).collect();
        let longest = populations.iter().filter_map(|flight| flight.delays.last()).max().copied().unwrap_or(0);
        Self { populations, due: vec![0; (longest as usize + 1).div_ceil(64)] }
    }

    /// Sends the spikes of `population` at `tick` (ascending) on their way.
    pub fn send(&mut self, population: usize, tick: u64, spikes: &[u32]) {
        let flight = &mut self.populations[population];
        if flight.delays.is_empty() || spikes.is_empty() {
            return;
        }
        let slots = flight.volleys.len() as u64;
        let volley = &mut flight.volleys[(tick % slots) as usize];
        volley.tick = tick;
        volley.sources.clear();
        volley.sources.extend_from_slice(spikes);
        for &delay in &flight.delays {
            let bit = (tick + u64::from(delay)) % (self.due.len() as u64 * 64);
            self.due[(bit / 64) as usize] |= 1 << (bit % 64);
        }
    }

    /// The spikes of `population` that a projection with `delay` delivers at `tick`.
    pub fn arriving(&self, population: usize, delay: u32, tick: u64) -> &[u32] {
        let Some(sent) = tick.checked_sub(u64::from(delay)) else {
            return &[];
        };
        let volleys = &self.populations[population].volleys;
        let volley = &volleys[(sent % volleys.len() as u64) as usize];
        if volley.tick == sent { &volley.sources } else { &[] }
    }

    /// The first tick from `now` on at which something is due.
    pub fn next(&self, now: u64) -> Option<u64> {
        let words = self.due.len() as u64;
        let first = now / 64;
        // The word of `now` comes first with its upper bits and last with its lower ones.
        (first..=first + words).find_map(|index| {
            let word = self.due[(index % words) as usize];
            let ahead = if index == first { word & (u64::MAX << (now % 64)) } else { word };
            (ahead != 0).then(|| index * 64 + u64::from(ahead.trailing_zeros()))
        })
    }

    /// Forgets that something was due at `tick`.
    pub fn done(&mut self, tick: u64) {
        let bit = tick % (self.due.len() as u64 * 64);
        self.due[(bit / 64) as usize] &= !(1 << (bit % 64));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::id::PopulationId;
    use crate::network::{Cell, Population, Projection};
    use crate::time::Resolution;
    use crate::topology::Wiring;

    fn queue(delays: &[u32]) -> Queue {
        let population = Population { name: "p".into(), shape: vec![9], cell: Cell::Source };
        let projection = |&delay: &u32| Projection {
            name: "q".into(),
            source: PopulationId(0),
            target: PopulationId(0),
            wiring: Arc::new(Wiring::Dense { sources: 9, targets: 9 }),
            weights: vec![0.0; 81],
            delay,
            plastic: true,
        };
        Queue::new(&Network {
            resolution: Resolution::from_ms(0.1).unwrap(),
            populations: vec![population],
            projections: delays.iter().map(projection).collect(),
        })
    }

    #[test]
    fn every_volley_arrives_once_per_delay_and_at_no_other_tick() {
        for delays in [&[1, 5, 63][..], &[64], &[2, 200], &[1]] {
            let mut queue = queue(delays);
            let sent: Vec<u64> = (0..40).map(|i| i * i % 97 + 97 * i).collect();
            let mut arrived = Vec::new();
            for now in 0..5000 {
                if sent.contains(&now) {
                    queue.send(0, now, &[(now % 9) as u32]);
                }
                if queue.next(now + 1) == Some(now + 1) {
                    for &delay in delays {
                        let volley = queue.arriving(0, delay, now + 1);
                        arrived.extend(volley.iter().map(|&source| (now + 1, delay, source)));
                    }
                    queue.done(now + 1);
                }
            }
            let mut expected: Vec<_> =
                sent.iter().flat_map(|&t| delays.iter().map(move |&d| (t + u64::from(d), d, (t % 9) as u32))).collect();
            expected.sort_unstable();
            assert_eq!(arrived, expected, "{delays:?}");
            assert_eq!(queue.next(5000), None);
        }
    }

    #[test]
    fn empty_stretches_are_jumped_over() {
        let mut queue = queue(&[3, 700]);
        queue.send(0, 1_000_000, &[1]);
        assert_eq!(queue.next(1_000_001), Some(1_000_003));
        queue.done(1_000_003);
        assert_eq!(queue.next(1_000_004), Some(1_000_700));
    }
}
