use std::io::Read;
use synfire::dataset::*;
use synfire::experiment::{session::*, training::*, *};
use synfire::model::Model;
use synfire::parameter::*;
use synfire::record::*;
use synfire::regime::Regime;
fn gz(p: &str) -> Vec<u8> {
    let mut v = vec![];
    flate2::read::GzDecoder::new(std::fs::File::open(p).unwrap()).read_to_end(&mut v).unwrap();
    v
}
fn load(dir: &str) -> Data {
    let s = |n: &str| {
        let im = gz(&format!("{dir}/{n}-images-idx3-ubyte.gz"));
        let lb = gz(&format!("{dir}/{n}-labels-idx1-ubyte.gz"));
        Samples {
            shape: vec![28, 28],
            values: SampleValues::Bytes { bytes: im[16..].to_vec(), white: 255 },
            labels: lb[8..].iter().map(|&x| x as u16).collect(),
        }
    };
    Data { name: "mnist", classes: (0..10).map(|i| i.to_string()).collect(), train: s("train"), test: s("t10k") }
}
struct Obs {
    t: std::time::Instant,
    name: String,
}
fn cpu() -> f64 {
    let s = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    s.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1e9
}
impl TrainingObserver for Obs {
    fn batch(&self, _: &str, _: u64, _: &Progress) {}
    fn epoch(&self, arm: &str, seed: u64, e: &result::Epoch) {
        println!(
            "{} {arm} s{seed} ep {} train {:.2} val {:.2} loss {:.4} act {:?} silent {:?} in {:.0} hid {:.0} wall {:.1} cpu {:.1}",
            self.name,
            e.epoch,
            e.train_accuracy,
            e.validation_accuracy.unwrap_or(0.),
            e.loss,
            e.mean_activity.iter().map(|x| (x * 1000.).round() / 1000.).collect::<Vec<_>>(),
            e.silent_fraction.iter().map(|x| (x * 1000.).round() / 1000.).collect::<Vec<_>>(),
            e.input_spikes,
            e.hidden_spikes,
            e.wall_s,
            e.cpu_s
        );
    }
    fn clock(&self) -> (f64, f64) {
        (self.t.elapsed().as_secs_f64(), cpu())
    }
    fn interrupted(&self) -> bool {
        false
    }
}
fn values(fields: &'static [Field], over: &str) -> Values {
    let mut v = Values::default();
    for f in fields {
        let text = over
            .split(';')
            .find_map(|kv| {
                kv.trim().strip_prefix(f.name).and_then(|r| r.trim().strip_prefix('=')).map(|s| s.trim().to_string())
            })
            .or(f.default.map(|d| d.to_string()))
            .unwrap();
        let num = |s: &str| {
            let s = s.trim();
            let n: String = s.chars().take_while(|c| !c.is_alphabetic() || *c == 'e').collect();
            n.trim().parse::<f64>().unwrap_or_else(|_| panic!("{s}")) * if s.ends_with("kHz") { 1000. } else { 1. }
        };
        v.set(
            f.name,
            match f.form {
                Form::Quantity(_) => Value::Number(num(&text)),
                Form::Quantities(_) => Value::Numbers(text.split(',').map(|s| num(s)).collect()),
                Form::Count => Value::Count(num(&text) as u64),
                Form::Flag => Value::Flag(text == "true"),
                _ => Value::Text(text),
            },
        );
    }
    v
}
fn spec<T: ?Sized>(kinds: &'static [Kind<T>], name: &str, over: &str) -> Spec {
    let k = find(kinds, name).unwrap();
    Spec { kind: k.name, values: values(k.fields, over) }
}
// args: regime rule layers(comma) "rule over" "training over" "encoder over" [encoder] [seed] [dataset] [decoder] [cell]
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let get = |i: usize, d: &str| a.get(i).cloned().unwrap_or(d.into());
    let regime = if get(1, "spiking") == "rate" { Regime::Rate } else { Regime::Spiking };
    let hidden: String = get(3, "1000")
        .split(',')
        .map(|n| format!("[[layers]]\ndense = {n}\nneuron.integrate_and_fire = {{ {} }}\n", get(11, "")))
        .collect();
    let text =
        format!("[simulation]\nresolution = \"1 ms\"\n[[layers]]\nshape=[28,28]\n{hidden}[[layers]]\ndense = 10\n");
    let model = Model::from_text("m.toml", &text, &[]).map_err(|e| panic!("{e}")).unwrap();
    let data = load(&format!("/work/shared/data/{}", get(9, "mnist")));
    let arm = Arm {
        regime,
        rule: spec(synfire::plasticity::KINDS, &get(2, "q_agrel"), &get(4, "")),
        encoder: spec(synfire::encode::KINDS, &get(7, "regular"), &get(6, "")),
        decoder: spec(synfire::decode::KINDS, &get(10, "membrane"), ""),
        training: Training::from_values(&values(Training::FIELDS, &get(5, ""))),
    };
    static SET: DataSet =
        DataSet { name: "mnist", summary: "", shape: &[28, 28], classes: 10, files: &[], load: |_| unimplemented!() };
    let ex = Experiment {
        title: "".into(),
        name: "".into(),
        model,
        dataset: &SET,
        seeds: vec![1],
        arms: vec![arm.clone()],
        examples: 0,
        resolved: "".into(),
    };
    let seed: u64 = get(8, "1").parse().unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    pool.install(|| {
        let mut s = Session::new(&ex, &arm, seed, &data).unwrap();
        let obs = Obs { t: std::time::Instant::now(), name: a[2..].join("|") };
        s.train(&obs, &mut |_| Ok(())).map_err(|e| panic!("{e}")).unwrap();
        if std::env::var("TEST").is_ok() {
            let t = s.test();
            println!("TEST {} best epoch {} acc {:.2}", obs.name, s.position().best_epoch, t.accuracy());
        }
    });
}
