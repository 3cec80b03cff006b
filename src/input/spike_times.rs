//! Spikes at listed times: the same for all neurons, for some of them, or neuron by neuron
//! from a file.
//!
//! A time goes to the nearest tick, or, where times are precise, to the tick at whose end or
//! before it lies, with its distance from it.

use std::ops::Range;
use std::sync::Arc;

use super::generator::{Generator, Pulses, Scope};
use super::spike_list;
use super::{Input, WEIGHT, nearest_tick};
use crate::parameter::{self, Field, Form, Kind, Values};
use crate::time::{Resolution, Tick};
use crate::unit::Dimension;

#[derive(Debug)]
struct SpikeTimes {
    /// (ms, neuron; `None` for all of `neurons`), by time.
    spikes: Vec<(f64, Option<u32>)>,
    /// Ascending; empty for all.
    neurons: Vec<usize>,
    precise: bool,
    weight: f64,
}

pub(super) const KIND: Kind<dyn Input> = Kind {
    name: "spike_times",
    aliases: &["spike_array", "spike_generator", "spike_source_array"],
    summary: "Spikes at listed times",
    fields: &[
        Field {
            name: "times",
            aliases: &["spike_times"],
            form: Form::Quantities(Dimension::Time),
            default: Some("[]"),
            range: parameter::Range::NotNegative,
            doc: "When they arrive; each goes to the nearest tick. Give this or `file`",
        },
        Field {
            name: "neurons",
            aliases: &["neuron"],
            form: Form::Quantities(Dimension::None),
            default: Some("[]"),
            range: parameter::Range::NotNegative,
            doc: "Indices of the neurons that get the `times`, from 0; none given: all",
        },
        Field {
            name: "file",
            aliases: &["path"],
            form: Form::Path,
            default: Some(""),
            range: parameter::Range::Any,
            doc: "A file with the columns neuron (from 0) and time (ms): CSV, or NEST's .dat",
        },
        Field {
            name: "precise_times",
            aliases: &["precise"],
            form: Form::Flag,
            default: Some("false"),
            range: parameter::Range::Any,
            doc: "Whether the times are kept as they are, for models whose spikes are timed within ticks",
        },
        WEIGHT,
    ],
    build: |v: &Values| Ok(Box::new(SpikeTimes::from_values(v)?)),
};

/// Spikes as (ms, neuron), each at the nearest tick.
pub fn listed(mut spikes: Vec<(f64, u32)>) -> Arc<dyn Input> {
    spikes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let spikes = spikes.into_iter().map(|(ms, neuron)| (ms, Some(neuron))).collect();
    Arc::new(SpikeTimes { spikes, neurons: Vec::new(), precise: false, weight: 1.0 })
}

impl SpikeTimes {
    fn from_values(v: &Values) -> Result<Self, String> {
        if let Some(index) = v.numbers("neurons").iter().find(|index| index.fract() != 0.0) {
            return Err(format!("neuron {index} is not a whole number"));
        }
        let mut neurons: Vec<usize> = v.numbers("neurons").iter().map(|&index| index as usize).collect();
        neurons.sort_unstable();
        neurons.dedup();
        let mut spikes: Vec<_> = match (v.path("file"), v.numbers("times")) {
            (None, []) => return Err("needs `times` or a `file`".into()),
            (None, times) => times.iter().map(|&ms| (ms, None)).collect(),
            (Some(_), [_, ..]) => return Err("takes `times` or a `file`, not both".into()),
            (Some(_), []) if !neurons.is_empty() => {
                return Err("`neurons` belong to `times`; a `file` names its own".into());
            }
            (Some(path), []) => spike_list::read(path)?,
        };
        spikes.sort_by(|a, b| a.0.total_cmp(&b.0));
        Ok(Self { spikes, neurons, precise: v.flag("precise_times"), weight: v.number("weight") })
    }

    /// The tick of a spike, and how long before it the spike is, in ms.
    fn place(&self, ms: f64, resolution: Resolution) -> (Tick, f64) {
        let nearest = nearest_tick(ms, resolution);
        let before = resolution.to_ms(nearest) - ms;
        // What is on the grid but for rounding is on the grid.
        match before {
            _ if !self.precise || before.abs() < 1e-9 * resolution.ms().max(ms) => (nearest, 0.0),
            _ if before < 0.0 => (Tick(nearest.0.saturating_add(1)), before + resolution.ms()),
            _ => (nearest, before),
        }
    }
}

impl Input for SpikeTimes {
    fn generator(self: Arc<Self>, scope: Scope) -> Box<dyn Generator> {
        let Range { start, end } = scope.neurons;
        let all = || (start..end).collect();
        let members: Vec<usize> = if self.neurons.is_empty() { all() } else { self.neurons.clone() };
        let members = members.into_iter().filter(|neuron| (start..end).contains(neuron));
        let place = |&(ms, neuron): &(f64, Option<u32>)| {
            let (Tick(tick), offset) = self.place(ms, scope.resolution);
            let local = match neuron {
                Some(neuron) if !(start..end).contains(&(neuron as usize)) => return None,
                neuron => neuron.map(|neuron| neuron - start as u32),
            };
            Some(Due { tick, neuron: local, offset })
        };
        Box::new(Trains {
            due: self.spikes.iter().filter_map(place).collect(),
            members: members.map(|neuron| (neuron - start) as u32).collect(),
            precise: self.precise,
            few: Vec::new(),
            offsets: Vec::new(),
        })
    }

    fn weight(&self) -> f64 {
        self.weight
    }

    fn neurons(&self) -> &[usize] {
        &self.neurons
    }

    fn fits(&self, neurons: usize) -> Result<(), String> {
        let listed = self.spikes.iter().filter_map(|&(_, neuron)| neuron.map(|neuron| neuron as usize));
        match listed.chain(self.neurons.iter().copied()).max() {
            Some(largest) if largest >= neurons => {
                Err(format!("there is no neuron {largest} among its {neurons}, counted from 0"))
            }
            _ => Ok(()),
        }
    }
}

/// A spike to come.
#[derive(Debug, Clone, Copy)]
struct Due {
    tick: u64,
    /// Counted within the slice; `None` for all members.
    neuron: Option<u32>,
    /// How long before the tick, in ms.
    offset: f64,
}

/// Listed spikes onto a slice.
#[derive(Debug, Clone)]
struct Trains {
    /// By tick.
    due: Vec<Due>,
    /// Those that get the spikes for all, counted within the slice, ascending.
    members: Vec<u32>,
    precise: bool,
    few: Vec<(u32, u16)>,
    offsets: Vec<f64>,
}

impl Generator for Trains {
    fn pulses(&mut self, tick: u64) -> Pulses<'_> {
        self.few.clear();
        self.offsets.clear();
        let first = self.due.partition_point(|due| due.tick < tick);
        let due = self.due[first..].iter().take_while(|due| due.tick == tick);
        let mut spikes: Vec<(u32, f64)> = Vec::new();
        for due in due {
            match due.neuron {
                Some(neuron) => spikes.push((neuron, due.offset)),
                None => spikes.extend(self.members.iter().map(|&member| (member, due.offset))),
            }
        }
        spikes.sort_by_key(|&(neuron, _)| neuron);
        for (neuron, offset) in spikes {
            match self.few.last_mut() {
                Some((last, count)) if *last == neuron => *count += 1,
                _ => self.few.push((neuron, 1)),
            }
            self.offsets.push(offset);
        }
        if self.few.is_empty() { Pulses::None } else { Pulses::Few(&self.few) }
    }

    fn offsets(&self) -> &[f64] {
        if self.precise { &self.offsets } else { &[] }
    }

    fn duplicate(&self) -> Box<dyn Generator> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::input::generator::Pulses;
    use crate::input::tests::{build, scope};
    use crate::input::{Generator, Input};
    use crate::parameter::Value::{Flag, Numbers, Text};

    fn input(times: &[f64], neurons: &[f64], file: &str, precise: bool) -> Result<Arc<dyn Input>, String> {
        let given = [
            ("times", Numbers(times.to_vec())),
            ("neurons", Numbers(neurons.to_vec())),
            ("file", Text(file.into())),
            ("precise_times", Flag(precise)),
        ];
        build("spike_times", &given).map(Arc::from)
    }

    /// (tick, neuron, count) of all spikes, and their offsets.
    fn spikes(generator: &mut dyn Generator, ticks: u64) -> (Vec<(u64, u32, u16)>, Vec<f64>) {
        let (mut all, mut offsets) = (Vec::new(), Vec::new());
        for tick in 0..ticks {
            if let Pulses::Few(few) = generator.pulses(tick) {
                all.extend(few.iter().map(|&(neuron, count)| (tick, neuron, count)));
            }
            offsets.extend(generator.offsets());
        }
        (all, offsets)
    }

    #[test]
    fn listed_times_arrive_at_the_nearest_tick_at_the_listed_neurons() {
        let all = input(&[5.0, 0.0, 1.24, 5.0], &[], "", false).unwrap();
        let (found, offsets) = spikes(&mut *all.generator(scope(0..2)), 100);
        assert_eq!(found, [(0, 0, 1), (0, 1, 1), (12, 0, 1), (12, 1, 1), (50, 0, 2), (50, 1, 2)]);
        assert!(offsets.is_empty());
        let some = input(&[0.3], &[4.0, 2.0, 9.0], "", false).unwrap();
        assert_eq!(spikes(&mut *some.clone().generator(scope(3..9)), 9).0, [(3, 1, 1)]);
        assert_eq!((some.fits(10), some.fits(9).is_err()), (Ok(()), true));
    }

    #[test]
    fn precise_times_keep_their_distance_from_the_tick_after_them() {
        let precise = input(&[1.24, 1.2, 1.26, 0.3], &[], "", true).unwrap();
        let (found, offsets) = spikes(&mut *precise.generator(scope(0..1)), 100);
        assert_eq!(found, [(3, 0, 1), (12, 0, 1), (13, 0, 2)]);
        let expected = [0.0, 0.0, 0.06, 0.04];
        assert!(offsets.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{offsets:?}");
    }

    #[test]
    fn a_file_gives_every_neuron_its_own_times() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.csv");
        std::fs::write(&path, "neuron,time\n3,0.2\n1,0.2\n3,0.1\n1,0.2\n").unwrap();
        let file = input(&[], &[], path.to_str().unwrap(), false).unwrap();
        assert_eq!(spikes(&mut *file.clone().generator(scope(1..4)), 9).0, [(1, 2, 1), (2, 0, 2), (2, 2, 1)]);
        assert_eq!(spikes(&mut *file.clone().generator(scope(2..4)), 9).0, [(1, 1, 1), (2, 1, 1)]);
        assert!(file.fits(3).is_err() && file.fits(4).is_ok());
    }

    #[test]
    fn what_is_listed_twice_or_not_at_all_is_refused() {
        assert_eq!(input(&[], &[], "", false).unwrap_err(), "needs `times` or a `file`");
        assert_eq!(input(&[1.0], &[], "x.csv", false).unwrap_err(), "takes `times` or a `file`, not both");
        assert_eq!(input(&[1.0], &[0.5], "", false).unwrap_err(), "neuron 0.5 is not a whole number");
    }
}
