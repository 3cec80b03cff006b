//! Receptive fields made by hand.

use twinfire::topology::fields::{Fields, Pairing, Patch, Stretch};

/// Fields of every form.
pub fn fields() -> [(&'static str, Fields); 5] {
    [
        ("ring", ring(60)),
        ("convolution", convolution(6, 5, 7, true)),
        ("convolution of many gatherings", convolution(20, 16, 4, true)),
        ("local", convolution(4, 3, 5, false)),
        ("windows", windows(6, 4)),
    ]
}

/// A stretch whose first source takes `row`.
pub fn stretch(sources: std::ops::Range<u32>, row: u32) -> Stretch {
    Stretch { sources, row }
}

/// Every target sees its two neighbours and what stands between them, through the same three weights.
fn ring(n: u32) -> Fields {
    let stretches = |i: u32| match i {
        0 => vec![stretch(0..2, 1), stretch(n - 1..n, 0)],
        i if i == n - 1 => vec![stretch(0..1, 2), stretch(n - 2..n, 0)],
        i => vec![stretch(i - 1..i + 2, 0)],
    };
    let patches: Vec<_> = (0..n).map(|i| Patch { targets: i..i + 1, block: 0, stretches: stretches(i) }).collect();
    Fields::new(n as usize, 3, Pairing::Every, &patches).unwrap()
}

/// A kernel of 3 x 3 over an image of `side` x `side` x `from`, padded, to `to` channels; channels last.
fn convolution(side: u32, from: u32, to: u32, is_shared: bool) -> Fields {
    let patch = |place: u32| {
        let (y, x) = (place / side, place % side);
        let (left, right) = (x.saturating_sub(1), (x + 2).min(side));
        let line = |ky: u32| {
            let line = (y + ky).checked_sub(1).filter(|&line| line < side)?;
            let sources = (line * side + left) * from..(line * side + right) * from;
            Some(stretch(sources, (ky * 3 + left + 1 - x) * from))
        };
        let block = if is_shared { 0 } else { place };
        Patch { targets: place * to..(place + 1) * to, block, stretches: (0..3).filter_map(line).collect() }
    };
    let patches: Vec<_> = (0..side * side).map(patch).collect();
    Fields::new((side * side * from) as usize, 9 * from as usize, Pairing::Every, &patches).unwrap()
}

/// Windows of 3 x `channels` that overlap, channel by channel; every other group has block 0.
fn windows(groups: u32, channels: u32) -> Fields {
    let patch = |g: u32| Patch {
        targets: g * channels..(g + 1) * channels,
        block: g % 2,
        stretches: (0..3).map(|k| stretch((2 * g + k) * channels..(2 * g + k + 1) * channels, 2 - k)).collect(),
    };
    let patches: Vec<_> = (0..groups).map(patch).collect();
    Fields::new(((2 * groups + 1) * channels) as usize, 3, Pairing::Each, &patches).unwrap()
}
