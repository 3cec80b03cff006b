//! `[projections.NAME]`: one projection for each pair of a source and a target. Where a list or
//! matrix stands for a number, each pair has its own entry, and one that is 0 in `connect`
//! has no projection.

use std::sync::Arc;

use super::file::Checker;
use super::keys::PROJECTION;
use super::neuron::{draws, median};
use super::simulation::ticks;
use super::{DelaySpec, ProjectionSpec, WeightSpec};
use crate::distribution;
use crate::document::key::names;
use crate::document::kind::{Chosen, Owner, Unit};
use crate::document::reader::Wanted;
use crate::document::selection::{Position, Selection};
use crate::document::{Entry, Item, Node, Table};
use crate::error::Place;
use crate::id::PopulationId;
use crate::parameter::{Range, find};
use crate::random::{Purpose, Stream};
use crate::topology;
use crate::topology::{Ends, Listing, Plan, Topology};
use crate::unit::Dimension;

/// Synapses that an all-to-all projection may have.
const MOST: usize = 1 << 33;

/// Ticks that a spike may be on its way: the queue has a slot for each.
const LONGEST: u64 = 1_000_000;

/// Pairs of populations that a table may join.
const PAIRS: usize = 100_000;

/// The two populations of a projection.
type Pair = (PopulationId, PopulationId);

impl Checker {
    /// The projections of one table, `None` for each that is wrong.
    pub(super) fn projections(&mut self, entry: &Entry) -> Vec<Option<ProjectionSpec>> {
        let Some(table) = self.reader.table(&entry.key, &entry.value) else {
            return vec![None];
        };
        let name = format!("projection `{}`", entry.key);
        self.reader.refuse_unknown_keys(table, &name, &names(PROJECTION));
        let owner = Owner { name: &name, place: &entry.place };
        let sources = self.named_populations(&owner, table, "source");
        let targets = self.named_populations(&owner, table, "target");
        if table.get("weight").is_none() && !is_list(table) {
            let help = Some("write a number, a quantity, or `weight.normal = { … }`".into());
            self.reader.problem_with_help(&entry.place, format!("{name} needs `weight`"), help);
        }
        if sources.is_empty() || targets.is_empty() {
            self.reader.selection = Selection::Any;
            let _ = (self.connect(table, owner.place), table.get("delay").map(|node| self.delay(node)));
        }
        if sources.len().saturating_mul(targets.len()) > PAIRS {
            let message =
                format!("{name} joins {} pairs of populations, more than {PAIRS}", sources.len() * targets.len());
            let help = "a population of many neurons takes less than many populations";
            self.reader.problem_with_help(&entry.place, message, Some(help.into()));
            return vec![None];
        }
        let mut all = Vec::new();
        for (j, &source) in sources.iter().enumerate() {
            for (i, &target) in targets.iter().enumerate() {
                let at = |index, count| Position { index, count };
                self.reader.selection = Selection::pair(at(j, sources.len()), at(i, targets.len()));
                all.extend(self.projection(&owner, table, (source, target)).transpose().map(Result::ok));
            }
        }
        self.reader.selection = Selection::Nothing;
        let single = sources.len() == 1 && targets.len() == 1;
        let full_name = |spec: ProjectionSpec| {
            let [from, to] = [spec.source, spec.target].map(|id| self.populations[id.0].name.as_str());
            let name = if single { entry.key.clone() } else { format!("{}.{from}.{to}", entry.key) };
            ProjectionSpec { name, ..spec }
        };
        all.into_iter().map(|spec| spec.map(&full_name)).collect()
    }

    /// The projection of one pair, without its name: `Err` when it is wrong, `Ok(None)` when a
    /// list says that there is none.
    fn projection(&mut self, owner: &Owner<'_>, table: &Table, pair: Pair) -> Result<Option<ProjectionSpec>, ()> {
        let problems = self.reader.problems.len();
        self.reader.found_zero = false;
        let topology = self.connect(table, owner.place);
        if self.reader.found_zero {
            self.reader.problems.truncate(problems);
            return Ok(None);
        }
        let delay = table.get("delay").map_or(Some(DelaySpec::Constant(1)), |node| self.delay(node));
        let plastic = table.get("plastic").map_or(Some(true), |node| self.reader.flag("plastic", node));
        let repeated = self.repeated(table, pair.1);
        let weight = self.weight(owner, table, pair.1, topology.as_ref());
        let rules = self.rules(table, pair.1);
        let fits = topology.as_ref().and_then(|topology| self.check_fit(owner, table, topology, pair));
        let works = match (&weight, &rules, &fits) {
            (Some(weight), Some(rules), Some(listed)) if !rules.is_empty() => {
                let place = table.entry("weight").map_or(owner.place, |entry| &entry.value.place);
                self.check_weights(place, &known_weights(weight, &listed.weights), pair.1, rules)
            }
            _ => Some(()),
        };
        let spec = || {
            works?;
            let ((source, target), name) = (pair, String::new());
            let (topology, weight, delay) = (topology?, weight?, delay?);
            let (plastic, repeated, rules) = (plastic?, repeated?, rules?);
            Some(ProjectionSpec { name, source, target, topology, weight, delay, plastic, repeated, rules })
        };
        spec().map(Some).ok_or(())
    }

    fn delay(&mut self, node: &Node) -> Option<DelaySpec> {
        let node = self.reader.picked("delay", node)?;
        if matches!(node.item, Item::Table(_)) {
            return self.delay_distribution(node);
        }
        let ticks = self.duration("delay", node)?;
        self.check_longest(node, ticks as f64)?;
        u32::try_from(ticks).ok().map(DelaySpec::Constant)
    }

    fn delay_distribution(&mut self, node: &Node) -> Option<DelaySpec> {
        let (spec, distribution) = self.distribution_of("delay", node, Unit::of_parameter(Dimension::Time))?;
        let tick = self.resolution?.ms();
        let drawn = draws(&*distribution, 0);
        let [least, most] = [f64::min, f64::max].map(|choose| drawn.iter().copied().reduce(choose).unwrap_or_default());
        if least < 0.0 || median(drawn) < tick {
            let message = format!("`delay` would be {least:.3} ms for some synapses, under one tick of {tick} ms");
            let help = format!("delays are at least one tick: with `low = \"{tick} ms\"` shorter ones are drawn anew");
            self.reader.problem_with_help(&node.place, message, Some(help));
            return None;
        }
        self.check_longest(node, (most / tick).ceil())?;
        Some(DelaySpec::Distribution(spec, distribution))
    }

    fn check_longest(&mut self, node: &Node, ticks: f64) -> Option<()> {
        if ticks > LONGEST as f64 {
            let help =
                "spikes on their way are kept tick by tick; make this shorter or `simulation.resolution` coarser";
            let message = format!("`delay` is {ticks} ticks, more than the {LONGEST} that can be kept");
            self.reader.problem_with_help(&node.place, message, Some(help.into()));
            return None;
        }
        Some(())
    }

    fn connect(&mut self, table: &Table, place: &Place) -> Option<Chosen<dyn Topology>> {
        match table.get("connect") {
            Some(node) => self.reader.kind("topology", node, topology::KINDS, None),
            None => {
                let all = Node { item: Item::Text("all_to_all".into()), place: place.clone() };
                self.reader.kind("topology", &all, topology::KINDS, None)
            }
        }
    }

    /// Notes where the topology does not fit its populations; gives the synapses that it lists.
    fn check_fit(
        &mut self,
        owner: &Owner<'_>,
        table: &Table,
        topology: &Chosen<dyn Topology>,
        (source, target): Pair,
    ) -> Option<Arc<Listing>> {
        let [from, to] = [source, target].map(|id| self.populations[id.0].shape.clone());
        let (from, to) = (from?, to?);
        let place = table.entry("connect").map_or(owner.place, |entry| &entry.place);
        let pairs = from.iter().product::<usize>().saturating_mul(to.iter().product());
        if topology.0.kind == "all_to_all" && pairs > MOST {
            self.reader.problem(place, format!("{} would have {pairs} synapses, more than memory holds", owner.name));
            return None;
        }
        let ends = Ends { source: &from, target: &to, same: source == target };
        let plan = topology.1.plan(&ends, &mut Stream::new(0, Purpose::Wiring, 0, 0));
        let misfit = || self.resolution.and_then(|resolution| topology.1.misfit(resolution, LONGEST));
        let listed = plan.and_then(|plan| match misfit() {
            Some(sentence) => Err(sentence),
            None => Ok(if let Plan::Listed(list) = plan { list } else { Arc::default() }),
        });
        listed.map_err(|sentence| self.reader.problem(place, format!("{}: {sentence}", owner.name))).ok()
    }

    /// Whether parrots repeat what a projection brings them.
    fn repeated(&mut self, table: &Table, target: PopulationId) -> Option<bool> {
        let Some(node) = table.get("receptor_type") else {
            return Some(true);
        };
        let receptor = self.reader.count("receptor_type", node, Range::Within(0.0, 1.0))?;
        let target = &self.populations[target.0];
        let repeats = target.neuron.as_ref().is_none_or(|neuron| neuron.as_ref().is_some_and(|(_, n)| n.repeats()));
        if receptor == 1 && !repeats {
            let message =
                format!("`{}` is no population of parrots, which alone have a `receptor_type` 1", target.name);
            self.reader.problem(&node.place, message);
            return None;
        }
        Some(receptor == 0)
    }

    fn weight(
        &mut self,
        owner: &Owner<'_>,
        table: &Table,
        target: PopulationId,
        topology: Option<&Chosen<dyn Topology>>,
    ) -> Option<WeightSpec> {
        let Ok(synapse) = self.synapse(target) else {
            let name = self.populations[target.0].name.clone();
            let place = table.get("target").map_or(owner.place, |node| &node.place);
            self.reader.problem(place, format!("`{name}` is a population of sources, which receive no synapses"));
            return None;
        };
        let Some(node) = table.get("weight") else { return self.listed_weight(owner, topology?) };
        let node = self.reader.picked("weight", node)?;
        let is_kind = node.text().is_some_and(|name| find(distribution::KINDS, name).is_some());
        match &node.item {
            Item::Table(inner) if inner.get("file").is_some() => self.weight_file(inner),
            Item::Table(_) => self.weight_distribution(node, synapse),
            _ if is_kind => self.weight_distribution(node, synapse),
            _ => self.constant_weight(node, synapse?), // unknown when the target is wrong
        }
    }

    /// What stands for the weight of a projection whose list has those of all synapses.
    fn listed_weight(&mut self, owner: &Owner<'_>, topology: &Chosen<dyn Topology>) -> Option<WeightSpec> {
        if topology.1.gives_weights() {
            return Some(WeightSpec::Constant(0.0));
        }
        if topology.0.kind == "list" {
            let message = format!("{} needs `weight`, which the list does not give for every synapse", owner.name);
            self.reader.problem(owner.place, message);
        }
        None
    }

    fn constant_weight(&mut self, node: &Node, synapse: Dimension) -> Option<WeightSpec> {
        let wanted = Wanted { dimension: synapse, or_pure: true, range: Range::Any };
        let weight = self.reader.number("weight", node, wanted)?;
        if !(weight as f32).is_finite() {
            let message = format!("`weight` is {weight:e}, beyond the largest weight there can be, 3.4e38");
            self.reader.problem(&node.place, message);
            return None;
        }
        Some(WeightSpec::Constant(weight))
    }

    fn weight_distribution(&mut self, node: &Node, synapse: Option<Dimension>) -> Option<WeightSpec> {
        let unit = synapse.map(Unit::of_synapses);
        let (spec, distribution) = self.reader.kind("distribution", node, distribution::KINDS, unit)?;
        Some(WeightSpec::Distribution(spec, distribution))
    }

    fn weight_file(&mut self, table: &Table) -> Option<WeightSpec> {
        self.reader.refuse_unknown_keys(table, "`weight`", &["file"]);
        let node = table.get("file")?;
        let file = self.reader.text("file", node)?;
        let path = self.reader.folder.join(file);
        let ending = path.extension().and_then(|ending| ending.to_str());
        if !matches!(ending, Some("npy" | "csv")) {
            self.reader.problem(&node.place, format!("`{}` is neither .npy nor .csv", path.display()));
            return None;
        }
        if !path.is_file() {
            self.reader.problem(&node.place, format!("there is no file `{}`", path.display()));
            return None;
        }
        Some(WeightSpec::File(path))
    }

    /// A time of one tick or more, in ticks.
    pub(super) fn duration(&mut self, name: &str, node: &Node) -> Option<u64> {
        let ms = self.reader.number(name, node, Wanted::new(Dimension::Time, Range::Any))?;
        let resolution = self.resolution?;
        if ms < resolution.ms() * (1.0 - 1e-6) {
            let message = format!("`{name}` is {ms} ms, under one tick of {} ms", resolution.ms());
            let why = if name == "delay" { "a spike takes at least one tick; " } else { "" };
            let help = format!("{why}make this longer or `simulation.resolution` finer");
            self.reader.problem_with_help(&node.place, message, Some(help));
            return None;
        }
        ticks(&mut self.reader, name, &node.place, ms, resolution)
    }
}

/// Whether the table of a projection says that its synapses are listed.
fn is_list(table: &Table) -> bool {
    let connect = table.get("connect").and_then(|node| match &node.item {
        Item::Table(inner) => Some(inner),
        _ => None,
    });
    let kinds = connect.into_iter().flat_map(|inner| inner.keys());
    kinds.into_iter().any(|kind| find(topology::KINDS, kind).is_some_and(|kind| kind.name == "list"))
}

/// What is known of the weights of a projection before they are drawn: those listed, the constant one,
/// and of a distribution the ends and the median.
fn known_weights(weight: &WeightSpec, listed: &[f64]) -> Vec<f64> {
    let mut known: Vec<f64> = listed.iter().copied().filter(|weight| !weight.is_nan()).collect();
    if !listed.is_empty() && known.len() == listed.len() {
        return known;
    }
    match weight {
        WeightSpec::Constant(weight) => known.push(*weight),
        WeightSpec::Distribution(_, distribution) => {
            let (low, high) = distribution.support();
            known.extend([low, high].into_iter().filter(|end| end.is_finite()));
            known.extend((!distribution.depends_on_fan_in()).then(|| median(draws(&**distribution, 0))));
        }
        WeightSpec::File(_) => {}
    }
    known
}

#[cfg(test)]
mod tests {
    use super::super::Model;
    use super::*;

    /// Three populations, and one table of projections between them.
    fn model(projection: &str) -> crate::error::Result<Model> {
        let text = format!(
            "[parameters]\np = [[0, 0.5], [1, 0]]\nj = [\"1 mV\", \"-2 mV\"]\n\
             [populations.pair]\nnames = [\"e\", \"i\"]\nsize = [80, 20]\nneuron = \"lif_delta\"\n\
             [populations.one]\nsize = 5\nneuron = \"e\"\n[projections.x]\n{projection}"
        );
        Model::from_text("m.toml", &text, &[])
    }

    fn weights(projection: &str) -> Vec<(String, f64)> {
        let model = model(projection).unwrap_or_else(|error| panic!("{error}"));
        let again = Model::from_text("again", &model.resolved(), &[]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(format!("{:?}", model.projections), format!("{:?}", again.projections));
        let weight = |spec: &ProjectionSpec| match &spec.weight {
            WeightSpec::Constant(weight) => *weight,
            WeightSpec::Distribution(kind, _) => kind.values.number("mean"),
            WeightSpec::File(_) => f64::NAN,
        };
        model.projections.iter().map(|spec| (spec.name.clone(), weight(spec))).collect()
    }

    fn problems(projection: &str) -> Vec<String> {
        model(projection).expect_err(projection).problems().iter().map(|problem| problem.message.clone()).collect()
    }

    #[test]
    fn a_list_has_an_entry_per_source_and_a_matrix_a_row_per_target() {
        let named = |all: &[(&str, f64)]| all.iter().map(|(name, w)| (format!("x.{name}"), *w)).collect::<Vec<_>>();
        let whole = "source = \"pair\"\ntarget = \"pair\"\n";
        let by_source = [("e.e", 1.0), ("e.i", 1.0), ("i.e", -2.0), ("i.i", -2.0)];
        assert_eq!(weights(&format!("{whole}weight = \"j\"")), named(&by_source));
        let matrix = [("e.e", 1.0), ("e.i", 3.0), ("i.e", 2.0), ("i.i", 4.0)];
        assert_eq!(weights(&format!("{whole}weight = [[1, 2], [3, \"4 mV\"]]")), named(&matrix));
        assert_eq!(weights(&format!("{whole}weight.normal = {{ mean = [[1, 2], [3, 4]], std = 1 }}")), named(&matrix));
        let column = "source = \"one\"\ntarget = [\"e\", \"i\"]\nweight = [5, 6]";
        assert_eq!(weights(column), named(&[("one.e", 5.0), ("one.i", 6.0)]));
    }

    #[test]
    fn shapes_that_do_not_fit_are_refused_once() {
        let whole = "source = \"pair\"\ntarget = [\"e\", \"i\", \"one\"]\n";
        assert_eq!(
            problems(&format!("{whole}weight = [1, 2, 3]")),
            ["`weight` has 3 entries where there are 2 sources"]
        );
        assert_eq!(problems(&format!("{whole}weight = \"p * 1 mV\"")), ["`p` has 2 rows where there are 3 targets"]);
        let message = problems("source = \"one\"\ntarget = \"e\"\nweight = [1]");
        assert_eq!(message, ["`weight` is an array where a number or a quantity such as \"20 ms\" is expected"]);
    }

    #[test]
    fn delays_are_drawn_but_never_below_zero() {
        let with = |delay: &str| format!("source = \"one\"\ntarget = \"e\"\nweight = 1\n{delay}");
        let spec = model(&with("delay.uniform = { low = \"1 ms\", high = \"2 ms\" }")).unwrap();
        let DelaySpec::Distribution(kind, _) = &spec.projections[0].delay else { panic!("a distribution") };
        assert_eq!(kind.values.number("high"), 2.0);
        assert!(spec.resolved().contains("delay.uniform = { low = \"1 ms\", high = \"2 ms\" }"), "{}", spec.resolved());
        let negative = &problems(&with("delay.uniform = { low = \"-3 ms\", high = \"0 ms\" }"))[0];
        assert!(negative.starts_with("`delay` would be -2.99"), "{negative}");
        assert_eq!(
            problems(&with("delay.uniform = { high = 2 }"))[0],
            "`high` is a pure number where a time is expected"
        );
        assert_eq!(problems(&with("delay = \"he_normal\""))[0], "there is no parameter `he_normal`");
    }
}
