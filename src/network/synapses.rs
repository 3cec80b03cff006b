//! The synapses of a projection, drawn row after row while a simulation is set up, so that
//! no list of them need be in memory. Random numbers are keyed by (seed, projection, row):
//! rows can be drawn in any order, by any thread.

use super::weight_file;
use crate::distribution::Distribution;
use crate::error::{Error, Result};
use crate::id::ProjectionId;
use crate::model::{DelaySpec, Model, ProjectionSpec, WeightSpec};
use crate::random::{Purpose, Stream, Words};
use crate::time::Resolution;
use crate::topology::{Ends, Listing, Plan, Rows};

/// The longest delay there is, in ticks; one that is drawn longer is cut to it.
const LONGEST: u64 = 1_000_000;

/// The synapses of one source: one entry per synapse in each list that is not empty.
#[derive(Debug, Clone, Default)]
pub struct Row {
    pub targets: Vec<u32>,
    /// Empty when all synapses of the projection have [`Synapses::constant_weight`].
    pub weights: Vec<f64>,
    /// In ticks, at least 1. Empty when all have [`Synapses::constant_delay`].
    pub delays: Vec<u32>,
    /// Delays in ms, before they are rounded.
    drawn: Vec<f64>,
}

/// The synapses of a projection of a model, as its seed gives them.
pub struct Synapses<'m> {
    spec: &'m ProjectionSpec,
    key: Key,
    resolution: Resolution,
    targets: usize,
    partners: Partners,
    weights: Weights<'m>,
    /// Synapses onto each target, where the weights depend on it; one number where all have as many.
    fan_in: Vec<u32>,
}

/// What the random numbers of a projection are keyed by.
#[derive(Debug, Clone, Copy)]
struct Key {
    seed: u64,
    projection: u32,
}

impl Key {
    fn stream(self, purpose: Purpose, step: u64) -> Stream {
        Stream::new(self.seed, purpose, self.projection, step)
    }

    /// Who is at the other end of the synapses of a row; step 0 is the plan's.
    fn wiring(self, row: usize) -> Words {
        Words::new(&self.stream(Purpose::Wiring, row as u64 + 1))
    }
}

/// The targets of each source.
enum Partners {
    All { sources: usize },
    Drawn(Box<dyn Rows>),
    Kept(Kept),
}

/// Rows that are drawn by target, or listed: sorted by source and kept.
#[derive(Default)]
struct Kept {
    /// The row of source i is `offsets[i] .. offsets[i + 1]`.
    offsets: Vec<u64>,
    targets: Vec<u32>,
    weights: Own,
    delays_ms: Own,
}

/// The values that the synapses of a list have of their own.
#[derive(Default, PartialEq)]
enum Own {
    #[default]
    None,
    /// The same for all.
    Same(f64),
    /// One for each; the projection's where not a number.
    Each(Vec<f64>),
}

impl Own {
    fn new(values: Vec<f64>) -> Self {
        match values.first() {
            None => Self::None,
            Some(&first) if values.iter().all(|&value| value == first) => Self::Same(first),
            Some(_) => Self::Each(values),
        }
    }

    /// Puts those of a row in place of others.
    fn replace(&self, values: &mut [f64], row: std::ops::Range<usize>) {
        match self {
            Self::None => {}
            Self::Same(same) => values.fill(*same),
            Self::Each(own) => {
                let own = values.iter_mut().zip(&own[row]).filter(|(_, own)| !own.is_nan());
                own.for_each(|(value, &own)| *value = own);
            }
        }
    }
}

enum Weights<'m> {
    Constant(f64),
    Drawn(&'m dyn Distribution),
    /// Sources x targets.
    Stored(&'m [f32]),
    Table(Vec<f64>),
}

/// About how many synapses each projection of `model` has, without drawing them.
///
/// # Errors
/// [`Error::Run`] when a topology does not fit its populations.
pub fn expected(model: &Model) -> Result<Vec<u64>> {
    Ok(counts(model)?.into_iter().map(|(count, _)| count).collect())
}

/// The same, each with whether it is the number, not an expectation.
///
/// # Errors
/// As [`expected`].
pub fn counts(model: &Model) -> Result<Vec<(u64, bool)>> {
    Ok(planned(model)?.into_iter().map(|plan| (plan.expected, plan.exact)).collect())
}

/// How the synapses of a projection come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// About how many there are.
    pub expected: u64,
    /// Whether that is the number.
    pub exact: bool,
    pub drawn: Drawn,
}

/// In which order synapses come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawn {
    BySource,
    ByTarget,
    Listed,
}

/// How the synapses of each projection of `model` come about, without drawing them.
///
/// # Errors
/// [`Error::Run`] when a topology does not fit its populations.
pub fn planned(model: &Model) -> Result<Vec<Planned>> {
    let one = |(index, spec): (usize, &ProjectionSpec)| {
        let [source, target] = [spec.source, spec.target].map(|id| &model.populations[id.0].shape[..]);
        let ends = Ends { source, target, same: spec.source == spec.target };
        let mut stream = Stream::new(model.simulation.seed, Purpose::Wiring, index as u32, 0);
        let plan = spec.topology.1.plan(&ends, &mut stream);
        let plan = plan.map_err(|what| Error::Run(format!("projection `{}`: {what}", spec.name)))?;
        let drawn = match plan {
            Plan::AllToAll | Plan::BySource(_) => Drawn::BySource,
            Plan::ByTarget(_) => Drawn::ByTarget,
            Plan::Listed(_) => Drawn::Listed,
        };
        Ok(Planned { expected: plan.expected(&ends), exact: plan.is_exact(), drawn })
    };
    model.projections.iter().enumerate().map(one).collect()
}

impl<'m> Synapses<'m> {
    /// The synapses of `projection`; `stored` are weights in place of the drawn ones (sources x
    /// targets, of an all-to-all projection).
    ///
    /// # Errors
    /// [`Error::Run`] when the topology does not fit its populations, [`Error::Data`] when a file
    /// that it names is wrong.
    pub fn new(model: &'m Model, projection: ProjectionId, seed: u64, stored: Option<&'m [f32]>) -> Result<Self> {
        let spec = &model.projections[projection.0];
        let [source, target] = [spec.source, spec.target].map(|id| &model.populations[id.0].shape[..]);
        let ends = Ends { source, target, same: spec.source == spec.target };
        let key = Key { seed, projection: projection.0 as u32 };
        let refuse = |what: String| Error::Run(format!("projection `{}`: {what}", spec.name));
        let plan = spec.topology.1.plan(&ends, &mut key.stream(Purpose::Wiring, 0)).map_err(refuse)?;
        let partners = match plan {
            Plan::AllToAll => Partners::All { sources: ends.sources() },
            Plan::BySource(rows) => Partners::Drawn(rows),
            Plan::ByTarget(rows) => Partners::Kept(Kept::transposed(&*rows, &ends, key)),
            Plan::Listed(list) => Partners::Kept(Kept::listed(&list, ends.sources())),
        };
        let weights = match (stored, &spec.weight) {
            (Some(stored), _) => Weights::Stored(stored),
            (None, WeightSpec::Constant(weight)) => Weights::Constant(*weight),
            (None, WeightSpec::Distribution(_, distribution)) => Weights::Drawn(&**distribution),
            (None, WeightSpec::File(path)) => Weights::Table(weight_file::read(path, ends.sources(), ends.targets())?),
        };
        let resolution = model.simulation.resolution;
        let mut synapses =
            Self { spec, key, resolution, targets: ends.targets(), partners, weights, fan_in: Vec::new() };
        if matches!(&synapses.weights, Weights::Drawn(distribution) if distribution.depends_on_fan_in()) {
            synapses.fan_in = synapses.count_fan_in(ends.sources());
        }
        Ok(synapses)
    }

    /// About how many there are in all, exactly where that is fixed.
    pub fn expected(&self) -> u64 {
        match &self.partners {
            Partners::All { sources } => *sources as u64 * self.targets as u64,
            Partners::Drawn(rows) => rows.expected(),
            Partners::Kept(kept) => kept.targets.len() as u64,
        }
    }

    /// The weight of every synapse, where they are the same.
    pub fn constant_weight(&self) -> Option<f64> {
        match (self.own(|kept| &kept.weights), &self.weights) {
            (Own::Same(weight), _) | (Own::None, Weights::Constant(weight)) => Some(*weight),
            _ => None,
        }
    }

    /// The delay of every synapse in ticks, where they are the same.
    pub fn constant_delay(&self) -> Option<u32> {
        match (self.own(|kept| &kept.delays_ms), &self.spec.delay) {
            (Own::Same(ms), _) => Some(self.ticks(*ms)),
            (Own::None, DelaySpec::Constant(delay)) => Some(*delay),
            _ => None,
        }
    }

    /// What the synapses of a list have of their own.
    fn own(&self, values: fn(&Kept) -> &Own) -> &Own {
        match &self.partners {
            Partners::Kept(kept) => values(kept),
            Partners::All { .. } | Partners::Drawn(_) => &Own::None,
        }
    }

    /// A delay in ticks: the nearest, half-way the later one, and at least one.
    fn ticks(&self, ms: f64) -> u32 {
        self.resolution.nearest(ms).0.clamp(1, LONGEST) as u32
    }

    /// Fills `row` with the synapses of `source`, in the order in which they are drawn.
    pub fn row(&self, source: usize, row: &mut Row) {
        row.targets.clear();
        row.weights.clear();
        row.delays.clear();
        self.fill_targets(source, &mut row.targets);
        if self.constant_weight().is_none() {
            self.fill_weights(source, &row.targets, &mut row.weights);
        }
        if self.constant_delay().is_none() {
            self.fill_delays(source, row);
        }
    }

    fn fill_targets(&self, source: usize, targets: &mut Vec<u32>) {
        match &self.partners {
            Partners::All { .. } => targets.extend(0..self.targets as u32),
            Partners::Drawn(rows) => rows.row(source, &mut self.key.wiring(source), targets),
            Partners::Kept(kept) => targets.extend(&kept.targets[kept.row(source)]),
        }
    }

    fn fill_weights(&self, source: usize, targets: &[u32], weights: &mut Vec<f64>) {
        let mut stream = self.key.stream(Purpose::Weights, source as u64);
        match (&self.weights, &self.fan_in[..]) {
            (Weights::Constant(weight), _) => weights.resize(targets.len(), *weight),
            (Weights::Drawn(distribution), []) => distribution.fill(1, &stream, targets.len(), weights),
            (Weights::Drawn(distribution), &[same]) => {
                distribution.fill(same as usize, &stream, targets.len(), weights);
            }
            (Weights::Drawn(distribution), each) => {
                let fan_ins = targets.iter().map(|&target| each[target as usize] as usize);
                weights.extend(fan_ins.map(|fan_in| distribution.sample(fan_in, &mut stream)));
            }
            (Weights::Stored(table), _) => {
                let row = &table[source * self.targets..(source + 1) * self.targets];
                weights.extend(targets.iter().map(|&target| f64::from(row[target as usize])));
            }
            (Weights::Table(table), _) => {
                let row = &table[source * self.targets..(source + 1) * self.targets];
                weights.extend(targets.iter().map(|&target| row[target as usize]));
            }
        }
        if let Partners::Kept(kept) = &self.partners {
            kept.weights.replace(weights, kept.row(source));
        }
    }

    fn fill_delays(&self, source: usize, row: &mut Row) {
        row.drawn.clear();
        match &self.spec.delay {
            DelaySpec::Constant(ticks) => row.drawn.resize(row.targets.len(), f64::from(*ticks) * self.resolution.ms()),
            DelaySpec::Distribution(_, distribution) => {
                let stream = self.key.stream(Purpose::Delays, source as u64);
                distribution.fill(1, &stream, row.targets.len(), &mut row.drawn);
            }
        }
        if let Partners::Kept(kept) = &self.partners {
            kept.delays_ms.replace(&mut row.drawn, kept.row(source));
        }
        row.delays.extend(row.drawn.iter().map(|&ms| self.ticks(ms)));
    }

    /// Synapses onto each target, or one number where all have as many.
    fn count_fan_in(&self, sources: usize) -> Vec<u32> {
        if let Partners::All { sources } = self.partners {
            return vec![sources as u32];
        }
        let mut counts = vec![0; self.targets];
        let mut row = Vec::new();
        for source in 0..sources {
            row.clear();
            self.fill_targets(source, &mut row);
            row.iter().for_each(|&target| counts[target as usize] += 1);
        }
        counts
    }
}

impl Kept {
    /// Rows by target, sorted by source. They are drawn twice: to count, and to place.
    fn transposed(rows: &dyn Rows, ends: &Ends<'_>, key: Key) -> Self {
        let mut offsets = vec![0u64; ends.sources() + 1];
        let mut row = Vec::new();
        let mut each_row = |f: &mut dyn FnMut(u32, &[u32])| {
            for target in 0..ends.targets() {
                row.clear();
                rows.row(target, &mut key.wiring(target), &mut row);
                f(target as u32, &row);
            }
        };
        each_row(&mut |_, row| row.iter().for_each(|&source| offsets[source as usize + 1] += 1));
        accumulate(&mut offsets);
        let mut targets = vec![0; offsets[ends.sources()] as usize];
        let mut next = offsets.clone();
        each_row(&mut |target, row| {
            for &source in row {
                let place = &mut next[source as usize];
                targets[*place as usize] = target;
                *place += 1;
            }
        });
        Self { offsets, targets, ..Self::default() }
    }

    /// The synapses of a list, sorted by source; those of a source stay in their order.
    fn listed(list: &Listing, sources: usize) -> Self {
        let mut offsets = vec![0u64; sources + 1];
        list.sources.iter().for_each(|&source| offsets[source as usize + 1] += 1);
        accumulate(&mut offsets);
        let mut next = offsets.clone();
        let place = |&source: &u32| {
            next[source as usize] += 1;
            next[source as usize] as usize - 1
        };
        let places: Vec<usize> = list.sources.iter().map(place).collect();
        let values = |values: &[f64]| Own::new(sorted(values, &places));
        let (weights, delays_ms) = (values(&list.weights), values(&list.delays_ms));
        Self { targets: sorted(&list.targets, &places), offsets, weights, delays_ms }
    }

    /// The positions of the synapses of `source`.
    fn row(&self, source: usize) -> std::ops::Range<usize> {
        self.offsets[source] as usize..self.offsets[source + 1] as usize
    }
}

/// `values`, each at its place.
fn sorted<T: Copy + Default>(values: &[T], places: &[usize]) -> Vec<T> {
    let mut sorted = vec![T::default(); values.len()];
    values.iter().zip(places).for_each(|(&value, &place)| sorted[place] = value);
    sorted
}

/// Makes lengths, each one place late, the places where rows start.
fn accumulate(offsets: &mut [u64]) {
    for index in 1..offsets.len() {
        offsets[index] += offsets[index - 1];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distribution;
    use crate::parameter::{Spec, Value, Values, find};

    fn model(sizes: (usize, usize), projection: &str) -> Model {
        let text = format!(
            "[populations.a]\nsize = {}\nneuron = \"source\"\n[populations.b]\nsize = {}\nneuron = \"lif_delta\"\n\
             [projections.p]\nsource = \"a\"\ntarget = \"b\"\n{projection}\n",
            sizes.0, sizes.1
        );
        Model::from_text("m.toml", &text, &[]).unwrap()
    }

    fn normal(mean: f64, std: f64, low: &[f64]) -> (Spec, std::sync::Arc<dyn Distribution>) {
        let kind = find(distribution::KINDS, "normal").unwrap();
        let mut values = Values::default();
        values.set("mean", Value::Number(mean));
        values.set("std", Value::Number(std));
        values.set("low", Value::Numbers(low.to_vec()));
        values.set("high", Value::Numbers(Vec::new()));
        let built = (kind.build)(&values).unwrap();
        (Spec { kind: kind.name, values }, built.into())
    }

    fn rows(model: &Model, seed: u64) -> Vec<Row> {
        let synapses = Synapses::new(model, ProjectionId(0), seed, None).unwrap();
        let sources = model.populations[0].shape[0];
        let mut row = Row::default();
        let draw = |source| {
            synapses.row(source, &mut row);
            row.clone()
        };
        (0..sources).map(draw).collect()
    }

    const CONNECTIONS: [&str; 5] = [
        "connect.fixed_in_degree = { n = 30 }",
        "connect.fixed_out_degree = { n = 30, multiple_connections = false }",
        "connect.fixed_total_number = { n = 5000 }",
        "connect.pairwise_bernoulli = { p = 0.2 }",
        "connect = \"all_to_all\"",
    ];

    #[test]
    fn rows_do_not_depend_on_the_order_in_which_they_are_drawn() {
        for connect in CONNECTIONS {
            let mut model = model((60, 90), &format!("{connect}\nweight.normal = {{ mean = 1, std = 0.1 }}"));
            let (spec, delays) = normal(1.5, 0.75, &[0.1]);
            model.projections[0].delay = DelaySpec::Distribution(spec, delays);
            let synapses = Synapses::new(&model, ProjectionId(0), 4, None).unwrap();
            let forward = rows(&model, 4);
            let mut row = Row::default();
            for source in (0..60).rev() {
                synapses.row(source, &mut row);
                let same = &forward[source];
                assert_eq!((&row.targets, &row.weights, &row.delays), (&same.targets, &same.weights, &same.delays));
                assert_eq!((row.weights.len(), row.delays.len()), (row.targets.len(), row.targets.len()));
            }
            let count = forward.iter().map(|row| row.targets.len() as u64).sum::<u64>();
            assert!(count.abs_diff(synapses.expected()) < 150, "{connect}: {count}");
            assert!(connect.contains("all") || rows(&model, 5)[0].targets != forward[0].targets, "{connect}");
            assert!((synapses.constant_weight(), synapses.constant_delay()) == (None, None));
        }
    }

    #[test]
    fn delays_are_whole_ticks_of_at_least_one_with_the_moments_of_their_distribution() {
        let mut model = model((200, 200), "connect.fixed_out_degree = { n = 200 }\nweight = 1");
        let (spec, delays) = normal(1.5, 0.75, &[0.1]);
        model.projections[0].delay = DelaySpec::Distribution(spec, delays);
        let delays: Vec<f64> = rows(&model, 1).iter().flat_map(|row| &row.delays).map(|&d| f64::from(d)).collect();
        assert!(delays.iter().all(|&delay| delay >= 1.0));
        // A normal of mean 15 and standard deviation 7.5 ticks, cut at 1 tick.
        let mean = delays.iter().sum::<f64>() / delays.len() as f64;
        let variance = delays.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / delays.len() as f64;
        assert!((mean - 15.54).abs() < 0.15 && (variance.sqrt() - 6.99).abs() < 0.15, "{mean} {variance}");
    }

    #[test]
    fn every_target_of_a_fixed_in_degree_gets_as_many_synapses() {
        let model = model((60, 90), &format!("{}\nweight = 1", CONNECTIONS[0]));
        let mut in_degrees = [0; 90];
        rows(&model, 1).iter().flat_map(|row| &row.targets).for_each(|&target| in_degrees[target as usize] += 1);
        assert_eq!(in_degrees, [30; 90]);
    }

    #[test]
    fn a_list_gives_its_weights_and_delays_and_the_projection_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.csv");
        std::fs::write(&path, "source,target,weight,delay\n2,1,0.5,\n0,0,,1.3\n2,0,0.25,0.1\n2,1,,3\n").unwrap();
        let connect = format!("connect.list = {{ file = '{}' }}\nweight = 7\ndelay = \"2 ms\"", path.display());
        let model = model((3, 2), &connect);
        let synapses = Synapses::new(&model, ProjectionId(0), 1, None).unwrap();
        assert_eq!((synapses.expected(), synapses.constant_weight(), synapses.constant_delay()), (4, None, None));
        let rows = rows(&model, 1);
        assert_eq!((&rows[0].targets, &rows[0].weights, &rows[0].delays), (&vec![0], &vec![7.0], &vec![13]));
        assert!(rows[1].targets.is_empty() && rows[1].weights.is_empty());
        assert_eq!(
            (&rows[2].targets, &rows[2].weights, &rows[2].delays),
            (&vec![1, 0, 1], &vec![0.5, 0.25, 7.0], &vec![20, 1, 30])
        );
    }

    #[test]
    fn stored_and_read_weights_stand_at_their_pairs() {
        let model = model((2, 3), "weight = 1");
        let stored: Vec<f32> = vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let synapses = Synapses::new(&model, ProjectionId(0), 1, Some(&stored)).unwrap();
        let mut row = Row::default();
        synapses.row(1, &mut row);
        assert_eq!((&row.targets[..], &row.weights[..]), (&[0, 1, 2][..], &[4.0, 5.0, 6.0][..]));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.csv");
        std::fs::write(&path, "1,2\n3,4\n").unwrap();
        let mut model = self::model((2, 2), "connect = \"one_to_one\"\nweight = 1");
        model.projections[0].weight = WeightSpec::File(path);
        assert_eq!(rows(&model, 1)[1].weights, [4.0]);
    }
}
