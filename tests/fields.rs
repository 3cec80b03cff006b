//! Receptive fields, for every kind that has them and some made by hand: they name the pairs that
//! the simulator draws, and the products of batches are those of a loop over these pairs.

mod made;

use made::stretch;
use twinfire::matrix::{Matrix, outer_products, product, product_of_transposed};
use twinfire::network::linear::{Scratch, apply, outer, transpose};
use twinfire::parameter::Value::Flag;
use twinfire::parameter::{Value, Values, find};
use twinfire::random::{Purpose, Stream, Words};
use twinfire::topology::fields::{Fields, Pairing, Patch, Stretch};
use twinfire::topology::{Ends, KINDS, Plan};

/// Kinds that only simulations can run.
const WITHOUT: [&str; 5] = ["fixed_in_degree", "fixed_out_degree", "fixed_total_number", "pairwise_bernoulli", "list"];

struct Case {
    kind: &'static str,
    given: &'static [(&'static str, Value)],
    source: &'static [usize],
    target: &'static [usize],
}

const CASES: &[Case] = &[
    Case { kind: "all_to_all", given: &[("self_connections", Flag(true))], source: &[7], target: &[5] },
    Case { kind: "all_to_all", given: &[("self_connections", Flag(true))], source: &[4, 4, 3], target: &[2, 65] },
    Case { kind: "all_to_all", given: &[("self_connections", Flag(true))], source: &[1], target: &[1] },
    Case { kind: "one_to_one", given: &[], source: &[70], target: &[70] },
    Case { kind: "one_to_one", given: &[], source: &[3, 4], target: &[12] },
];

/// The pairs that the simulator draws, and the fields.
fn both(case: &Case, same: bool) -> (Vec<(u32, u32)>, Option<Fields>) {
    let mut values = Values::default();
    case.given.iter().for_each(|(name, value)| values.set(name, value.clone()));
    let topology = (find(KINDS, case.kind).unwrap().build)(&values).unwrap();
    let ends = Ends { source: case.source, target: case.target, same };
    let mut pairs = Vec::new();
    match topology.plan(&ends, &mut Stream::new(1, Purpose::Wiring, 0, 0)).unwrap() {
        Plan::AllToAll => {
            pairs.extend((0..ends.sources() as u32).flat_map(|i| (0..ends.targets() as u32).map(move |j| (i, j))))
        }
        Plan::BySource(rows) => {
            for source in 0..ends.sources() {
                let (mut words, mut row) = (Words::new(&Stream::new(1, Purpose::Wiring, 0, 1)), Vec::new());
                rows.row(source, &mut words, &mut row);
                pairs.extend(row.into_iter().map(|target| (source as u32, target)));
            }
        }
        Plan::ByTarget(_) | Plan::Listed(_) => panic!("{} is not drawn by source", case.kind),
    }
    (pairs, topology.fields(&ends))
}

#[test]
fn every_kind_has_cases_or_no_fields() {
    for kind in KINDS {
        let has_cases = CASES.iter().any(|case| case.kind == kind.name);
        assert_ne!(has_cases, WITHOUT.contains(&kind.name), "{}", kind.name);
    }
}

#[test]
fn fields_and_plans_name_the_same_pairs() {
    for case in CASES {
        let (mut drawn, fields) = both(case, false);
        let fields = fields.unwrap();
        let mut seen: Vec<_> = fields.pairs().map(|(source, target, _)| (source, target)).collect();
        drawn.sort_unstable();
        seen.sort_unstable();
        assert_eq!(seen, drawn, "{}", case.kind);
    }
    let alone = Case { given: &[("self_connections", Flag(false))], source: &[5], target: &[5], ..CASES[0] };
    assert_eq!(both(&alone, true).1, None);
    assert!(both(&alone, false).1.unwrap().is_dense());
}

fn all() -> Vec<(String, Fields)> {
    let kinds = CASES.iter().map(|case| (format!("{} {:?}", case.kind, case.source), both(case, false).1.unwrap()));
    kinds.chain(made::fields().map(|(name, fields)| (name.to_owned(), fields))).collect()
}

fn numbers(rows: usize, columns: usize, key: u32) -> Matrix {
    let mut stream = Stream::new(7, Purpose::Weights, key, 0);
    Matrix::from_fn(rows, columns, |_, _| stream.uniform() - 0.5)
}

fn weights(fields: &Fields) -> Vec<f32> {
    numbers(fields.weights(), 1, 1).as_slice().to_vec()
}

fn close(name: &str, what: &str, found: &[f32], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (place, (&found, expected)) in found.iter().zip(expected).enumerate() {
        let distance = (f64::from(found) - expected).abs();
        assert!(distance <= 1e-4 * expected.abs().max(1.0), "{name}: {what}, {place}: {found}, not {expected}");
    }
}

/// A batch smaller than a piece, one of a few pieces, and one of as many as there are.
const BATCHES: [usize; 3] = [3, 37, 150];

#[test]
fn products_are_those_of_a_loop_over_pairs() {
    let mut scratch = Scratch::default();
    for ((name, fields), batch) in all().iter().flat_map(|case| BATCHES.map(|batch| (case, batch))) {
        let w = weights(fields);
        let (x, e) = (numbers(fields.sources(), batch, 2), numbers(fields.targets(), batch, 3));
        let (mut z, mut f) = (Matrix::from_element(e.nrows(), batch, 9.0), Matrix::from_element(x.nrows(), batch, 9.0));
        let mut changes = vec![9.0; w.len()];
        apply(fields, &w, &x, &mut z, &mut scratch);
        transpose(fields, &w, &e, &mut f, &mut scratch);
        outer(fields, -0.5, &e, &x, &mut changes, &mut scratch);
        let (mut slow_z, mut slow_f, mut slow) = (vec![0.0; z.len()], vec![0.0; f.len()], vec![0.0; w.len()]);
        for (source, target, place) in fields.pairs() {
            for b in 0..batch {
                let (at, to) = ((source as usize, b), (target as usize, b));
                let [w, x, e] = [w[place], x[at], e[to]].map(f64::from);
                slow_z[b * fields.targets() + to.0] += w * x;
                slow_f[b * fields.sources() + at.0] += w * e;
                slow[place] -= 0.5 * e * x;
            }
        }
        close(name, "apply", z.as_slice(), &slow_z);
        close(name, "transpose", f.as_slice(), &slow_f);
        close(name, "outer", &changes, &slow);
    }
}

fn inner(a: &Matrix, b: &Matrix) -> f64 {
    a.iter().zip(b.iter()).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

#[test]
fn transpose_is_the_adjoint_of_apply() {
    let mut scratch = Scratch::default();
    for (name, fields) in all() {
        let (w, batch) = (weights(&fields), 40);
        let (x, e) = (numbers(fields.sources(), batch, 4), numbers(fields.targets(), batch, 5));
        let (mut z, mut f) = (Matrix::zeros(e.nrows(), batch), Matrix::zeros(x.nrows(), batch));
        apply(&fields, &w, &x, &mut z, &mut scratch);
        transpose(&fields, &w, &e, &mut f, &mut scratch);
        let (left, right) = (inner(&z, &e), inner(&x, &f));
        let size = (inner(&z, &z) * inner(&e, &e)).sqrt();
        assert!((left - right).abs() < 1e-5 * size, "{name}: {left} and {right}");
    }
}

/// The loss |W x - y|^2 / 2 is a parabola in each weight, so any step gives its slope.
#[test]
fn outer_is_the_gradient_of_a_quadratic_loss() {
    let mut scratch = Scratch::default();
    for (name, fields) in all() {
        let (mut w, batch) = (weights(&fields), 20);
        let (x, y) = (numbers(fields.sources(), batch, 6), numbers(fields.targets(), batch, 7));
        let mut z = Matrix::zeros(y.nrows(), batch);
        let mut errors = |w: &[f32]| {
            apply(&fields, w, &x, &mut z, &mut scratch);
            &z - &y
        };
        let e = errors(&w);
        let scale = inner(&e, &e);
        let places: Vec<usize> = (0..w.len()).step_by(w.len() / 17 + 1).collect();
        let mut slopes = Vec::new();
        for &place in &places {
            let before = w[place];
            let mut loss = |weight: f32| {
                w[place] = weight;
                let e = errors(&w);
                inner(&e, &e) / 2.0
            };
            slopes.push((loss(before + 0.5) - loss(before - 0.5)) / 1.0);
            w[place] = before;
        }
        let mut changes = vec![0.0; w.len()];
        outer(&fields, 1.0, &e, &x, &mut changes, &mut scratch);
        for (&place, slope) in places.iter().zip(slopes) {
            let found = f64::from(changes[place]);
            assert!((found - slope).abs() < 1e-4 * scale.max(1.0), "{name}: {found}, not {slope}");
        }
    }
}

#[test]
fn dense_fields_are_matrices_bit_for_bit() {
    let mut scratch = Scratch::default();
    let (fields, w) = (Fields::dense(300, 70), numbers(70, 300, 8));
    let (x, e) = (numbers(300, 290, 9), numbers(70, 290, 10));
    let (mut z, mut f, mut changes) = (Matrix::zeros(70, 290), Matrix::zeros(300, 290), Matrix::zeros(70, 300));
    apply(&fields, w.as_slice(), &x, &mut z, &mut scratch);
    transpose(&fields, w.as_slice(), &e, &mut f, &mut scratch);
    outer(&fields, -0.1, &e, &x, changes.as_mut_slice(), &mut scratch);
    assert_eq!((z, f), (product(&w, &x), product_of_transposed(&w, &e)));
    assert_eq!(changes, outer_products(-0.1, &e, &x));
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    for (name, fields) in all() {
        let w = weights(&fields);
        let (x, e) = (numbers(fields.sources(), 150, 11), numbers(fields.targets(), 150, 12));
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let (mut scratch, mut changes) = (Scratch::default(), vec![0.0; w.len()]);
                let (mut z, mut f) = (Matrix::zeros(e.nrows(), 150), Matrix::zeros(x.nrows(), 150));
                apply(&fields, &w, &x, &mut z, &mut scratch);
                transpose(&fields, &w, &e, &mut f, &mut scratch);
                outer(&fields, 1.0, &e, &x, &mut changes, &mut scratch);
                (z, f, changes)
            })
        };
        let alone = run(1);
        assert!([2, 5].into_iter().all(|threads| run(threads) == alone), "{name}");
    }
}

#[test]
fn weights_are_found_by_their_ends() {
    for (name, fields) in all() {
        let pairs: std::collections::BTreeMap<_, _> = fields.pairs().map(|(i, j, place)| ((i, j), place)).collect();
        assert_eq!(pairs.len(), fields.pairs().count(), "{name}: a pair comes twice");
        let mut fan_out = vec![0; fields.sources()];
        for (i, fan_out) in fan_out.iter_mut().enumerate() {
            for j in 0..fields.targets() {
                let place = fields.weight_of(i, j);
                assert_eq!(place, pairs.get(&(i as u32, j as u32)).copied(), "{name}: {i} to {j}");
                *fan_out += u32::from(place.is_some());
            }
        }
        assert_eq!(fan_out, fields.fan_out(), "{name}");
        // A padded border of a `local` group is not seen.
        let used: std::collections::BTreeSet<_> = pairs.values().collect();
        assert_eq!(used.len() == fields.weights(), name != "local", "{name}: weights that are nobody's");
    }
    assert_eq!(Fields::dense(3, 2).weight_of(2, 2), None);
}

#[test]
fn fields_that_do_not_fit_are_refused() {
    let patch = |targets, block, stretches: &[Stretch]| Patch { targets, block, stretches: stretches.to_vec() };
    let first = patch(0..2, 0, &[stretch(0..3, 0)]);
    let cases: [(&[Patch], &str); 10] = [
        (&[], "there are no targets"),
        (&[patch(1..3, 0, &[])], "group 0: its targets are 1..3, not the 2 next ones, 0..2"),
        (&[first.clone(), patch(3..5, 0, &[])], "group 1: its targets are 3..5, not the 2 next ones, 2..4"),
        (&[first.clone(), patch(2..5, 0, &[])], "group 1: its targets are 2..5, not the 2 next ones, 2..4"),
        (&[patch(0..2, 0, &[stretch(3..7, 0)])], "group 0: the sources 3..7 are beyond the last of 6"),
        (&[patch(0..2, 0, &[stretch(0..3, 2)])], "group 0: the sources 0..3 take rows beyond the last of 4"),
        (
            &[patch(0..2, 0, &[stretch(3..4, 0), stretch(1..2, 1)])],
            "group 0: the sources 1..2 do not come behind those before",
        ),
        (
            &[patch(0..2, 0, &[stretch(0..2, 0), stretch(4..6, 1)])],
            "group 0: the sources 4..6 take a row that is taken",
        ),
        (&[patch(0..2, 0, &[stretch(2..2, 0)])], "group 0: the sources 2..2 are none"),
        (&[first, patch(2..4, 2, &[])], "no group has block 1 of 3"),
    ];
    for (patches, message) in cases {
        assert_eq!(Fields::new(6, 4, Pairing::Every, patches).unwrap_err(), message);
    }
    let pair = [patch(0..2, 0, &[stretch(0..3, 0)])];
    let message = Fields::new(6, 4, Pairing::Each, &pair).unwrap_err();
    assert_eq!(message, "group 0: the sources 0..3 are 3, not one for each of 2 targets");
}
