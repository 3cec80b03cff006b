//! Spikes at listed times: the same for all neurons, for some of them, or neuron by neuron
//! from a file.
//!
//! Where spikes are timed within ticks, each arrives at its time: at the tick at whose end or before
//! it lies, with its distance from it. On the grid a time that is no tick is refused, or goes to the
//! nearest tick (half-way to the later one) where the file asks for that. No spike is at 0.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::generator::{Generator, InputSlice, Pulses};
use super::spike_list;
use super::{DELAY, Input, Misfit, WEIGHT, place};
use crate::parameter::{self, Field, Form, Kind, Values};
use crate::time::{Resolution, TimeError};
use crate::unit::Dimension;

#[derive(Debug)]
struct SpikeTimes {
    /// By time.
    spikes: Vec<Listed>,
    /// Ascending; empty for all.
    neurons: Vec<usize>,
    /// Whether a run with precise times is asked for.
    precise: bool,
    /// Whether times may be rounded to ticks.
    rounds: bool,
    /// Of every spike, unless each has its own.
    weight: f64,
    /// Whether each spike has a weight of its own.
    weighted: bool,
    delay_ms: f64,
}

/// A spike of a list.
#[derive(Debug, Clone, Copy)]
struct Listed {
    ms: f64,
    /// `None` for all of the `neurons`.
    neuron: Option<u32>,
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
            doc: "When they arrive, above 0; whole ticks, unless spikes are timed within ticks. Give this or `file`",
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
            doc: "A file of neurons (from 0) and times (ms): CSV, `spikes.npz`, or NEST's .dat and .gdf (senders from 1)",
        },
        Field {
            name: "population",
            aliases: &[],
            form: Form::Text,
            default: Some(""),
            range: parameter::Range::Any,
            doc: "Whose spikes are meant, where the `file` holds those of several populations",
        },
        Field {
            name: "first_sender",
            aliases: &[],
            form: Form::Optional(Dimension::None),
            default: Some("[]"),
            range: parameter::Range::Within(0.0, 4_294_967_295.0),
            doc: "The number that neuron 0 has in the `file`, where it is not 1 in NEST's files and 0 in others",
        },
        Field {
            name: "round_times",
            aliases: &[],
            form: Form::Flag,
            default: Some("false"),
            range: parameter::Range::Any,
            doc: "On the grid, whether times go to the nearest tick (half-way to the later one) instead of being refused",
        },
        Field {
            name: "precise_times",
            aliases: &["precise"],
            form: Form::Flag,
            default: Some("false"),
            range: parameter::Range::Any,
            doc: "Asks for a model whose spikes are timed within ticks; such a model keeps all times as they are",
        },
        WEIGHT,
        Field {
            name: "weights",
            aliases: &["spike_weights"],
            form: Form::Quantities(Dimension::Relative),
            default: Some("[]"),
            range: parameter::Range::Any,
            doc: "The weight of each of the `times`, in place of `weight`",
        },
        DELAY,
    ],
    build: |v: &Values| Ok(Box::new(SpikeTimes::from_values(v)?)),
};

/// Spikes as (ms, neuron), each at the nearest tick.
pub fn listed(mut spikes: Vec<(f64, u32)>) -> Arc<dyn Input> {
    spikes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let spikes = spikes.into_iter().map(|(ms, neuron)| Listed { ms, neuron: Some(neuron), weight: 1.0 }).collect();
    let neurons = Vec::new();
    Arc::new(SpikeTimes { spikes, neurons, precise: false, rounds: true, weight: 1.0, weighted: false, delay_ms: 0.0 })
}

impl SpikeTimes {
    fn from_values(v: &Values) -> Result<Self, String> {
        if let Some(index) = v.numbers("neurons").iter().find(|index| index.fract() != 0.0) {
            return Err(format!("neuron {index} is not a whole number"));
        }
        let mut neurons: Vec<usize> = v.numbers("neurons").iter().map(|&index| index as usize).collect();
        neurons.sort_unstable();
        neurons.dedup();
        let (weight, weights) = (v.number("weight"), v.numbers("weights"));
        let mut spikes: Vec<Listed> = match (v.path("file"), v.numbers("times")) {
            (None, []) => return Err("needs `times` or a `file`".into()),
            (None, _) if !v.text("population").is_empty() || v.optional("first_sender").is_some() => {
                return Err("`population` and `first_sender` belong to a `file`".into());
            }
            (None, times) => of_times(times, weight, weights)?,
            (Some(_), [_, ..]) => return Err("takes `times` or a `file`, not both".into()),
            (Some(_), []) if !neurons.is_empty() => {
                return Err("`neurons` belong to `times`; a `file` names its own".into());
            }
            (Some(_), []) if !weights.is_empty() => return Err("`weights` belong to `times`".into()),
            (Some(path), []) => of_file(path, v)?,
        };
        spikes.sort_by(|a, b| a.ms.total_cmp(&b.ms));
        let weighted = spikes.iter().any(|spike| spike.weight != weight);
        let (precise, rounds) = (v.flag("precise_times"), v.flag("round_times"));
        Ok(Self { spikes, neurons, precise, rounds, weight, weighted, delay_ms: v.number("delay") })
    }

    /// What is wrong with the time of a spike.
    fn misplaced(&self, ms: f64, resolution: Resolution, precise: bool) -> Option<Misfit> {
        if place(ms, resolution, precise).0.0 == 0 {
            let message =
                format!("a spike is at {ms} ms, where neurons have their initial state: nothing can reach them");
            return Some(Misfit { message, help: format!("the first tick ends at {} ms", resolution.ms()) });
        }
        match resolution.ticks(ms) {
            Err(TimeError::OffGrid { nearest_ms, .. }) if !precise && !self.rounds => Some(Misfit {
                message: format!("a spike is at {ms} ms, which is no whole number of ticks of {} ms", resolution.ms()),
                help: format!(
                    "the nearest time that is: {nearest_ms} ms; `round_times = true` takes the nearest tick for each, \
                     `simulation.spike_times = \"precise\"` the times as they are"
                ),
            }),
            Err(error @ TimeError::TooLong { .. }) => {
                Some(Misfit { message: format!("`times`: {error}"), help: "make it shorter".into() })
            }
            _ => None,
        }
    }
}

/// Spikes of a file, each of its own weight or of the common one.
fn of_file(path: &Path, v: &Values) -> Result<Vec<Listed>, String> {
    let first = match v.optional("first_sender") {
        Some(first) if first.fract() != 0.0 => return Err(format!("`first_sender` is {first}, not a whole number")),
        first => first.map(|first| first as u32),
    };
    let read = spike_list::read(path, spike_list::Wanted { population: v.text("population"), first })?;
    let listed = |spike: spike_list::Spike| Listed {
        ms: spike.ms,
        neuron: Some(spike.neuron),
        weight: spike.weight.unwrap_or_else(|| v.number("weight")),
    };
    Ok(read.into_iter().map(listed).collect())
}

/// Spikes at `times`, of one weight or each of its own.
fn of_times(times: &[f64], weight: f64, weights: &[f64]) -> Result<Vec<Listed>, String> {
    if !weights.is_empty() && weights.len() != times.len() {
        return Err(format!("there are {} times, but {} weights", times.len(), weights.len()));
    }
    let weights = weights.iter().copied().chain(std::iter::repeat(weight));
    Ok(times.iter().zip(weights).map(|(&ms, weight)| Listed { ms, neuron: None, weight }).collect())
}

impl Input for SpikeTimes {
    fn generator(self: Arc<Self>, scope: InputSlice) -> Box<dyn Generator> {
        let Range { start, end } = scope.neurons;
        let all = || (start..end).collect();
        let members: Vec<usize> = if self.neurons.is_empty() { all() } else { self.neurons.clone() };
        let members = members.into_iter().filter(|neuron| (start..end).contains(neuron));
        let due = |spike: &Listed| {
            let (tick, offset) = place(spike.ms, scope.resolution, scope.precise);
            let local = match spike.neuron {
                Some(neuron) if !(start..end).contains(&(neuron as usize)) => return None,
                neuron => neuron.map(|neuron| neuron - start as u32),
            };
            Some(Due { tick: tick.0, neuron: local, offset, weight: spike.weight })
        };
        Box::new(Trains {
            due: self.spikes.iter().filter_map(due).collect(),
            members: members.map(|neuron| (neuron - start) as u32).collect(),
            precise: scope.precise,
            weighted: self.weighted,
            arriving: Vec::new(),
            few: Vec::new(),
            weights: Vec::new(),
            offsets: Vec::new(),
        })
    }

    fn misfit(&self, resolution: Resolution, precise: bool) -> Option<Misfit> {
        if self.precise && !precise {
            let message = "`precise_times` are asked for, and `simulation.spike_times` is \"grid\"".into();
            let help = "set `simulation.spike_times = \"precise\"`, or leave `precise_times` out".into();
            return Some(Misfit { message, help });
        }
        let mut spikes = self.spikes.iter().map(|spike| self.misplaced(spike.ms, resolution, precise));
        spikes.find_map(|misfit| misfit).or_else(|| Misfit::of("delay", self.delay_ms, resolution, 0))
    }

    fn listed(&self) -> (usize, usize) {
        (self.spikes.len(), self.spikes.iter().filter(|spike| spike.neuron.is_none()).count())
    }

    fn delay_ms(&self) -> f64 {
        self.delay_ms
    }

    fn weight(&self) -> f64 {
        self.weight
    }

    fn neurons(&self) -> &[usize] {
        &self.neurons
    }

    fn fits(&self, neurons: usize) -> Result<(), String> {
        let listed = self.spikes.iter().filter_map(|spike| spike.neuron.map(|neuron| neuron as usize));
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
    weight: f64,
}

/// Listed spikes onto a slice.
#[derive(Debug, Clone)]
struct Trains {
    /// By tick.
    due: Vec<Due>,
    /// Those that get the spikes for all, counted within the slice, ascending.
    members: Vec<u32>,
    precise: bool,
    weighted: bool,
    /// (neuron, offset, weight) of the spikes of a tick.
    arriving: Vec<(u32, f64, f64)>,
    few: Vec<(u32, u16)>,
    weights: Vec<(u32, f64)>,
    offsets: Vec<f64>,
}

impl Trains {
    /// Lists what arrives at `tick`, by neuron.
    fn list(&mut self, tick: u64) {
        self.arriving.clear();
        let first = self.due.partition_point(|due| due.tick < tick);
        for due in self.due[first..].iter().take_while(|due| due.tick == tick) {
            match due.neuron {
                Some(neuron) => self.arriving.push((neuron, due.offset, due.weight)),
                None => self.arriving.extend(self.members.iter().map(|&member| (member, due.offset, due.weight))),
            }
        }
        self.arriving.sort_by_key(|&(neuron, ..)| neuron);
    }
}

impl Generator for Trains {
    fn pulses(&mut self, tick: u64) -> Pulses<'_> {
        self.list(tick);
        self.offsets.clear();
        self.offsets.extend(self.arriving.iter().map(|&(_, offset, _)| offset));
        if self.arriving.is_empty() {
            return Pulses::None;
        }
        if self.weighted {
            self.weights.clear();
            self.weights.extend(self.arriving.iter().map(|&(neuron, _, weight)| (neuron, weight)));
            return Pulses::Weighted(&self.weights);
        }
        self.few.clear();
        for &(neuron, ..) in &self.arriving {
            match self.few.last_mut() {
                Some((last, count)) if *last == neuron => *count = count.saturating_add(1),
                _ => self.few.push((neuron, 1)),
            }
        }
        Pulses::Few(&self.few)
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

    use crate::input::generator::{InputSlice, Pulses};
    use crate::input::tests::{build, scope};
    use crate::input::{Generator, Input};
    use crate::parameter::Value::{Flag, Numbers, Text};

    fn input(times: &[f64], neurons: &[f64], file: &str) -> Result<Arc<dyn Input>, String> {
        weighted(times, &[], neurons, file)
    }

    fn weighted(times: &[f64], weights: &[f64], neurons: &[f64], file: &str) -> Result<Arc<dyn Input>, String> {
        let given = [
            ("weights", Numbers(weights.to_vec())),
            ("times", Numbers(times.to_vec())),
            ("neurons", Numbers(neurons.to_vec())),
            ("file", Text(file.into())),
            ("precise_times", Flag(false)),
            ("round_times", Flag(false)),
            ("population", Text(String::new())),
            ("first_sender", Numbers(Vec::new())),
        ];
        build("spike_times", &given).map(Arc::from)
    }

    /// (tick, neuron, count) of all spikes, and their offsets.
    fn spikes(generator: &mut dyn Generator, ticks: u64) -> (Vec<(u64, u32, u16)>, Vec<f64>) {
        spikes_from(generator, 0..ticks)
    }

    fn spikes_from(generator: &mut dyn Generator, ticks: std::ops::Range<u64>) -> (Vec<(u64, u32, u16)>, Vec<f64>) {
        let (mut all, mut offsets) = (Vec::new(), Vec::new());
        for tick in ticks {
            if let Pulses::Few(few) = generator.pulses(tick) {
                all.extend(few.iter().map(|&(neuron, count)| (tick, neuron, count)));
            }
            offsets.extend(generator.offsets());
        }
        (all, offsets)
    }

    #[test]
    fn listed_times_arrive_at_their_ticks_at_the_listed_neurons() {
        let all = input(&[5.0, 0.1, 1.2, 5.0], &[], "").unwrap();
        let (found, offsets) = spikes(&mut *all.generator(scope(0..2)), 100);
        assert_eq!(found, [(1, 0, 1), (1, 1, 1), (12, 0, 1), (12, 1, 1), (50, 0, 2), (50, 1, 2)]);
        assert!(offsets.is_empty());
        let some = input(&[0.3], &[4.0, 2.0, 9.0], "").unwrap();
        assert_eq!(spikes(&mut *some.clone().generator(scope(3..9)), 9).0, [(3, 1, 1)]);
        assert_eq!((some.fits(10), some.fits(9).is_err()), (Ok(()), true));
    }

    #[test]
    fn precise_times_keep_their_distance_from_the_tick_after_them() {
        let precise = input(&[1.24, 1.2, 1.26, 0.3], &[], "").unwrap();
        let (found, offsets) = spikes(&mut *precise.generator(InputSlice { precise: true, ..scope(0..1) }), 100);
        assert_eq!(found, [(3, 0, 1), (12, 0, 1), (13, 0, 2)]);
        let expected = [0.0, 0.0, 0.06, 0.04];
        assert!(offsets.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{offsets:?}");
    }

    #[test]
    fn times_at_0_and_off_the_grid_are_refused_unless_they_can_be_kept() {
        let misfit = |ms: f64, precise| input(&[1.0, ms], &[], "").unwrap().misfit(scope(0..1).resolution, precise);
        assert!(misfit(0.0, false).is_some() && misfit(0.0, true).is_some());
        assert_eq!(
            (misfit(0.1, false), misfit(0.1, true), misfit(1.25, true), misfit(0.04, true)),
            (None, None, None, None)
        );
        let message = misfit(1.25, false).unwrap();
        assert_eq!(message.message, "a spike is at 1.25 ms, which is no whole number of ticks of 0.1 ms");
        assert!(message.help.starts_with("the nearest time that is: 1.3 ms;"), "{}", message.help);
    }

    #[test]
    fn every_spike_may_have_a_weight_of_its_own() {
        let own = weighted(&[5.0, 1.0, 5.0], &[-2.0, 3.0, 4.0], &[], "").unwrap();
        let mut generator = own.generator(scope(0..2));
        assert_eq!(generator.pulses(10), Pulses::Weighted(&[(0, 3.0), (1, 3.0)]));
        assert_eq!(generator.pulses(50), Pulses::Weighted(&[(0, -2.0), (0, 4.0), (1, -2.0), (1, 4.0)]));
        let message = weighted(&[1.0, 2.0], &[1.0], &[], "").unwrap_err();
        assert_eq!(message, "there are 2 times, but 1 weights");
    }

    /// A tick of 0.1 ms late in a run, and a time a ten-thousandth of it before: neither is taken for the other.
    #[test]
    fn precise_times_late_in_a_run_stay_as_they_are() {
        let late = input(&[1e5 - 1e-5, 1e5 + 0.1], &[], "").unwrap();
        let (found, offsets) =
            spikes_from(&mut *late.generator(InputSlice { precise: true, ..scope(0..1) }), 999_999..1_000_003);
        assert_eq!(found, [(1_000_000, 0, 1), (1_000_001, 0, 1)]);
        assert!((offsets[0] - 1e-5).abs() < 1e-10 && offsets[1] == 0.0, "{offsets:?}");
    }

    #[test]
    fn a_file_gives_every_neuron_its_own_times() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.csv");
        std::fs::write(&path, "neuron,time\n3,0.2\n1,0.2\n3,0.1\n1,0.2\n").unwrap();
        let file = input(&[], &[], path.to_str().unwrap()).unwrap();
        assert_eq!(spikes(&mut *file.clone().generator(scope(1..4)), 9).0, [(1, 2, 1), (2, 0, 2), (2, 2, 1)]);
        assert_eq!(spikes(&mut *file.clone().generator(scope(2..4)), 9).0, [(1, 1, 1), (2, 1, 1)]);
        assert!(file.fits(3).is_err() && file.fits(4).is_ok());
    }

    #[test]
    fn what_is_listed_twice_or_not_at_all_is_refused() {
        assert_eq!(input(&[], &[], "").unwrap_err(), "needs `times` or a `file`");
        assert_eq!(input(&[1.0], &[], "x.csv").unwrap_err(), "takes `times` or a `file`, not both");
        assert_eq!(input(&[1.0], &[0.5], "").unwrap_err(), "neuron 0.5 is not a whole number");
    }
}
