//! Everything that a training learns or keeps, by name: weights (`hidden_1.weights`), biases,
//! feedback weights (`feedback/output.weights`), a rule's own matrices.

use crate::matrix::Matrix;
use crate::pool::Pooled;

/// The largest weight that simulations take.
const LARGEST: f32 = 1e30;

/// A parameter's place in [`Parameters`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParameterId(u32);

/// A named matrix. Weights are targets x sources.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    pub name: String,
    pub values: Matrix,
    /// Whether changes move it.
    pub learns: bool,
}

impl Parameter {
    /// One that learns.
    pub fn learning(name: impl Into<String>, values: Matrix) -> Self {
        Self { name: name.into(), values, learns: true }
    }

    /// One that stays as it is.
    pub fn fixed(name: impl Into<String>, values: Matrix) -> Self {
        Self { name: name.into(), values, learns: false }
    }
}

/// All parameters of a training, in the order in which they came.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Parameters(Vec<Parameter>);

impl Parameters {
    /// Adds one.
    ///
    /// # Panics
    /// When there is one of its name.
    pub fn add(&mut self, parameter: Parameter) -> ParameterId {
        assert!(self.find(&parameter.name).is_none(), "two parameters called `{}`", parameter.name);
        self.0.push(parameter);
        ParameterId(self.0.len() as u32 - 1)
    }

    /// The one called `name`.
    pub fn find(&self, name: &str) -> Option<ParameterId> {
        self.0.iter().position(|parameter| parameter.name == name).map(|index| ParameterId(index as u32))
    }

    /// All, each with its place.
    pub fn iter(&self) -> impl Iterator<Item = (ParameterId, &Parameter)> {
        self.0.iter().enumerate().map(|(index, parameter)| (ParameterId(index as u32), parameter))
    }

    /// The parameter at a place.
    pub fn get(&self, id: ParameterId) -> &Parameter {
        &self.0[id.index()]
    }

    /// Its values.
    pub fn values(&self, id: ParameterId) -> &Matrix {
        &self.get(id).values
    }

    /// Its values, to change them.
    pub fn values_mut(&mut self, id: ParameterId) -> &mut Matrix {
        &mut self.0[id.index()].values
    }

    /// The name of the first one with a number that is none, or that no simulation takes as a weight.
    pub fn first_unsound(&self) -> Option<&str> {
        let sound = |value: &f32| value.abs() <= LARGEST;
        self.0.iter().find(|parameter| !parameter.values.iter().all(sound)).map(|parameter| parameter.name.as_str())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes the values that `given` has under each name, with `prefix` before it.
    ///
    /// # Errors
    /// A sentence when one is missing or of another shape.
    pub fn take(&mut self, prefix: &str, given: &[(String, Matrix)]) -> Result<(), String> {
        (0..self.0.len()).try_for_each(|index| self.take_one(ParameterId(index as u32), prefix, given))
    }

    /// The same for one of them.
    ///
    /// # Errors
    /// As [`take`](Self::take).
    pub fn take_one(&mut self, id: ParameterId, prefix: &str, given: &[(String, Matrix)]) -> Result<(), String> {
        let parameter = &mut self.0[id.index()];
        let name = format!("{prefix}{}", parameter.name);
        let found = given.iter().find(|(other, _)| *other == name).ok_or(format!("it has no `{name}`"))?;
        if found.1.shape() != parameter.values.shape() {
            let [is, was] =
                [&parameter.values, &found.1].map(|matrix| format!("{} x {}", matrix.nrows(), matrix.ncols()));
            return Err(format!("its `{name}` is {was}, not {is}"));
        }
        parameter.values.copy_from(&found.1);
        Ok(())
    }
}

impl ParameterId {
    /// From 0.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// How a parameter should move.
#[derive(Debug, Clone)]
pub enum Change {
    /// Along this, by the optimiser's step.
    Step(Pooled),
    /// To this: averages, estimates of least squares.
    Set(Pooled),
}

/// How parameters should move, each at most once.
#[derive(Debug, Clone, Default)]
pub struct Changes(Vec<(ParameterId, Change)>);

impl Changes {
    /// Adds one.
    pub fn push(&mut self, id: ParameterId, change: Change) {
        self.0.push((id, change));
    }

    /// Adds a step.
    pub fn step(&mut self, id: ParameterId, along: impl Into<Pooled>) {
        self.push(id, Change::Step(along.into()));
    }

    /// The step of a parameter, where it has one.
    pub fn step_of(&self, id: ParameterId) -> Option<&Matrix> {
        self.0.iter().find_map(|(other, change)| match change {
            Change::Step(step) if *other == id => Some(&**step),
            _ => None,
        })
    }

    /// The same, to change it.
    pub fn step_of_mut(&mut self, id: ParameterId) -> Option<&mut Matrix> {
        self.0.iter_mut().find_map(|(other, change)| match change {
            Change::Step(step) if *other == id => Some(&mut **step),
            _ => None,
        })
    }

    /// All, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = (ParameterId, &Change)> {
        self.0.iter().map(|(id, change)| (*id, change))
    }

    /// Adds all of `other`.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters() -> Parameters {
        let mut parameters = Parameters::default();
        parameters.add(Parameter::learning("output.weights", Matrix::zeros(2, 3)));
        parameters.add(Parameter::fixed("input.offset", Matrix::zeros(3, 1)));
        parameters
    }

    #[test]
    fn parameters_are_found_and_taken_by_name() {
        let mut parameters = parameters();
        let ones = |name: &str, rows, columns| (name.to_owned(), Matrix::from_element(rows, columns, 1.0));
        let given = [ones("best/input.offset", 3, 1), ones("best/output.weights", 2, 3)];
        parameters.take("best/", &given).unwrap();
        let id = parameters.find("output.weights").unwrap();
        assert_eq!(parameters.values(id).sum(), 6.0);
        assert_eq!(parameters.take("", &given), Err("it has no `output.weights`".into()));
        let turned = [ones("output.weights", 3, 2)];
        assert_eq!(parameters.take("", &turned), Err("its `output.weights` is 3 x 2, not 2 x 3".into()));
    }

    #[test]
    #[should_panic(expected = "two parameters called `output.weights`")]
    fn names_are_given_once() {
        parameters().add(Parameter::fixed("output.weights", Matrix::zeros(1, 1)));
    }
}
