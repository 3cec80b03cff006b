//! `neuron.KIND = { … }` of a population, with parameters that differ from neuron to neuron:
//! an array holds one value for each, a distribution is drawn from for each.

use super::file::Checker;
use super::simulation::ticks;
use super::{NeuronSpec, Varied, VariedValues};
use crate::distribution::{self, Distribution};
use crate::document::kind::{Chosen, Unit, names_of};
use crate::document::reader::{Wanted, with_unit};
use crate::document::{Entry, Item, Node, Table};
use crate::error::Place;
use crate::neuron::block::Slice;
use crate::neuron::{self, Neuron};
use crate::parameter::{Field, Form, Kind, Value, Values, find};
use crate::random::{Purpose, Stream};
use crate::time::Resolution;
use crate::unit::Dimension;

/// Draws by which a distribution is tried out.
const TRIED: usize = 1001;

/// A neuron kind, and which of its parameters vary.
pub(super) type Neurons = (NeuronSpec, Vec<Varied>);

/// Numbers from `distribution`, the `number`th of several.
pub(super) fn draws(distribution: &dyn Distribution, number: u32) -> Vec<f64> {
    let mut stream = Stream::new(0, Purpose::Initial, number, 0);
    (0..TRIED).map(|_| distribution.sample(1, &mut stream)).collect()
}

/// The median of `numbers`.
pub(super) fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

impl Checker {
    /// The kind that `node` names, for a population of so many neurons.
    pub(super) fn neuron_of_kind(&mut self, node: &Node, size: Option<usize>) -> Option<Neurons> {
        let mut plain = self.reader.picked("neuron", node)?.clone();
        let known = |entry: &Entry| find(neuron::KINDS, &entry.key);
        let mut varied = Vec::new();
        if let Item::Table(table) = &mut plain.item
            && let [entry] = table.entries.as_mut_slice()
            && let Some(kind) = known(entry)
            && let Item::Table(given) = &mut entry.value.item
        {
            varied = self.varied(kind, given, size)?;
        }
        let neuron = self.reader.kind("neuron", &plain, neuron::KINDS, None)?;
        let kind = find(neuron::KINDS, neuron.0.kind)?;
        self.check_precise(&plain, &neuron)?;
        let varied = self.with_followers(kind, &neuron, varied, &plain)?;
        if !varied.iter().any(|(varied, _)| is_drawn(varied) && varied.field == "tau_refrac") {
            self.check_refractory(&plain, &neuron.0.values)?;
        }
        self.check_each(kind, &neuron.0.values, &varied)?;
        Some((Some(neuron), varied.into_iter().map(|(varied, _)| varied).collect()))
    }

    /// What varies of the parameters `given`, where one value takes the place of many.
    fn varied(
        &mut self,
        kind: &Kind<dyn Neuron>,
        given: &mut Table,
        size: Option<usize>,
    ) -> Option<Vec<(Varied, Place)>> {
        let mut all = Vec::new();
        let mut wrong = false;
        for entry in &mut given.entries {
            let Some((field, dimension)) = kind.field(&entry.key).and_then(quantity) else {
                continue;
            };
            let Some(node) = self.reader.picked(&entry.key, &entry.value).cloned() else {
                wrong = true;
                continue;
            };
            let values = match &node.item {
                Item::Array(nodes) => self.each(&entry.key, &node.place, nodes, (field, dimension), size),
                Item::Table(_) => self.drawn(&entry.key, &node, dimension),
                _ => continue,
            };
            let Some((values, typical)) = values else {
                wrong = true;
                continue;
            };
            all.push((Varied { field: field.name, values }, node.place.clone()));
            entry.value = Node { item: Item::Text(with_unit(typical, dimension)), place: node.place };
        }
        (!wrong).then_some(all)
    }

    /// One value for each neuron, and the first of them.
    fn each(
        &mut self,
        name: &str,
        place: &Place,
        nodes: &[Node],
        (field, dimension): (&Field, Dimension),
        size: Option<usize>,
    ) -> Option<(VariedValues, f64)> {
        let size = size?;
        if nodes.len() != size {
            let values = if nodes.len() == 1 { "value" } else { "values" };
            let message = format!("`{name}` has {} {values} where there are {size} neurons", nodes.len());
            let help = "an array holds one value for each neuron; a distribution such as \
                        `.normal = { mean = …, std = … }` draws them";
            self.reader.problem_with_help(place, message, Some(help.into()));
            return None;
        }
        let wanted = Wanted::new(dimension, field.range);
        let values: Vec<_> = nodes.iter().map(|node| self.reader.number(name, node, wanted)).collect();
        let values: Vec<f64> = values.into_iter().collect::<Option<_>>()?;
        let first = *values.first()?;
        Some((VariedValues::Each(values), first))
    }

    /// A distribution, and a typical number of it.
    fn drawn(&mut self, name: &str, node: &Node, dimension: Dimension) -> Option<(VariedValues, f64)> {
        let (spec, distribution) = self.distribution_of(name, node, dimension)?;
        let typical = median(draws(&*distribution, 0));
        Some((VariedValues::Distribution(spec, distribution), typical))
    }

    /// A distribution of a quantity.
    pub(super) fn distribution_of(
        &mut self,
        name: &str,
        node: &Node,
        dimension: Dimension,
    ) -> Option<Chosen<dyn Distribution>> {
        let unit = Unit::of_parameter(dimension);
        let chosen = self.reader.kind("distribution", node, distribution::KINDS, Some(unit))?;
        if chosen.0.kind == "he_normal" {
            self.reader.problem(&node.place, format!("`{name}` cannot be he_normal, which is for weights"));
            return None;
        }
        Some(chosen)
    }

    /// Parameters that are as one that varies vary like it.
    fn with_followers(
        &mut self,
        kind: &Kind<dyn Neuron>,
        neuron: &Chosen<dyn Neuron>,
        mut varied: Vec<(Varied, Place)>,
        node: &Node,
    ) -> Option<Vec<(Varied, Place)>> {
        let given = |field: &Field| {
            let inner = node.table().and_then(|table| table.entries.first()).and_then(|entry| entry.value.table());
            inner.is_some_and(|table| names_of(field).any(|name| table.get(name).is_some()))
        };
        for field in kind.fields.iter().filter(|field| !given(field)) {
            let Some(leader) = field.follows(kind.fields) else {
                continue;
            };
            let Some((leading, place)) = varied.iter().find(|(varied, _)| varied.field == leader.name).cloned() else {
                continue;
            };
            if is_drawn(&leading) {
                let message =
                    format!("`{}` is drawn for each neuron, and `{}` is as it unless given", leader.name, field.name);
                let help = format!("give `{}` of `{}` too", field.name, neuron.0.kind);
                self.reader.problem_with_help(&place, message, Some(help));
                return None;
            }
            varied.push((Varied { field: field.name, ..leading }, place));
        }
        Some(varied)
    }

    /// Notes where spikes are to be timed within ticks and the kind has them on the grid only.
    fn check_precise(&mut self, node: &Node, neuron: &Chosen<dyn Neuron>) -> Option<()> {
        let Some(resolution) = self.resolution.filter(|_| self.precise) else {
            return Some(());
        };
        if has_precise_times(&*neuron.1, resolution) {
            return Some(());
        }
        let mut able = Vec::new();
        for kind in neuron::KINDS {
            let item = Item::Text(kind.name.into());
            let other = self.reader.kind("neuron", &Node { item, place: node.place.clone() }, neuron::KINDS, None);
            able.extend(other.filter(|other| has_precise_times(&*other.1, resolution)).map(|_| kind.name));
        }
        let message = format!("`{}` spikes at ticks only, and `simulation.spike_times` is \"precise\"", neuron.0.kind);
        let help = format!("set it to \"grid\", or use one of: {}", able.join(", "));
        self.reader.problem_with_help(&node.place, message, Some(help));
        None
    }

    /// The grid on which refractory periods end: none where spikes are timed within ticks.
    fn grid(&self) -> Option<Resolution> {
        self.resolution.filter(|_| !self.precise)
    }

    /// Notes where a refractory period is no whole number of ticks.
    fn check_refractory(&mut self, node: &Node, values: &Values) -> Option<()> {
        let (Some(&Value::Number(ms)), Some(resolution)) = (values.get("tau_refrac"), self.grid()) else {
            return Some(());
        };
        ticks(&mut self.reader, "tau_refrac", &node.place, ms, resolution).map(drop)
    }

    /// Notes the first neuron whose parameters are impossible. Of distributions some draws are
    /// tried.
    fn check_each(&mut self, kind: &Kind<dyn Neuron>, base: &Values, varied: &[(Varied, Place)]) -> Option<()> {
        for (index, (varied, place)) in varied.iter().enumerate() {
            self.check_draws(kind, varied, place, index as u32)?;
        }
        let sample = |(index, (varied, _)): (usize, &(Varied, Place))| match &varied.values {
            VariedValues::Each(each) => each.clone(),
            VariedValues::Distribution(_, distribution) => draws(&**distribution, index as u32),
        };
        let columns: Vec<Vec<f64>> = varied.iter().enumerate().map(sample).collect();
        for row in 0..columns.iter().map(Vec::len).max().unwrap_or(0) {
            let mut values = base.clone();
            for ((varied, _), column) in varied.iter().zip(&columns) {
                values.set(varied.field, Value::Number(column[row % column.len()]));
            }
            if let Err(sentence) = (kind.build)(&values) {
                let drawn = varied.iter().any(|(varied, _)| is_drawn(varied));
                let who = if drawn { "some neurons".into() } else { format!("neuron {row}") };
                self.reader.problem(&varied.first()?.1, format!("neuron `{}`, {who}: {sentence}", kind.name));
                return None;
            }
        }
        Some(())
    }

    /// Notes where a distribution leaves the range of its parameter, or an array the grid of ticks.
    fn check_draws(&mut self, kind: &Kind<dyn Neuron>, varied: &Varied, place: &Place, index: u32) -> Option<()> {
        let field = kind.field(varied.field)?;
        match (&varied.values, self.grid()) {
            (VariedValues::Each(each), Some(grid)) if field.name == "tau_refrac" => {
                each.iter().try_for_each(|&ms| ticks(&mut self.reader, field.name, place, ms, grid).map(drop))
            }
            (VariedValues::Each(_), _) => Some(()),
            (VariedValues::Distribution(_, distribution), _) => {
                let drawn = draws(&**distribution, index);
                let Some(outside) = drawn.into_iter().find(|&value| !field.range.contains(value)) else {
                    return Some(());
                };
                let message =
                    format!("`{}` would be {outside:.3} in some neuron, but has to be {}", field.name, field.range);
                let help = "give bounds, such as `low` and `high` of `normal`";
                self.reader.problem_with_help(place, message, Some(help.into()));
                None
            }
        }
    }
}

/// Whether it is drawn for each neuron. Refractory periods that are drawn go to the nearest tick.
fn is_drawn(varied: &Varied) -> bool {
    matches!(varied.values, VariedValues::Distribution(..))
}

/// Whether its spikes can be timed within ticks.
fn has_precise_times(neuron: &dyn Neuron, resolution: Resolution) -> bool {
    neuron.precise(&Slice { neurons: 0..0, resolution, each: None }).is_some()
}

/// The field, if its values are quantities.
fn quantity(field: &'static Field) -> Option<(&'static Field, Dimension)> {
    if let Form::Quantity(dimension) = field.form { Some((field, dimension)) } else { None }
}

#[cfg(test)]
mod tests {
    use super::super::Model;
    use super::*;

    fn model(neuron: &str) -> crate::error::Result<Model> {
        let text = format!("[populations.a]\nsize = 3\nneuron.lif_delta = {{ {neuron} }}\n");
        let model = Model::from_text("m.toml", &text, &[])?;
        let again = Model::from_text("again", &model.resolved, &[]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(format!("{:?}", model.populations), format!("{:?}", again.populations));
        Ok(model)
    }

    fn problem(neuron: &str) -> String {
        model(neuron).expect_err(neuron).problems()[0].message.clone()
    }

    #[test]
    fn an_array_holds_a_value_for_each_neuron_and_what_follows_it() {
        let model = model("v_rest = [\"-70 mV\", \"-60 mV\", \"-65 mV\"], v_init = \"-62 mV\"").unwrap();
        let population = &model.populations[0];
        let fields: Vec<&str> = population.varied.iter().map(|varied| varied.field).collect();
        assert_eq!(fields, ["v_rest", "v_reset"]);
        let each =
            |varied: &Varied| matches!(&varied.values, VariedValues::Each(each) if *each == [-70.0, -60.0, -65.0]);
        assert!(population.varied.iter().all(each));
        assert_eq!(population.neuron.as_ref().unwrap().0.values.number("v_rest"), -70.0);
    }

    #[test]
    fn a_distribution_keeps_its_unit() {
        let model = model("v_init.uniform = { low = \"-60 mV\", high = \"-0.05 V\" }").unwrap();
        let VariedValues::Distribution(kind, _) = &model.populations[0].varied[0].values else { panic!("drawn") };
        assert_eq!((kind.kind, kind.values.number("low"), kind.values.number("high")), ("uniform", -60.0, -50.0));
    }

    #[test]
    fn what_is_impossible_in_some_neuron_is_refused() {
        assert_eq!(problem("v_init = [\"-70 mV\"]"), "`v_init` has 1 value where there are 3 neurons");
        let reset = "v_reset = [\"-70 mV\", \"-70 mV\", \"-40 mV\"]";
        let never = "v_reset is not below v_thresh: the neuron would fire for ever";
        assert_eq!(problem(reset), format!("neuron `lif_delta`, neuron 2: {never}"));
        let drawn = "v_reset.normal = { mean = \"-55 mV\", std = \"5 mV\" }";
        assert_eq!(problem(drawn), format!("neuron `lif_delta`, some neurons: {never}"));
        let below = problem("tau_m.normal = { mean = \"20 ms\", std = \"20 ms\" }");
        assert!(
            below.ends_with("ms in some neuron, but has to be above 0") || below.contains("in some neuron"),
            "{below}"
        );
        assert_eq!(
            problem("v_init.normal = { mean = -58, std = 1 }"),
            "`mean` is a pure number where a voltage is expected"
        );
        assert_eq!(problem("v_init = \"he_normal\""), "there is no parameter `he_normal`");
        let leader = "v_rest.uniform = { low = \"-70 mV\", high = \"-60 mV\" }";
        assert_eq!(problem(leader), "`v_rest` is drawn for each neuron, and `v_reset` is as it unless given");
        assert!(model("tau_refrac.uniform = { low = \"1 ms\", high = \"3 ms\" }").is_ok());
        assert!(problem("tau_refrac = \"1.05 ms\"").contains("no whole number of ticks"));
        let off = "tau_refrac = [\"1 ms\", \"1.05 ms\", \"2 ms\"]";
        assert_eq!(problem(off), "`tau_refrac` is 1.05 ms, which is no whole number of ticks of 0.1 ms");
    }
}
