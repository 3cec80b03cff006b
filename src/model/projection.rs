//! `[projections.NAME]`: one projection for each pair of a source and a target.

use super::file::Checker;
use super::keys::PROJECTION;
use super::{DelaySpec, ProjectionSpec, WeightSpec};
use crate::distribution;
use crate::document::key::names;
use crate::document::kind::{Chosen, Owner};
use crate::document::reader::Wanted;
use crate::document::{Entry, Item, Node, Table};
use crate::error::Place;
use crate::id::PopulationId;
use crate::parameter::{Range, find};
use crate::random::{Purpose, Stream};
use crate::topology;
use crate::topology::{Ends, Topology};
use crate::unit::Dimension;

/// Pairs of neurons up to which a topology is tried out on its populations.
const TRIED: usize = 1_000_000;
/// Synapses that an all-to-all projection may have.
const MOST: usize = 1 << 33;

/// Ticks that a spike may be on its way: the queue has a slot for each.
const LONGEST: u64 = 1_000_000;

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
        let delay = table.get("delay").map_or(Some(1), |node| self.delay(node));
        let plastic = table.get("plastic").map_or(Some(true), |node| self.reader.flag("plastic", node));
        let connect = self.connect(table, &entry.place);
        if table.get("weight").is_none() {
            let help = Some("write a number, a quantity, or `weight.normal = { … }`".into());
            self.reader.problem_with_help(&entry.place, format!("{name} needs `weight`"), help);
        }
        let single = sources.len() == 1 && targets.len() == 1;
        let pairs = sources.iter().flat_map(|&source| targets.iter().map(move |&target| (source, target)));
        let pair = |(source, target): (PopulationId, PopulationId)| {
            let [from, to] = [source, target].map(|id| self.populations[id.0].name.clone());
            let weight = self.weight(&owner, table, target);
            let topology = connect.clone()?;
            self.check_fit(&owner, table, &topology, (source, target))?;
            let name = if single { entry.key.clone() } else { format!("{}.{from}.{to}", entry.key) };
            let delay = DelaySpec::Constant(delay?);
            let (weight, plastic, rules) = (weight?, plastic?, Vec::new());
            Some(ProjectionSpec { name, source, target, topology, weight, delay, plastic, rules })
        };
        pairs.map(pair).collect()
    }

    fn delay(&mut self, node: &Node) -> Option<u32> {
        let ticks = self.duration("delay", node)?;
        if ticks > LONGEST {
            let help =
                "spikes on their way are kept tick by tick; make this shorter or `simulation.resolution` coarser";
            let message = format!("`delay` is {ticks} ticks, more than the {LONGEST} that can be kept");
            self.reader.problem_with_help(&node.place, message, Some(help.into()));
            return None;
        }
        u32::try_from(ticks).ok()
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

    /// Notes where the topology does not fit its populations.
    fn check_fit(
        &mut self,
        owner: &Owner<'_>,
        table: &Table,
        topology: &Chosen<dyn Topology>,
        (source, target): (PopulationId, PopulationId),
    ) -> Option<()> {
        let [from, to] = [source, target].map(|id| self.populations[id.0].shape.clone());
        let (from, to) = (from?, to?);
        let place = table.entry("connect").map_or(owner.place, |entry| &entry.place);
        let pairs = from.iter().product::<usize>().saturating_mul(to.iter().product());
        if topology.0.kind == "all_to_all" && pairs > MOST {
            self.reader.problem(place, format!("{} would have {pairs} synapses, more than memory holds", owner.name));
            return None;
        }
        let ends = Ends { source: &from, target: &to, same: source == target };
        if pairs <= TRIED
            && let Err(sentence) = topology.1.plan(&ends, &mut Stream::new(0, Purpose::Wiring, 0, 0))
        {
            self.reader.problem(place, format!("{}: {sentence}", owner.name));
            return None;
        }
        Some(())
    }

    fn weight(&mut self, owner: &Owner<'_>, table: &Table, target: PopulationId) -> Option<WeightSpec> {
        let Ok(synapse) = self.synapse(target) else {
            let name = self.populations[target.0].name.clone();
            let place = table.get("target").map_or(owner.place, |node| &node.place);
            self.reader.problem(place, format!("`{name}` is a population of sources, which receive no synapses"));
            return None;
        };
        let node = table.get("weight")?;
        let is_kind = node.text().is_some_and(|name| find(distribution::KINDS, name).is_some());
        match &node.item {
            Item::Table(inner) if inner.get("file").is_some() => self.weight_file(inner),
            Item::Table(_) => self.distribution(node, synapse),
            _ if is_kind => self.distribution(node, synapse),
            _ => {
                // Of what unit the target's synapses are is not known when the target is wrong.
                let wanted = Wanted { dimension: synapse?, or_pure: true, range: Range::Any };
                let weight = self.reader.number("weight", node, wanted)?;
                if !(weight as f32).is_finite() {
                    let message = format!("`weight` is {weight:e}, beyond the largest weight there can be, 3.4e38");
                    self.reader.problem(&node.place, message);
                    return None;
                }
                Some(WeightSpec::Constant(weight))
            }
        }
    }

    fn distribution(&mut self, node: &Node, synapse: Option<Dimension>) -> Option<WeightSpec> {
        let (spec, distribution) = self.reader.kind("distribution", node, distribution::KINDS, synapse)?;
        Some(WeightSpec::Distribution(spec, distribution))
    }

    fn weight_file(&mut self, table: &Table) -> Option<WeightSpec> {
        self.reader.refuse_unknown_keys(table, "`weight`", &["file"]);
        let node = table.get("file")?;
        let path = self.folder.join(self.reader.text("file", node)?);
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
}
